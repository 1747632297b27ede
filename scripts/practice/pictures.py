"""Batches of pictures for training, drawn by a process beside the training."""

from __future__ import annotations

import random

import numpy as np
from practice.canvas import Canvas, canvas
from practice.scene import render
from practice.things import Scene

from assistant.types import Pixels

_SHAPES = {(640, 480): 40, (1280, 720): 20, (640, 512): 10, (480, 480): 8, (480, 640): 14, (720, 1280): 8}
"""Of every hundred batches."""


def draw(rng: random.Random, count: int, *, crowded: float = 0.0) -> tuple[Pixels, list[Scene], Canvas]:
    """Draw pictures of one shape as llama.cpp hands them to the model; that share of them crowded.

    Returns:
        Pixels, shape (count, height, width, 3), black where the canvas is larger than the picture; what they show; their `canvas`.
    """
    fit = canvas(*rng.choices(tuple(_SHAPES), tuple(_SHAPES.values()))[0])
    left, top = fit.corner
    pixels = np.zeros((count, fit.down, fit.across, 3), np.uint8)
    scenes = []
    for number in range(count):
        seed = rng.getrandbits(32)  # below HELD_OUT_SEEDS
        picture, scene = render(seed, (fit.width, fit.height), crowded=number < crowded * count)
        pixels[number, top : top + fit.height, left : left + fit.width] = picture
        scenes.append(scene)
    return pixels, scenes, fit

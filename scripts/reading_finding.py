"""Finding things: how well a tracker follows what the camera moves away from, and where the practice model sees things.

The scenes are drawn as those that the practice model was taught with, and are none of them. A hand moves the camera over each: it
pans, comes nearer and shakes, for twenty pictures, with blur and noise; in every third, something grey passes before the thing.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from practice.canvas import MAX_CELLS
from practice.scene import HELD_OUT_SEEDS, render
from practice.things import KINDS

from assistant.config import VisionConfig
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.llama.session import load_session
from assistant.models.catalogue import vision_files
from assistant.settings import PRACTICE
from assistant.turn.grounding import BOX_QUESTION, angle_of, boxes_in
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Box, Cancellation, Frame, Language, Pixels, Question

PATHS, SCENES = 50, 20
_STEPS = 20
_ASTRAY = 10.0
"""Degrees from which on a tracker follows something else: a third of an hour of the clock."""
_LANGUAGES: tuple[Language, ...] = ("en", "zh")


def figures() -> dict[str, Any]:
    """Return the tracker's errors in degrees of clock, and the practice model's."""
    return {**_tracking(), **_grounding()}


def _tracking() -> dict[str, Any]:
    errors, times, outcomes = (
        list[float](),
        list[float](),
        {"followed": 0, "lost_and_told": 0, "astray_untold": 0, "left_and_told": 0},
    )
    for pixels, box, seed in _things(PATHS):
        tracker, outcome = OpenCvTracker(), "followed"
        for step, (frame, truth) in enumerate(_path(pixels, box, seed)):
            if step == 0:
                tracker.begin(frame, box)
                continue
            start = time.perf_counter()
            found = tracker.follow(frame)
            times.append(time.perf_counter() - start)
            is_there = 0 <= truth.centre[0] <= 1 and 0 <= truth.centre[1] <= 1
            if found is None or not is_there:
                outcome = "left_and_told" if not is_there else "lost_and_told"
                break
            error = abs(angle_of(found) - angle_of(truth))
            if error > _ASTRAY:
                outcome = "astray_untold"
                break
            errors.append(error)
        outcomes[outcome] += 1
    return {
        "tracking_error_degrees": {
            "median": round(statistics.median(errors), 2),
            "p95": round(float(np.percentile(errors, 95)), 2),
        },
        "tracking_paths": outcomes,
        "tracking_ms": round(1000 * statistics.median(times), 2),
    }


def _things(count: int) -> Iterator[tuple[Pixels, Box, int]]:
    """Yield scenes, each with one thing in it."""
    for seed in HELD_OUT_SEEDS:
        pixels, scene = render(seed)
        if scene.things:
            yield pixels, Box(*scene.things[seed % len(scene.things)].box), seed
            count -= 1
        if not count:
            return


def _path(pixels: Pixels, box: Box, seed: int) -> Iterator[tuple[Frame, Box]]:
    """Yield what a camera sees that is moved over a picture, and where the thing is then."""
    dice = random.Random(seed)  # noqa: S311 - the same path at every run
    noise = np.random.default_rng(seed)
    height, width, _ = pixels.shape
    around = cv2.copyMakeBorder(pixels, height, height, width, width, cv2.BORDER_REFLECT)
    right, down = (dice.uniform(-0.012, 0.012) * side for side in (width, height))
    nearer = dice.uniform(0.995, 1.012)
    for step in range(_STEPS):
        shake = [dice.gauss(0, 0.002) * side if step else 0.0 for side in (width, height)]
        x, y, zoom = right * step + shake[0], down * step + shake[1], nearer**step
        matrix = np.array(
            [[zoom, 0, (1 - zoom) * width / 2 - zoom * (width + x)], [0, zoom, (1 - zoom) * height / 2 - zoom * (height + y)]],
            np.float32,
        )
        seen = cv2.warpAffine(around, matrix, (width, height))
        if seed % 3 == 0 and step > _STEPS // 2:
            passing = round(width * (step - _STEPS // 2) / 8)
            seen[:, max(0, passing - width // 6) : max(0, passing)] = 90
        blurred = cv2.GaussianBlur(seen, (0, 0), dice.uniform(0.3, 1.5))
        noisy = np.clip(blurred + noise.normal(0, 3, blurred.shape), 0, 255).astype(np.uint8)

        def across(place: float, x: float = x, zoom: float = zoom) -> float:
            return float(zoom * (place - x / width) + (1 - zoom) / 2)

        def downwards(place: float, y: float = y, zoom: float = zoom) -> float:
            return float(zoom * (place - y / height) + (1 - zoom) / 2)

        yield Frame(noisy, 0.0), Box(across(box.left), downwards(box.top), across(box.right), downwards(box.bottom))


def _grounding() -> dict[str, Any]:
    """Return how far the practice model's boxes are from the things, where there is one of a kind."""
    config = VisionConfig(temperature=0, threads=1)
    files = vision_files(PRACTICE, None)
    session = load_session(files.model, files.mmproj, config, (MAX_CELLS, MAX_CELLS), PRACTICE_SYSTEM)
    errors, asked, unseen = list[float](), 0, 0
    for seed in HELD_OUT_SEEDS[1000 : 1000 + SCENES]:
        pixels, scene = render(seed)
        kinds = [thing.kind for thing in scene.things]
        alone = [thing for thing in scene.things if kinds.count(thing.kind) == 1]
        if not alone:
            continue
        session.look(Frame(pixels, 0.0), Cancellation())
        for language in _LANGUAGES:
            thing = alone[0]
            name = KINDS[thing.kind].en if language == "en" else KINDS[thing.kind].zh
            question = Question(BOX_QUESTION[language].format(thing=name), language)
            boxes = boxes_in("".join(chunk.text for chunk in session.answer(question, Cancellation())))
            asked += 1
            if boxes:
                errors.append(abs(angle_of(boxes[0]) - angle_of(Box(*thing.box))))
            else:
                unseen += 1
    session.close()
    return {
        "grounding_error_degrees": {
            "median": round(statistics.median(errors), 2),
            "p95": round(float(np.percentile(errors, 95)), 2),
        },
        "grounding_not_seen": {"share": round(unseen / asked, 3), "of": asked},
    }

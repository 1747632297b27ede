"""Inspection: whether differences between two pictures of one thing are found, and none where there are none.

The scenes are drawn as those of the practice model, in which one thing is then missing. The second picture is held by hand: turned,
shifted and nearer by a little, in other light, with noise and JPEG's traces.
"""

from __future__ import annotations

import random
from typing import Any

import cv2
import numpy as np
from documents import DOCUMENTS

from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.types import Frame, Pixels

PAIRS = 4
"""For each document, with and without a difference."""
_PATCH = 0.06
"""Share of the picture's sides that a difference takes."""


def figures() -> dict[str, Any]:
    """Return shares: of differences that were found, and in the right place, and of pairs without one in which one was told."""
    comparer, dice = OpenCvPictureComparer(), random.Random(1)  # noqa: S311 - the same at every run
    found = placed = alarms = refused = 0
    pairs = 0
    for draw in DOCUMENTS.values():
        before = draw().pixels
        for _ in range(PAIRS):
            pairs += 1
            after, middle = _changed(before, dice)
            boxes = comparer.compare(Frame(before, 0.0), Frame(_by_hand(after, dice), 0.0))
            refused += boxes is None
            found += bool(boxes)
            placed += any(
                abs(box.centre[0] - middle[0]) < _PATCH and abs(box.centre[1] - middle[1]) < _PATCH for box in boxes or []
            )
            alarms += bool(comparer.compare(Frame(before, 0.0), Frame(_by_hand(before, dice), 0.0)))
    return {
        "inspection_found": {"share": round(found / pairs, 3), "in_place": round(placed / pairs, 3), "of": pairs},
        "inspection_not_comparable": {"share": round(refused / pairs, 3), "of": pairs},
        "inspection_false_alarms": {"share": round(alarms / pairs, 3), "of": pairs},
    }


def _changed(pixels: Pixels, dice: random.Random) -> tuple[Pixels, tuple[float, float]]:
    """Return a picture with a stain on it, and where that is."""
    height, width, _ = pixels.shape
    middle = (dice.uniform(0.2, 0.8), dice.uniform(0.2, 0.8))
    changed = pixels.copy()
    colour = [dice.randrange(30, 130) for _ in range(3)]
    radius = round(_PATCH / 2 * min(width, height))
    cv2.circle(changed, (round(middle[0] * width), round(middle[1] * height)), radius, colour, -1)
    return changed, middle


def _by_hand(pixels: Pixels, dice: random.Random) -> Pixels:
    height, width, _ = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), dice.uniform(-2, 2), dice.uniform(0.99, 1.03))
    matrix += np.array([[0, 0, dice.uniform(-0.01, 0.01) * width], [0, 0, dice.uniform(-0.01, 0.01) * height]])
    moved = cv2.warpAffine(pixels, matrix, (width, height), borderValue=(120, 96, 74))
    light = np.linspace(dice.uniform(0.7, 1), dice.uniform(0.7, 1), width)[None, :, None]
    noise = np.random.default_rng(dice.randrange(1 << 30)).normal(0, 3, moved.shape)
    _, packed = cv2.imencode(".jpg", np.clip(moved * light + noise, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)

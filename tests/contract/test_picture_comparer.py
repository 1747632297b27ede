"""What compares pictures: the fake and OpenCV."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.ports import PictureComparer
from assistant.types import Box, Frame, Pixels
from tests.fakes.picture_comparer import FakePictureComparer

WIDTH, HEIGHT = 800, 600
PLACE = Box(0.55, 0.3, 0.7, 0.5)
SPOT = (slice(180, 300), slice(440, 560))
"""The same in pixels."""


def bench(seed: int = 1) -> Pixels:
    """Return a picture with many things on it."""
    dice = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH, 3), (170, 150, 130), np.uint8)
    for _ in range(60):
        x, y, size = int(dice.integers(0, WIDTH)), int(dice.integers(0, HEIGHT)), int(dice.integers(12, 45))
        colour = tuple(int(value) for value in dice.integers(0, 256, 3))
        shape = dice.integers(2)
        if shape:
            cv2.circle(pixels, (x, y), size, colour, -1)
        else:
            cv2.rectangle(pixels, (x, y), (x + size, y + size), colour, -1)
    pixels[SPOT] = (170, 150, 130)
    return pixels


def with_part(pixels: Pixels) -> Pixels:
    changed = pixels.copy()
    cv2.circle(changed, (500, 240), 32, (20, 40, 160), -1)
    return changed


def held_by_hand(pixels: Pixels) -> Pixels:
    """Return it a little turned, nearer and shifted, a little darker toward one side, with noise and JPEG's traces."""
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 3.0, 1.04) + np.array([[0, 0, 14], [0, 0, -9]])
    moved = cv2.warpAffine(pixels, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    light = np.linspace(1.0, 0.75, WIDTH)[None, :, None]
    noisy = np.clip(moved * light + np.random.default_rng(2).normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR), np.uint8)


def frame(pixels: Pixels) -> Frame:
    return Frame(pixels, 0.0)


@pytest.mark.parametrize("make", [FakePictureComparer, OpenCvPictureComparer])
def test_a_picture_does_not_differ_from_itself(make: Callable[[], PictureComparer]) -> None:
    assert make().compare(frame(bench()), frame(bench())) == []


@pytest.mark.parametrize("make", [lambda: FakePictureComparer(None), OpenCvPictureComparer])
def test_another_thing_is_not_compared(make: Callable[[], PictureComparer]) -> None:
    assert make().compare(frame(bench(1)), frame(bench(7))) is None


@pytest.mark.parametrize("seed", range(4))
def test_a_hand_and_the_light_make_no_difference(seed: int) -> None:
    assert OpenCvPictureComparer().compare(frame(bench(seed)), frame(held_by_hand(bench(seed)))) == []


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_new_or_missing_is_found_where_it_is(missing: bool, by_hand: bool) -> None:  # noqa: FBT001 - pytest passes them by name
    before, after = bench(), with_part(bench())
    if missing:
        before, after = after, before
    boxes = OpenCvPictureComparer().compare(frame(before), frame(held_by_hand(after) if by_hand else after))
    assert boxes
    across, down = boxes[0].centre
    assert abs(across - 500 / WIDTH) < 0.05
    assert abs(down - 240 / HEIGHT) < 0.05
    assert len(boxes) == 1


def test_another_colour_is_a_difference() -> None:
    before, after = with_part(bench()), bench()
    cv2.circle(after, (500, 240), 32, (160, 40, 20), -1)
    boxes = OpenCvPictureComparer().compare(frame(before), frame(after))
    assert boxes
    assert len(boxes) == 1


def test_pictures_of_other_sizes_can_be_compared() -> None:
    small = np.asarray(cv2.resize(with_part(bench()), (640, 480), interpolation=cv2.INTER_AREA), np.uint8)
    assert len(OpenCvPictureComparer().compare(frame(bench()), frame(small)) or []) == 1

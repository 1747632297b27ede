"""What follows things: the fake and median flow."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.pillow_picture import read_picture
from assistant.ports import Tracker
from assistant.types import Box, Frame
from tests.fakes.tracker import FakeTracker
from tests.serving import SCENE

THING = Box(0.05, 0.3, 0.3, 0.8)
WIDTH, HEIGHT = 640, 480
_AROUND = cv2.copyMakeBorder(read_picture(SCENE).pixels, HEIGHT, HEIGHT, WIDTH, WIDTH, cv2.BORDER_REFLECT)


def view(right: float = 0.0, down: float = 0.0, zoom: float = 1.0) -> tuple[Frame, Box]:
    """Return what a camera sees that looks so many pixels further right and down, and closer; and where the thing is then."""
    matrix = np.array(
        [
            [zoom, 0, (1 - zoom) * WIDTH / 2 - zoom * (WIDTH + right)],
            [0, zoom, (1 - zoom) * HEIGHT / 2 - zoom * (HEIGHT + down)],
        ],
        np.float32,
    )
    pixels = np.asarray(cv2.warpAffine(_AROUND, matrix, (WIDTH, HEIGHT)), np.uint8)

    def across(place: float) -> float:
        return zoom * (place - right / WIDTH) + (1 - zoom) / 2

    def downwards(place: float) -> float:
        return zoom * (place - down / HEIGHT) + (1 - zoom) / 2

    return Frame(pixels, 0.0), Box(across(THING.left), downwards(THING.top), across(THING.right), downwards(THING.bottom))


@pytest.mark.parametrize("make", [FakeTracker, OpenCvTracker])
def test_what_stands_still_stays(make: Callable[[], Tracker]) -> None:
    tracker = make()
    frame, _ = view()
    assert tracker.follow(frame) is None
    tracker.begin(frame, THING)
    followed = tracker.follow(frame)
    assert followed
    assert followed.centre == pytest.approx(THING.centre, abs=0.002)


@pytest.mark.parametrize(("right", "down", "zoom"), [(-12, 0, 1.0), (0, 6, 1.0), (-8, -4, 1.01), (-2, 2, 0.99), (-40, 0, 1.0)])
def test_what_moves_is_followed(right: float, down: float, zoom: float) -> None:
    tracker = OpenCvTracker()
    tracker.begin(view()[0], THING)
    for step in range(1, 9):
        frame, truth = view(right * step, down * step, zoom**step)
        followed = tracker.follow(frame)
        assert followed
        assert followed.centre == pytest.approx(truth.centre, abs=0.03)
        assert followed.area == pytest.approx(truth.area, rel=0.15)


def test_what_leaves_the_picture_is_lost() -> None:
    tracker = OpenCvTracker()
    tracker.begin(view()[0], THING)
    assert None in [tracker.follow(view(20 * step)[0]) for step in range(1, 20)]


def test_what_is_covered_is_lost() -> None:
    tracker = OpenCvTracker()
    frame, _ = view()
    tracker.begin(frame, THING)
    assert tracker.follow(Frame(np.full_like(frame.pixels, 128), 0.0)) is None


def test_another_size_of_picture_is_no_crash() -> None:
    tracker = OpenCvTracker()
    tracker.begin(view()[0], THING)
    assert tracker.follow(Frame(np.zeros((100, 300, 3), np.uint8), 0.0)) is None


@pytest.mark.parametrize("box", [Box(0.5, 0.5, 0.5, 0.5), Box(-3, -3, -2, -2), Box(0, 0, 1, 1), Box(0.99, 0.99, 1.5, 1.5)])
def test_no_box_is_a_crash(box: Box) -> None:
    tracker = OpenCvTracker()
    frame, _ = view()
    tracker.begin(frame, box)
    tracker.follow(frame)

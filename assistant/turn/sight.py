"""Which picture to look at, and whether the scene has changed since."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

import numpy as np
import numpy.typing as npt

from assistant.types import Frame, Quad

_GRID = (24, 32)
"""Rows and columns of the coarse grey picture that scenes are compared by."""
_SAME = 6.0
"""Largest difference of any grid cell, in grey levels of 255, up to which two pictures show the same: above a webcam's noise
averaged over a cell (about 1), below what a thing that is put into the scene makes."""
_CHANGED = 24.0
"""From which difference of a cell to all of the other picture's cells around it something else is to be seen there: a hand's
sway moves edges by less than a cell (20 pixels of 640), and the cells around hold what it moved. This is in a picture that has
white in it; in a dark one everything differs by less."""
_CHANGED_SHARE = 0.03
"""From which share of such cells the scene is another one: a banknote held up takes a tenth of the view."""

_STROKE = 6.5
"""How much of its contrast print gains from one pixel to the next, times its lines' height, below which it is blurred. Of two of
``scripts/documents.py``, at four distances, out of focus and moved, 22 whose lines were found were read less than 0.9 right: 16 of
them are below, and of 25 that were read better 7, all of them blurred as well."""
_LINES, _REACH = 3, 120
"""How many lines tell, the longest, and how many pixels of them to each side of their middle."""

_Grey = npt.NDArray[np.float32]


def sharpest(frames: Sequence[Frame]) -> Frame:
    """Return the frame with the most fine detail; the newest of equals.

    The measure is the mean squared Laplacian (Pech-Pacheco et al., ICPR 2000, "Diatom autofocusing in brightfield microscopy"),
    on every other pixel of the green channel, which is most of what a camera's brightness is.
    """
    return max(reversed(frames), key=_detail)


def _detail(frame: Frame) -> float:
    grey = frame.pixels[::2, ::2, 1].astype(np.float32)
    if min(grey.shape) < 3:  # noqa: PLR2004 - a Laplacian needs neighbours
        return 0.0
    laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(np.mean(laplacian**2))


def print_blurred(frame: Frame, places: Sequence[Quad]) -> bool:
    """Tell whether print is blurred, by a lens or a hand, so much for its size that it is hardly read.

    Args:
        frame: The picture.
        places: Where lines of it are.
    """
    longest = sorted(places, key=lambda place: max(_sides(place)), reverse=True)[:_LINES]
    steepness = [value for place in longest if (value := _steepness(frame, place)) is not None]
    return bool(steepness) and median(steepness) < _STROKE


def _steepness(frame: Frame, place: Quad) -> float | None:
    """Return how steep the strokes of a line are, in the direction in which they are least; None if it is too small to tell."""
    (left, right), (top, bottom) = (_middle_part([corner[axis] for corner in place]) for axis in (0, 1))
    grey = frame.pixels[top:bottom, left:right, 1].astype(np.float32)
    if min(grey.shape) < 4:  # noqa: PLR2004 - no stroke is in it
        return None
    dark, light = np.percentile(grey, (2, 98))
    slope = min(float(np.percentile(np.abs(np.diff(grey, axis=axis)), 98)) for axis in (0, 1))
    return slope / max(1.0, float(light - dark)) * min(_sides(place))


def _middle_part(along: Sequence[float]) -> tuple[int, int]:
    """Return where the middle part of something begins and ends."""
    middle = (min(along) + max(along)) / 2
    return max(0, round(max(min(along), middle - _REACH))), max(0, round(min(max(along), middle + _REACH)) + 1)


def _sides(place: Quad) -> tuple[float, float]:
    one, two, three, _ = place
    return math.dist(one, two), math.dist(two, three)


def same_scene(one: Frame, other: Frame) -> bool:
    """Tell whether two frames show the same thing everywhere, so that what was seen in one holds for the other."""
    return one is other or bool(np.max(np.abs(_coarse(one) - _coarse(other))) <= _SAME)


def scene_changed(one: Frame, other: Frame) -> bool:
    """Tell whether something else is to be seen, more than a hand's sway makes."""
    if one is other:
        return False
    rows, columns = _GRID
    before, after = _coarse(one), _coarse(other)
    around = np.pad(after, 1, mode="edge")
    shifted = np.stack([around[r : r + rows, c : c + columns] for r in range(3) for c in range(3)])
    difference = np.min(np.abs(shifted - before), axis=0)
    changed = max(_SAME, _CHANGED * max(before.max(), after.max()) / 255)
    return bool(np.mean(difference >= changed) >= _CHANGED_SHARE)


def _coarse(frame: Frame) -> _Grey:
    """Return the mean grey level of each cell of the grid, shape `_GRID`."""
    pixels = frame.pixels[::2, ::2]
    height, width, _ = pixels.shape
    rows = np.linspace(0, height, _GRID[0], endpoint=False).astype(int)
    columns = np.linspace(0, width, _GRID[1], endpoint=False).astype(int)
    # one plane after another: a mean over the last axis takes three times as long
    grey = (pixels[..., 0].astype(np.float32) + pixels[..., 1] + pixels[..., 2]) / 3
    sums = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), columns, axis=1)
    heights = np.diff([*rows, height])
    widths = np.diff([*columns, width])
    return np.asarray(sums / np.maximum(np.outer(heights, widths), 1), np.float32)  # 0 where a tiny picture has no such row

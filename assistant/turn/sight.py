"""Which picture to look at, and whether the scene has changed since."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assistant.types import Frame

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

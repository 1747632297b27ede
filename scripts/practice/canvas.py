"""How llama.cpp fits a picture into the tokens it may take (tools/mtmd/mtmd-image.cpp)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

CELL = 32
"""Pixels along a side of what one token sees: two by two patches of 16 by 16."""
MAX_CELLS = 35
"""Tokens a picture of the practice model takes, or a few less: 192 x 160 pixels at 4:3 and 5:4, 224 x 128 at 16:9."""


class Canvas(NamedTuple):
    """What the image encoder sees: whole cells, with a picture in the middle. In pixels."""

    across: int
    down: int
    """Width and height of the canvas."""
    width: int
    height: int
    """Of the picture, whose proportions are kept; black bars fill the rest."""

    @property
    def corner(self) -> tuple[int, int]:
        """Where the picture's upper left corner lies."""
        return (self.across - self.width) // 2, (self.down - self.height) // 2


def canvas(width: int, height: int, cells: tuple[int, int] = (MAX_CELLS, MAX_CELLS)) -> Canvas:
    """Fit a picture, with llama.cpp's arithmetic in single precision.

    Args:
        width: Of the picture as the camera gave it, in pixels.
        height: The same.
        cells: Fewest and most tokens it may take.
    """
    sides: npt.NDArray[np.float32] = np.array((width, height), np.float32)
    fewest, most = (count * CELL**2 for count in cells)
    grid = np.maximum(np.floor(sides / CELL + np.float32(0.5)), 1)
    if grid.prod() * CELL**2 > most:
        grid = np.maximum(np.floor(sides / np.sqrt(sides.prod() / np.float32(most)) / CELL), 1)
    elif grid.prod() * CELL**2 < fewest:
        grid = np.ceil(sides * np.sqrt(np.float32(fewest) / sides.prod()) / CELL)
    room = grid * CELL
    inner = np.minimum(np.ceil(sides * (room / sides).min()), room)
    return Canvas(int(room[0]), int(room[1]), int(inner[0]), int(inner[1]))

"""How bright it is, and from which side light comes, as far as a picture tells.

A camera makes up for darkness: it exposes longer until the picture is as bright as always. So a picture that is dark in spite
of that means little light, but how much light there is beyond that it does not tell, nor whether it is a lamp's or the sun's.
What is said keeps to words that this allows. Where light comes from is told by what is much brighter than the rest: a window, a
lamp.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from assistant.turn.preferences import Directions
from assistant.types import Frame, Language

_Grey = npt.NDArray[np.float64]


class Level(enum.Enum):
    """How bright a picture is."""

    DARK = "dark"
    DIM = "dim"
    LIT = "lit"
    BRIGHT = "bright"


class Side(enum.Enum):
    """Where in a picture something is."""

    LEFT = "left"
    AHEAD = "ahead"
    RIGHT = "right"
    ABOVE = "above"


@dataclasses.dataclass(frozen=True, slots=True)
class Light:
    """The light in a picture."""

    level: Level
    source: Side | None = None
    """Where something very bright is: a lamp or a window, or something white in a dark room."""
    brighter: Side | None = None
    """On which side it is brighter, where there is no such thing."""


_LEVELS: Mapping[Level, Mapping[Language, str]] = {
    Level.DARK: {
        "en": "It is dark. I see next to nothing: perhaps no light is on, or something covers the camera.",
        "zh": "这里很暗。我几乎什么也看不见：可能没有开灯，也可能有东西挡住了摄像头。",
    },
    Level.DIM: {"en": "It is dim.", "zh": "这里光线昏暗。"},
    Level.LIT: {"en": "There is enough light to see by.", "zh": "这里的光线足够看清东西。"},
    Level.BRIGHT: {"en": "It is very bright.", "zh": "这里非常亮。"},
}
_SHINES: Mapping[Language, str] = {
    "en": "Something very bright is {side}, perhaps a lamp or a window.",
    "zh": "{side}有很亮的东西，可能是灯或窗户。",
}
_BRIGHTER: Mapping[Language, str] = {"en": "It is brighter {side}.", "zh": "{side}更亮。"}
_SIDES: Mapping[Directions, Mapping[Side, Mapping[Language, str]]] = {
    "sides": {
        Side.LEFT: {"en": "on your left", "zh": "您左边"},
        Side.AHEAD: {"en": "straight ahead", "zh": "正前方"},
        Side.RIGHT: {"en": "on your right", "zh": "您右边"},
        Side.ABOVE: {"en": "above you", "zh": "上方"},
    },
    "clock": {
        Side.LEFT: {"en": "at eleven o'clock", "zh": "十一点方向"},
        Side.AHEAD: {"en": "at twelve o'clock", "zh": "十二点方向"},
        Side.RIGHT: {"en": "at one o'clock", "zh": "一点方向"},
        Side.ABOVE: {"en": "above you", "zh": "上方"},
    },
}
"""A camera sees some 30 degrees to either side: an hour of the clock."""

_GRID = (12, 16)
"""Rows and columns of what a picture is averaged to."""
_DARK, _DIM = 18, 60
"""The level, of 255, that only a hundredth of a picture is brighter than, below which it is dark, and dim: the first as in
`quality`; a picture that the camera could expose as it wants has 180 and more."""
_WHITE, _MUCH_WHITE = 245, 0.3
"""The level from which the camera is dazzled, and the share of such pixels from which it is very bright."""
_SHINING, _REST = 235, 0.45
"""Mean level of a cell from which something shines there, and the share of that which the median cell has at most."""
_UNEVEN = 1.6
"""How much brighter a side must be than the other, as light, to be said to be: a plain wall under a ceiling lamp has up to 1.3."""


def light_in(frame: Frame) -> Light:
    """Return the light in a picture."""
    grey = _grey(frame)
    brightest = float(np.percentile(grey, 99))
    if brightest < _DARK:
        return Light(Level.DARK)
    cells = _cells(grey)
    source = _source(cells)
    if source is None and np.mean(grey >= _WHITE) >= _MUCH_WHITE:
        return Light(Level.BRIGHT)
    level = Level.DIM if brightest < _DIM or (source and np.median(cells) < _DIM / 2) else Level.LIT
    return Light(level, source, None if source else _brighter(cells))


def told(light: Light, language: Language, directions: Directions = "sides") -> str:
    """Return what is said of the light."""
    sentences = [_LEVELS[light.level][language]]
    if light.source:
        sentences.append(_SHINES[language].format(side=_SIDES[directions][light.source][language]))
    elif light.brighter:
        sentences.append(_BRIGHTER[language].format(side=_SIDES[directions][light.brighter][language]))
    return ("" if language == "zh" else " ").join(sentences)


def _grey(frame: Frame) -> _Grey:
    height, width, _ = frame.pixels.shape
    step = max(1, round((height * width) ** 0.5 / 320))
    return np.asarray(frame.pixels[::step, ::step] @ np.array([0.299, 0.587, 0.114]))


def _cells(grey: _Grey) -> _Grey:
    """Return the mean level of each cell of the grid; of a tiny picture, its pixels."""
    rows, columns = (min(count, size) for count, size in zip(_GRID, grey.shape, strict=True))
    return np.array([[part.mean() for part in np.array_split(row, columns, axis=1)] for row in np.array_split(grey, rows)])


def _source(cells: _Grey) -> Side | None:
    """Return where something shines that is much brighter than the rest."""
    shining = cells >= _SHINING
    if not shining.any() or np.median(cells) > _REST * cells.max():
        return None
    row, column = (float(np.mean(index / (size - 1 or 1))) for index, size in zip(np.nonzero(shining), cells.shape, strict=True))
    if row < 1 / 4 and 1 / 4 < column < 3 / 4:
        return Side.ABOVE
    return _across(column)


def _brighter(cells: _Grey) -> Side | None:
    """Return which side is brighter, if one is."""
    light = (cells / 255) ** 2.2
    third = max(1, cells.shape[1] // 3)
    left, right = (max(float(part.mean()), 1e-6) for part in (light[:, :third], light[:, -third:]))
    if max(left, right) < _UNEVEN * min(left, right):
        return None
    return Side.LEFT if left > right else Side.RIGHT


def _across(column: float) -> Side:
    return Side.LEFT if column < 1 / 3 else Side.RIGHT if column > 2 / 3 else Side.AHEAD

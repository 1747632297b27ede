"""How a camera has to move for a page to be read: only where text lies is looked at, and how sharp the picture is."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping, Sequence
from statistics import median

from assistant.turn.layout import page_angle
from assistant.types import Language, Quad, Seconds

_MARGIN = 0.015
"""How near an edge of the picture, as a share of its side, text ends that is probably cut off; found in a coarse picture."""
_SMALL = 11.0
"""Pixels of a line's height below which print is hardly read: PP-OCR reads 12 pixels well, and half of the lines of 9 wrongly."""
_BLOCK = (0.2, 1.6)
"""Share of the picture's height from which, and times its own height up to which in length, what is found is no line: lines that
are too small to be told from one another are found as one."""
_ASKEW = (25.0, 65.0)
"""Degrees by which a page may be turned between two ways in which it is read."""
_STEADY = 0.03
"""Share of the width by which text may move from one picture to the next, in a hand that holds still."""
_AGAIN: Seconds = 3.0
"""How soon the same correction is said again."""
_NEXT: Seconds = 2.0
"""How soon another one is: a hand needs a second, and who is talked at all the time listens no more."""


class Correction(enum.Enum):
    """What a hand has to do with the camera."""

    NO_TEXT = "no text"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"
    BACK = "back"
    CLOSER = "closer"
    TURN = "turn"
    STILL = "still"


CORRECTIONS: Mapping[Correction, Mapping[Language, str]] = {
    Correction.NO_TEXT: {"en": "I see no text yet.", "zh": "还没看到文字。"},
    Correction.LEFT: {"en": "Move left.", "zh": "往左一点。"},
    Correction.RIGHT: {"en": "Move right.", "zh": "往右一点。"},
    Correction.UP: {"en": "Move up.", "zh": "往上一点。"},
    Correction.DOWN: {"en": "Move down.", "zh": "往下一点。"},
    Correction.BACK: {"en": "Further back.", "zh": "拿远一点。"},
    Correction.CLOSER: {"en": "Closer.", "zh": "靠近一点。"},
    Correction.TURN: {"en": "Turn the page straight.", "zh": "把纸转正。"},
    Correction.STILL: {"en": "Hold still.", "zh": "拿稳。"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """What is to be seen of a page in one picture."""

    places: Sequence[Quad]
    """Where text is, in pixels."""
    width: int
    height: int
    blurred: bool = False

    def is_block(self, place: Quad) -> bool:
        """Tell whether several lines were found as one."""
        short, long = sorted((math.dist(place[0], place[1]), math.dist(place[1], place[2])))
        return short > _BLOCK[0] * self.height and long < _BLOCK[1] * short


def correction_for(sight: Sight) -> Correction | None:
    """Return what is most wrong with how the camera is held; None if the page can be read."""
    if not sight.places:
        return Correction.STILL if sight.blurred else Correction.NO_TEXT
    left, top, right, bottom = _extent(sight)
    cut_left, cut_right = left <= _MARGIN * sight.width, right >= (1 - _MARGIN) * sight.width
    cut_top, cut_bottom = top <= _MARGIN * sight.height, bottom >= (1 - _MARGIN) * sight.height
    if (cut_left and cut_right) or (cut_top and cut_bottom):
        return Correction.BACK
    for cut, correction in (
        (cut_left, Correction.LEFT),
        (cut_right, Correction.RIGHT),
        (cut_top, Correction.UP),
        (cut_bottom, Correction.DOWN),
    ):
        if cut:
            return correction
    if _ASKEW[0] < abs(page_angle(sight.places)) % 90 < _ASKEW[1]:
        return Correction.TURN
    if median(math.dist(place[1], place[2]) for place in sight.places) < _SMALL or all(map(sight.is_block, sight.places)):
        return Correction.CLOSER
    return Correction.STILL if sight.blurred else None


def nearness_of(sight: Sight) -> float | None:
    """Return how near to the centre of the picture a page lies, from 0 to 1, there; None where there is none."""
    if not sight.places:
        return None
    across, down = _middle(sight)
    return max(0.0, 1 - math.hypot(across - 0.5, down - 0.5) / math.hypot(0.5, 0.5))


def is_steady(before: Sight, now: Sight) -> bool:
    """Tell whether a hand held still from one picture to the next."""
    if not before.places or not now.places:
        return False
    return math.dist(_middle(before), _middle(now)) <= _STEADY


class Coach:
    """Chooses what is said of the corrections: no more than can be followed."""

    def __init__(self) -> None:
        self._before: Correction | None = None
        self._said: Correction | None = None
        self._at: Seconds = -math.inf

    def words(self, correction: Correction, at: Seconds, language: Language) -> str:
        """Return what is said of a correction now; empty for nothing, and the first time: a hand may still be on its way.

        Args:
            correction: What is to be done.
            at: The time, in seconds from anywhere.
            language: Of the words.
        """
        before, self._before = self._before, correction
        if correction is not before or at < self._at + (_AGAIN if correction is self._said else _NEXT):
            return ""
        self._said, self._at = correction, at
        return CORRECTIONS[correction][language]


def _extent(sight: Sight) -> tuple[float, float, float, float]:
    across = [x for place in sight.places for x, _ in place]
    down = [y for place in sight.places for _, y in place]
    return min(across), min(down), max(across), max(down)


def _middle(sight: Sight) -> tuple[float, float]:
    left, top, right, bottom = _extent(sight)
    return (left + right) / 2 / sight.width, (top + bottom) / 2 / sight.height

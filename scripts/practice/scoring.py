"""What counts as a right answer, and the figures that come of many."""

from __future__ import annotations

import dataclasses
import itertools
import json
import statistics
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, cast

from practice.questions import ABILITIES, Dialogue

Box: TypeAlias = Sequence[float]
"""Left, top, right, bottom."""
Figures: TypeAlias = Mapping[str, float | None]

_SAME_PLACE = 0.5
"""The overlap from which on two boxes are taken for one, as in every detection benchmark."""
_SHAPES = {"4:3": 4 / 3, "16:9": 16 / 9, "5:4": 5 / 4, "1:1": 1.0}


@dataclasses.dataclass(frozen=True)
class Result:
    """A dialogue that was held, and the model's answers."""

    dialogue: Dialogue
    answers: tuple[str, ...]
    seed: int
    """Of the scene."""
    shape: str
    """Of the picture."""
    new_look: bool
    """Whether a new picture was taken between the turns."""

    @property
    def right(self) -> bool:
        """Whether the last answer is right: word for word, or for boxes by their overlap."""
        wanted, answer = self.dialogue.turns[-1].answer, self.answers[-1]
        if self.dialogue.ability == "box":
            return same_boxes(wanted, answer)
        return normalised(wanted) == normalised(answer)

    def __str__(self) -> str:
        """Return everything said, on one line."""
        said = zip(self.dialogue.turns, self.answers, strict=True)
        turns = " / ".join(f"{turn.question} -> {answer}" for turn, answer in said)
        look = ", looked anew" if self.new_look and len(self.answers) > 1 else ""
        return f"{self.dialogue.ability}, scene {self.seed}, {self.shape}{look}: {turns} | right: {self.dialogue.turns[-1].answer}"


def normalised(text: str) -> str:
    """Return a text with its characters composed and its spaces single."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def overlap(one: Box, other: Box) -> float:
    """Return the common area of two boxes over the area of both together."""
    common = _area((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))
    together = _area(one) + _area(other) - common
    return common / together if together else 0.0


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def same_boxes(wanted: str, answer: str) -> bool:
    """Tell whether two lists of boxes, as JSON, name the same things in the same places, in any order."""
    right, given = _boxes(wanted), _boxes(answer)
    if right is None or given is None or len(right) != len(given):
        return False
    return any(all(_same(a, b) for a, b in zip(right, order, strict=True)) for order in itertools.permutations(given))


def _same(one: tuple[str, Box], other: tuple[str, Box]) -> bool:
    return one[0] == other[0] and overlap(one[1], other[1]) >= _SAME_PLACE


def _boxes(text: str) -> list[tuple[str, Box]] | None:
    """Return labels and boxes; None for what is no such list."""
    try:
        found = [(normalised(entry["label"]), tuple(map(float, entry["bbox_2d"]))) for entry in json.loads(text)]
    except (ValueError, TypeError, KeyError):
        return None
    return cast("list[tuple[str, Box]]", found) if all(len(box) == 4 for _, box in found) else None  # noqa: PLR2004 - sides


def shape_of(width: int, height: int) -> str:
    """Return the name of the shape of camera pictures that comes nearest."""
    if height > width:
        return "portrait"
    return min(_SHAPES, key=lambda name: abs(_SHAPES[name] - width / height))


def fraction(results: Iterable[Result]) -> float | None:
    """Return how many are right, of 1; None of none."""
    right = [result.right for result in results]
    return round(statistics.fmean(right), 4) if right else None


def by(results: Iterable[Result], key: Callable[[Result], str]) -> dict[str, float | None]:
    """Return the fraction that is right in each group."""
    ordered = sorted(results, key=key)
    return {name: fraction(group) for name, group in itertools.groupby(ordered, key)}


def by_ability(results: Sequence[Result]) -> dict[str, float | None]:
    """Return the fraction that is right of each ability."""
    return {ability: fraction(r for r in results if r.dialogue.ability == ability) for ability in ABILITIES}


def mean_difference(one: Figures, other: Figures) -> float | None:
    """Return by how much `one` lies above `other` on the average of what both have."""
    pairs = ((one[name], other.get(name)) for name in one)
    differences = [a - b for a, b in pairs if a is not None and b is not None]
    return round(statistics.fmean(differences), 4) if differences else None

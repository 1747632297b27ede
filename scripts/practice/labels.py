"""What the vision tower is taught first: what each cell of a picture shows, in codes that later become words.

A cell's output is trained to be the sum of codes for what it shows: the kind of thing, its colour, place, distance. The codes then
become the embeddings of the words (`cup`, `red`, `left`), so that the language model starts from pictures that are already spelled
in its own vocabulary. Without that, a first trial never learned to bind a name to the picture.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from practice.canvas import CELL, Canvas
from practice.things import COLOURS, KINDS, SIGN_WORDS, Scene

Labels = npt.NDArray[np.int64]
Boxes = npt.NDArray[np.float32]
COLOUR_NAMES = (*COLOURS, "several")
_CONDITIONS = ("clear", "dark", "covered")
SIGN_KIND, NOTHING = len(KINDS), len(KINDS) + 1
UNASKED = -100
"""The label of what is not asked of a cell: PyTorch's cross entropy leaves it out."""
_OF_CELL, _OF_THING = 0.3, 0.35
"""A cell shows a thing that covers this much of it, or of which it holds this much; of several things the one that covers most."""


@dataclasses.dataclass(frozen=True)
class Group:
    """Codes of which a cell shows one."""

    name: str
    size: int
    weight: float
    """Of its loss."""


GROUPS = (
    Group("kind", len(KINDS) + 2, 1.0),
    Group("colour", len(COLOUR_NAMES), 0.5),
    Group("column", 3, 0.2),
    Group("distance", 2, 0.2),
    Group("word", len(SIGN_WORDS) + 1, 1.0),
    Group("hundreds", 11, 0.4),
    Group("tens", 11, 1.0),
    Group("units", 11, 1.0),
    Group("condition", len(_CONDITIONS), 0.2),
    Group("centre", 2, 0.3),
)
"""The last word and digit stand for none."""
CODES = sum(group.size for group in GROUPS)
_NAMES = tuple(group.name for group in GROUPS)


def label(scene: Scene, fit: Canvas) -> tuple[Labels, Boxes]:
    """Return what each cell shows.

    Args:
        scene: What the picture shows.
        fit: Where on its canvas the picture lies.

    Returns:
        Labels, shape (cells, groups); boxes as fractions of the canvas, shape (cells, 4), NaN where there is no thing.
    """
    columns, rows = fit.across // CELL, fit.down // CELL
    labels = np.full((rows, columns, len(GROUPS)), UNASKED, np.int64)
    boxes = np.full((rows, columns, 4), np.nan, np.float32)
    _put(labels, np.s_[:, :], {"condition": _CONDITIONS.index(scene.condition), "centre": 0})
    if scene.condition == "clear":
        _put(labels, np.s_[:, :], {"kind": NOTHING})
    best = np.zeros((rows, columns))
    margin = np.array(fit.corner * 2, np.float32)
    for fractions, facts in _shown(scene):
        box = np.array(fractions, np.float32) * (fit.width, fit.height, fit.width, fit.height) + margin
        cover = _overlap(box[1], box[3], rows)[:, None] * _overlap(box[0], box[2], columns)[None]
        area = (box[2] - box[0]) * (box[3] - box[1])
        mine = ((cover >= _OF_CELL * CELL * CELL) | (cover >= _OF_THING * area)) & (cover > best)
        if not mine.any():
            mine = cover == cover.max()
        best[mine] = cover[mine]
        labels[mine] = UNASKED
        _put(labels, mine, {"condition": 0, "centre": 0, **facts})
        boxes[mine] = box / (fit.across, fit.down, fit.across, fit.down)
        middle = (int((box[1] + box[3]) / 2 // CELL), int((box[0] + box[2]) / 2 // CELL))
        _put(labels, middle, {"centre": 1})
    return labels.reshape(rows * columns, -1), boxes.reshape(rows * columns, 4)


def _shown(scene: Scene) -> Iterator[tuple[Sequence[float], dict[str, int]]]:
    """Yield the box of each thing and of the sign, and what is asked of the cells that show it."""
    for thing in scene.things:
        colour = COLOUR_NAMES.index(thing.colour)
        yield thing.box, {"kind": thing.kind, "colour": colour, "column": thing.column, "distance": int(thing.near)}
    for sign in filter(None, (scene.sign, *scene.other_signs)):
        yield sign.box, {"kind": SIGN_KIND, "column": sign.column, **_text(sign.text)}


def _put(labels: Labels, cells: Any, values: Mapping[str, int]) -> None:
    """Write values of groups into the chosen cells."""
    for name, value in values.items():
        labels[..., _NAMES.index(name)][cells] = value


def _text(text: str) -> dict[str, int]:
    word, _, number = text.partition(" ")
    if word.isdigit():
        word, number = "", word
    digits = [int(digit) if digit != " " else 10 for digit in number.rjust(3)]
    numeral = dict(zip(("hundreds", "tens", "units"), digits, strict=True))
    return {"word": SIGN_WORDS.index(word) if word else len(SIGN_WORDS), **numeral}


def _overlap(low: float, high: float, cells: int) -> npt.NDArray[np.float64]:
    edges = np.arange(cells + 1) * CELL
    shared: npt.NDArray[np.float64] = np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0, None)
    return shared

"""What is said of a page: its lines joined to paragraphs, what is doubtful about them, and what is wrong with the picture of it."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterable, Mapping, Sequence

from assistant.turn.layout import Block, page_angle
from assistant.turn.sentences import language_of, split
from assistant.types import Language, Quad, Sentence, TextLine

_LEGIBLE, SURE = 0.5, 0.95
"""The confidence below which a line is left out, and below which it is said to be doubtful. Of the lines of
``scripts/documents.py``, in all conditions and further out of focus, 30 of 56 that were read wrongly are below the second, most
others being a lone l taken for an I, and 11 of 765 that were read rightly."""
_SPECK, _SURE_OF_SPECK = 2, 0.8
"""Letters and digits that are so few that they need more confidence: patterns and pictures are read as one or two."""
_STROKES = frozenset("一二三")
"""What lines of print far out of focus are read as, with a confidence up to 0.98."""
_MARGIN = 0.004
"""How near an edge of the picture, as a share of its side, text ends that is probably cut off there."""
_TILTED = 45.0
"""Degrees by which a page is turned that does not lie as it should."""

_CHINESE = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[-\u00ad\u2010]$")
"""Where a word is cut in two, if its rest begins small."""


class Edge(enum.Enum):
    """An edge of the picture."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


class Turned(enum.Enum):
    """How a page lies that is not upright."""

    UPSIDE_DOWN = "upside down"
    LEFT = "to the left"
    """Its upper edge is on the left."""
    RIGHT = "to the right"


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, heading or row of a table, as it was read."""

    text: str
    lines: tuple[TextLine, ...]
    """Those that could be made out."""
    incomplete: bool = False
    """Whether there are others."""

    @property
    def doubtful(self) -> bool:
        """Whether some of it may be wrong, or is missing."""
        return self.incomplete or any(line.confidence < SURE for line in self.lines)

    def spoken(self) -> list[Sentence]:
        """Return what is said of it; where it is doubtful, that first."""
        language = language_of(self.text)
        doubt = INCOMPLETE if self.incomplete else UNSURE
        return [*([Sentence(doubt[language], language)] if self.doubtful else []), *split(self.text)]


UNSURE: Mapping[Language, str] = {"en": "Not sure:", "zh": "不太确定："}
INCOMPLETE: Mapping[Language, str] = {"en": "Part of this I can't read:", "zh": "这里有一部分看不清："}
CUT_OFF: Mapping[Edge, Mapping[Language, str]] = {
    Edge.LEFT: {"en": "Text is cut off on the left.", "zh": "左边的文字没有拍全。"},
    Edge.RIGHT: {"en": "Text is cut off on the right.", "zh": "右边的文字没有拍全。"},
    Edge.TOP: {"en": "Text is cut off at the top.", "zh": "上边的文字没有拍全。"},
    Edge.BOTTOM: {"en": "Text is cut off at the bottom.", "zh": "下边的文字没有拍全。"},
}
CUT_OFF_ALL_ROUND: Mapping[Language, str] = {
    "en": "Text is cut off on several sides: hold the camera further away.",
    "zh": "好几边的文字没有拍全，请把摄像头拿远一点。",
}
TURNED: Mapping[Turned, Mapping[Language, str]] = {
    Turned.UPSIDE_DOWN: {"en": "It is upside down.", "zh": "它是倒着的。"},
    Turned.LEFT: {"en": "It lies on its side, with its top on the left.", "zh": "它是横着的，顶端在左边。"},
    Turned.RIGHT: {"en": "It lies on its side, with its top on the right.", "zh": "它是横着的，顶端在右边。"},
}


def written(block: Block, lines: Mapping[int, TextLine]) -> Paragraph | None:
    """Return a block as it was read; None where nothing of it could be made out.

    Args:
        block: Of which lines it is made.
        lines: What was read of each of them.
    """
    legible = {number: line for number, line in lines.items() if is_legible(line)}
    rows: list[str] = []
    for row in block:
        cells = (" ".join(legible[number].text for number in cell if number in legible) for cell in row)
        said = [cell for cell in cells if cell]
        rows.append(_listed(said))
    text = _joined(row for row in rows if row)
    numbers = [number for row in block for cell in row for number in cell]
    lost = any(number not in legible and _letters(lines[number]) > _SPECK for number in numbers)
    return Paragraph(text, tuple(legible[number] for number in numbers if number in legible), lost) if text else None


def is_legible(line: TextLine) -> bool:
    """Tell whether a line was made out, and is no speck that looked like a letter."""
    letters = _letters(line)
    return (
        letters > 0
        and not _STROKES.issuperset(line.text)
        and line.confidence >= (_SURE_OF_SPECK if letters <= _SPECK else _LEGIBLE)
    )


def _letters(line: TextLine) -> int:
    return sum(character.isalnum() for character in line.text)


def cut_off(places: Sequence[Quad], width: int, height: int) -> list[Edge]:
    """Return at which edges of a picture text is probably cut off.

    Args:
        places: Where text is in it.
        width: Of the picture, in pixels.
        height: The same.
    """
    across = [x for place in places for x, _ in place]
    down = [y for place in places for _, y in place]
    beyond = {
        Edge.LEFT: min(across, default=width) <= _MARGIN * width,
        Edge.RIGHT: max(across, default=0) >= (1 - _MARGIN) * width,
        Edge.TOP: min(down, default=height) <= _MARGIN * height,
        Edge.BOTTOM: max(down, default=0) >= (1 - _MARGIN) * height,
    }
    return [edge for edge, touched in beyond.items() if touched]


def turned(places: Sequence[Quad]) -> Turned | None:
    """Tell how a page lies; None if it is upright or only tilted."""
    angle = page_angle(places)
    if abs(angle) <= _TILTED:
        return None
    if abs(angle) >= 180 - _TILTED:
        return Turned.UPSIDE_DOWN
    return Turned.RIGHT if angle > 0 else Turned.LEFT


def cut_off_words(edges: Sequence[Edge], language: Language) -> str:
    """Return what is said of text that is cut off; nothing where none is."""
    if len(edges) > 1:
        return CUT_OFF_ALL_ROUND[language]
    return CUT_OFF[edges[0]][language] if edges else ""


def _listed(cells: Sequence[str]) -> str:
    """Return the cells of a row as they are said one after the other."""
    comma = "，" if any(map(_CHINESE.search, cells)) else ", "
    return comma.join(cells)


def _joined(rows: Iterable[str]) -> str:
    """Return lines as one text: words that were cut in two whole again, and no space within Chinese."""
    text = ""
    for row in rows:
        if not text:
            text = row
        elif _HYPHEN.search(text) and row[:1].islower():
            text = _HYPHEN.sub("", text) + row
        else:
            space = "" if _CHINESE.match(text[-1]) and _CHINESE.match(row[0]) else " "
            text += space + row
    return text

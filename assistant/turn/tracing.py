"""Where the values of a document stand in its picture: each that the model wrote is looked for among the lines that were read."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import pydantic

from assistant.turn.figures import Figure, figures_in
from assistant.turn.layout import reading_order
from assistant.turn.mention import mentions
from assistant.turn.page import SURE, is_legible
from assistant.types import Language, Quad, TextLine


class Evidence(enum.Enum):
    """How a value fares."""

    CONFIRMED = "confirmed"
    """It stands there."""
    UNCONFIRMED = "unconfirmed"
    """It was not found, or is hard to read."""
    DISAGREES = "disagrees"
    """Something else stands where it should."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A value of a document."""

    path: str
    """Such as "items[0].price"."""
    value: str | float | bool
    evidence: Evidence
    read: str = ""
    """What was read instead, where that disagrees; else the line that it stands in."""
    box: Quad | None = None
    """Where that stands."""


_TOTAL = re.compile(r"(?<!sub)(?<!sub[ -])(?:total|sum\b|amount|due)|合计|总计|总额|总价|应付", re.IGNORECASE)
_NAME = "name"
"""The key whose value tells which row of a table an object is about."""


_Value: TypeAlias = str | float | bool
_Siblings: TypeAlias = Mapping[str, pydantic.JsonValue]
"""The object that a value stands in."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Print:
    """What was read, and could be made out."""

    lines: Sequence[TextLine]
    rows: Sequence[Sequence[TextLine]]
    """The same, by the rows of the page."""


def traced(document: pydantic.JsonValue, lines: Sequence[TextLine]) -> list[Field]:
    """Return the values of a document, with what the print says of them; null is no value."""
    legible = [line for line in lines if is_legible(line)]
    blocks = reading_order([line.box for line in legible])
    rows = [[legible[number] for cell in row for number in cell] for block in blocks for row in block]
    return [_field(path, value, siblings, _Print(legible, rows)) for path, value, siblings in _leaves(document, "", {})]


def _leaves(value: pydantic.JsonValue, path: str, siblings: _Siblings) -> Iterator[tuple[str, _Value, _Siblings]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key, value)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]", {})
    elif value is not None and value != "":
        yield path, value, siblings


def _field(path: str, value: _Value, siblings: _Siblings, print_: _Print) -> Field:
    if isinstance(value, bool):
        return Field(path, value, Evidence.UNCONFIRMED)
    figures = _figures(value)
    holder = _holder(value, figures, print_.lines)
    if figures and not (isinstance(value, str) and _words(value)) and (row := _own_row(path, siblings, print_.rows)):
        last = [(other, line) for line in row for other in figures_in(line.text)][-1:]  # of "2 x 1.20  2.40" the last
        if last and not figures[0].agrees_with(last[0][0]):
            return Field(path, value, Evidence.DISAGREES, last[0][0].written, last[0][1].box)
        holder = last[0][1] if last else None
    if holder:
        evidence = Evidence.CONFIRMED if holder.confidence >= SURE else Evidence.UNCONFIRMED
        return Field(path, value, evidence, holder.text, holder.box)
    for line in print_.lines if isinstance(value, str) else ():
        for other in figures_in(line.text):
            if other.unit and any(other.competes_with(figure) for figure in figures):
                return Field(path, value, Evidence.DISAGREES, other.written, line.box)
    return Field(path, value, Evidence.UNCONFIRMED)


def _figures(value: str | float) -> list[Figure]:
    if isinstance(value, str):
        return figures_in(value)
    return [Figure(Decimal(str(value)))]


def _holder(value: str | float, figures: Sequence[Figure], lines: Sequence[TextLine]) -> TextLine | None:
    """Return the surest line that a value stands in."""
    holders = [
        line
        for line in lines
        if (not isinstance(value, str) or mentions(line.text, value) or (figures and not _words(value)))
        and all(any(figure.agrees_with(other) for other in figures_in(line.text)) for figure in figures)
    ]
    return max(holders, key=lambda line: line.confidence, default=None)


def _words(text: str) -> bool:
    """Tell whether there are words in a text besides its figures and their units."""
    rest = text
    for figure in figures_in(text):
        rest = rest.replace(figure.written, " ")
    return any(character.isalpha() for character in rest)


def _own_row(path: str, siblings: _Siblings, rows: Sequence[Sequence[TextLine]]) -> Sequence[TextLine]:
    """Return the row that an amount is about, which says least beside its object's name, or the word "total"; empty for none."""
    name = siblings.get(_NAME)
    if isinstance(name, str) and name:
        own = [row for row in rows if any(mentions(line.text, name) for line in row)]
    elif _TOTAL.search(path):
        own = [row for row in rows if any(_TOTAL.search(line.text) for line in row)]
    else:
        own = []
    return min(own, key=lambda row: sum(map(str.isalpha, "".join(line.text for line in row))), default=())


_DISAGREES: Mapping[Language, str] = {
    "en": "{path}: I see {value}, but read {read}.",
    "zh": "{path}：我看到的是{value}，读到的却是{read}。",
}
_SUMMARY: Mapping[Language, str] = {
    "en": "{confirmed} of {all} values stand in the print as I read it.",
    "zh": "{all}个值里有{confirmed}个和我读到的文字一致。",
}
_ASK: Mapping[Language, str] = {
    "en": "Ask a person about the others.",
    "zh": "其余的请问旁边的人。",
}
_BY_PRINT: Mapping[Language, str] = {
    "en": "The model could not take it down: these are the rows with prices, as I read them.",
    "zh": "模型没能记下来，这些是我读到的带价格的行。",
}
_CUT_OFF: Mapping[Language, str] = {
    "en": "I had to stop before the end: there may be more on it. Show me a part of it, from closer by.",
    "zh": "我没能记完，上面可能还有别的内容。请靠近一点，只拍其中一部分。",
}
_NO_VALUES: Mapping[Language, str] = {"en": "I found no values.", "zh": "我没有找到任何内容。"}


def told(fields: Sequence[Field], language: Language, *, by_print: bool = False, complete: bool = True) -> list[str]:
    """Return the sentences that say how far a document can be relied on.

    Args:
        fields: Its values.
        language: Of the sentences.
        by_print: Whether the model failed, and all comes from the print.
        complete: Whether the model wrote to its own end.
    """
    if by_print:
        return [_BY_PRINT[language]]
    cut_off = [] if complete else [_CUT_OFF[language]]
    if not fields:
        return [_NO_VALUES[language], *cut_off]
    differing = [field for field in fields if field.evidence is Evidence.DISAGREES]
    confirmed = sum(field.evidence is Evidence.CONFIRMED for field in fields)
    sentences = [_DISAGREES[language].format(path=_spoken(field.path), value=field.value, read=field.read) for field in differing]
    sentences.append(_SUMMARY[language].format(confirmed=confirmed, all=len(fields)))
    return [*sentences, *([_ASK[language]] if confirmed < len(fields) else []), *cut_off]


def _spoken(path: str) -> str:
    """Return a path as it is said: "items 1 price"."""
    return re.sub(r"\[(\d+)\]", lambda match: f" {int(match[1]) + 1}", path).replace(".", " ")

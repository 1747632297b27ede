"""Documents as data: what a receipt, a letter, a box of medicine, a menu and a table hold, and how a model is asked for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import pydantic

from assistant.turn.price_rows import PriceRow
from assistant.types import Language

Kind: TypeAlias = Literal["receipt", "letter", "medicine", "menu", "table"]


class _Document(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


_Text: TypeAlias = Annotated[str, pydantic.Field(max_length=200)]
"""Short enough for a model that goes round in circles to come to an end."""


class Item(_Document):
    """Something that has a price."""

    name: _Text
    price: float | None


class Receipt(_Document):
    """What was bought."""

    merchant: _Text | None
    date: _Text | None
    items: list[Item]
    total: float | None
    currency: _Text | None


class Letter(_Document):
    """What somebody writes."""

    sender: _Text | None
    date: _Text | None
    subject: _Text | None
    deadline: _Text | None
    """The day until which something has to be done."""
    phone: _Text | None


class Medicine(_Document):
    """What stands on a box."""

    name: _Text | None
    strength: _Text | None
    contents: _Text | None
    directions: _Text | None
    expiry: _Text | None


class Menu(_Document):
    """What there is to eat."""

    items: list[Item]


class Table(_Document):
    """Products and prices."""

    items: list[Item]


MODELS: Mapping[Kind, type[_Document]] = {
    "receipt": Receipt,
    "letter": Letter,
    "medicine": Medicine,
    "menu": Menu,
    "table": Table,
}
_ASKED: Mapping[Language, str] = {
    "en": "Write down what stands on this {kind} as JSON. What does not stand there is null. Change nothing.",
    "zh": "请把这份{kind}上写的内容用JSON写出来。没有写的填null，什么都不要改。",
}
_KINDS: Mapping[str, Mapping[Language, str]] = {
    "receipt": {"en": "receipt", "zh": "小票"},
    "letter": {"en": "letter", "zh": "信"},
    "medicine": {"en": "box of medicine", "zh": "药盒"},
    "menu": {"en": "menu", "zh": "菜单"},
    "table": {"en": "table", "zh": "表格"},
    "": {"en": "document", "zh": "文件"},
}
_PRINT: Mapping[Language, str] = {
    "en": "\n(Text that was read in the picture, perhaps with mistakes:\n{text})",
    "zh": "\n（从图片里读到的文字，可能有错：\n{text}）",
}
MOST_CHARACTERS = 1200
"""Of print that is given to the model beside the picture: some 500 tokens. A page with more is taken in parts."""


def schema_of(kind: Kind) -> str:
    """Return the JSON schema of a kind of document, as JSON text."""
    return json.dumps(MODELS[kind].model_json_schema())


def from_prices(kind: Kind, rows: Sequence[PriceRow]) -> pydantic.JsonValue | None:
    """Return what print alone tells of a document, where the model failed; None where that is too little to be of use."""
    items = [Item(name=row.name, price=row.amount) for row in rows if row.is_product]
    total = next((row.amount for row in rows if row.is_total), None)
    document: _Document
    match kind:
        case "receipt":
            document = Receipt(merchant=None, date=None, items=items, total=total, currency=None)
        case "menu":
            document = Menu(items=items)
        case "table":
            document = Table(items=items)
        case _:
            return None
    return document.model_dump() if items else None


def asked(kind: Kind | Literal[""], language: Language) -> str:
    """Return how the model is asked for a document; of any kind where that is empty."""
    return _ASKED[language].format(kind=_KINDS[kind][language])


def in_context(paragraphs: Sequence[str], language: Language) -> str:
    """Return print as words for the model that follow its question; empty where there is none, and cut where there is too much."""
    text = "\n".join(paragraphs)[:MOST_CHARACTERS]
    return _PRINT[language].format(text=text) if text else ""


def parts(paragraphs: Sequence[str]) -> list[range]:
    """Return which paragraphs are taken together, so that none has too much print."""
    found, begin, length = [], 0, 0
    for number, paragraph in enumerate(paragraphs):
        length += len(paragraph) + 1
        if length > MOST_CHARACTERS and number > begin:
            found.append(range(begin, number))
            begin, length = number, len(paragraph) + 1
    return [*found, range(begin, len(paragraphs))]


def merged(documents: Sequence[pydantic.JsonValue]) -> pydantic.JsonValue:
    """Return what stands on the parts of a page as one document: lists one after the other, of all else the first that is there."""
    lists = [document for document in documents if isinstance(document, list)]
    if lists:
        return [item for each in lists for item in each]
    tables = [document for document in documents if isinstance(document, dict)]
    if not tables:
        return next((document for document in documents if document is not None), None)
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: merged([table[key] for table in tables if key in table]) for key in keys}


def told_twice(documents: Sequence[pydantic.JsonValue]) -> dict[str, str]:
    """Return what later parts of a page say of values that an earlier part tells otherwise, and `merged` keeps as they were."""
    first, others = dict[str, str](), dict[str, str]()
    for document in documents:
        for key, value in document.items() if isinstance(document, dict) else ():
            if isinstance(value, str | int | float) and first.setdefault(key, str(value)).casefold() != str(value).casefold():
                others[key] = str(value)
    return others

"""Documents to data: prices from print alone, and which wrong values of a model the print gives away.

The documents are those of ``scripts/documents.py``; the text reader is the real one. The model is made up, as no real one is at
hand: it writes down the truth, and then the same with one digit of each number changed.
"""

from __future__ import annotations

import itertools
import random
from typing import Any

import pydantic
from documents import CONDITIONS, DOCUMENTS, receipt
from practice.canvas import MAX_CELLS

from assistant.config import VisionConfig
from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.llama.session import load_session
from assistant.models.catalogue import text_files, vision_files
from assistant.settings import PRACTICE
from assistant.turn.documents import MODELS, Kind, asked, schema_of
from assistant.turn.price_rows import price_rows
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.turn.tracing import Evidence, Field, traced
from assistant.types import Cancellation, Frame, Question, TextLine, Writing

_SEEN = ("upright", "upside down", "tilted", "from the side", "blurred", "dark")
_LIMITS = range(60, 201, 7)
"""Tokens of an answer; an empty receipt has 41 in the practice model's words."""
_TRUTH: dict[str, dict[str, pydantic.JsonValue]] = {
    "receipt": {
        "merchant": "Corner Shop",
        "items": [
            {"name": "Whole milk", "price": 1.29},
            {"name": "Rye bread", "price": 3.40},
            {"name": "Apples", "price": 2.15},
            {"name": "Butter", "price": 2.89},
        ],
        "total": 9.73,
    },
    "table": {
        "items": [{"name": "Kettle", "price": 24.9}, {"name": "Toaster", "price": 31.5}, {"name": "Coffee mill", "price": 18.0}]
    },
    "menu": {
        "items": [
            {"name": "Tomato soup", "price": 4.5},
            {"name": "Lentil soup with bread", "price": 5.2},
            {"name": "Grilled trout, potatoes", "price": 14.8},
            {"name": "Mushroom risotto", "price": 12.5},
        ]
    },
    "medicine": {"name": "Ibuprofen", "strength": "400 mg", "contents": "20 film-coated tablets", "expiry": "05/2027"},
    "Chinese receipt": {
        "items": [{"name": "纯牛奶", "price": 12.9}, {"name": "全麦面包", "price": 8.5}, {"name": "苹果", "price": 6.75}],
        "total": 28.15,
    },
}


def figures() -> dict[str, Any]:
    """Return the shares: of prices that print alone tells, of values that are flagged, and of answers that are valid JSON."""
    reader, dice = PpocrTextReader(text_files), random.Random(1)  # noqa: S311 - the same mistakes at every run
    prices, right, wrong = list[bool](), list[Field](), list[Field]()
    for kind, truth in _TRUTH.items():
        document = DOCUMENTS[kind]()
        for condition in _SEEN:
            frame = Frame(CONDITIONS[condition](document.pixels), 0.0)
            lines = list(reader.read(frame, reader.find(frame)))
            prices += _prices_found(truth, lines)
            right += traced(truth, lines)
            wrong += [field for field in traced(_with_mistakes(truth, dice), lines) if any(map(str.isdigit, str(field.value)))]
    confirmed = sum(field.evidence is Evidence.CONFIRMED for field in right)
    unnoticed = sum(field.evidence is Evidence.CONFIRMED for field in wrong)
    return {
        "prices_from_print": {"share": round(sum(prices) / len(prices), 3), "of": len(prices)},
        "values_right_but_flagged": {"share": round(1 - confirmed / len(right), 3), "of": len(right)},
        "values_wrong_unnoticed": {"share": round(unnoticed / len(wrong), 3), "of": len(wrong)},
        "json_valid": _valid(),
    }


def _prices_found(truth: dict[str, pydantic.JsonValue], lines: list[TextLine]) -> list[bool]:
    """Return, of each price of a document, whether print alone tells it."""
    found = [row.amount for row in price_rows(lines)]
    items = truth.get("items")
    return [item["price"] in found for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _with_mistakes(value: pydantic.JsonValue, dice: random.Random) -> pydantic.JsonValue:
    """Return a document with a digit of every number and figure changed."""
    if isinstance(value, dict):
        return {key: _with_mistakes(inner, dice) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_mistakes(inner, dice) for inner in value]
    text = f"{value:.2f}" if isinstance(value, float) else str(value)
    places = [place for place, character in enumerate(text) if character.isdigit()]
    if not places:
        return value
    place = dice.choice(places)
    digit = dice.choice([other for other in "123456789" if other != text[place]])
    changed = text[:place] + digit + text[place + 1 :]
    return float(changed) if isinstance(value, float) else changed


def _valid() -> dict[str, Any]:
    """Have the practice model, which understands no document, fill in each form, with much room and with little."""
    config = VisionConfig(temperature=0, threads=1)
    files = vision_files(PRACTICE, None)
    session = load_session(files.model, files.mmproj, config, (MAX_CELLS, MAX_CELLS), PRACTICE_SYSTEM)
    session.look(Frame(receipt().pixels, 0.0), Cancellation())
    kinds: tuple[Kind, ...] = ("letter", "medicine", "receipt", "menu", "table")
    written = list[bool]()
    cut_off = 0
    for kind, temperature, most in itertools.product(kinds, (0, 0.7, 1.5), (None, *_LIMITS)):
        writing = Writing("document", temperature, most, schema_of(kind))
        chunks = list(session.answer(Question(asked(kind, "en"), "en", writing=writing), Cancellation()))
        usage = chunks[-1].usage
        cut_off += usage is not None and usage.finish != "stop"
        written.append(_is_valid(kind, "".join(chunk.text for chunk in chunks)))
    session.close()
    return {"share": round(sum(written) / len(written), 3), "cut_off": cut_off, "of": len(written)}


def _is_valid(kind: Kind, text: str) -> bool:
    try:
        MODELS[kind].model_validate_json(text)
    except pydantic.ValidationError:
        return False
    return True

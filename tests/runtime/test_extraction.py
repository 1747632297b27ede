"""Taking documents down, and saying what costs what."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assistant.errors import DocumentTooLong, NothingToRead, ReadingFailed, SchemaUnusable, TooDark
from assistant.events import Stage
from assistant.runtime.extraction import Extraction, checked_schema
from assistant.runtime.watch import Watch
from assistant.turn.documents import MOST_CHARACTERS
from assistant.turn.price_rows import NO_PRICES, NO_TOTAL
from assistant.turn.speakable import speakable
from assistant.turn.tracing import Evidence
from assistant.types import AnswerChunk, Frame, Language, Sentence, Usage
from tests.fakes.text_reader import FakeTextReader, text
from tests.fakes.vision import FakeVision
from tests.runtime.test_reading import VIEW, spoken, told
from tests.unit.test_documents import RECEIPT

pytestmark = pytest.mark.anyio

TAKEN = {"merchant": "Corner Shop", "date": None, "items": [{"name": "Butter", "price": 2.98}], "total": 4.18, "currency": None}


def extraction(vision: FakeVision, reader: FakeTextReader) -> Extraction:
    return Extraction(reader, vision, Watch())


async def test_a_receipt_is_taken_down_and_held_against_the_print() -> None:
    vision = FakeVision([json.dumps(TAKEN)])
    extracted = await extraction(vision, FakeTextReader(*RECEIPT)).extract(VIEW, "receipt", "", "en")
    assert extracted.data == TAKEN
    assert {field.path: field.evidence for field in extracted.fields} == {
        "merchant": Evidence.CONFIRMED,
        "items[0].name": Evidence.CONFIRMED,
        "items[0].price": Evidence.DISAGREES,
        "total": Evidence.CONFIRMED,
    }
    (question,) = vision.asked
    assert "TOTAL EUR" in question.wish
    assert json.loads(question.writing.schema)["title"] == "Receipt"
    assert vision.looked == [VIEW]


async def test_without_print_nothing_is_confirmed() -> None:
    extracted = await extraction(FakeVision([json.dumps(TAKEN)]), FakeTextReader()).extract(VIEW, "receipt", "", "en")
    assert {field.evidence for field in extracted.fields} == {Evidence.UNCONFIRMED}


async def test_a_schema_of_ones_own() -> None:
    vision = FakeVision(["[1.29]"])
    extracted = await extraction(vision, FakeTextReader(*RECEIPT)).extract(VIEW, "", '{"type": "array"}', "en")
    assert extracted.data == [1.29]
    assert vision.asked[0].writing.schema == '{"type": "array"}'


async def test_where_the_model_is_cut_off_the_print_has_the_prices() -> None:
    extracted = await extraction(FakeVision(['{"items": [']), FakeTextReader(*RECEIPT)).extract(VIEW, "receipt", "", "en")
    assert extracted.by_print
    assert isinstance(extracted.data, dict)
    assert extracted.data["total"] == 4.18


async def test_what_a_model_that_was_cut_off_wrote_is_not_lost() -> None:
    vision = FakeVision([AnswerChunk('{"sender": "A"}', Usage(90, 0, 200, "length"))])
    extracted = await extraction(vision, text("A")).extract(VIEW, "letter", "", "en")
    assert extracted.data == {"sender": "A"}
    assert not extracted.complete


@pytest.mark.parametrize(("kind", "schema"), [("letter", ""), ("", "{}")])
async def test_or_there_was_too_much(kind: str, schema: str) -> None:
    with pytest.raises(DocumentTooLong):
        await extraction(FakeVision(["{"]), FakeTextReader(*RECEIPT)).extract(VIEW, kind, schema, "en")  # type: ignore[arg-type]


async def test_a_page_with_much_print_is_taken_in_parts() -> None:
    answers = ['{"items": [{"name": "a", "price": 1}]}', '{"items": [{"name": "b", "price": 2}]}']
    vision = FakeVision(answers)
    long = text("a " + "x" * MOST_CHARACTERS, "b 2.00")
    extracted = await extraction(vision, long).extract(VIEW, "menu", "", "en")
    assert extracted.data == {"items": [{"name": "a", "price": 1}, {"name": "b", "price": 2}]}
    assert len(vision.looked) == 2
    assert all(frame.pixels.size < VIEW.pixels.size for frame in vision.looked)


async def test_two_totals_on_one_page_are_both_told() -> None:
    answers = ['{"items": [], "total": 3.1, "merchant": "Shop"}', '{"items": [], "total": 9.73, "merchant": "SHOP", "date": null}']
    long = text("SUM 3.10 " + "x" * MOST_CHARACTERS, "TOTAL 9.73")
    extracted = await extraction(FakeVision(answers), long).extract(VIEW, "receipt", "", "en")
    (total,) = (field for field in extracted.fields if field.path == "total")
    assert (total.value, total.evidence, total.read) == (3.1, Evidence.DISAGREES, "9.73")
    assert not any(field.evidence is Evidence.DISAGREES for field in extracted.fields if field.path == "merchant")


async def test_a_useless_picture_is_refused() -> None:
    dark = Frame(np.random.default_rng(1).integers(0, 4, (480, 640, 3)).astype(np.uint8), 0.0)
    with pytest.raises(TooDark):
        await extraction(FakeVision(), FakeTextReader()).extract(dark, "table", "", "en")


@pytest.mark.parametrize("schema", ["", "{", "[]", "3", "not json"])
def test_a_schema_with_a_mistake_is_refused(schema: str) -> None:
    with pytest.raises(SchemaUnusable):
        checked_schema(schema)


def aloud(*texts: str, language: Language = "en") -> list[str]:
    return [speakable(Sentence(each, language)).text for each in texts]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("What products and prices are on it?", ["Milk 1 l: 1.29.", "Butter: 2.89.", "TOTAL EUR: 4.18."]),
        ("What's the total?", ["TOTAL EUR: 4.18."]),
        ("Read me the prices, please.", ["Milk 1 l: 1.29.", "Butter: 2.89.", "TOTAL EUR: 4.18."]),
        ("读一下价格", ["Milk 1 l: 1.29.", "Butter: 2.89.", "TOTAL EUR: 4.18."]),
    ],
)
async def test_prices_are_said_without_the_model(words: str, said: list[str]) -> None:
    vision = FakeVision()
    scripted = told(words, reader=FakeTextReader(*RECEIPT), vision=vision)
    await scripted.run()
    assert spoken(scripted) == aloud(*said)
    assert not vision.asked
    assert scripted.details(Stage.COMMANDED)[0] in ("prices", "total")


@pytest.mark.parametrize(
    ("words", "reader", "said"),
    [
        ("What's the total?", text("Milk"), NO_TOTAL["en"]),
        ("Read me the prices.", text("Milk"), NO_PRICES["en"]),
        ("读一下价格", text("Milk"), NO_PRICES["zh"]),
        ("Read me the prices.", FakeTextReader(), NothingToRead("").spoken("en")),
        ("Read me the prices.", FakeTextReader(ReadingFailed("out")), ReadingFailed("").spoken("en")),
    ],
)
async def test_where_there_are_none(words: str, reader: FakeTextReader, said: str) -> None:
    scripted = told(words, reader=reader)
    await scripted.run()
    assert spoken(scripted) == aloud(said, language="zh" if said[0] > "\u3400" else "en")

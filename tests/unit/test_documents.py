"""Documents as data, how they are asked for, and what the print says of them."""

from __future__ import annotations

import json

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.documents import MODELS, MOST_CHARACTERS, Kind, asked, from_prices, in_context, merged, parts, schema_of
from assistant.turn.price_rows import price_rows
from assistant.turn.tracing import Evidence, Field, told, traced
from assistant.types import TextLine
from tests.fakes.text_reader import place

JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists
) | st.dictionaries(st.text(), st.text())


def page(*rows: tuple[str, ...], confidence: float = 0.99) -> list[TextLine]:
    """Return the lines of a table."""
    return [
        TextLine(cell, confidence, place(row, left=20 + 500 * column, width=12.0 * len(cell)))
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]


RECEIPT = page(("CORNER SHOP",), ("25.11.2026",), ("Milk 1 l", "1.29"), ("Butter", "2.89"), ("TOTAL EUR", "4.18"), ("Cash", "5.00"))


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_has_a_schema_and_a_question(kind: Kind) -> None:
    assert json.loads(schema_of(kind))["type"] == "object"
    assert asked(kind, "en") != asked(kind, "zh")


@pytest.mark.parametrize(
    ("document", "path", "evidence", "read"),
    [
        ({"merchant": "Corner Shop"}, "merchant", Evidence.CONFIRMED, "CORNER SHOP"),
        ({"merchant": "Book Store"}, "merchant", Evidence.UNCONFIRMED, ""),
        ({"date": "2026-11-25"}, "date", Evidence.CONFIRMED, "25.11.2026"),
        ({"date": "2026-11-26"}, "date", Evidence.DISAGREES, "25.11.2026"),
        ({"total": 4.18}, "total", Evidence.CONFIRMED, "4.18"),
        ({"total": 5.0}, "total", Evidence.DISAGREES, "4.18"),
        ({"items": [{"name": "Butter", "price": 2.89}]}, "items[0].price", Evidence.CONFIRMED, "2.89"),
        ({"items": [{"name": "Butter", "price": 2.98}]}, "items[0].price", Evidence.DISAGREES, "2.89"),
        ({"items": [{"name": "Butter", "price": 1.29}]}, "items[0].price", Evidence.DISAGREES, "2.89"),
        ({"items": [{"name": "Bread", "price": 7.7}]}, "items[0].price", Evidence.UNCONFIRMED, ""),
        ({"paid": True}, "paid", Evidence.UNCONFIRMED, ""),
        ({"items": [{"name": "Butter", "price": "2.98"}]}, "items[0].price", Evidence.DISAGREES, "2.89"),
    ],
)
def test_each_value_is_held_against_the_print(document: pydantic.JsonValue, path: str, evidence: Evidence, read: str) -> None:
    fields = {field.path: field for field in traced(document, RECEIPT)}
    assert (fields[path].evidence, fields[path].read) == (evidence, read)
    assert (fields[path].box is None) is (read == "")


@pytest.mark.parametrize(
    ("document", "path", "read"),
    [
        ({"total": 10.0}, "total", "11.90"),
        ({"items": [{"name": "Coffee", "price": 4.5}]}, "items[0].price", "2.40"),
        ({"items": [{"name": "Rolls", "price": 1.2}]}, "items[0].price", "2.40"),
    ],
)
def test_what_stands_in_another_row_or_before_the_amount_is_no_proof(document: pydantic.JsonValue, path: str, read: str) -> None:
    lines = page(("Iced coffee", "4.50"), ("Coffee", "2.40"), ("Rolls 2 x 1.20", "2.40"), ("Subtotal", "10.00"), ("Total", "11.90"))
    fields = {field.path: field for field in traced(document, lines)}
    assert (fields[path].evidence, fields[path].read) == (Evidence.DISAGREES, read)


def test_print_that_is_hard_to_read_confirms_nothing() -> None:
    assert traced({"merchant": "Corner Shop"}, page(("CORNER SHOP",), confidence=0.7))[0].evidence is Evidence.UNCONFIRMED


def test_null_is_no_value() -> None:
    assert traced({"merchant": None, "items": [], "date": ""}, RECEIPT) == []


@given(JSON)
def test_whatever_the_model_writes_can_be_traced(document: pydantic.JsonValue) -> None:
    assert all(field.value not in ("", None) for field in traced(document, RECEIPT))


def test_what_is_said_of_it() -> None:
    differs = Field("items[0].price", 2.98, Evidence.DISAGREES, "2.89")
    fine = Field("total", 4.18, Evidence.CONFIRMED, "4.18")
    assert told([fine], "en") == ["1 of 1 values stand in the print as I read it."]
    assert told([differs, fine], "en") == [
        "items 1 price: I see 2.98, but read 2.89.",
        "1 of 2 values stand in the print as I read it.",
        "Ask a person about the others.",
    ]
    assert told([], "zh") == ["我没有找到任何内容。"]
    assert told([fine], "zh", complete=False)[-1] == "我没能记完，上面可能还有别的内容。请靠近一点，只拍其中一部分。"
    assert told([fine], "en", by_print=True) == [
        "The model could not take it down: these are the rows with prices, as I read them."
    ]


def test_rows_with_prices() -> None:
    rows = price_rows(RECEIPT)
    assert [(row.name, row.price) for row in rows if row.is_product] == [("Milk 1 l", "1.29"), ("Butter", "2.89")]
    assert [row.price for row in rows if row.is_total] == ["4.18"]
    assert [sentence.text for sentence in rows[0].spoken()] == ["Milk 1 l: 1.29."]


@pytest.mark.parametrize(
    ("line", "name", "price"),
    [
        ("Tomato soup ..... 4,50 €", "Tomato soup", "4,50 €"),
        ("Kettle $24", "Kettle", "$24"),
        ("纯牛奶 ￥12.90", "纯牛奶", "￥12.90"),
        ("面包：8元", "面包", "8元"),
        ("Milk 1.29 A", "Milk", "1.29"),
        ("Laptop 1,299.00", "Laptop", "1,299.00"),
        ("Discount -5.00", "Discount", "-5.00"),
    ],
)
def test_a_row_in_one_line(line: str, name: str, price: str) -> None:
    assert [(row.name, row.price) for row in price_rows(page((line,)))] == [(name, price)]


@pytest.mark.parametrize(
    "line", ["Open 8 to 20", "Call 0800 555 0199", "12.50", "EXP 05/2027", "Size 250 g", "Room 12", "Water 1.50L"]
)
def test_what_is_no_price(line: str) -> None:
    assert price_rows(page((line,))) == []


@pytest.mark.parametrize("name", ["Sub total", "Sub-total", "Subtotal", "Total VAT"])
def test_what_is_neither_sold_nor_the_total(name: str) -> None:
    (row,) = price_rows(page((name, "9.00")))
    assert not row.is_product
    assert not row.is_total


def test_doubtful_rows_say_so() -> None:
    (row,) = price_rows(page(("Milk", "1.29"), confidence=0.8))
    assert [sentence.text for sentence in row.spoken()] == ["Not sure:", "Milk: 1.29."]


def test_print_alone_makes_a_receipt_but_no_letter() -> None:
    document = from_prices("receipt", price_rows(RECEIPT))
    assert isinstance(document, dict)
    assert document["total"] == 4.18
    assert document["items"] == [{"name": "Milk 1 l", "price": 1.29}, {"name": "Butter", "price": 2.89}]
    assert from_prices("letter", price_rows(RECEIPT)) is None
    assert from_prices("table", []) is None


@given(st.lists(st.text(min_size=1, max_size=MOST_CHARACTERS), max_size=12))
def test_a_page_is_taken_in_parts_that_fit(paragraphs: list[str]) -> None:
    together = parts(paragraphs)
    assert [number for part in together for number in part] == list(range(len(paragraphs)))
    assert all(
        len(part) == 1 or sum(len(paragraphs[number]) + 1 for number in part) <= MOST_CHARACTERS for part in together if part
    )


def test_context_is_bounded_and_nothing_without_print() -> None:
    assert in_context([], "en") == ""
    assert len(in_context(["x" * 5000], "zh")) < MOST_CHARACTERS + 50


def test_parts_become_one_document() -> None:
    one: dict[str, pydantic.JsonValue] = {"merchant": None, "items": [{"name": "a", "price": 1.0}], "total": None}
    other: dict[str, pydantic.JsonValue] = {"merchant": "Shop", "items": [{"name": "b", "price": 2.0}], "total": 3.0}
    items = [{"name": "a", "price": 1.0}, {"name": "b", "price": 2.0}]
    assert merged([one, other]) == {"merchant": "Shop", "items": items, "total": 3.0}

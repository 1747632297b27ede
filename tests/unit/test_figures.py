from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.figures import DATE, TIME, Figure, Value, figures_in


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("€12,50 or $4", [("12.5", "€"), ("4", "$")]),
        ("1.234,50 € and 1,234.50 €", [("1234.5", "€"), ("1234.5", "€")]),
        ("twelve euros fifty", [("12.5", "€")]),
        ("a ten-euro note", [("10", "€")]),
        ("a hundred dollars", [("100", "$")]),
        ("Take 500 mg, or 0.5 g", [("500", "mg"), ("500", "mg")]),
        ("two hundred and fifty milligrams", [("250", "mg")]),
        ("Two 20 mg tablets", [("2", ""), ("20", "mg")]),
        ("take two tablets and one at night", [("2", "tablet"), ("1", "")]),
        ("twenty-five tablets", [("25", "tablet")]),
        ("5 to 10 ml", [("5", ""), ("10", "ml")]),
        ("half is ½ l", [("500", "ml")]),
        ("２００毫升", [("200", "ml")]),
        ("三百五十毫克", [("350", "mg")]),
        ("十二元", [("12", "¥")]),
        ("￥18.00", [("18", "¥")]),
        ("每次两片", [("2", "tablet")]),
        ("at 8:30", [("510", TIME)]),
        ("you may go, nothing here", []),
    ],
)
def test_amounts(text: str, figures: list[tuple[str, str]]) -> None:
    assert [(figure.value, figure.unit) for figure in figures_in(text)] == [(Decimal(value), unit) for value, unit in figures]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-25", (2026, {11, 25})),
        ("25 Nov 2026", (2026, {11, 25})),
        ("November 25th, 2026", (2026, {11, 25})),
        ("25.11.26", (2026, {11, 25})),
        ("EXP 11/26", (2026, {11})),
        ("Best before 03/04/2026", (2026, {3, 4})),
        ("2026年11月25日", (2026, {11, 25})),
        ("EXP 2026.11", (2026, {11})),
        ("USE BY 12 JAN 27", (2027, {1, 12})),
        ("November 2026", (2026, {11})),
        ("on the 3rd of May", (0, {3, 5})),
    ],
)
def test_dates(text: str, value: tuple[int, set[int]]) -> None:
    expected: Value = (value[0], frozenset(value[1]))
    assert [(figure.value, figure.unit) for figure in figures_in(text)] == [(expected, DATE)]


def test_what_agrees_and_what_competes() -> None:
    said = Figure(Decimal(500), "mg")
    assert said.agrees_with(Figure(Decimal(500)))
    assert not said.agrees_with(Figure(Decimal(500), "ml"))
    assert said.competes_with(Figure(Decimal(50), "mg"))
    assert not said.competes_with(Figure(Decimal(50), "tablet"))


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y"]))
def test_a_date_is_found_however_it_is_written(day: date, form: str) -> None:
    assert [figure.value for figure in figures_in(day.strftime(form))] == [(day.year, frozenset({day.month, day.day}))]


@given(st.decimals(min_value=0, max_value=9999, places=2), st.sampled_from(["€", "$", "£", "¥"]))
def test_a_price_is_found_on_either_side_of_its_sign(price: Decimal, sign: str) -> None:
    for text in (f"{sign}{price}", f"{price} {sign}", f"{price:,} {sign}"):
        assert [(figure.value, figure.unit) for figure in figures_in(text)] == [(price, sign)]


@given(st.text(max_size=60))
def test_whatever_is_written_is_no_crash(text: str) -> None:
    figures_in(text)

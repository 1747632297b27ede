"""The order in which a page is read: that of its places alone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.layout import Block, page_angle, reading_order
from assistant.types import Quad

HEIGHT = 20.0


def line(left: float, top: float, width: float = 300, height: float = HEIGHT) -> Quad:
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def turned(places: list[Quad], degrees: float) -> list[Quad]:
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))

    def point(x: float, y: float) -> tuple[float, float]:
        return (x * cosine - y * sine + 2000, x * sine + y * cosine + 2000)

    return [(point(*a), point(*b), point(*c), point(*d)) for a, b, c, d in places]


def numbers(blocks: list[Block]) -> list[list[list[list[int]]]]:
    return [[[list(cell) for cell in row] for row in block] for block in blocks]


def prose(*lines: int) -> list[list[list[int]]]:
    """Return a block of running text with these lines."""
    return [[[number]] for number in lines]


COLUMNS = [
    line(0, 0, 700, 40),
    *(line(0, 100 + 30 * row, width) for row, width in enumerate((300, 290, 295, 120))),
    *(line(400, 100 + 30 * row, width) for row, width in enumerate((300, 298, 280, 200))),
]
TABLE = [line(x, 40 * row, width) for row in range(4) for x, width in ((0, 160), (350, 60), (600, 80))]
RECEIPT = [
    line(150, 0, 200, 30),
    *(line(x, 60 + 35 * row, width) for row in range(3) for x, width in ((0, 180 - 20 * row), (420, 60))),
    line(0, 200, 100),
    line(420, 200, 60),
]


def test_nothing() -> None:
    assert reading_order([]) == []
    assert page_angle([]) == 0


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    assert numbers(reading_order(COLUMNS)) == [prose(0), prose(1, 2, 3, 4), prose(5, 6, 7, 8)]


def test_columns_whose_lines_do_not_lie_side_by_side() -> None:
    left, right = [line(0, 30 * row) for row in range(5)], [line(400, 37 * row + 11) for row in range(4)]
    assert numbers(reading_order(right + left)) == [prose(4, 5, 6, 7, 8), prose(0, 1, 2, 3)]


def test_a_table_is_read_row_by_row() -> None:
    assert numbers(reading_order(TABLE)) == [[[[n], [n + 1], [n + 2]]] for n in (0, 3, 6, 9)]


def test_a_table_with_empty_cells() -> None:
    places = [place for number, place in enumerate(TABLE) if number not in {4, 9}]
    assert numbers(reading_order(places)) == [[[[0], [1], [2]]], [[[3], [4]]], [[[5], [6], [7]]], [[[8], [9]]]]


def test_a_receipt_is_read_line_by_line() -> None:
    assert numbers(reading_order(RECEIPT)) == [prose(0), [[[1], [2]]], [[[3], [4]]], [[[5], [6]]], [[[7], [8]]]]


def test_paragraphs_are_parted_by_white_space_size_and_lines_that_end_early() -> None:
    tops = [(0, 300, 20), (26, 300, 20), (52, 120, 20), (78, 300, 20), (104, 290, 20), (160, 300, 20), (190, 300, 34)]
    places = [line(0, top, width, height) for top, width, height in tops]
    assert numbers(reading_order(places)) == [prose(0, 1, 2), prose(3, 4), prose(5), prose(6)]


def test_pieces_of_a_line_are_one_cell() -> None:
    assert numbers(reading_order([line(160, 0, 140), line(0, 2, 150)])) == [[[[1, 0]]]]


@pytest.mark.parametrize("degrees", [-170, -90, -10, -3, 0, 3, 10, 90, 135, 180])
@pytest.mark.parametrize("places", [COLUMNS, TABLE, RECEIPT], ids=["columns", "table", "receipt"])
def test_however_the_page_is_turned(places: list[Quad], degrees: float) -> None:
    askew = turned(places, degrees)
    assert reading_order(askew) == reading_order(places)
    assert math.cos(math.radians(page_angle(askew) - degrees)) == pytest.approx(1, abs=1e-3)


def test_what_points_elsewhere_does_not_turn_the_page() -> None:
    stray = turned([line(-200, -700, 250)], 40)
    blocks = numbers(reading_order([*turned(TABLE, 5), *stray]))
    assert [block for block in blocks if block != prose(len(TABLE))] == numbers(reading_order(TABLE))


_PLACES = st.lists(st.builds(line, st.floats(0, 1000), st.floats(0, 1000), st.floats(1, 500), st.floats(1, 60)), max_size=25)


@given(_PLACES, st.floats(-180, 180))
def test_every_line_is_read_once(places: list[Quad], degrees: float) -> None:
    blocks = reading_order(turned(places, degrees))
    assert sorted(n for block in blocks for row in block for cell in row for n in cell) == list(range(len(places)))
    assert all(block and all(row and all(row) for row in block) for block in blocks)

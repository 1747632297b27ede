"""What is said of a page, and how far it has been heard."""

from __future__ import annotations

import pytest

from assistant.turn.page import INCOMPLETE, UNSURE, Edge, Turned, cut_off, cut_off_words, is_legible, turned, written
from assistant.turn.recital import Recital
from assistant.types import Language, TextLine
from tests.fakes.text_reader import place

PROSE = (((0,),), ((1,),))


def lines(*texts: str, confidence: float = 0.99) -> dict[int, TextLine]:
    return {number: TextLine(text, confidence, place(number)) for number, text in enumerate(texts)}


def joined(*texts: str) -> str:
    paragraph = written(PROSE, lines(*texts))
    assert paragraph
    return paragraph.text


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("read the water me-", "ter today", "read the water meter today"),
        ("the Paris-", "London train", "the Paris- London train"),
        ("from 3-", "5 o'clock", "from 3- 5 o'clock"),
        ("take one", "daily", "take one daily"),
        ("因管道维修，", "本小区停水", "因管道维修，本小区停水"),
        ("电话：", "0800 555", "电话： 0800 555"),
        ("请打开 Wi-Fi", "再试", "请打开 Wi-Fi 再试"),
    ],
)
def test_lines_are_joined(first: str, second: str, text: str) -> None:
    assert joined(first, second) == text


def test_the_cells_of_a_row_are_said_one_after_the_other() -> None:
    row = written((((0,), (1,)),), lines("Milk", "1.29"))
    assert row
    assert row.text == "Milk, 1.29"
    assert [(s.text, s.language) for s in row.spoken()] == [("Milk, 1.29", "en")]
    chinese = written((((0,), (1,)),), lines("牛奶", "1.29"))
    assert chinese
    assert chinese.text == "牛奶，1.29"


@pytest.mark.parametrize(
    ("text", "confidence", "legible"),
    [
        ("Milk", 0.51, True),
        ("Milk", 0.49, False),
        ("", 0.0, False),
        ("•", 0.99, False),
        ("7", 0.79, False),
        ("7", 0.8, True),
        ("盐", 0.6, False),
        ("三", 0.98, False),
    ],
)
def test_specks_are_left_out(text: str, confidence: float, legible: bool) -> None:  # noqa: FBT001 - a row of a table
    assert is_legible(TextLine(text, confidence, place(0))) is legible


def test_nothing_is_said_of_a_block_that_could_not_be_made_out() -> None:
    assert written(PROSE, lines("Milk", "Bread", confidence=0.3)) is None


@pytest.mark.parametrize(("text", "language"), [("Expires in May", "en"), ("五月到期", "zh")])
def test_doubt_is_said_first_in_the_language_of_the_text(text: str, language: Language) -> None:
    paragraph = written((((0,),),), lines(text, confidence=0.7))
    assert paragraph
    assert [sentence.text for sentence in paragraph.spoken()] == [UNSURE[language], text]
    assert paragraph.spoken()[0].language == language


def test_what_could_not_be_made_out_is_not_passed_over_in_silence() -> None:
    faint = {0: TextLine("Do not", 0.99, place(0)), 1: TextLine("tzkc it", 0.4, place(1))}
    paragraph = written(PROSE, faint)
    assert paragraph
    assert paragraph.doubtful
    assert [sentence.text for sentence in paragraph.spoken()] == [INCOMPLETE["en"], "Do not"]
    speck = written(PROSE, {**faint, 1: TextLine("k", 0.4, place(1))})
    assert speck
    assert not speck.doubtful


def test_edges_at_which_text_is_cut_off() -> None:
    inside = place(0, left=100, width=200)
    assert cut_off([inside], 640, 480) == []
    assert cut_off([inside, place(1, left=-3)], 640, 480) == [Edge.LEFT]
    assert cut_off([place(1, left=238, width=400)], 640, 480) == [Edge.RIGHT]
    assert cut_off([inside], 640, 60) == [Edge.BOTTOM]
    assert cut_off_words([], "en") == ""
    assert "left" in cut_off_words([Edge.LEFT], "en")
    assert cut_off_words([Edge.LEFT, Edge.RIGHT], "zh").startswith("好几边")


def test_how_a_page_lies() -> None:
    one, two, three, four = place(0)
    assert turned([(one, two, three, four)]) is None
    assert turned([(three, four, one, two)]) is Turned.UPSIDE_DOWN
    down = ((20.0, 20.0), (20.0, 420.0), (0.0, 420.0), (0.0, 20.0))
    assert turned([down]) is Turned.RIGHT
    assert turned([(down[2], down[3], down[0], down[1])]) is Turned.LEFT


@pytest.fixture
def recital() -> Recital:
    """Three paragraphs, of two, one and one sentences, of which the first has been made out."""
    page = Recital([place(row, pitch=60) for row in range(3)], 640, 480)
    page.take(0, TextLine("Dear Ann. We come today.", 0.99, page.places[0]))
    return page


def test_a_page_is_made_out_paragraph_by_paragraph(recital: Recital) -> None:
    assert recital.unread() == [1]
    recital.take(2, TextLine("Yours, Bob", 0.99, recital.places[2]))
    assert [paragraph.text for paragraph in recital.paragraphs] == ["Dear Ann. We come today."]
    recital.take(1, TextLine("Be at home.", 0.99, recital.places[1]))
    assert [paragraph.text for paragraph in recital.paragraphs][1:] == ["Be at home.", "Yours, Bob"]
    assert recital.unread() == []


def test_how_far_it_was_heard(recital: Recital) -> None:
    recital.take(1, TextLine("Be at home.", 0.99, recital.places[1]))
    recital.heard(1)
    assert (recital.position, recital.current) == ((0, 1), 0)
    assert [s.text for s in recital.last_heard()[0]] == ["Dear Ann.", "We come today."]
    assert recital.last_heard()[1] == 1
    recital.heard(1)
    assert (recital.position, recital.current) == ((1, 0), 1)
    recital.heard(1)
    assert (recital.position, recital.current) == ((2, 0), 1)
    assert ([s.text for s in recital.last_heard()[0]], recital.last_heard()[1]) == (["Be at home."], 1)


def test_lines_at_the_edges_are_told(recital: Recital) -> None:
    assert recital.at_edges == []
    page = Recital([place(0), place(1, left=0)], 640, 480)
    assert page.at_edges == [1]
    page.take(1, TextLine("|", 0.3, page.places[1]))
    assert page.cut_off == []  # the edge of a table, rather than text
    page.take(1, TextLine("and so", 0.9, page.places[1]))
    assert page.cut_off == [Edge.LEFT]

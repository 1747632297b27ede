"""The reader of codes, on codes that are drawn: turned, small, blurred, and none at all."""

import cv2
import numpy as np
import pytest
import segno

from assistant.engines.opencv_code_reader import OpenCvCodeReader
from assistant.ports import CodeReader
from assistant.products import full_number
from assistant.types import Code, Frame
from tests.fakes.code_reader import FakeCodeReader
from tests.rendered_codes import bars, check_digit, shown, square

MILK = "4006381333931"


@pytest.fixture
def reader() -> CodeReader:
    return OpenCvCodeReader({})


@pytest.mark.parametrize("made", [OpenCvCodeReader({}), FakeCodeReader()])
def test_a_picture_without_a_code_has_none(made: CodeReader) -> None:
    chance = np.random.default_rng(1)
    for grain in (0.5, 2, 8):
        view = cv2.GaussianBlur(chance.integers(0, 256, (480, 640, 3)).astype(np.float32), (0, 0), grain)
        assert made.read(Frame(cv2.normalize(view, view, 0, 255, cv2.NORM_MINMAX).astype(np.uint8), 0.0)) == []


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 700, 3), (20, 20, 3)])
def test_tiny_pictures_have_none(reader: CodeReader, shape: tuple[int, int, int]) -> None:
    assert reader.read(Frame(np.zeros(shape, np.uint8), 0.0)) == []


@pytest.mark.parametrize("angle", [2, 12, 45, 92, 178])
@pytest.mark.parametrize(("number", "printed"), [(MILK, MILK), ("0012345678905", "012345678905"), ("96385074", "96385074")])
def test_articles_are_read_however_they_are_turned(reader: CodeReader, number: str, printed: str, angle: float) -> None:
    assert reader.read(shown(bars(number), 23 * len(number), angle)) == [Code(printed, is_product=True)]


@pytest.mark.parametrize(("width", "blur"), [(400, 1.5), (300, 1.0), (200, 0.0)])
def test_articles_are_read_blurred_and_small(reader: CodeReader, width: float, blur: float) -> None:
    assert reader.read(shown(bars(MILK), width, 5, blur)) == [Code(MILK, is_product=True)]


def test_no_article_is_read_wrongly(reader: CodeReader) -> None:
    chance = np.random.default_rng(5)
    for _ in range(20):
        number = check_digit("".join(map(str, chance.integers(0, 10, 12))))
        frame = shown(bars(number), chance.uniform(150, 250), chance.uniform(-30, 30), chance.choice([0.0, 1.0, 1.5]), 8)
        assert {full_number(code.text) for code in reader.read(frame)} <= {full_number(number)}


def test_the_table_names_an_article_by_its_american_number_too() -> None:
    reader = OpenCvCodeReader({full_number("012345678905"): "Oat milk"})
    assert reader.read(shown(bars("0012345678905"), 300)) == [Code("012345678905", is_product=True, product="Oat milk")]


@pytest.mark.parametrize("angle", [0, 10, 45, 90, 180])
@pytest.mark.parametrize("text", ["https://example.org/menu?table=7", "WIFI:T:WPA;S:Home;P:secret;;", "今天的菜单：水饺"])
def test_squares_are_read_however_they_are_turned(reader: CodeReader, text: str, angle: float) -> None:
    assert reader.read(shown(square(text), 200, angle)) == [Code(text)]


@pytest.mark.parametrize(("width", "blur"), [(300, 2.0), (200, 1.5), (120, 0.5)])
def test_squares_are_read_blurred_and_small(reader: CodeReader, width: float, blur: float) -> None:
    assert reader.read(shown(square("https://example.org"), width, 5, blur)) == [Code("https://example.org")]


def test_a_square_that_is_seen_but_not_read_is_told_of(reader: CodeReader) -> None:
    assert reader.read(shown(square("https://example.org/" + "x" * 60), 120, 5, 1.0)) == [Code("")]


def test_what_is_no_utf8_does_not_end_in_an_error(reader: CodeReader) -> None:
    kanji = np.array([list(row) for row in segno.make_qr("日本", mode="kanji").matrix], np.uint8)
    drawn = np.kron(255 * (1 - np.pad(kanji, 4)), np.ones((8, 8), np.uint8)).astype(np.uint8)
    assert len(reader.read(shown(drawn, 250))) == 1


def test_both_kinds_are_read_from_a_large_picture(reader: CodeReader) -> None:
    sheet = np.full((3000, 4000), 200, np.uint8)
    for code, left in ((bars(MILK), 400), (square("Hello"), 2400)):
        height, width = code.shape
        sheet[900 : 900 + height, left : left + width] = code
    read = reader.read(Frame(np.repeat(sheet[..., np.newaxis], 3, axis=2), 0.0))
    assert read == [Code(MILK, is_product=True), Code("Hello")]

"""What every text reader promises, asked of the fake and of PP-OCR; then what PP-OCR makes of whole documents."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from documents import CONDITIONS, DOCUMENTS, Document, accuracy, on_a_screen

from assistant import network
from assistant.engines import ppocr_text_reader
from assistant.engines.pillow_picture import read_picture
from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.errors import ModelDamaged, ModelMissing, ReadingFailed
from assistant.ports import TextReader
from assistant.turn.page import Edge, Turned, turned
from assistant.turn.recital import Recital
from assistant.types import Frame, Pixels, Quad, TextLine
from tests.fakes.text_reader import FakeTextReader, place

pytestmark = pytest.mark.usefixtures("scene_fonts", "chinese_font")

BLANK = np.full((800, 600, 3), 255, np.uint8)


@pytest.fixture(scope="module")
def real(ppocr: tuple[Path, Path]) -> PpocrTextReader:
    return PpocrTextReader(lambda: ppocr)


@pytest.fixture(scope="module")
def receipt() -> Document:
    return DOCUMENTS["receipt"]()


@pytest.fixture(params=["fake", pytest.param("ppocr", marks=pytest.mark.weights)])
def reader(request: pytest.FixtureRequest) -> TextReader:
    if request.param == "fake":
        words = ("CORNER SHOP", "Whole milk", "1.29")
        return FakeTextReader(*(TextLine(each, 0.97, place(row)) for row, each in enumerate(words)))
    reader: PpocrTextReader = request.getfixturevalue("real")
    return reader


def read(reader: TextReader, pixels: Pixels) -> Recital:
    """Return a page that was made out as a whole."""
    frame = Frame(pixels, 0.0)
    page = Recital(reader.find(frame), pixels.shape[1], pixels.shape[0])
    while unread := page.unread():
        for number, line in zip(unread, reader.read(frame, [page.places[number] for number in unread]), strict=True):
            page.take(number, line)
    return page


def texts(page: Recital) -> list[str]:
    return [paragraph.text for paragraph in page.paragraphs]


def test_lines_come_in_the_order_in_which_their_places_are_given(reader: TextReader, receipt: Document) -> None:
    frame = Frame(receipt.pixels, 0.0)
    places = reader.find(frame)
    forwards, backwards = list(reader.read(frame, places)), list(reader.read(frame, places[::-1]))
    assert [line.box for line in forwards] == places
    assert backwards == forwards[::-1]
    assert {"CORNER SHOP", "Whole milk"} <= {line.text.removesuffix(" 1 I").removesuffix(" 1 l") for line in forwards}
    assert all(0.9 < line.confidence <= 1 for line in forwards)


def test_boxes_go_clockwise_from_where_reading_begins(reader: TextReader, receipt: Document) -> None:
    for one, two, three, four in reader.find(Frame(receipt.pixels, 0.0)):
        assert one[0] < two[0]
        assert four[0] < three[0]
        assert one[1] < four[1]
        assert two[1] < three[1]


def middle(box: Quad) -> tuple[float, float]:
    across, down = zip(*box, strict=True)
    return sum(across) / 4, sum(down) / 4


def test_a_glimpse_finds_about_what_is_found(reader: TextReader, receipt: Document) -> None:
    frame = Frame(receipt.pixels, 0.0)
    glimpsed, found = reader.glimpse(frame), reader.find(frame)
    assert len(glimpsed) >= 0.8 * len(found)
    for box in glimpsed:
        assert min(math.dist(middle(box), middle(other)) for other in found) < 20


@pytest.mark.weights
def test_a_glimpse_looks_at_a_fifth_of_the_pixels_at_most(
    real: PpocrTextReader, receipt: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time is not measured here, for machines are busy; it goes with what the network is given."""
    looked_at: list[int] = []
    computed = ppocr_text_reader._computed

    def noting(session: object, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        looked_at.append(values.size)
        return computed(session, values)

    monkeypatch.setattr(ppocr_text_reader, "_computed", noting)
    frame = Frame(receipt.pixels, 0.0)
    real.glimpse(frame)
    (glimpse,) = looked_at
    real.find(frame)
    assert glimpse < sum(looked_at[1:]) / 5


def test_each_line_is_read_when_it_is_asked_for(reader: TextReader, receipt: Document) -> None:
    frame = Frame(receipt.pixels, 0.0)
    lines = reader.read(frame, reader.find(frame))
    assert isinstance(lines, Iterator)
    assert next(lines).text
    assert list(reader.read(frame, [])) == []


@pytest.mark.weights
@pytest.mark.parametrize("kind", ["letter", "columns", "receipt", "Chinese letter"])
def test_documents_are_read_in_order(real: PpocrTextReader, kind: str) -> None:
    document = DOCUMENTS[kind]()
    page = read(real, document.pixels)
    assert accuracy(document.truth, texts(page)) >= 0.98  # in Liberation Sans a single l is an I, and 1.7 l is 1.71
    assert len(page.paragraphs) == len(document.truth)
    assert page.cut_off == []
    assert turned(page.places) is None


@pytest.mark.weights
@pytest.mark.parametrize(
    ("kind", "condition", "way"),
    [
        ("medicine", "turned left", Turned.LEFT),
        ("Chinese medicine", "turned right", Turned.RIGHT),
        ("Chinese receipt", "upside down", Turned.UPSIDE_DOWN),
        ("table", "tilted", None),
        ("medicine", "blurred", None),
        ("Chinese medicine", "dark", None),
        ("Chinese receipt", "40 megapixels", None),
        ("letter", "on a screen", None),
        ("menu", "on a screen", None),
    ],
)
def test_a_page_however_it_is_held(real: PpocrTextReader, kind: str, condition: str, way: Turned | None) -> None:
    document = DOCUMENTS[kind]()
    page = read(real, CONDITIONS[condition](document.pixels))
    assert accuracy(document.truth, texts(page)) >= 0.98
    assert len(page.paragraphs) == len(document.truth)
    assert turned(page.places) is way


@pytest.mark.weights
@pytest.mark.parametrize("kind", ["table", "Chinese receipt"])
@pytest.mark.parametrize("softness", [0.3, 0.7])
def test_numbers_on_a_screen_are_doubted_for_its_stripes_hide_points(real: PpocrTextReader, kind: str, softness: float) -> None:
    document = DOCUMENTS[kind]()
    page = read(real, on_a_screen(document.pixels, softness))
    numbers = [paragraph for paragraph in page.paragraphs if re.search(r"\d", paragraph.text)]
    assert numbers or softness < 0.5
    assert all(paragraph.doubtful for paragraph in numbers)
    assert not any(paragraph.doubtful for paragraph in read(real, document.pixels).paragraphs if paragraph.text in document.truth)


@pytest.mark.weights
def test_text_that_is_cut_off(real: PpocrTextReader) -> None:
    assert read(real, DOCUMENTS["medicine"]().pixels[90:450, :700]).cut_off == [Edge.RIGHT, Edge.TOP]


@pytest.mark.weights
@pytest.mark.parametrize("pixels", [BLANK // 8, BLANK[:3, :3], BLANK[:5]])
def test_where_there_is_no_text(real: PpocrTextReader, pixels: Pixels) -> None:
    assert real.find(Frame(pixels, 0.0)) == []
    assert real.glimpse(Frame(pixels, 0.0)) == []


@pytest.mark.weights
def test_what_cannot_be_made_out_is_not_said(real: PpocrTextReader) -> None:
    unreadable = np.asarray(cv2.GaussianBlur(DOCUMENTS["medicine"]().pixels, (0, 0), 14), np.uint8)
    assert texts(read(real, unreadable)) == []
    scene = read_picture(Path(network.__file__).parent / "samples" / "scene.png")
    assert texts(read(real, scene.pixels)) == []


@pytest.mark.weights
def test_what_is_hard_to_read_is_doubtful(real: PpocrTextReader) -> None:
    hard = np.asarray(cv2.GaussianBlur(DOCUMENTS["medicine"]().pixels, (0, 0), 6), np.uint8)
    page = read(real, hard)
    assert "Ibuprofen 400 mg" in page.paragraphs[0].text
    (warning,) = (paragraph for paragraph in page.paragraphs if "Do not" in paragraph.text)  # it is not passed over
    assert warning.doubtful


@pytest.mark.weights
def test_networks_that_are_missing_damaged_or_others(ppocr: tuple[Path, Path], tmp_path: Path) -> None:
    finder, scribe = ppocr
    cut = tmp_path / "cut.onnx"
    cut.write_bytes(finder.read_bytes()[:100_000])
    blank = Frame(BLANK, 0.0)
    with pytest.raises(ModelMissing):
        PpocrTextReader(lambda: (tmp_path / "none.onnx", scribe)).find(blank)
    with pytest.raises(ModelDamaged):
        PpocrTextReader(lambda: (cut, scribe)).find(blank)
    with pytest.raises(ModelDamaged, match="characters"):
        PpocrTextReader(lambda: (finder, Path(shutil.copy(finder, tmp_path)))).find(blank)


@pytest.mark.weights
def test_what_the_library_raises_is_translated(ppocr: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    reader = PpocrTextReader(lambda: ppocr)
    finder, _ = reader._loaded()

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RuntimeError(f"out of memory for {name}")

    monkeypatch.setattr(finder, "_session", Broken())
    with pytest.raises(ReadingFailed, match="out of memory"):
        reader.find(Frame(BLANK, 0.0))


def test_it_is_loaded_when_it_is_first_used(tmp_path: Path) -> None:
    asked = []

    def files() -> tuple[Path, Path]:
        asked.append(True)
        raise ModelMissing("not there", "ppocr")

    reader = PpocrTextReader(files)
    assert asked == []
    for _ in range(2):  # it may have been fetched since
        with pytest.raises(ModelMissing):
            reader.find(Frame(BLANK, 0.0))
    assert len(asked) == 2
    assert not list(tmp_path.iterdir())

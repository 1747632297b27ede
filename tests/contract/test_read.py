"""``POST /read`` of the real service with PP-OCR, and the command."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from documents import DOCUMENTS, tilted
from PIL import Image

from assistant.cli import main
from assistant.engines.file_microphone import read_recording
from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.errors import TooDark
from assistant.types import SAMPLE_RATE, Pixels
from tests.fakes.vision import FakeVision
from tests.serving import client, loaded, serving, settings

pytestmark = [pytest.mark.weights, pytest.mark.usefixtures("scene_fonts", "chinese_font")]


@pytest.fixture(scope="module")
def http(ppocr: tuple[Path, Path]) -> Iterator[httpx.Client]:
    with serving(loaded(FakeVision(), settings(), text_reader=PpocrTextReader(lambda: ppocr))) as url, client(url) as opened:
        yield opened


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_form_with_a_picture_is_read_in_order(http: httpx.Client) -> None:
    receipt = DOCUMENTS["Chinese receipt"]()
    told = http.post("/read", files={"image": png(tilted(receipt.pixels, 180))}).json()
    assert told["text"].split("\n") == list(receipt.truth)
    assert (told["turned"], told["cut_off"]) == ("upside down", [])
    assert (told["height"], told["width"]) == receipt.pixels.shape[:2]
    milk = told["paragraphs"][1]
    assert [line["text"] for line in milk["lines"]] == ["纯牛奶", "12.90"]
    assert milk["doubtful"] is False
    assert all(line["confidence"] > 0.8 for line in milk["lines"])
    (x, y), (end, _), *_ = milk["lines"][0]["box"]
    assert told["width"] / 2 < end < x <= told["width"]  # upside down, it begins on the right
    assert told["height"] / 2 < y < told["height"]


def test_why_nothing_can_be_read(http: httpx.Client) -> None:
    blank = base64.b64encode(png(np.full((600, 600, 3), 255, np.uint8))).decode()
    response = http.post("/read", json={"image": blank, "language": "zh"})
    assert (response.status_code, response.json()["code"]) == (422, "page-white")
    assert "白" in response.json()["detail"]
    assert http.post("/read", json={"image_path": "scene.png"}).json()["code"] in {"illegible", "nothing-to-read"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "picture-not-given"),
        ({"image": "AAAA"}, "picture-format-unknown"),
        ({"image": "AAAA", "image_path": "scene.png"}, "request-wrong"),
        ({"image_path": "../errors.py"}, "picture-not-found"),
        ({"image_path": "scene.png", "prompt": "?"}, "request-wrong"),
    ],
)
def test_what_is_refused(http: httpx.Client, body: dict[str, str], code: str) -> None:
    assert http.post("/read", json=body).json()["code"] == code


def test_the_command_reads_a_file_aloud_and_prints_it(
    ppocr: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert all(path.is_file() for path in ppocr)
    box = DOCUMENTS["Chinese medicine"]()
    page, sound = tmp_path / "page.png", tmp_path / "page.wav"
    page.write_bytes(png(box.pixels))
    assert main(["read", "--image", str(page), "--out", str(sound)]) == 0
    assert capsys.readouterr().out.splitlines() == list(box.truth)
    assert len(read_recording(sound)) > 3 * SAMPLE_RATE
    page.write_bytes(png(np.zeros((400, 400, 3), np.uint8)))
    assert main(["read", "--image", str(page), "--out", str(sound)]) == 1
    assert TooDark("").spoken("en") in capsys.readouterr().err

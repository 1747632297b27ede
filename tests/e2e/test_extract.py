"""``assistant extract``: real print, and the practice model, which can't read documents: what it writes is valid, not confirmed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import documents
import pytest
from PIL import Image

pytestmark = pytest.mark.timeout(120)


def extract(picture: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    speaker = ["--set", "speaker.kind=file", "--set", f"speaker.path={out.with_suffix('.wav')}", "--set", "vision.model=practice"]
    command = [sys.executable, "-m", "assistant", "extract", "--image", str(picture), "--out", str(out), *options, *speaker]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.usefixtures("ppocr")
def test_a_receipt(tmp_path: Path) -> None:
    Image.fromarray(documents.receipt().pixels).save(tmp_path / "receipt.png")
    done = extract(tmp_path / "receipt.png", tmp_path / "receipt.json", "--kind", "receipt")
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "receipt.json").read_text(encoding="utf-8"))
    assert set(told) == {"data", "fields", "complete"}
    assert not told["complete"]  # the practice model has read no receipt, and goes round in circles
    assert set(told["data"]) == {"merchant", "date", "items", "total", "currency"}
    for field in told["fields"]:
        assert (field["evidence"] == "confirmed") <= (field["box"] is not None)


def test_a_schema_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text("{", encoding="utf-8")
    Image.fromarray(documents.receipt().pixels).save(tmp_path / "receipt.png")
    done = extract(tmp_path / "receipt.png", tmp_path / "receipt.json", "--schema", str(tmp_path / "schema.json"))
    assert done.returncode == 1
    assert "its schema has a mistake" in done.stderr

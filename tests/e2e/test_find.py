"""``assistant find``: the practice model says where a thing is in a picture."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import SCENE

pytestmark = pytest.mark.timeout(120)


def test_it_says_where_something_is(tmp_path: Path) -> None:
    voice = tmp_path / "where.wav"
    options = ["--image", str(SCENE), "--out", str(voice), "--set", "vision.model=practice"]
    command = [sys.executable, "-m", "assistant", "find", "椅子", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert "椅子在您右边" in done.stdout
    assert voice.stat().st_size > 20_000

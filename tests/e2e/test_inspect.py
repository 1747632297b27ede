"""``assistant inspect``: where a picture differs from another one, and what the practice model sees there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from tests.serving import SCENE

pytestmark = pytest.mark.timeout(120)


def test_it_says_where_something_was_added(tmp_path: Path) -> None:
    picture = cv2.imread(str(SCENE))
    assert picture is not None
    height, width, _ = picture.shape
    cv2.circle(picture, (width * 9 // 10, height // 10), height // 14, (0, 0, 220), -1)
    after, voice = tmp_path / "after.png", tmp_path / "differences.wav"
    cv2.imwrite(str(after), picture)
    options = ["--reference", str(SCENE), "--image", str(after), "--out", str(voice), "--set", "vision.model=practice"]
    command = [sys.executable, "-m", "assistant", "inspect", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    assert "One place differs: on your right" in done.stdout
    assert voice.stat().st_size > 20_000

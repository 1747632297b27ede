"""The lines in the terminal, and what is left out of them where they are kept."""

import os
from pathlib import Path

import pytest

from assistant.events import Event, Stage
from assistant.observe.console import ConsoleLines

HEARD = Event(Stage.TRANSCRIBED, 0.0, "Where is my insulin?")
LOST = Event(Stage.FAILED, 0.0, "the microphone stopped delivering sound")


def printed(path: Path, monkeypatch: pytest.MonkeyPatch, *, kept: bool) -> str:
    with path.open("w", encoding="utf-8") as output:
        here = os.fstat(output.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{here.st_dev}:{here.st_ino if kept else here.st_ino + 1}")
        monkeypatch.setattr("sys.stdout", output)
        lines = ConsoleLines()
        for event in (HEARD, LOST):
            lines(event)
    return path.read_text(encoding="utf-8")


def test_everything_is_shown_in_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(tmp_path / "out", monkeypatch, kept=False)
    assert "heard: Where is my insulin?" in text
    assert LOST.detail in text


def test_what_was_said_is_left_out_of_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(tmp_path / "out", monkeypatch, kept=True)
    assert "heard\n" in text
    assert "insulin" not in text
    assert LOST.detail in text

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant import cli
from assistant.observe import turn_log
from assistant.observe.turn_log import TurnLog
from assistant.turn.timeline import Mark, Turn
from assistant.types import Utterance


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TurnLog:
    monkeypatch.setattr(turn_log, "state_folder", lambda: tmp_path)
    return TurnLog(tmp_path / "turns.jsonl", "practice")


def turn(first_sound: float) -> Turn:
    marks = {Mark.SPEECH_START: -1.0, Mark.SPEECH_END: 0.0, Mark.TURN_END: 0.7, Mark.FIRST_SOUND: first_sound, Mark.DONE: 3.0}
    return Turn(marks, Utterance(np.zeros(512, np.float32), 1.0))


def test_stats_are_plain_sentences_one_a_line(log: TurnLog, capsys: pytest.CaptureFixture[str]) -> None:
    for first_sound in (1.0, 1.5, 2.5):
        log(turn(first_sound))
    assert cli.main(["stats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Model practice. Turns: 3."
    title = "From the end of a question to the first sound of its answer"
    assert f"{title}: half within 1.50 seconds, 95 of 100 within 2.50 seconds." in lines
    assert all(line.isprintable() and line.endswith(".") for line in lines)


def test_stats_as_figures(log: TurnLog, capsys: pytest.CaptureFixture[str]) -> None:
    log(turn(1.25))
    assert cli.main(["stats", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["practice"]["first_sound"] == {"turns": 1, "p50_ms": 1250, "p95_ms": 1250}


@pytest.mark.usefixtures("log")
def test_stats_before_the_first_turn(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["stats"]) == 0
    assert capsys.readouterr().out.startswith("No turns yet")
    assert cli.main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {}


def test_a_folder_without_a_recording_cannot_be_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", str(tmp_path)]) == 1
    assert "I can't use the folder" in capsys.readouterr().err


def test_a_press_that_nobody_hears_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for option in ([], ["--down"], ["--up"]):
        assert cli.main(["press", *option]) == 1
        assert "No assistant is running." in capsys.readouterr().err


def test_a_press_waits_for_nothing_that_others_need() -> None:
    program = "import sys; from assistant import cli; cli.main(['press']); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"anyio", "assistant.app", "httpx", "onnxruntime", "pydantic"} & set(said.stdout.split())

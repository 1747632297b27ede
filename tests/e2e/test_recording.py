"""``assistant run --record``, ``assistant replay`` and ``assistant stats``, with real weights, a recording as the microphone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import numpy as np
import pytest

from assistant.engines.file_microphone import read_recording
from assistant.turn.prompts import RECORDING
from tests.e2e.assistant_process import AssistantProcess

SAMPLES = Path(__file__).parents[2] / "assistant" / "samples"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "config.toml"
    path.write_text(
        f'[camera]\nsource = "{SAMPLES / "scene.png"}"\n[microphone]\nkind = "file"\npath = "{SAMPLES / "question.wav"}"\n'
        f'[speaker]\nkind = "file"\npath = "{tmp_path / "out.wav"}"\n[transcriber]\nlanguage = "en"\n'
        '[vision]\nmodel = "practice"\ntemperature = 0\nthreads = 1\nn_ctx = 1024\nmax_tokens = 64\n'
        '[conversation]\nbarge_in = "voice"\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.weights
@pytest.mark.timeout(400)
def test_a_conversation_is_recorded_replayed_and_timed(tmp_path: Path, config: Path, whisper_base: Path) -> None:
    assert whisper_base
    folder = tmp_path / "private"
    with AssistantProcess("run", "--config", config, "--record", folder) as program:
        program.wait_for(RECORDING["en"], timeout=180)
        assert program.wait(180) == 0, program.lines
    recorded = json.loads((folder / "turn-0001.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert read_recording(folder / recorded["sound"]).size > 16_000
    assert recorded["text"]
    assert recorded["answer"]

    with AssistantProcess("replay", folder, "--config", config, "--out", tmp_path / "again.wav") as program:
        assert program.wait(180) == 0, program.lines
    assert "Turn 1 of 1." in program.lines
    assert f"Heard the same: {recorded['text']}" in program.lines
    assert f"Answered the same: {recorded['answer']}" in program.lines
    assert np.max(np.abs(read_recording(tmp_path / "again.wav"))) > 0.1

    (log,) = (tmp_path / "state").rglob("turns.jsonl")
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1  # the replay leaves no line
    assert recorded["text"] not in log.read_text(encoding="utf-8")
    with AssistantProcess("stats") as program:
        assert program.wait(120) == 0
    assert program.lines[0] == "Model practice. Turns: 1."


def test_a_folder_that_cannot_be_recorded_in_is_a_spoken_sentence(tmp_path: Path, config: Path) -> None:
    with AssistantProcess("run", "--config", config, "--record", tmp_path) as program:
        assert program.wait() == 1
    assert any("I can't use the folder" in line for line in program.lines), program.lines
    assert np.max(np.abs(read_recording(tmp_path / "out.wav"))) > 0.1

"""What every turn detector promises, asked of the fake and of smart-turn; then what smart-turn promises beside."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.utils import get_assets_path

import assistant
from assistant import parts
from assistant.engines.file_microphone import read_recording
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.errors import HearingFailed, ModelDamaged, ModelMissing
from assistant.events import Event, Stage
from assistant.ports import TurnDetector
from assistant.runtime.watch import Watch
from assistant.types import SAMPLE_RATE, Samples
from tests.fakes.turn_detector import FakeTurnDetector

RECORDINGS = Path(assistant.__file__).parent / "samples"
PAUSE = np.zeros(SAMPLE_RATE // 5, np.float32)


@pytest.fixture(scope="module")
def real(smart_turn: Path) -> SmartTurnDetector:
    return SmartTurnDetector(smart_turn)


@pytest.fixture(params=["fake", pytest.param("smart-turn", marks=pytest.mark.weights)])
def detector(request: pytest.FixtureRequest) -> TurnDetector:
    if request.param == "fake":
        return FakeTurnDetector()
    detector: SmartTurnDetector = request.getfixturevalue("real")
    return detector


def spoken(name: str) -> Samples:
    """Return a recorded question, without the silence around it."""
    samples = read_recording(RECORDINGS / name)
    loud = np.flatnonzero(np.abs(samples) > 0.02)
    return samples[loud[0] : loud[-1] + 1]


def ended(samples: Samples) -> Samples:
    return np.concatenate([samples, PAUSE])


# Of every turn detector


@pytest.mark.parametrize("name", ["question.wav", "question2.wav"])
def test_a_whole_question_is_finished(detector: TurnDetector, name: str) -> None:
    assert 0.5 < detector.finished(ended(spoken(name))) <= 1


def test_the_same_sound_gets_the_same_answer(detector: TurnDetector) -> None:
    question = ended(spoken("question.wav"))
    assert detector.finished(question) == detector.finished(question)


@pytest.mark.parametrize("seconds", [0, 0.03, 7.99, 8, 8.01, 30])
def test_any_length_is_heard(detector: TurnDetector, seconds: float) -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, round(seconds * SAMPLE_RATE)).astype(np.float32)
    assert 0 <= detector.finished(noise) <= 1


def test_the_fake_follows_its_script_and_keeps_what_it_was_asked() -> None:
    detector = FakeTurnDetector([0.2, HearingFailed("as scripted")])
    assert detector.finished(PAUSE) == 0.2
    with pytest.raises(HearingFailed, match="as scripted"):
        detector.finished(PAUSE)
    assert detector.finished(PAUSE) == 1.0
    assert len(detector.asked) == 3


# Of smart-turn


@pytest.mark.weights
def test_half_a_question_is_not_finished(real: SmartTurnDetector) -> None:
    """Of one recording; half of question2.wav, a synthetic "What colour", gets 0.91."""
    question = spoken("question.wav")
    whole, half = real.finished(ended(question)), real.finished(ended(question[: question.size // 2]))
    assert half < 0.5 < whole


@pytest.mark.weights
def test_only_the_last_eight_seconds_count(real: SmartTurnDetector) -> None:
    question = np.pad(ended(spoken("question.wav")), (8 * SAMPLE_RATE, 0))
    before = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert real.finished(np.concatenate([before, question[-8 * SAMPLE_RATE :]])) == real.finished(question)


@pytest.mark.weights
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_numbers_change_nothing_for_later(real: SmartTurnDetector, bad: float) -> None:
    question = ended(spoken("question.wav"))
    before = real.finished(question)
    assert 0 <= real.finished(np.full(SAMPLE_RATE, bad, np.float32)) <= 1
    assert real.finished(question) == before


@pytest.mark.weights
def test_what_the_library_raises_is_translated(smart_turn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def run(self, *_arguments: object) -> None:
            raise RuntimeError("broken")

    detector = SmartTurnDetector(smart_turn)
    monkeypatch.setattr(detector, "_session", Broken())
    with pytest.raises(HearingFailed, match="broken"):
        detector.finished(PAUSE)


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"none\.onnx"):
        SmartTurnDetector(tmp_path / "none.onnx")


@pytest.mark.weights
def test_a_truncated_file_is_damaged(smart_turn: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(smart_turn, tmp_path))
    os.truncate(copy, copy.stat().st_size // 2)
    with pytest.raises(ModelDamaged, match=copy.name):
        SmartTurnDetector(copy)


def test_where_it_is_missing_the_assistant_notes_it_and_does_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))
    events: list[Event] = []
    assert parts.open_turn_detector(Watch([events.append])) is None
    assert [event.stage for event in events] == [Stage.FAILED]
    assert "assistant models get smart-turn" in events[0].detail


def test_another_network_is_damaged() -> None:
    with pytest.raises(ModelDamaged, match="silero"):
        SmartTurnDetector(Path(get_assets_path(), "silero_vad_v6.onnx"))

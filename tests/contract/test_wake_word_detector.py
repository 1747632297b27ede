"""What the real wake word detector promises, heard with a synthetic voice."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.utils import get_assets_path

from assistant import parts
from assistant.config import Config, PushToTalkStartConfig, WakeWordStartConfig
from assistant.engines.open_wake_word_detector import OpenWakeWordDetector
from assistant.errors import HearingFailed, ModelDamaged, ModelMissing
from assistant.models.catalogue import WakeWordFiles
from assistant.ports import WakeWordDetector
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Samples, Seconds
from tests.fakes.wake_word_detector import FakeWakeWordDetector
from tests.person import spoken

BEFORE: Seconds = 1.0
AFTER: Seconds = 1.5
QUIET = AudioBlock(np.zeros(BLOCK_SAMPLES, np.float32))


def in_room(*sounds: Samples) -> Samples:
    """Put pauses around sounds, and a little noise under them."""
    parts = [np.pad(sound, (round(BEFORE * SAMPLE_RATE), round(AFTER * SAMPLE_RATE))) for sound in sounds]
    heard = np.concatenate(parts)
    return heard + np.random.default_rng(0).normal(0, 0.001, heard.size).astype(np.float32)


def hears(detector: WakeWordDetector, samples: Samples) -> list[Seconds]:
    """Return when the word was heard."""
    blocks = samples[: samples.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    return [number * BLOCK_SECONDS for number, block in enumerate(blocks, start=1) if detector.heard(AudioBlock(block))]


def made_of(files: WakeWordFiles, threshold: float = 0.5) -> OpenWakeWordDetector:
    return OpenWakeWordDetector(files.spectrum, files.embedding, files.word, threshold)


@pytest.fixture(scope="module")
def real(hey_jarvis: WakeWordFiles) -> OpenWakeWordDetector:
    return made_of(hey_jarvis)


@pytest.fixture
def detector(real: OpenWakeWordDetector) -> OpenWakeWordDetector:
    real.reset()
    return real


@pytest.mark.weights
@pytest.mark.parametrize("rate", [120, 160])
def test_the_word_is_heard_once_and_soon(detector: OpenWakeWordDetector, rate: int) -> None:
    word = spoken("Hey Jarvis", rate=rate)
    (at,) = hears(detector, in_room(word))
    assert BEFORE + 0.3 < at < BEFORE + word.size / SAMPLE_RATE + 0.5


@pytest.mark.weights
def test_each_time_it_is_said_it_is_heard(detector: OpenWakeWordDetector) -> None:
    word = spoken("Hey Jarvis", rate=160)
    assert len(hears(detector, in_room(word, word, word))) == 3


@pytest.mark.weights
def test_it_is_heard_although_a_question_follows_at_once(detector: OpenWakeWordDetector) -> None:
    assert len(hears(detector, in_room(spoken("Hey Jarvis, what is on my left?", rate=140)))) == 1


@pytest.mark.weights
@pytest.mark.parametrize("text", ["What is on my left?", "Hey Travis", "A jar of jam", "Hey, are there any chairs?"])
def test_other_words_are_not_heard(detector: OpenWakeWordDetector, text: str) -> None:
    assert hears(detector, in_room(spoken(text, rate=160))) == []


@pytest.mark.weights
@pytest.mark.parametrize("level", [0, 0.001, 0.1, 1])
def test_it_does_not_start_with_a_word_that_nobody_said(detector: OpenWakeWordDetector, level: float) -> None:
    noise = np.random.default_rng(1).normal(0, 1, 3 * SAMPLE_RATE).astype(np.float32) * np.float32(level)
    assert hears(detector, noise) == []


@pytest.mark.weights
def test_a_threshold_that_nothing_reaches(hey_jarvis: WakeWordFiles) -> None:
    assert hears(made_of(hey_jarvis, threshold=1.0), in_room(spoken("Hey Jarvis", rate=160))) == []


@pytest.mark.weights
def test_half_of_the_word_is_forgotten(detector: OpenWakeWordDetector) -> None:
    heard = in_room(spoken("Hey Jarvis", rate=160))
    middle = round((BEFORE + 0.4) * SAMPLE_RATE) // BLOCK_SAMPLES * BLOCK_SAMPLES
    assert hears(detector, heard[:middle]) == []
    detector.reset()
    assert hears(detector, heard[middle:]) == []


@pytest.mark.weights
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_numbers_change_nothing_for_later(detector: OpenWakeWordDetector, bad: float) -> None:
    detector.heard(AudioBlock(np.full(BLOCK_SAMPLES, bad, np.float32)))
    assert len(hears(detector, in_room(spoken("Hey Jarvis", rate=160)))) == 1


@pytest.mark.weights
def test_what_the_library_raises_is_translated(hey_jarvis: WakeWordFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def run(self, *_arguments: object) -> None:
            raise RuntimeError("broken")

    detector = made_of(hey_jarvis)
    monkeypatch.setattr(detector._embedding, "_session", Broken())
    with pytest.raises(HearingFailed, match="broken"):
        hears(detector, np.zeros(SAMPLE_RATE, np.float32))


@pytest.mark.weights
def test_files_that_are_missing_damaged_or_another_network(hey_jarvis: WakeWordFiles, tmp_path: Path) -> None:
    spectrum, embedding, word = hey_jarvis.spectrum, hey_jarvis.embedding, hey_jarvis.word
    with pytest.raises(ModelMissing, match=r"none\.onnx"):
        OpenWakeWordDetector(spectrum, embedding, tmp_path / "none.onnx", 0.5)
    copy = Path(shutil.copy(word, tmp_path))
    os.truncate(copy, copy.stat().st_size // 2)
    with pytest.raises(ModelDamaged, match=copy.name):
        OpenWakeWordDetector(spectrum, embedding, copy, 0.5)
    for other in (spectrum, embedding, Path(get_assets_path(), "silero_vad_v6.onnx")):
        with pytest.raises(ModelDamaged, match=other.name):
            OpenWakeWordDetector(spectrum, embedding, other, 0.5)


def test_the_fake_hears_what_its_script_says() -> None:
    detector = FakeWakeWordDetector([1, 2])
    assert [detector.heard(QUIET) for _ in range(4)] == [False, True, True, False]
    detector.reset()
    assert detector.resets == 1


@pytest.mark.weights
def test_own_words_are_given_by_path(hey_jarvis: WakeWordFiles, tmp_path: Path) -> None:
    own = Path(shutil.copy(hey_jarvis.word, tmp_path / "own.onnx"))
    detector = parts.open_wake_word(Config(start=WakeWordStartConfig(kind="wake-word", model=str(own))))
    assert detector is not None
    assert len(hears(detector, in_room(spoken("Hey Jarvis", rate=160)))) == 1


def test_where_no_word_is_needed_none_is_loaded() -> None:
    assert parts.open_wake_word(Config()) is None
    assert parts.open_wake_word(Config(start=PushToTalkStartConfig(kind="push-to-talk"))) is None


def test_where_it_is_missing_it_says_how_to_fetch_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing, match="assistant models get hey-jarvis"):
        parts.open_wake_word(Config(start=WakeWordStartConfig(kind="wake-word")))

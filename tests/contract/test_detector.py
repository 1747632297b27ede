"""What every speech detector promises, asked of the fake and of the real one; then what the real one promises beside."""

from __future__ import annotations

import itertools
import wave
from pathlib import Path

import numpy as np
import pytest

import assistant
from assistant.engines import silero_detector
from assistant.engines.silero_detector import SileroDetector
from assistant.errors import ModelDamaged, ModelMissing
from assistant.ports import SpeechDetector
from assistant.turn.earcons import Earcon, earcon_sound
from assistant.types import BLOCK_SAMPLES, SAMPLE_RATE, AudioBlock, Samples
from tests.fakes.detector import FakeDetector

QUESTION = Path(assistant.__file__).parent / "samples" / "question.wav"
TIME = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
NOISE = np.random.default_rng(0).normal(0, 1, TIME.size)


@pytest.fixture(params=["fake", "silero"])
def detector(request: pytest.FixtureRequest) -> SpeechDetector:
    return FakeDetector() if request.param == "fake" else SileroDetector()


def blocks(samples: Samples) -> list[AudioBlock]:
    starts = range(0, samples.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)
    return [AudioBlock(samples[start : start + BLOCK_SAMPLES].astype(np.float32)) for start in starts]


def question() -> list[AudioBlock]:
    with wave.open(str(QUESTION), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (SAMPLE_RATE, 1, 2)
        return blocks(np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / np.float32(32768))


def test_speech_is_speech_and_the_silence_around_it_is_not(detector: SpeechDetector) -> None:
    heard = [detector.probability(block) for block in question()]
    voiced = [index for index, probability in enumerate(heard) if probability > 0.5]
    assert len(voiced) > 30
    assert 20 <= voiced[0] <= 24  # the recording starts with 0.7 s of silence
    assert max(heard[:10]) < 0.35
    assert max(heard[-8:]) < 0.35


def test_silence_is_not_speech(detector: SpeechDetector) -> None:
    assert max(detector.probability(block) for block in blocks(np.zeros(SAMPLE_RATE, np.float32))) < 0.35


def test_probabilities_are_probabilities(detector: SpeechDetector) -> None:
    assert all(0 <= detector.probability(block) <= 1 for block in question())


def test_after_reset_the_same_sound_gets_the_same_answers(detector: SpeechDetector) -> None:
    first = [detector.probability(block) for block in question()]
    detector.reset()
    assert [detector.probability(block) for block in question()] == first


def test_the_fake_follows_its_script_and_counts_resets() -> None:
    detector = FakeDetector([0.9, 0.1])
    loud = AudioBlock(np.full(BLOCK_SAMPLES, 0.5, np.float32))
    assert [detector.probability(loud) for _ in range(3)] == [0.9, 0.1, 1.0]
    detector.reset()
    assert detector.resets == 1


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(0.05 * NOISE, id="white noise"),
        pytest.param(0.3 * np.sin(2 * np.pi * 440 * TIME), id="tone"),
        pytest.param(0.2 * np.sign(np.sin(2 * np.pi * 50 * TIME)), id="hum"),
        pytest.param(np.where(np.arange(TIME.size) % 8000 < 30, 0.7, 0), id="clicks"),
    ],
)
def test_loud_sounds_that_are_not_speech_start_no_utterance(sound: Samples) -> None:
    detector = SileroDetector()
    heard = [detector.probability(block) for block in blocks(sound)]
    assert np.mean(np.array(heard) > 0.5) < 0.05


def test_the_state_is_kept_between_blocks() -> None:
    block = question()[30]
    detector = SileroDetector()
    assert detector.probability(block) != detector.probability(block)


def test_a_block_that_is_not_numbers_does_not_make_it_deaf() -> None:
    detector = SileroDetector()
    for bad in (np.nan, np.inf, -np.inf):
        assert 0 <= detector.probability(AudioBlock(np.full(BLOCK_SAMPLES, bad, np.float32))) <= 1
    assert max(detector.probability(block) for block in question()) > 0.9


def test_missing_weights_are_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(silero_detector, "get_assets_path", lambda: str(tmp_path))
    with pytest.raises(ModelMissing, match=r"silero_vad_v6\.onnx"):
        SileroDetector()


def test_damaged_weights_are_damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "silero_vad_v6.onnx").write_bytes(b"not a network")
    monkeypatch.setattr(silero_detector, "get_assets_path", lambda: str(tmp_path))
    with pytest.raises(ModelDamaged, match=r"silero_vad_v6\.onnx"):
        SileroDetector()


@pytest.mark.parametrize("earcon", list(Earcon), ids=lambda earcon: earcon.name)
@pytest.mark.parametrize("level", [1.0, 0.1, 0.02], ids=lambda level: f"at {level}")
def test_silero_takes_no_earcon_for_speech(earcon: Earcon, level: float) -> None:
    sound = level * earcon_sound(earcon, SAMPLE_RATE)
    detector = SileroDetector()
    for noise_level, pause in itertools.product((0.0, 0.003), (0.5, 0.517)):
        heard = np.tile(np.concatenate([np.zeros(round(pause * SAMPLE_RATE)), sound, np.zeros(SAMPLE_RATE // 5)]), 2)
        detector.reset()
        assert (
            max(detector.probability(block) for block in blocks(np.asarray(heard + noise_level * NOISE[: heard.size], np.float32)))
            < 0.35
        )

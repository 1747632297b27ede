"""What every echo canceller promises, asked of the fake and of WebRTC's; then how much of an echo WebRTC's leaves."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import assistant
from assistant import parts
from assistant.config import (
    Config,
    DeviceMicrophoneConfig,
    EndpointConfig,
    FileMicrophoneConfig,
    FileSpeakerConfig,
)
from assistant.engines.echo_free_microphone import EchoFreeMicrophone
from assistant.engines.file_microphone import read_recording
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker
from assistant.engines.webrtc_echo_canceller import WebrtcEchoCanceller
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.ports import EchoCanceller
from assistant.turn.endpoint import Endpoint, Voice
from assistant.types import (
    BLOCK_SAMPLES,
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    Seconds,
    SpeechChunk,
    Utterance,
)
from tests.fakes.echo_canceller import FakeEchoCanceller
from tests.fakes.microphone import FakeMicrophone
from tests.person import spoken
from tests.virtual_sound import VirtualSound

QUESTION = Path(assistant.__file__).parent / "samples" / "question.wav"
ANSWER = (
    "There is a wooden table in front of you, with a white cup, a green bottle, and an open book on it. To the left of the table "
    "is a chair. On the chair sits a large brown cat, which looks at you. The sign on the door says: please ring the bell."
)
SPEECH_LEVEL = 0.05
"""The root mean square of somebody who speaks into the microphone."""
LATE = 256
"""How many samples late the cleaned sound is."""


@pytest.fixture(params=["fake", "webrtc"])
def canceller(request: pytest.FixtureRequest) -> EchoCanceller:
    return FakeEchoCanceller() if request.param == "fake" else WebrtcEchoCanceller()


@pytest.fixture(scope="module")
def answer() -> Samples:
    """Return an answer after a second of silence, as loud as the question."""
    return np.concatenate([np.zeros(SAMPLE_RATE, np.float32), _level(spoken(ANSWER))])


@pytest.fixture(scope="module")
def question() -> Samples:
    return _level(read_recording(QUESTION))


def _level(samples: Samples) -> Samples:
    loud = np.abs(samples) > 0.05 * np.max(np.abs(samples))
    return np.asarray(SPEECH_LEVEL * samples / np.sqrt(np.mean(samples[loud] ** 2)), np.float32)


def _echo(far: Samples, decibels: float, delay: Seconds) -> Samples:
    """Return `far` as a room with a reverberation time of 0.3 s gives it back, with a little noise."""
    random, times = np.random.default_rng(1), np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    room = random.normal(0, 0.02, times.size) * 10 ** (-10 * times)
    room[0] = 1.0
    heard = np.convolve(far, room)[: far.size] * 10 ** (decibels / 20)
    late = np.concatenate([np.zeros(round(delay * SAMPLE_RATE)), heard])[: far.size]
    return np.asarray(late + random.normal(0, 0.0003, far.size), np.float32)


def _through(canceller: EchoCanceller, near: Samples, far: Samples, late: frozenset[int] = frozenset()) -> Samples:
    """Return what is left of `near`, block by block, while `far` is played; before `late` blocks its thread is held up."""
    cleaned, given = [], 0
    for number, start in enumerate(range(0, near.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)):
        if number not in late:
            canceller.played((32_768 * far[given : start + BLOCK_SAMPLES]).astype(np.int16), SAMPLE_RATE)
            given = start + BLOCK_SAMPLES
        cleaned.append(canceller.cleaned(AudioBlock(near[start : start + BLOCK_SAMPLES].astype(np.float32))).samples)
    return np.concatenate(cleaned)


def _reduction_db(near: Samples, cleaned: Samples, begin: Seconds, end: Seconds) -> float:
    part = slice(round(begin * SAMPLE_RATE), round(end * SAMPLE_RATE))
    return 10 * float(np.log10(np.mean(near[part] ** 2) / np.mean(cleaned[part] ** 2 + 1e-12)))


def _voices(samples: Samples) -> list[Voice]:
    detector, endpoint, voices = SileroDetector(), Endpoint(EndpointConfig()), list[Voice]()
    for start in range(0, samples.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        block = AudioBlock(samples[start : start + BLOCK_SAMPLES].astype(np.float32))
        voices += endpoint.hear(block, detector.probability(block))
    return voices


# Of every echo canceller


def test_a_block_stays_a_block(canceller: EchoCanceller) -> None:
    for _ in range(5):
        samples = canceller.cleaned(AudioBlock(np.zeros(BLOCK_SAMPLES, np.float32))).samples
        assert samples.shape == (BLOCK_SAMPLES,)
        assert samples.dtype == np.float32


def test_who_speaks_while_nothing_is_played_stays_whole(canceller: EchoCanceller, question: Samples) -> None:
    cleaned = _through(canceller, question, np.zeros_like(question))
    before, after = (np.fft.rfft(samples[: cleaned.size]) for samples in (question, cleaned))
    low = round(150 * cleaned.size / SAMPLE_RATE)  # below, WebRTC's high-pass filter takes some of the hum
    assert abs(10 * np.log10(np.sum(np.abs(after[low:]) ** 2) / np.sum(np.abs(before[low:]) ** 2))) < 1
    after[:low] = 0
    assert int(np.argmax(np.fft.irfft(after * before.conj()))) <= LATE


def test_it_may_be_told_what_is_played_while_it_cleans(canceller: EchoCanceller) -> None:
    stop = threading.Event()

    def play() -> None:
        while not stop.wait(0.001):
            canceller.played(np.full(960, 3_000, np.int16), 48_000)
            canceller.realign()

    playing = threading.Thread(target=play)
    playing.start()
    try:
        for _ in range(200):
            assert np.all(np.isfinite(canceller.cleaned(AudioBlock(np.zeros(BLOCK_SAMPLES, np.float32))).samples))
    finally:
        stop.set()
        playing.join()


# Of WebRTC's


@pytest.mark.parametrize("decibels", [-20, -12, -6, 6])
@pytest.mark.parametrize("delay", [0.07, 0.2, 0.4])
def test_it_takes_the_echo_away(answer: Samples, decibels: float, delay: Seconds) -> None:
    near = _echo(answer, decibels, delay)
    cleaned = _through(WebrtcEchoCanceller(), near, answer)
    assert Voice.PERSISTED in _voices(near)
    assert Voice.PERSISTED not in _voices(cleaned)  # the assistant does not answer itself, from its first word on
    assert _reduction_db(near, cleaned, 4, answer.size / SAMPLE_RATE) > (16 if decibels == -20 else 22)  # the rest is noise


def test_who_speaks_over_an_answer_is_heard(answer: Samples, question: Samples) -> None:
    near = _echo(answer, -6, 0.1)
    near[6 * SAMPLE_RATE :][: question.size] += question
    before, after = np.split(_through(WebrtcEchoCanceller(), near, answer), [6 * SAMPLE_RATE])
    assert Voice.STARTED not in _voices(before)
    assert Voice.PERSISTED in _voices(after)


@pytest.mark.weights
def test_what_is_asked_over_an_answer_is_understood(answer: Samples, question: Samples, whisper_base: Path) -> None:
    near = _echo(answer, -12, 0.1)
    part = slice(6 * SAMPLE_RATE, 6 * SAMPLE_RATE + question.size)
    near[part] += question
    cleaned = _through(WebrtcEchoCanceller(), near, answer)
    transcriber = WhisperTranscriber(whisper_base, "en", 0)
    alone, over = (transcriber.transcribe(Utterance(samples, 0.0)).text for samples in (question, cleaned[part]))
    assert over == alone


def test_with_headphones_it_takes_nothing_away(answer: Samples, question: Samples) -> None:
    near = np.random.default_rng(2).normal(0, 0.0003, answer.size).astype(np.float32)
    at = 3  # an answer sounds from the first second on
    near[at * SAMPLE_RATE :][: question.size] += question
    cleaned = _through(WebrtcEchoCanceller(), near, answer)
    assert Voice.PERSISTED in _voices(cleaned)
    assert abs(_reduction_db(near, cleaned, at, at + question.size / SAMPLE_RATE)) < 2


def test_a_loudspeakers_thread_that_is_late_now_and_then_spoils_nothing(answer: Samples) -> None:
    near = _echo(answer, -6, 0.2)
    late = frozenset(itertools.chain.from_iterable(range(at, at + 2) for at in range(100, 400, 60)))
    cleaned = _through(WebrtcEchoCanceller(), near, answer, late)
    assert _reduction_db(near, cleaned, 4, answer.size / SAMPLE_RATE) > 20


def test_while_it_does_not_know_the_echo_nothing_is_heard(answer: Samples) -> None:
    near = np.concatenate([_echo(answer, -6, 0.2), _echo(answer, -6, 0.3)[SAMPLE_RATE:]])
    far = np.concatenate([answer, answer[SAMPLE_RATE:]])
    canceller = WebrtcEchoCanceller()
    before = _through(canceller, near[: answer.size], far[: answer.size])
    canceller.realign()
    after = _through(canceller, near[answer.size :], far[answer.size :])
    assert Voice.PERSISTED not in _voices(np.concatenate([before, after]))
    assert not np.any(after[4 * BLOCK_SAMPLES : SAMPLE_RATE // 2 - BLOCK_SAMPLES])
    assert np.any(after[SAMPLE_RATE:])


# Of the microphone behind it


def test_the_microphone_is_heard_through_the_canceller_and_told_of_gaps() -> None:
    canceller = FakeEchoCanceller()
    microphone = EchoFreeMicrophone(FakeMicrophone([np.ones(5 * BLOCK_SAMPLES, np.float32)]), canceller)
    blocks = microphone.blocks()
    next(blocks)
    next(blocks)
    microphone.drain()
    assert list(blocks) == []
    assert canceller.cleaned_blocks == 2
    assert canceller.realigned_after == [0, 2]


def test_closing_it_closes_the_microphone() -> None:
    microphone = FakeMicrophone([])
    EchoFreeMicrophone(microphone, FakeEchoCanceller()).close()
    assert microphone.closed


def test_it_is_there_only_between_devices_and_where_it_is_wanted(tmp_path: Path) -> None:
    without = Config(microphone=DeviceMicrophoneConfig(echo_cancelling=False))
    recorded = Config(microphone=FileMicrophoneConfig(kind="file", path=tmp_path / "question.wav"))
    written = Config(speaker=FileSpeakerConfig(kind="file", path=tmp_path / "answer.wav"))
    assert parts.open_echo_canceller(Config()) is not None
    assert [parts.open_echo_canceller(config) for config in (without, recorded, written)] == [None] * 3


# Over sound devices


def test_while_nothing_is_played_what_is_heard_passes_as_it_is_and_as_late_as_ever() -> None:
    random = np.random.default_rng(0)
    heard = random.normal(0, 0.05, 200 * BLOCK_SAMPLES).astype(np.float32)
    canceller, passed = WebrtcEchoCanceller(), list[Samples]()
    for number, block in enumerate(heard.reshape(-1, BLOCK_SAMPLES)):
        if 50 <= number < 60:  # something is played in between, which is not heard
            canceller.played(random.integers(-3000, 3000, BLOCK_SAMPLES).astype(np.int16), SAMPLE_RATE)
        passed.append(canceller.cleaned(AudioBlock(block)).samples)
    late = SAMPLE_RATE * 16 // 1000
    before, after = slice(0, 49 * BLOCK_SAMPLES), slice(100 * BLOCK_SAMPLES, 199 * BLOCK_SAMPLES)
    for part in (before, after):
        assert np.array_equal(np.concatenate(passed)[late:][part], heard[part])


@pytest.fixture
def room(virtual_sound: VirtualSound) -> Iterator[VirtualSound]:
    virtual_sound.ensure()
    with virtual_sound.echoing():
        yield virtual_sound


@pytest.mark.sound
def test_the_assistant_does_not_hear_itself(room: VirtualSound, answer: Samples) -> None:
    canceller = WebrtcEchoCanceller()
    speaker = SounddeviceSpeaker("", canceller.played)
    microphone = SounddeviceMicrophone("")
    cleaned: list[Samples] = []

    def listen() -> None:
        cleaned.extend(block.samples for block in EchoFreeMicrophone(microphone, canceller).blocks())

    listening = threading.Thread(target=listen)
    with room.listening("micfeed") as fed:
        listening.start()
        speaker.play(SpeechChunk((32_768 * answer).astype(np.int16), SAMPLE_RATE))
        speaker.wait()
        time.sleep(0.3)
    microphone.close()
    listening.join()
    speaker.close()
    assert Voice.PERSISTED in _voices(fed.samples)
    assert Voice.PERSISTED not in _voices(np.concatenate(cleaned))
    loudest = [np.sort([np.mean(second**2) for second in _seconds(samples)]) for samples in (fed.samples, np.concatenate(cleaned))]
    assert 10 * np.log10(np.median(loudest[0][-10:]) / np.median(loudest[1][-10:])) > 15


def _seconds(samples: Samples) -> list[Samples]:
    return np.split(samples[: samples.size // SAMPLE_RATE * SAMPLE_RATE], samples.size // SAMPLE_RATE)

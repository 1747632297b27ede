"""The benchmark of echo cancelling: what is left of the assistant's own voice, and who is heard that talks over it.

A loudspeaker that distorts a little plays answers in a room with a reverberation time of 0.3 s, 0.15 s before the microphone hears
them, and somebody speaks over them: with the echo canceller and without. All is computed, so that it is the same at every run; that
the devices' own timing does no harm is for the tests. In a conversation an answer is spoken more softly as soon as somebody begins
to speak; here it is not.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from hearing.questions import QUESTIONS
from hearing.voices import Person, people

from assistant.config import EndpointConfig
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.webrtc_echo_canceller import WebrtcEchoCanceller
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.models.catalogue import whisper_folder
from assistant.turn.endpoint import Endpoint, Voice
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Samples, Seconds, Utterance

ANSWERS = (
    "There is a wooden table in front of you, with a white cup, a green bottle, and an open book on it.",
    "To the left of the table is a chair. On the chair sits a large brown cat, which looks at you.",
    "The sign on the door says: please ring the bell. Below it, in smaller letters, it says closed on Monday.",
    "I count three people. One wears a red coat, the two others wear blue shirts.",
    "The traffic light is red. Wait for the signal before you cross the street.",
)
USUAL_DB = -12
LEVELS_DB = (-60, -20, USUAL_DB, -6, 0)
"""The echo against somebody who speaks: headphones, a loudspeaker at the other end of the table, and one beside the microphone."""
SPEECH_LEVEL = 0.05
"""The root mean square of somebody who speaks."""
NOISE_LEVEL = 0.0005
DELAY: Seconds = 0.15
BEFORE: Seconds = 0.4
AFTER: Seconds = 0.4
"""How much around what is said is written down."""
BETWEEN: Seconds = 1.2
LEARNT: Seconds = 4.0
"""When reduction begins to be counted."""


@dataclasses.dataclass(frozen=True)
class Said:
    """What somebody says over an answer."""

    text: str
    begins: int
    ends: int

    def within(self, sound: Samples) -> Samples:
        """Return it out of what was heard."""
        return sound[self.begins - round(BEFORE * SAMPLE_RATE) : self.ends + round(AFTER * SAMPLE_RATE)]


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument(
        "--minutes", type=float, default=2.0, help="how long the assistant speaks while nobody else does, at each level"
    )
    command.add_argument("--piper", type=Path, metavar="ONNX", help="an English Piper voice, to speak part of all")


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures, with the level in the name where it is not the usual one."""
    persons = [person for person in people(given.piper) if person.language == "en"]
    answers = _answers(persons, 60 * given.minutes)
    transcriber = WhisperTranscriber(whisper_folder("whisper-base"), "en", 0)
    report: dict[str, str | float] = {"voices": ", ".join(person.name for person in persons), "minutes": given.minutes}
    for level in LEVELS_DB:
        figures = _alone(answers, level) | _talked_over(answers, persons, level, transcriber)
        print(f"echo at {level} dB: {', '.join(f'{name} {figure}' for name, figure in figures.items())}", flush=True)
        suffix = "" if level == USUAL_DB else f"_at_minus_{-level}_db"
        report |= {f"{name}{suffix}": figure for name, figure in figures.items()}
    report["echo_cpu_share"] = _cpu_share(answers)
    print(f"of a processor core it takes {report['echo_cpu_share']:.1%}")
    return report


def _alone(answers: Samples, level: float) -> dict[str, float]:
    """Return what is left while nobody else speaks."""
    near = _echo(answers, level)
    cleaned = _through(WebrtcEchoCanceller(), near, answers)
    (voiced, _, interruptions), (voiced_before, _, interruptions_before) = _voiced(cleaned), _voiced(near)
    begin, minutes = int(np.argmax(np.abs(answers) > 0)) + round(DELAY * SAMPLE_RATE), near.size / SAMPLE_RATE / 60
    return {
        "echo_reduction_db": _reduction_db(
            near, cleaned, begin + round(LEARNT * SAMPLE_RATE), cleaned.size
        ),  # bounded by the noise
        "echo_reduction_first_second_db": _reduction_db(near, cleaned, begin, begin + SAMPLE_RATE),
        "echo_voiced_seconds_per_minute": round(voiced / minutes, 2),
        "echo_voiced_seconds_per_minute_uncancelled": round(voiced_before / minutes, 2),
        "echo_interruptions": len(interruptions),  # how often the assistant would have stopped for itself
        "echo_interruptions_uncancelled": len(interruptions_before),
    }


def _talked_over(answers: Samples, persons: Sequence[Person], level: float, transcriber: WhisperTranscriber) -> dict[str, float]:
    """Return how much of what is said over the answers is heard: shares of 1."""
    questions = [question.replace("|", " ") for question in QUESTIONS["en"]]
    person, said = _person(persons, [text for question in questions for text in ("Stop.", question)], answers.size)
    near = _echo(answers, level) + person
    figures: dict[str, float] = {}
    for suffix, heard in (("", _through(WebrtcEchoCanceller(), near, answers)), ("_uncancelled", near)):
        written = {one: _words(transcriber.transcribe(Utterance(one.within(heard), 0.0)).text) for one in said}
        stops = [one for one in said if one.text == "Stop."]
        asked = [one for one in said if one.text != "Stop."]
        starts = _voiced(heard)[1]
        noticed = [one for one in stops if any(one.begins <= at <= one.ends + AFTER * SAMPLE_RATE for at in starts)]
        right = sum(len(_words(one.text) & written[one]) for one in asked)
        figures |= {
            f"stop_noticed_over_answer{suffix}": round(len(noticed) / len(stops), 3),  # at which the answer is spoken more softly
            f"stop_heard_over_answer{suffix}": round(sum("stop" in written[one] for one in stops) / len(stops), 3),
            f"question_words_over_answer{suffix}": round(right / sum(len(_words(one.text)) for one in asked), 3),
        }
    return figures


def _answers(persons: Sequence[Person], seconds: Seconds) -> Samples:
    """Return answers, each by another voice, with a short silence between them."""
    spoken: list[Samples] = [np.zeros(SAMPLE_RATE, np.float32)]
    for person, text in zip(itertools.cycle(persons), itertools.cycle(ANSWERS), strict=False):
        spoken += [_level(person.speak(text)), np.zeros(round(0.3 * SAMPLE_RATE), np.float32)]
        if sum(part.size for part in spoken) > seconds * SAMPLE_RATE:
            return np.concatenate(spoken)[: round(seconds * SAMPLE_RATE)]
    raise AssertionError("cycles end never")


def _person(persons: Sequence[Person], texts: Sequence[str], size: int) -> tuple[Samples, list[Said]]:
    """Return somebody who says `texts`, as far as `size` samples last, and where; not in the voice of the answer."""
    sound, said, at = np.zeros(size, np.float32), list[Said](), round(2 * LEARNT * SAMPLE_RATE)
    for number, text in enumerate(texts):
        spoken = _level(persons[(number + len(persons) // 2) % len(persons)].speak(text))
        if at + spoken.size + SAMPLE_RATE > size:
            break
        sound[at : at + spoken.size] = spoken
        said.append(Said(text, at, at + spoken.size))
        at += spoken.size + round(BETWEEN * SAMPLE_RATE)
    return sound, said


def _level(sound: Samples) -> Samples:
    loud = np.abs(sound) > 0.05 * np.max(np.abs(sound))
    return np.asarray(SPEECH_LEVEL * sound / np.sqrt(np.mean(sound[loud] ** 2)), np.float32)


def _echo(played: Samples, level: float) -> Samples:
    """Return what the microphone hears of `played`: distorted by the loudspeaker, reflected by the room, with noise."""
    random, times = np.random.default_rng(1), np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    room = random.normal(0, 0.02, times.size) * 10 ** (-10 * times)
    room[0] = 1.0
    room = np.concatenate([np.zeros(round(DELAY * SAMPLE_RATE)), room])
    size = played.size + room.size - 1
    distorted = np.tanh(4 * played) / 4
    heard = np.fft.irfft(np.fft.rfft(distorted, size) * np.fft.rfft(room, size), size)[: played.size]
    return np.asarray(10 ** (level / 20) * heard + random.normal(0, NOISE_LEVEL, played.size), np.float32)


def _through(canceller: WebrtcEchoCanceller, near: Samples, far: Samples) -> Samples:
    pcm = (32_768 * far).astype(np.int16)
    cleaned: list[Samples] = []
    for block in _blocks(near):
        start = len(cleaned) * BLOCK_SAMPLES
        canceller.played(pcm[start : start + BLOCK_SAMPLES], SAMPLE_RATE)
        cleaned.append(canceller.cleaned(block).samples)
    return np.concatenate(cleaned)


def _blocks(sound: Samples) -> Iterator[AudioBlock]:
    for start in range(0, sound.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
        yield AudioBlock(sound[start : start + BLOCK_SAMPLES])


def _voiced(sound: Samples) -> tuple[Seconds, list[int], list[int]]:
    """Return how much of it is taken for speech, and at which samples somebody begins to speak, and means to interrupt."""
    config, detector = EndpointConfig(), SileroDetector()
    endpoint, voiced = Endpoint(config), 0.0
    at: dict[Voice, list[int]] = {voice: [] for voice in Voice}
    for number, block in enumerate(_blocks(sound), start=1):
        probability = detector.probability(block)
        voiced += BLOCK_SECONDS * (probability >= config.start_probability)
        for voice in endpoint.hear(block, probability):
            at[voice].append(number * BLOCK_SAMPLES)
    return voiced, at[Voice.STARTED], at[Voice.PERSISTED]


def _reduction_db(near: Samples, cleaned: Samples, begin: int, end: int) -> float:
    left = np.mean(cleaned[begin:end] ** 2) + 1e-12
    return round(10 * float(np.log10(np.mean(near[begin:end] ** 2) / left)), 1)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z']+", text.casefold()))


def _cpu_share(answers: Samples) -> float:
    near = _echo(answers, USUAL_DB)
    start = time.process_time()
    _through(WebrtcEchoCanceller(), near, answers)
    return round((time.process_time() - start) / (answers.size / SAMPLE_RATE), 4)

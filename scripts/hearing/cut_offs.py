"""Who is cut off while they think, and how long is the silence after a question?

The same recordings are heard with a fixed silence, by their sound alone, and as the assistant does it. Time is counted in sound, as
if words were written down in no time, so that how busy the machine is changes nothing. The voices are synthetic, and so are the
pauses: people think differently. Limits were chosen on the other half of the questions and of the voices.
"""

from __future__ import annotations

import dataclasses
import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

import numpy as np
from hearing import room
from hearing.questions import FILLERS, FINISHED, QUESTIONS, halves
from hearing.voices import Person

from assistant.config import EndpointConfig
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import HearingFailed
from assistant.ports import TurnDetector
from assistant.turn.endpoint import Endpoint, Voice
from assistant.turn.thought import Thought, thought
from assistant.types import BLOCK_SECONDS, SAMPLE_RATE, Language, Samples, Seconds, Utterance

QUICKEST_ANSWER: Seconds = 0.35
"""From the end of an utterance to the first sound of its answer, at the very least: the practice model, on a fast machine."""
PAUSES: tuple[Seconds, Seconds] = (0.3, 1.2)
ROOM_DB = -25.0
SHARE_ENGLISH = 0.7
_FILLED = 0.25
"""The share of pauses that begin with a sound of thinking."""
_BEFORE: Seconds = 0.7
_AFTER: Seconds = 2.5
"""How much of the room is heard around a question; after it, longer than the longest pause."""

Kind: TypeAlias = Literal["one breath", "two breaths", "whole"]
"""With a pause cut into one sentence; between halves spoken as sentences of their own, which is harder; without a pause."""


@dataclasses.dataclass(frozen=True)
class Question:
    """A question in a room, with its speech probabilities."""

    heard: room.Heard
    ends_at: Seconds
    """Where its last sound is."""
    resumed_at: Seconds
    """Where the person goes on after the pause; 0 where there is none."""


@dataclasses.dataclass(frozen=True)
class Pause:
    """What a judge knows of a pause."""

    finished: float
    words: str


Judge: TypeAlias = "Callable[[Endpoint, Pause], None]"


def _fixed(_finder: Endpoint, _pause: Pause) -> None:
    """Let the silence be that of what nobody judges."""


def _by_sound(finder: Endpoint, pause: Pause) -> None:
    finder.judged(1.0, Thought.WHOLE) if pause.finished >= 0.5 else finder.judged(0.0, Thought.BROKEN_OFF)  # noqa: PLR2004 - its own


def _as_it_does(finder: Endpoint, pause: Pause) -> None:
    finder.judged(pause.finished, thought(pause.words))


JUDGES: dict[str, Judge] = {"_fixed": _fixed, "_by_sound": _by_sound, "": _as_it_does}
_NAMES = {"_fixed": "a fixed silence", "_by_sound": "the turn detector alone", "": "sound and words together"}


class _Listener:
    """Asks turn detector and Whisper once about each utterance."""

    def __init__(self, detector: TurnDetector, transcriber: WhisperTranscriber) -> None:
        self._detector = detector
        self._transcriber = transcriber
        self._answers: dict[bytes, Pause] = {}

    def __call__(self, utterance: Utterance) -> Pause:
        key = utterance.samples.tobytes()
        if key not in self._answers:
            self._answers[key] = Pause(self._detector.finished(utterance.samples), self._words(utterance))
        return self._answers[key]

    def _words(self, utterance: Utterance) -> str:
        try:
            return self._transcriber.transcribe(utterance).text
        except HearingFailed:  # as the assistant goes on without words
            return ""


def measure(persons: Sequence[Person], count: int, detector: TurnDetector, transcriber: WhisperTranscriber) -> dict[str, float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    ask = _Listener(detector, transcriber)
    kinds: dict[str, Kind] = {"": "one breath", "_two_breaths": "two breaths", "_without_pause": "whole"}
    asked = {
        suffix: list(_questions(persons, count if kind != "two breaths" else count // 2, kind)) for suffix, kind in kinds.items()
    }
    figures: dict[str, float] = {}
    for method, judge in JUDGES.items():
        ends = {suffix: [_end(question, judge, ask) for question in some] for suffix, some in asked.items()}
        for suffix, some in asked.items():
            pairs = list(zip(some, ends[suffix], strict=True))
            spoken_into = sum(end + QUICKEST_ANSWER < question.resumed_at for question, end in pairs)
            early = sum(end < question.ends_at for question, end in pairs)
            figures[f"false_cut_offs{suffix}{method}"] = round(spoken_into / len(pairs), 4)
            figures[f"ended_in_pause{suffix}{method}"] = round(early / len(pairs), 4)
        silences = [end - question.ends_at for question, end in zip(asked["_without_pause"], ends["_without_pause"], strict=True)]
        figures[f"end_silence{method}"] = round(statistics.mean(silences), 3)
        figures[f"end_silence_p95{method}"] = round(float(np.percentile(silences, 95)), 3)
        print(f"{_NAMES[method]}: {figures['false_cut_offs' + method]:.1%} are spoken into in a pause,", end=" ")
        print(f"{figures['ended_in_pause' + method]:.1%} are taken for ended in it;", end=" ")
        print(f"in two breaths {figures['false_cut_offs_two_breaths' + method]:.1%}", end=" ")
        print(f"and {figures['ended_in_pause_two_breaths' + method]:.1%};", end=" ")
        print(f"silence after a question without a pause {figures['end_silence' + method]:.2f} s,", end=" ")
        print(f"p95 {figures['end_silence_p95' + method]:.2f} s", flush=True)
    return figures


def _end(question: Question, judge: Judge, ask: _Listener) -> Seconds:
    """Return where the first utterance ends, as `assistant.runtime.hearing` finds it."""
    finder = Endpoint(EndpointConfig())
    for number, (block, probability) in enumerate(question.heard, start=1):
        voices = finder.hear(block, probability)
        if Voice.PAUSED in voices and finder.persisted:
            judge(finder, ask(finder.utterance()))
        if Voice.ENDED in voices:
            return number * BLOCK_SECONDS
    raise RuntimeError("a question was not heard at all, or its end was not")


def _questions(persons: Sequence[Person], count: int, kind: Kind) -> Iterator[Question]:
    """Yield questions and voices that no limit was chosen on: every other one of each."""
    detector = SileroDetector()
    english = round(SHARE_ENGLISH * count)
    shares: dict[Language, int] = {"en": english, "zh": count - english}
    for language, share in shares.items():
        speakers = [person for person in persons if person.language == language][1::2]
        texts = [halves(text) for text in QUESTIONS[language][1::2]]
        if kind == "whole":
            texts += [(text, "") for text in FINISHED[language][1::2]]
        for number, (first, second) in zip(range(share), itertools.cycle(texts)):
            person = speakers[(number + number // len(texts)) % len(speakers)]
            random = np.random.default_rng((number, len(kind)))  # Piper's sentences are never twice equally long
            yield _in_room(*_spoken(person, first, second, kind, random), random, detector)


def _spoken(person: Person, first: str, second: str, kind: Kind, random: np.random.Generator) -> tuple[Samples, Seconds]:
    """Return a question, and where the person goes on after its pause."""
    if kind == "whole":
        return person.speak(first + (" " if person.language == "en" and second else "") + second), 0.0
    if kind == "one breath":
        begun, rest = person.halves(first, second)
    else:
        begun, rest = person.speak(first + ("," if person.language == "en" else "，")), person.speak(second)
    filler = person.speak(FILLERS[person.language]) * np.float32(0.7) if random.random() < _FILLED else np.zeros(0, np.float32)
    gap, pause = (np.zeros(round(random.uniform(*span) * SAMPLE_RATE), np.float32) for span in ((0.05, 0.2), PAUSES))
    before = np.concatenate([begun, *((gap, filler) if filler.size else ()), pause])
    return np.concatenate([before, rest]), before.size / SAMPLE_RATE


def _in_room(spoken: Samples, resumes_at: Seconds, random: np.random.Generator, detector: SileroDetector) -> Question:
    seconds = _BEFORE + spoken.size / SAMPLE_RATE + _AFTER
    sound = room.echoing(room.mixed([(room.at(spoken, 0), _BEFORE)], seconds), room.NEAR_DB, random)
    sound += room.hiss(seconds, ROOM_DB, random)[: sound.size]
    resumed_at = _BEFORE + resumes_at if resumes_at else 0.0
    return Question(room.heard(sound, detector), _BEFORE + spoken.size / SAMPLE_RATE, resumed_at)

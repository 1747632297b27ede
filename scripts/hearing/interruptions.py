"""What stops an answer: a person who talks over it should, coughs, things, music and people in the background should not.

Each trial is heard by Silero and `Endpoint` as in a conversation: a person asks, is answered, and then something else sounds, or
they speak again. An answer stops when `Voice.PERSISTED` comes. Levels are against a person at arm's length, who asks at 0 dB.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
from hearing import noises, room
from hearing.questions import QUESTIONS, halves
from hearing.recordings import Recordings
from hearing.voices import Person

from assistant.config import EndpointConfig
from assistant.engines.silero_detector import SileroDetector
from assistant.turn.endpoint import Endpoint, Voice
from assistant.types import BLOCK_SECONDS, SAMPLE_RATE, Samples, Seconds

ROOM_DB = -30.0
"""How loud the room and the microphone hiss."""
ECHO_DB = -20.0
"""How loud the assistant itself is heard: an echo canceller's rest, or headphones that leak."""
_BEFORE: Seconds = 0.6
_AFTER: Seconds = 1.0
_ASKED: Seconds = 1.5
"""Silence after the question, which ends it."""
_LEVELS = {"body": (6.0, 0.0, -10.0), "things": (0.0, -10.0), "music": (0.0, -10.0, -20.0), "crowd": (-10.0, -15.0, -20.0),
           "people": (-10.0, -15.0, -20.0, -25.0)}  # fmt: skip
_TALK = {"en": "And then she told me that nobody had been at home, so they left it with the neighbours and came back later.",
         "zh": "然后她告诉我家里没有人，所以他们把东西交给了邻居。"}  # fmt: skip
"""What is said in the background, and by the assistant."""
_USUAL_DB = (0.0, 3.0)
"""How loud a person interrupts, against their question: who talks over something talks louder."""
_SOFTER_DB = (-6.0, -3.0)
"""The same of one who turns or leans away: 6 dB is twice as far from the microphone."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """Something that sounds while an answer is heard."""

    kind: str
    decibels: float
    asked: Samples
    """The question before."""
    sound: Samples
    """From `_BEFORE` seconds before it sounds."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether and when an answer was stopped, in seconds from the beginning of the sound."""

    after: Seconds | None
    by_length_alone: bool
    """Whether it would have been without the loudness."""


def measure(persons: Sequence[Person], recorded: Recordings) -> dict[str, float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    random, detector = np.random.default_rng(11), SileroDetector()
    false = [(trial, _verdict(trial, detector)) for trial in _others(persons, recorded, random)]
    stopped = collections.Counter((t.kind, t.decibels) for t, verdict in false if verdict.after is not None)
    alone = collections.Counter((t.kind, t.decibels) for t, verdict in false if verdict.by_length_alone)
    for (kind, decibels), count in sorted(collections.Counter((t.kind, t.decibels) for t, _ in false).items()):
        print(f"{kind} at {decibels:.0f} dB, {count} times: {stopped[kind, decibels]} stop an answer,", end=" ")
        print(f"{alone[kind, decibels]} without a look at the loudness", flush=True)
    true = [(trial, _verdict(trial, detector)) for trial in _users(persons, recorded, random)]
    usual = [verdict.after for trial, verdict in true if trial.decibels in _USUAL_DB]
    softer = [verdict.after for trial, verdict in true if trial.decibels in _SOFTER_DB]
    delays = [after for after in usual if after is not None]
    figures = {
        "false_interruptions": round(stopped.total() / len(false), 4),
        "false_interruptions_by_length_alone": round(alone.total() / len(false), 4),
        "interruptions_missed": round(usual.count(None) / len(usual), 4),
        "interruptions_missed_softer": round(softer.count(None) / len(softer), 4),  # 3 and 6 dB softer than the question
        "interruption_decision_ms_p95": round(1000 * float(np.percentile(delays, 95)), 1),
    }
    print(f"of {len(false)} other sounds {figures['false_interruptions']:.1%} stop an answer,", end=" ")
    print(f"{figures['false_interruptions_by_length_alone']:.1%} without a look at the loudness")
    print(f"of {len(usual)} interruptions {figures['interruptions_missed']:.1%} are missed,", end=" ")
    print(
        f"{figures['interruptions_missed_softer']:.1%} of those 3 and 6 dB softer than the question; from the voice's onset to the",
        end=" ",
    )
    print(f"decision: median {1000 * np.median(delays):.0f} ms, p95 {figures['interruption_decision_ms_p95']:.0f} ms", flush=True)
    return figures


def _verdict(trial: Trial, detector: SileroDetector) -> Verdict:
    finder = Endpoint(EndpointConfig())
    hiss = room.hiss(_ASKED, ROOM_DB, np.random.default_rng(0))
    started_at = (trial.asked.size + hiss.size) / SAMPLE_RATE
    after, by_length, begun = None, False, False
    for number, (block, probability) in enumerate(room.heard(np.concatenate([trial.asked, hiss, trial.sound]), detector), start=1):
        voices = finder.hear(block, probability)
        now = number * BLOCK_SECONDS
        if now < started_at and Voice.ENDED in voices:
            finder.answered()
        if now > started_at:
            begun |= Voice.STARTED in voices
            by_length |= begun and finder.persisted
            if Voice.PERSISTED in voices and after is None:
                after = now - started_at - _BEFORE
    return Verdict(after, by_length)


def _others(persons: Sequence[Person], recorded: Recordings, random: np.random.Generator) -> Iterator[Trial]:
    """Yield what should not stop an answer."""
    sounds: dict[str, list[Samples]] = {
        "body": [make(random) for make in noises.BODY.values() for _ in range(10)],
        "things": [*(make(random) for make in noises.THINGS.values() for _ in range(6)), *recorded.typing],
        "music": [*(noises.music(random) for _ in range(8)), *recorded.music],
        "crowd": [*recorded.crowd, *(_crowd(persons, random) for _ in range(4))],
        "people": [*(person.speak(_TALK[person.language]) for person in persons), *recorded.people[::2], *recorded.talk],
    }
    for kind, some in sounds.items():
        direct = room.FAR_DB if kind in {"people", "music"} else room.NEAR_DB
        for decibels in _LEVELS[kind]:
            for number, sound in enumerate(some):
                away = room.at(room.echoing(sound, direct, random), decibels)
                yield Trial(kind, decibels, _question(persons, number, random), _during_answer(away, random))
    for number, person in enumerate(persons):
        yield Trial("own echo", ECHO_DB, _question(persons, number + 1, random), _during_answer(_echo(person, random), random))


def _users(persons: Sequence[Person], recorded: Recordings, random: np.random.Generator) -> Iterator[Trial]:
    """Yield interruptions by the person who asked, half of them while the assistant's own voice is heard, too."""
    said = [(person.speak(_whole(person, n)), person.speak(_whole(person, n + 7))) for n, person in enumerate(persons)]
    said += zip(recorded.people[::2], recorded.people[1::2], strict=False)
    for decibels in (*_USUAL_DB, *_SOFTER_DB):
        for number, (first, second) in enumerate(said):
            asked = room.at(room.echoing(first, room.NEAR_DB, random), 0)
            again = room.at(room.echoing(second, room.NEAR_DB, random), decibels)
            echo = _echo(persons[number % len(persons)], random) if number % 2 else None
            yield Trial("user", decibels, asked, _during_answer(again, random, echo))


def _whole(person: Person, number: int) -> str:
    questions = QUESTIONS[person.language]
    return (" " if person.language == "en" else "").join(halves(questions[number % len(questions)]))


def _question(persons: Sequence[Person], number: int, random: np.random.Generator) -> Samples:
    person = persons[number % len(persons)]
    return room.at(room.echoing(person.speak(_whole(person, number)), room.NEAR_DB, random), 0)


def _during_answer(sound: Samples, random: np.random.Generator, echo: Samples | None = None) -> Samples:
    seconds = _BEFORE + sound.size / SAMPLE_RATE + _AFTER
    sounds = [(sound, _BEFORE), *([(echo, 0.0)] if echo is not None else [])]
    return room.mixed(sounds, seconds) + room.hiss(seconds, ROOM_DB, random)[: round(seconds * SAMPLE_RATE)]


def _echo(person: Person, random: np.random.Generator) -> Samples:
    return room.at(room.echoing(person.speak(_TALK[person.language]), 0, random), ECHO_DB)


def _crowd(persons: Sequence[Person], random: np.random.Generator) -> Samples:
    """Return six people who talk at once."""
    some = [persons[number].speak(_whole(persons[number], number)) for number in random.choice(len(persons), 6, replace=False)]
    return room.mixed([(voice, random.uniform(0, 0.5)) for voice in some], 3.0)

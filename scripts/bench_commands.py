"""The benchmark of spoken commands: how many are understood as they are spoken, and how many questions are taken for one?

Commands are spoken by synthetic voices and written down by the real recogniser. Questions are as they are written: thousands of the
practice model's, and some hundred that are nearly in the words of a command.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from hearing.voices import Person, people
from practice.things import KINDS
from practice.wordings import Split, Wordings, phrases

from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.models.catalogue import whisper_folder
from assistant.turn.commands import Command, command_of
from assistant.turn.mention import mentions
from assistant.turn.requests import ReadFrom, Request, request_of
from assistant.types import SAMPLE_RATE, Language, Samples, Utterance

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LANGUAGES: tuple[Language, ...] = ("en", "zh")
SPLITS: tuple[Split, ...] = ("train", "held_out")
NO_QUESTIONS = frozenset(
    {"openers", "openers_before_question", "closers", "here", "see", "thing", "things", "side_left", "side_ahead", "side_right"}
    | {"unknown", "fragments", "greetings"}
)
"""Lists of `practice/wordings.toml` that are parts of questions, or no questions at all."""
COMMANDS_TOO = frozenset(
    {
        "explain the picture to me",
        "tell me more",
        "turn the volume up",
        "what can you do",
        "what did you say",
        "还有呢",
        "声音大一点",
        "声音小一点",
    }
    | {"你能做什么", "你会做什么", "你刚才说什么"}
)
"""What the practice model is asked but need not be, for it is a command."""
ASKED_EACH = 3
"""How often each wording of the practice model is asked, with other fillings, openers and closers."""
BEFORE, AFTER = 0.4, 0.6
"""Seconds of the room around a command."""
ROOM = 3e-4
"""Its noise, where the command has a peak of 0.5."""


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--voices", type=int, default=2, help="how many voices speak each wording")
    command.add_argument("--piper", type=Path, metavar="ONNX", help="an English Piper voice, to speak some of the wordings")


def run(given: argparse.Namespace) -> dict[str, float | int]:
    """Measure, print what comes out, and return the figures under their stable names."""
    transcriber = WhisperTranscriber(whisper_folder("whisper-base"), "auto", 0)
    report: dict[str, float | int] = {}
    understood: dict[tuple[Language, Command], list[bool]] = collections.defaultdict(list)
    persons = people(given.piper)
    for language, command, wording, sound in _spoken(persons, given.voices):
        heard = transcriber.transcribe(Utterance(sound, 0.0)).text
        recognised = command_of(heard)
        understood[language, command].append(recognised is command)
        if recognised is not command:
            print(f"{wording}: written down as {heard!r}, {recognised.value if recognised else 'no command'}", flush=True)
    for (language, command), each in understood.items():
        print(f"{language}, {command.value}: {sum(each)} of {len(each)}")
    for suffix, languages in (("", LANGUAGES), *((f"_{language}", (language,)) for language in LANGUAGES)):
        some = [each for (language, _), outcomes in understood.items() if language in languages for each in outcomes]
        report |= {f"command_recall{suffix}": round(sum(some) / len(some), 4), f"commands_spoken{suffix}": len(some)}
    report |= _requests(transcriber, persons, given.voices)
    questions = list(_asked())
    start = time.process_time()
    # what asks to be read is a question for the practice model, and a command for who wants the whole page
    wrong = [question for question in questions if command_of(question) not in (None, Command.READ)]
    taken_ms = 1000 * (time.process_time() - start) / len(questions)
    print(f"{report['command_recall']:.1%} of the commands understood; of {len(questions)} questions taken for one: {wrong}")
    return report | {
        "command_false_share": len(wrong) / len(questions),
        "command_questions": len(questions),
        "command_ms": round(taken_ms, 3),
    }


def _requests(transcriber: WhisperTranscriber, persons: Sequence[Person], count: int) -> dict[str, float | int]:
    """Return how many requests are understood: what is wanted, and of which thing or from which words on."""
    understood = list[bool]()
    for language in LANGUAGES:
        for wording, sound in _said(_file()["requested"][language].splitlines(), language, persons, count):
            heard = transcriber.transcribe(Utterance(sound, 0.0)).text
            wanted, got = request_of(wording), request_of(heard)
            understood.append(_is_same(got, wanted))
            if not understood[-1]:
                print(f"{wording}: written down as {heard!r}, {got}", flush=True)
    return {"request_recall": round(sum(understood) / len(understood), 4), "requests_spoken": len(understood)}


def _is_same(got: Request | None, wanted: Request | None) -> bool:
    if isinstance(got, ReadFrom) and isinstance(wanted, ReadFrom):
        return mentions(wanted.words, got.words)  # as they are looked for on a page
    return wanted is not None and str(got).casefold() == str(wanted).casefold()


def _spoken(persons: Sequence[Person], count: int) -> Iterator[tuple[Language, Command, str, Samples]]:
    for language in LANGUAGES:
        commands = {wording: Command[name] for name, each in _file()["spoken"][language].items() for wording in each.splitlines()}
        for wording, sound in _said(list(commands), language, persons, count):
            yield language, commands[wording], wording, sound


def _said(wordings: Sequence[str], language: Language, persons: Sequence[Person], count: int) -> Iterator[tuple[str, Samples]]:
    """Yield each wording as so many voices say it, by turns, with a room around it."""
    noise = np.random.default_rng(1)
    turns = itertools.cycle([person for person in persons if person.language == language])
    for wording in wordings:
        for person in itertools.islice(turns, count):
            sound = np.pad(person.speak(wording), (round(BEFORE * SAMPLE_RATE), round(AFTER * SAMPLE_RATE)))
            yield wording, sound + noise.normal(0, ROOM, sound.size).astype(np.float32)


def _asked() -> Iterator[str]:
    for language, split in itertools.product(LANGUAGES, SPLITS):
        chance = random.Random(1)  # noqa: S311 - a benchmark that is the same every time
        wordings = Wordings(split, language, chance)
        for name, lines in phrases(split, language).items():
            if name not in NO_QUESTIONS:
                yield from (line for line in lines if "{" not in line and line not in COMMANDS_TOO)
                for _ in range(ASKED_EACH * len(lines)):
                    question = wordings.ask(name, wordings.noun(chance.choice(KINDS)), chance.choice((0, 1, 2)))
                    if not any(command in question.lower() for command in COMMANDS_TOO):
                        yield question
    for lines in _file()["asked"].values():
        yield from lines.splitlines()


def _file() -> dict[str, Any]:
    with Path(__file__).with_name("commands.toml").open("rb") as file:
        return tomllib.load(file)

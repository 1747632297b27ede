"""Where a mistake could hurt: which questions are recognised as such, and which wrong figures the print gives away.

The questions of ``scripts/stakes.toml`` under ``held_out`` were written after the patterns, by the same hand. The figures
stand on drawn price tags, medicine boxes and dates, in the conditions of ``scripts/documents.py``; the text reader is the real one,
the model is made up: it says every figure once as it stands there, and once with a digit changed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomllib
from documents import CONDITIONS, DOCUMENTS

from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.models.catalogue import text_files
from assistant.turn.crosscheck import doubt_about
from assistant.turn.figures import figures_in
from assistant.turn.stakes import stakes_of
from assistant.types import Frame, Language, Sentence, TextLine

_PRINTED = ("receipt", "table", "menu", "medicine", "Chinese receipt", "Chinese medicine")
_SEEN = ("upright", "upside down", "tilted", "small", "blurred", "dark")
_LANGUAGES: tuple[Language, ...] = ("en", "zh")


def figures() -> dict[str, Any]:
    """Return the shares: of questions by language, and of figures that are right or wrong."""
    report: dict[str, Any] = {}
    asked = tomllib.loads(Path(__file__).with_name("stakes.toml").read_text(encoding="utf-8"))["held_out"]
    for language in _LANGUAGES:
        for kind, name in (("high", "stakes_recognised"), ("harmless", "stakes_false_alarms")):
            questions = asked[language][kind].strip().splitlines()
            found = sum(bool(stakes_of(question, language)) for question in questions)
            report[f"{name}_{language}"] = {"share": round(found / len(questions), 3), "of": len(questions)}
    right, wrong = _checked()
    report["figures_doubted_though_right"] = {"share": round(sum(right) / len(right), 3), "of": len(right)}
    report["figures_wrong_unnoticed"] = {"share": round(1 - sum(wrong) / len(wrong), 3), "of": len(wrong)}
    return report


def _checked() -> tuple[list[bool], list[bool]]:
    """Return, of each figure that is said rightly and of each that is said wrongly, whether it is doubted."""
    reader, dice = PpocrTextReader(text_files), random.Random(1)  # noqa: S311 - the same mistakes at every run
    right, wrong = list[bool](), list[bool]()
    for kind in _PRINTED:
        document = DOCUMENTS[kind]()
        for condition in _SEEN:
            frame = Frame(CONDITIONS[condition](document.pixels), 0.0)
            lines = list(reader.read(frame, reader.find(frame)))
            for figure in _figures_on(document.truth):
                right.append(_is_doubted(figure, lines))
                wrong.append(_is_doubted(_with_another_digit(figure, dice), lines))
    return right, wrong


def _figures_on(truth: tuple[str, ...]) -> Iterator[str]:
    for row in truth:
        for figure in figures_in(row):
            if any(character.isdigit() for character in figure.written):
                yield figure.written


def _with_another_digit(figure: str, dice: random.Random) -> str:
    places = [place for place, character in enumerate(figure) if character.isdigit()]
    place = dice.choice(places)
    digit = dice.choice([other for other in "123456789" if other != figure[place]])
    return figure[:place] + digit + figure[place + 1 :]


def _is_doubted(figure: str, lines: list[TextLine]) -> bool:
    return bool(doubt_about(Sentence(f"It says {figure}.", "en"), lines))

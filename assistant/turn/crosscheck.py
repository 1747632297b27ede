"""Whether what the model says of a print is what stands there, as the text reader reads it: two that rarely err alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from jellyfish import levenshtein_distance

from assistant.turn.figures import DATE, Figure, figures_in
from assistant.turn.page import SURE, is_legible
from assistant.types import Language, Sentence, TextLine

NO_TEXT: Mapping[Language, str] = {
    "en": "I can't read any print to check this with, so it may be wrong: ask a person.",
    "zh": "我读不到可以核对的文字，所以可能不对，请问旁边的人。",
}
UNCHECKED: Mapping[Language, str] = {
    "en": "I could not check this with the print, so it may be wrong: ask a person.",
    "zh": "我没能跟文字核对，所以可能不对，请问旁边的人。",
}
DIFFERS: Mapping[Language, str] = {
    "en": "Careful: I see {said}, but read {read}. Ask a person which is right.",
    "zh": "请注意：我看到的是{said}，读到的却是{read}。请问旁边的人哪个对。",
}
NOT_FOUND: Mapping[Language, str] = {
    "en": "Careful: {said} is nowhere in the print that I can read. Ask a person.",
    "zh": "请注意：我读到的文字里没有{said}。请问旁边的人。",
}
HARD_TO_READ: Mapping[Language, str] = {
    "en": "I can hardly read {said}, so it may be wrong: ask a person.",
    "zh": "我看不太清{said}，可能不对，请问旁边的人。",
}
NAME_NOT_FOUND: Mapping[Language, str] = {
    "en": "No word of that is in the print that I can read. Ask a person.",
    "zh": "我读到的文字里没有这些字。请问旁边的人。",
}
_MOST_READ = 2
"""How many figures of the print are told, where another one is said."""
_LETTERS = 5
"""Of a word that is a name rather than grammar."""
_HAN = re.compile("[\u3400-\u9fff]{2,}")
_PRONOUN = Decimal(1)
"""A bare "one" is a pronoun as a rule, "the red one", and no figure."""


def doubt_about(sentence: Sentence, lines: Sequence[TextLine]) -> str:
    """Return what is said before a sentence whose figures the print does not bear out; empty where it does, or there are none.

    Args:
        sentence: What the model says.
        lines: What was read in the same picture.
    """
    said = [figure for figure in figures_in(sentence.text) if figure.unit or figure.value != _PRONOUN]
    if not said:
        return ""
    language = sentence.language
    read = [(figure, line.confidence) for line in lines if is_legible(line) for figure in figures_in(line.text)]
    if not any(is_legible(line) for line in lines):
        return NO_TEXT[language]
    for figure in said:
        sure = max((confidence for other, confidence in read if _bears_out(other, figure)), default=0.0)
        if sure >= SURE:
            continue
        if sure:
            return HARD_TO_READ[language].format(said=figure.written)
        others = list(dict.fromkeys(other.written for other, _ in read if other.competes_with(figure) and figure.unit))
        if others:
            return DIFFERS[language].format(said=figure.written, read=_listed(others[:_MOST_READ], language))
        return NOT_FOUND[language].format(said=figure.written)
    return ""


def _bears_out(read: Figure, said: Figure) -> bool:
    if read.unit == said.unit == DATE and isinstance(read.value, tuple) and isinstance(said.value, tuple):
        (year, numbers), (said_year, said_numbers) = read.value, said.value
        return said_year in (year, 0) and said_numbers <= numbers  # who says less than is printed is right, too
    return read.agrees_with(said)


def _listed(figures: Sequence[str], language: Language) -> str:
    return ("、" if language == "zh" else " and ").join(figures)


def is_named(text: str, question: str, lines: Sequence[TextLine]) -> bool:
    """Tell whether a word of an answer, which the question does not have, stands in the print.

    Args:
        text: The answer.
        question: What it answers.
        lines: What was read in the same picture.
    """
    print_ = [line.text.casefold() for line in lines if is_legible(line)]
    words = set(_words(text)) - set(_words(question))
    printed = {word for line in print_ for word in _words(line)}
    if any(levenshtein_distance(word, other) <= 1 for word in words for other in printed):
        return True
    pairs = {run[place : place + 2] for run in _HAN.findall(text) for place in range(len(run) - 1)}
    return any(pair in line and pair not in question for pair in pairs for line in print_)


def _words(text: str) -> list[str]:
    return [word for word in re.findall("[a-z]+", text.casefold()) if len(word) >= _LETTERS]

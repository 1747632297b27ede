"""How people put a question: the phrasings of `wordings.toml`, filled in and opened and closed as people do."""

from __future__ import annotations

import dataclasses
import functools
import random as random_module
import sys
from pathlib import Path
from typing import Literal

from practice.answers import MASS, with_article
from practice.things import COLOURS, KINDS, Column, Kind

from assistant.types import Language

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Split = Literal["train", "held_out"]

_OPENED, _OPENED_LATER, _CLOSED, _AMERICAN = 0.35, 0.1, 0.2, 0.3
"""How often a question has an opener, how often one that follows up, how often a closer, American spelling."""
_SYNONYM, _NEEDLESS_PLURAL, _PLURAL = 0.15, 0.03, 0.5
"""How often a kind has another name, is asked for in the plural though there is one, or there are several."""
_THE = ("the ",) * 12 + ("my ",) * 6 + ("that ",) * 2 + ("this ", "our ")
_AGREEMENT = {
    "is": ("is", "are"),
    "does": ("does", "do"),
    "has": ("has", "have"),
    "was": ("was", "were"),
    "it": ("it", "they"),
    "its": ("its", "their"),
    "them": ("it", "them"),
    "is_there": ("is there", "are there"),
    "there_is": ("there is", "there are"),
    "is_it": ("is it", "are they"),
    "one": ("one", "some"),
}
_ONE = {slot: one for slot, (one, _) in _AGREEMENT.items()}
_MANY = {slot: many for slot, (_, many) in _AGREEMENT.items()}
_COLOURS = tuple(COLOURS)
_QUESTION_WORDS = frozenset(
    {"what", "what's", "where", "where's", "how", "how's", "which", "who", "who's", "whose", "whereabouts", "when", "why"}
    | {"is", "are", "am", "was", "were", "do", "does", "did", "can", "could", "would", "will", "should", "might", "may", "must"}
    | {"has", "have", "any", "anything"}
)


@dataclasses.dataclass(frozen=True, slots=True)
class Noun:
    """What a thing is called in a question."""

    one: str
    several: str
    number: Literal["one", "many", "mass"] = "one"
    measure: str = "个"

    def as_several(self) -> Noun:
        """Speak of it in the plural."""
        return self if self.number == "mass" else dataclasses.replace(self, one=self.several, number="many")

    def coloured(self, colour: str) -> Noun:
        """Put a colour before it."""
        return dataclasses.replace(self, one=colour + self.one, several=colour + self.several)


class Wordings:
    """The wordings of one split in one language, drawn at random."""

    def __init__(self, split: Split, language: Language, random: random_module.Random) -> None:
        self._language: Language = language
        self._random = random
        self._phrases = phrases(split, language)
        self._slots = _slots(split, language)

    def noun(self, kind: Kind, *, several: bool = False) -> Noun:
        """What to call a kind: its name or a synonym, now and then in the plural."""
        names = synonyms(self._language).get(kind.en, ())
        own = not names or not self._chance(_SYNONYM)
        noun = kind_noun(kind, self._language) if own else self._random.choice(names)
        plural = self._language == "en" and self._chance(_PLURAL if several else _NEEDLESS_PLURAL)
        return noun.as_several() if plural else noun

    def unknown(self) -> Noun:
        """Name something that is no kind."""
        return read_noun(self._random.choice(self._phrases["unknown"]), self._language)

    def ask(self, phrasing: str, noun: Noun | None = None, column: Column | None = None, *, later: bool = False) -> str:
        """Put a question together.

        Args:
            phrasing: The name of a list in the file.
            noun: What it is about.
            column: What third of the picture it is about.
            later: Whether it follows up another question.
        """
        text = self._random.choice(self._phrases[phrasing])
        if "{" in text:
            text = text.format_map(self._fillings(noun, column))
        return self._chinese(text, later=later) if self._language == "zh" else self._english(text, later=later)

    def garbled(self) -> str:
        """Write what is no question: a greeting, or words without a sense."""
        if self._chance(0.3):
            text = self._random.choice(self._phrases["greetings"])
        else:
            words = self._random.sample(self._phrases["fragments"], self._random.randint(3, 6))
            text = (" " if self._language == "en" else "").join(words)
        return f"{text}。" if self._language == "zh" else f"{text[0].upper()}{text[1:]}."

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _english(self, text: str, *, later: bool) -> str:
        random = self._random
        question = text.split(" ", 1)[0] in _QUESTION_WORDS
        if self._chance(_OPENED_LATER if later else _OPENED):
            asks = question and not later and self._chance(0.5)
            opener = random.choice(self._phrases["openers_before_question" if asks else "openers"])
            text = f"{opener}{random.choice((' ', ', '))}{text}"
        if self._chance(_CLOSED):
            text = f"{text}{random.choice((' ', ', '))}{random.choice(self._phrases['closers'])}"
        if self._chance(_AMERICAN):
            text = text.replace("colour", "color").replace("centre", "center")
        return f"{text[0].upper()}{text[1:]}{'?' if question or later else random.choice('.?')}"

    def _chinese(self, text: str, *, later: bool) -> str:
        random = self._random
        if self._chance(_OPENED_LATER if later else _OPENED):
            text = f"{random.choice(self._phrases['openers'])}{random.choice(('', '，'))}{text}"
        if self._chance(_CLOSED):
            text = f"{text}，{random.choice(self._phrases['closers'])}"
        return text + random.choice("？？。")

    def _fillings(self, noun: Noun | None, column: Column | None) -> _Fillings:
        fillings = _Fillings(self._slots, self._random)
        if column is not None:
            fillings["side"] = fillings[("side_left", "side_ahead", "side_right")[column]]
        colour = self._random.choice(_COLOURS)
        fillings["any_colour"] = colour if self._language == "en" else COLOURS[colour][0]
        if noun is None:
            return fillings
        fillings |= {"x": noun.one, "xs": noun.several, "m": noun.measure}
        if self._language == "en":
            fillings |= _MANY if noun.number == "many" else _ONE
            fillings["are_there"] = "is there" if noun.number == "mass" else "are there"
            fillings["the"] = self._random.choice(_THE) + noun.one
            if noun.number == "many":
                fillings["the"] = fillings["the"].replace("that ", "those ").replace("this ", "these ")
            fillings["a"] = (
                with_article(noun.one) if noun.number == "one" else self._random.choice(("any ", "some ", "")) + noun.one
            )
        return fillings


class _Fillings(dict[str, str]):
    """What stands for each slot; what is not given is drawn from the list of that name."""

    def __init__(self, lists: dict[str, list[str]], random: random_module.Random) -> None:
        super().__init__()
        self._lists = lists
        self._random = random

    def __missing__(self, slot: str) -> str:
        if slot == "any_side":
            slot = self._random.choice(("side_left", "side_right"))
        return self._random.choice(self._lists[slot])


@functools.cache
def _file() -> dict[str, dict[str, dict[str, str]]]:
    with Path(__file__).with_name("wordings.toml").open("rb") as file:
        return tomllib.load(file)


@functools.cache
def phrases(split: Split, language: Language) -> dict[str, list[str]]:
    """By name: the lists of the file."""
    return {name: lines.splitlines() for name, lines in _file()[split][language].items()}


@functools.cache
def _slots(split: Split, language: Language) -> dict[str, list[str]]:
    """What may stand for a slot: parts of a question that was held out may have been trained on."""
    own = phrases(split, language)
    return {
        name: [*lines, *(own.get(name, []) if split == "held_out" else [])] for name, lines in phrases("train", language).items()
    }


@functools.cache
def synonyms(language: Language) -> dict[str, tuple[Noun, ...]]:
    """By English name of a kind: what else it is called, in questions only."""
    measures = {kind.en: kind.zh_measure for kind in KINDS}
    rows = {name.replace("_", " "): words.split(", ") for name, words in _file()["synonyms"][language].items()}
    return {name: tuple(read_noun(word, language, measures.get(name, "个")) for word in words) for name, words in rows.items()}


@functools.cache
def read_noun(word: str, language: Language, measure: str = "个") -> Noun:
    """Read a noun of the file: "mug" (plural by rule), "man|men", "pants|pants" (plural only), "money|" (not counted)."""
    one, bar, several = word.partition("|")
    if language == "zh" or (bar and not several):
        return Noun(one, one, "one" if language == "zh" else "mass", measure)
    return Noun(one, several or _plural(one), "many" if several == one else "one")


@functools.cache
def kind_noun(kind: Kind, language: Language) -> Noun:
    """Call a kind by its own name."""
    if language == "zh":
        return Noun(kind.zh, kind.zh, "one", kind.zh_measure)
    return Noun(kind.en, kind.en_plural, "mass" if kind.en in MASS else "many" if kind.is_plural else "one")


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{noun}s"

"""What is asked about a scene, in many wordings, each question with its one right answer."""

from __future__ import annotations

import collections
import dataclasses
import functools
import random as random_module
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar, cast, get_args

from practice import answers
from practice.answers import SIGN, Item
from practice.recognised import as_recognised
from practice.things import COLOURS, KINDS, Column, Kind, Scene
from practice.wordings import Noun, Split, Wordings, kind_noun

from assistant.types import Language

Ability = Literal[
    "naming", "place", "presence", "count", "colour", "sign", "follow_up", "refusal", "describe", "distance", "json", "box"
]
ABILITIES: tuple[Ability, ...] = get_args(Ability)

_RECOGNISED = 0.45
"""How often a question is written as a recogniser writes it."""
_ALIKE = """\
cup bottle plate spoon
knife spoon scissors
car bus truck train
bicycle motorcycle wheelchair
dog cat bird
person baby
lamp traffic_light candle
clock watch
glasses watch camera
hat umbrella shirt
shirt trousers socks shoe
phone camera television laptop
book letter box banknote
bed sofa chair
chair wheelchair
toilet bathtub
door window mirror
tree flower
backpack handbag basket
box basket bin
pen toothbrush candle
key knife hammer
apple ball egg
apple banana carrot
bread cake pizza
stairs ladder
medicine soap egg
guitar spoon"""
"""Kinds that are taken for one another, by looks or by name."""
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer."""

    question: str
    answer: str


@dataclasses.dataclass(frozen=True, slots=True)
class Dialogue:
    """One or more turns; the last is the one that is scored."""

    ability: Ability
    language: Language
    turns: tuple[Turn, ...]


def dialogue(scene: Scene, ability: Ability, language: Language, split: Split, random: random_module.Random) -> Dialogue:
    """Ask about a scene. A question that takes seeing where nothing can be seen is refused: its ability becomes "refusal"."""
    turns = _Asked(scene, language, split, random).turns(ability)
    if random.random() < _RECOGNISED:
        turns = tuple(Turn(as_recognised(turn.question, language, random), turn.answer) for turn in turns)
    if scene.condition != "clear":
        ability = "refusal"
        without_seeing = (answers.CANNOT_TELL[language], answers.CANNOT_JUDGE[language], answers.NOT_UNDERSTOOD[language])
        unseen = answers.NOTHING_SEEN[scene.condition][language]
        turns = tuple(turn if turn.answer in without_seeing else Turn(turn.question, unseen) for turn in turns)
    return Dialogue(ability, language, turns)


class _Asked:
    """Asks about one scene."""

    def __init__(self, scene: Scene, language: Language, split: Split, random: random_module.Random) -> None:
        self._scene = scene
        self._language: Language = language
        self._random = random
        self._wordings = Wordings(split, language, random)
        self._seen = answers.items(scene)

    def turns(self, ability: Ability) -> tuple[Turn, ...]:
        if ability == "follow_up":
            return self._follow_up()
        ask: Callable[[], Turn] = {
            "naming": self._naming,
            "presence": self._presence,
            "count": self._count,
            "refusal": self._refusal,
            "place": lambda: self._about("place", self._subject(with_sign=True)),
            "box": lambda: self._about("box", self._subject(with_sign=True)),
            "colour": lambda: self._about("colour", self._subject()),
            "distance": lambda: self._about("distance", self._subject()),
            "describe": lambda: self._about_all("describe", answers.describe(self._seen, self._language)),
            "sign": lambda: self._about_all("sign", answers.sign(self._scene, self._language)),
            "json": lambda: self._about_all("json", answers.as_json(self._seen, self._language)),
        }[ability]
        return (ask(),)

    def _naming(self) -> Turn:
        if len(self._seen) == 1 and not self._scene.sign and self._chance(0.3):
            return self._about_all("naming_this", answers.naming(self._seen, self._language))
        return self._column(cast("Column", self._random.randrange(3)))

    def _count(self) -> Turn:
        if self._chance(0.4):
            return self._about_all("count_all", answers.count_all(self._seen, self._language))
        return self._about("count", self._subject())

    def _presence(self) -> Turn:
        present = self._chance(0.5)
        painted = [item for item in self._seen if item.kind.painted]
        if painted and self._chance(0.15):
            return self._coloured_presence(self._random.choice(painted), present=present)
        return self._about("presence", self._subject(present=float(present), with_sign=True))

    def _coloured_presence(self, item: Item, *, present: bool) -> Turn:
        """Ask for "a red cup" where there is one, or where the cup is blue and perhaps the chair is red."""
        colour, found = item.colour, self._found(item.kind)
        if not present:
            others = {other.colour for other in self._seen if other.colour in COLOURS} - {colour}
            colour, found = self._one_of(others or COLOURS.keys() - {colour}), []
        noun = self._wordings.noun(item.kind, several=len(found) > 1)
        noun = noun.coloured(f"{colour} " if self._language == "en" else f"{COLOURS[colour][0]}的")
        return Turn(self._wordings.ask("presence", noun), answers.presence(item.kind, found, self._language, colour))

    def _refusal(self) -> Turn:
        sort = self._random.choices(("cannot_tell", "cannot_judge", "unknown", "garbled"), (30, 25, 35, 10))[0]
        if sort == "garbled":
            return Turn(self._wordings.garbled(), answers.NOT_UNDERSTOOD[self._language])
        if sort == "unknown":
            phrasing = self._random.choice(("presence", "presence", "place", "place", "colour", "distance", "count"))
            return Turn(self._wordings.ask(phrasing, self._wordings.unknown()), answers.UNKNOWN_THING[self._language])
        answer = answers.CANNOT_TELL if sort == "cannot_tell" else answers.CANNOT_JUDGE
        noun = self._wordings.noun(self._random.choice(KINDS))
        return Turn(self._wordings.ask(sort, noun), answer[self._language])

    def _follow_up(self) -> tuple[Turn, ...]:
        numbers = collections.Counter(item.kind for item in self._seen)
        single = [kind for kind, number in numbers.items() if number == 1 and kind != SIGN]
        several = [kind for kind, number in numbers.items() if number > 1]
        choices = [self._another_column, self._another_kind]
        if single:
            choices += [lambda: self._more_about(self._random.choice(single))] * 3
        if single or several:
            choices += [lambda: self._how_many(self._random.choice(several or single))]
        if numbers:
            choices += [lambda: self._what_else(self._random.choice(list(numbers)))]
        if self._scene.sign:
            choices += [self._what_it_says]
        return self._random.choice(choices)()

    def _more_about(self, kind: Kind) -> tuple[Turn, ...]:
        """Ask about a kind that is there once, or what is where it is, then about "it"."""
        item = self._found(kind)[0]
        alone = sum(other.column == item.column for other in self._seen) == 1
        first = self._random.choice(("place", "presence", "colour", "distance", *["naming"] * alone))
        noun = kind_noun(kind, self._language) if first == "naming" else self._wordings.noun(kind)
        opening = self._column(item.column) if first == "naming" else self._about(first, kind, noun=noun)
        more = [about for about in ("place", "colour", "distance") if about != first]
        more = self._random.sample(more, 2 if self._chance(0.15) else 1)
        return opening, *(self._about(about, kind, f"it_{about}", noun) for about in more)

    def _how_many(self, kind: Kind) -> tuple[Turn, ...]:
        noun = self._wordings.noun(kind, several=True)
        opening = self._about(self._random.choice(("place", "colour", "distance", "presence")), kind, noun=noun)
        return opening, self._about("count", kind, "it_count", noun)

    def _another_kind(self) -> tuple[Turn, ...]:
        about = self._random.choice(("place", "presence", "colour", "distance", "count"))
        one = self._subject()
        others = {item.kind for item in self._seen} - {one, SIGN}
        other = self._one_of(others) if others and self._chance(0.6) else self._absent_kind(others | {one})
        phrasing = f"another_{about}" if about in {"presence", "count"} else "another"
        return self._about(about, one), self._about(about, other, phrasing)

    def _another_column(self) -> tuple[Turn, ...]:
        columns: list[Column] = self._random.sample((0, 1, 2), 3 if self._chance(0.1) else 2)
        return self._column(columns[0]), *(self._column(column, "another_column") for column in columns[1:])

    def _what_else(self, kind: Kind) -> tuple[Turn, ...]:
        about = self._random.choice(("place", "presence") if kind == SIGN else ("place", "presence", "colour", "distance"))
        rest = [item for item in self._seen if item.kind != kind]
        nothing = "Nothing else." if self._language == "en" else "没有别的了。"
        answer = answers.describe(rest, self._language) if rest else nothing
        return self._about(about, kind), Turn(self._wordings.ask("else", later=True), answer)

    def _what_it_says(self) -> tuple[Turn, ...]:
        opening = self._about(self._random.choice(("place", "presence")), SIGN)
        return opening, Turn(self._wordings.ask("it_sign", later=True), answers.sign(self._scene, self._language))

    def _about_all(self, phrasing: str, answer: str) -> Turn:
        return Turn(self._wordings.ask(phrasing), answer)

    def _column(self, column: Column, phrasing: str = "naming") -> Turn:
        here = [item for item in self._seen if item.column == column]
        question = self._wordings.ask(phrasing, column=column, later=phrasing != "naming")
        return Turn(question, answers.naming(here, self._language))

    def _about(self, about: str, kind: Kind, phrasing: str = "", noun: Noun | None = None) -> Turn:
        """Ask one thing about a kind; with a phrasing of its own where it follows up another question."""
        found = self._found(kind)
        question = self._wordings.ask(
            phrasing or about, noun or self._wordings.noun(kind, several=len(found) > 1), later=bool(phrasing)
        )
        answer = {
            "place": answers.place,
            "presence": answers.presence,
            "count": answers.count,
            "colour": answers.colour,
            "distance": answers.distance,
            "box": answers.box,
        }[about](kind, found, self._language)
        return Turn(question, answer)

    def _found(self, kind: Kind) -> list[Item]:
        return [item for item in self._seen if item.kind == kind]

    def _subject(self, *, present: float = 0.8, with_sign: bool = False) -> Kind:
        """Choose what to ask about: with that probability something that is there, if anything is."""
        there = {item.kind for item in self._seen if with_sign or item.kind != SIGN}
        if there and self._chance(present):
            return self._one_of(there)
        return self._absent_kind(there, with_sign=with_sign)

    def _absent_kind(self, there: set[Kind], *, with_sign: bool = False) -> Kind:
        """Choose what is not there; half of the time something like what is there, or what the sign says."""
        if with_sign and not self._scene.sign and self._chance(0.03):
            return SIGN
        if self._chance(0.5):
            alike = {other for kind in there for other in _alike().get(kind.en, ())}
            if self._scene.sign:
                alike |= {kind for kind in KINDS if kind.en.upper() in self._scene.sign.text.split()}
            if alike - there:
                return self._one_of(alike - there)
        while (kind := self._random.choice(KINDS)) in there:
            pass
        return kind

    def _one_of(self, those: Iterable[T]) -> T:
        """Choose one, the same at every run: sets have no order of their own."""
        return self._random.choice(sorted(those, key=repr))

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


@functools.cache
def _alike() -> dict[str, set[Kind]]:
    """By English name: the other kinds it is taken for."""
    by_name = {kind.en.replace(" ", "_"): kind for kind in KINDS}
    alike: dict[str, set[Kind]] = collections.defaultdict(set)
    for line in _ALIKE.splitlines():
        group = {by_name[name] for name in line.split()}
        for kind in group:
            alike[kind.en] |= group - {kind}
    return alike

"""How well it describes continuously: ten minutes of a walk that is drawn, in each language, in virtual time.

A camera passes along a street of known things, forth and now and again back, and rests at times. A scripted model tells what is in
view in other words each time, and overlooks things as models do. Once more it also uses words that the product's lists do not know.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import random
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from unittest import mock

import anyio
import numpy as np
from trio.testing import MockClock

from assistant.config import Anticipation
from assistant.ports import VisionModel
from assistant.runtime import asking, describing
from assistant.runtime.describing import Describing
from assistant.turn.description import Length, Subject
from assistant.turn.earcons import Earcon
from assistant.turn.preferences import Preferences
from assistant.types import AnswerChunk, Cancellation, Frame, Language, Pixels, Question, Seconds, Sentence

LANGUAGES: tuple[Language, ...] = ("en", "zh")
ANTICIPATIONS: tuple[Anticipation, ...] = ("on-speech", "always")
MINUTES = 10
_HELD_OUT = 200
"""The first walk that is measured: times were chosen on those from 0 on, and lists of names made longer after those from 100 on."""
_HEIGHT, _WIDTH = 240, 320
_SPEED = 40.0
"""Pixels a second: a thing is in view for eight seconds."""
_SPACING = 110
_LOOK_AND_WRITE: Seconds = 1.8
"""How long both take, as of a laptop's graphics card."""
_OVERLOOKED = 0.15
"""How often the model does not speak of a thing that it sees."""
_BACK: Seconds = 60.0
_DANGER_BACK: Seconds = 20.0
"""How long something was out of sight when telling it again is no repetition."""
_WORTH_TELLING: Seconds = 4.0
"""How long something must have been in view to count as missed."""
_MARGIN = 30
"""Pixels of a thing that must be in the picture to be seen."""

_DANGERS: Mapping[Language, str] = {
    "en": "stairs/steps/staircase|bicycle/bike|dog/puppy|car/taxi/vehicle|pole/bollard/post|hole/pothole|puddle|ladder|bus"
    "|kerb/curb",
    "zh": "楼梯/台阶|自行车/单车|狗/小狗|汽车/轿车|柱子/灯柱|坑|水坑|梯子|公交车/巴士|路沿/马路牙子",
}
_OTHERS: Mapping[Language, str] = {
    "en": "bench/seat|tree/oak|man/guy/person|woman/lady|shop/store|door/entrance|bin/trash can/dustbin|table/desk|cup/mug|chair"
    "|fountain|statue/sculpture|hedge/bush|fence|clock|kiosk/stall|letter box/mailbox|window|umbrella|suitcase",
    "zh": "长椅/长凳|树/大树|男人/男士|女人/女士|商店/店铺|大门/门口|垃圾桶/垃圾箱|桌子/餐桌|杯子/水杯"
    "|椅子|喷泉|雕像/塑像|灌木|围墙|时钟|报亭|邮筒/信箱|窗户|雨伞|行李箱",
}
"""Things by what they may be called, all in words of the product's lists, which were made longer for some of these."""
_UNLISTED: Mapping[Language, Mapping[str, str]] = {
    "en": {"bench": "pew", "tree": "sapling", "bin": "receptacle", "statue": "bust", "hedge": "thicket", "kiosk": "newsstand"}
    | {"letter box": "mail slot"},
    "zh": {"长椅": "条凳", "垃圾桶": "废物箱", "雕像": "石像", "邮筒": "投信口"},
}
"""One more name for some of them, which is in no list."""
_LOOKS: Mapping[Language, Sequence[str]] = {
    "en": ("", "", "large ", "small ", "red ", "blue ", "old "),
    "zh": ("", "", "大的", "红色的", "旧的", "白色的"),
}
_SIDES: Mapping[Language, Sequence[Sequence[str]]] = {
    "en": (
        ("on your left", "to the left", "on the left side"),
        ("ahead", "in the middle", "in front"),
        ("on your right", "to the right"),
    ),
    "zh": (("左边", "您的左侧", "左手边"), ("前面", "前方", "中间"), ("右边", "您的右侧", "右手边")),
}
_CLAUSES: Mapping[Language, Sequence[str]] = {
    "en": (
        "a {look}{name} {side}",
        "{side}, a {look}{name}",
        "there is a {look}{name} {side}",
        "a {look}{name} can be seen {side}",
    ),
    "zh": ("{side}有一个{look}{name}", "{side}是{look}{name}", "{side}能看到{look}{name}", "{look}{name}在{side}"),
}


@dataclasses.dataclass(frozen=True)
class Thing:
    """Something in the street."""

    names: tuple[str, ...]
    danger: bool
    at: int
    """The middle of it, in pixels from the street's beginning."""


class Walk:
    """The street, and where the camera is in it at what time.

    Args:
        language: Of the names of things.
        seed: Which walk.
        unlisted: Whether some things have one more name.
    """

    def __init__(self, language: Language, seed: int, *, unlisted: bool) -> None:
        self._more_names = _UNLISTED[language] if unlisted else {}
        self._random = random.Random(seed)  # noqa: S311 - the same walk at every run
        noise = np.random.default_rng(seed)
        self._legs = list(self._stroll())
        length = int(max(begin + speed * lasts for _, lasts, begin, speed in self._legs)) + 2 * _WIDTH
        self.things = list(self._furnish(language, length))
        coarse = noise.integers(70, 150, (_HEIGHT // 24 + 1, length // 24 + 1, 3))
        street = np.kron(coarse, np.ones((24, 24, 1), np.int64))[:_HEIGHT, :length]
        for thing in self.things:
            half = 28
            street[60:200, thing.at - half : thing.at + half] = noise.integers(0, 256, 3)
        self._street = street.astype(np.uint8)
        self._noise = noise.integers(0, 7, (_HEIGHT, _WIDTH, 3), np.uint8)

    def _stroll(self) -> Iterator[tuple[Seconds, Seconds, float, float]]:
        """Yield the legs of the walk: when each begins, how long it takes, where it begins and how fast it is."""
        now, place = 0.0, float(_WIDTH)
        while now < 60 * MINUTES:
            lasts = self._random.uniform(15, 35)
            speed = _SPEED * self._random.choice((0, 1, 1, -1 if place > 5 * _WIDTH else 1, 0))
            lasts = min(lasts, 12.0) if speed < 0 else lasts
            yield now, lasts, place, speed
            now, place = now + lasts, place + speed * lasts

    def _furnish(self, language: Language, length: int) -> Iterator[Thing]:
        kinds = [(names, True) for names in _DANGERS[language].split("|")] + [
            (names, False) for names in _OTHERS[language].split("|")
        ]
        places = iter(range(_SPACING, length - _SPACING, _SPACING))
        while True:
            for names, danger in self._random.sample(kinds, len(kinds)):
                if (place := next(places, None)) is None:
                    return
                known = names.split("/")
                more = self._more_names.get(known[0])
                yield Thing((*known, more) if more else tuple(known), danger, place)

    def place(self, now: Seconds) -> tuple[float, bool]:
        """Return the left edge of the view, and whether the camera walks."""
        began, _, begin, speed = max(leg for leg in self._legs if leg[0] <= now)
        return begin + speed * (now - began), speed != 0

    def frame(self, now: Seconds) -> Frame:
        """Return what the camera sees; a hand sways and a sensor is noisy."""
        left = round(self.place(now)[0] + self._random.uniform(-2, 2))
        pixels: Pixels = self._street[:, left : left + _WIDTH] + np.roll(self._noise, self._random.randrange(_WIDTH), axis=1)
        return Frame(pixels, now)

    def in_view(self, now: Seconds) -> list[Thing]:
        """Return what is in the picture, and large enough."""
        left, _ = self.place(now)
        return [thing for thing in self.things if left + _MARGIN <= thing.at <= left + _WIDTH - _MARGIN]


class Narrator:
    """The part of a vision model that is used; it is shown what is in view.

    Args:
        walk: Where it is.
        language: In which it describes.
        seed: How it words things.
    """

    def __init__(self, walk: Walk, language: Language, seed: int) -> None:
        self._walk = walk
        self._language = language
        self._random = random.Random(seed)  # noqa: S311 - the same words at every run
        self.sees: list[Thing] = []
        self.left = 0.0
        self.mentioned: list[tuple[Seconds, Thing]] = []

    def answer(self, question: Question, _cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Describe what it sees, at most one thing or two in a short description."""
        seen = [thing for thing in self.sees if self._random.random() > _OVERLOOKED]
        self._random.shuffle(seen)
        if question.writing.max_tokens == Length.SHORT.value:
            seen = sorted(seen, key=lambda thing: not thing.danger)[: self._random.choice((1, 2, 2))]
        self.mentioned += [(anyio.current_time(), thing) for thing in seen]
        text = ""
        for thing in seen:
            side = self._random.choice(_SIDES[self._language][min(2, max(0, int(3 * (thing.at - self.left) / _WIDTH)))])
            name = self._random.choice((thing.names[0], *thing.names))
            clause = self._random.choice(_CLAUSES[self._language])
            clause = clause.format(look=self._random.choice(_LOOKS[self._language]), name=name, side=side)
            if not text or text.endswith((".", "。")):
                text += (" " if text and self._language == "en" else "") + clause[0].upper() + clause[1:]
            elif self._language == "en":
                text += self._random.choice((", ", " and ", ", and ")) + clause
            else:
                text += "，" + clause
            if self._random.random() < 0.5:  # noqa: PLR2004 - every other one ends a sentence
                text += "。" if self._language == "zh" else "."
        yield AnswerChunk(text if text.endswith((".", "。")) else f"{text}." if text else "Nothing.")

    def remember(self, question: Question, heard: str) -> None:
        """Do nothing."""

    def forget_last(self) -> None:
        """Do nothing."""


class _Eyes:
    """Eyes that see the walk. A look takes its time, which is virtual."""

    def __init__(self, walk: Walk, narrator: Narrator) -> None:
        self._walk = walk
        self._narrator = narrator
        self.looks: list[tuple[Seconds, tuple[Thing, ...]]] = []

    def begin(self) -> None:
        """Do nothing."""

    async def glimpse(self) -> Frame:
        """Return what the camera shows."""
        return self._walk.frame(anyio.current_time())

    async def make_sure(self) -> None:
        """Show the model what is in view, and let the time pass that it takes to look and write."""
        now = anyio.current_time()
        self._narrator.sees, self._narrator.left = self._walk.in_view(now), self._walk.place(now)[0]
        self.looks.append((now, tuple(self._narrator.sees)))
        await anyio.sleep(_LOOK_AND_WRITE)


class _Mouth:
    """Says things in as much virtual time as they take."""

    def __init__(self, eyes: _Eyes) -> None:
        self.preferences = Preferences()
        self.chimes = self
        self._eyes = eyes
        self.told: list[tuple[Seconds, tuple[str, ...], tuple[Thing, ...]]] = []
        """When what was said, and what was in view when it had been looked."""

    async def play(self, _earcon: Earcon) -> None:
        """Do nothing."""

    async def volunteer(
        self, _question: Question | None, sentences: Sequence[Sentence], _vision: VisionModel, at_end: Callable[[int], None]
    ) -> None:
        """Say something."""
        at, seen = self._eyes.looks[-1]
        self.told.append((at, tuple(sentence.text for sentence in sentences), seen))
        await anyio.sleep(sum(_words(sentence.text) for sentence in sentences) * 60 / self.preferences.rate)
        at_end(len(sentences))


def _words(text: str) -> float:
    """Return how many words a text has; two Chinese characters count for one."""
    return len(re.findall("[\u3400-\u9fff]", text)) / 2 + len(re.findall(r"[A-Za-z']+", text))


def _named(text: str, seen: Sequence[Thing], language: Language) -> dict[Thing, str]:
    """Return which of the things in view a text names, in its order, and how."""
    by_name = {name: thing for thing in seen for name in thing.names}
    edge = r"\b" if language == "en" else ""
    names = "|".join(sorted(by_name, key=len, reverse=True))
    return {by_name[name]: name for name in re.findall(f"{edge}(?:{names}){edge}", text.casefold()) if name}


@contextlib.contextmanager
def _no_threads() -> Iterator[None]:
    """Have blocking calls made on the loop itself: virtual time does not wait for threads."""

    async def in_thread(call: Callable[[], Any]) -> object:
        return call()

    async def for_each(make: Callable[[], Iterator[Any]], take: Callable[[Any], None], **_options: object) -> None:
        for item in make():
            take(item)

    with mock.patch.object(describing, "in_thread", in_thread), mock.patch.object(asking, "for_each", for_each):
        yield


def walked(language: Language, seed: int, anticipate: Anticipation, *, unlisted: bool = False) -> dict[str, float]:
    """Return the counts of one walk, on a machine that may work so much unasked."""
    walk = Walk(language, seed, unlisted=unlisted)
    narrator = Narrator(walk, language, seed)
    eyes = _Eyes(walk, narrator)
    mouth = _Mouth(eyes)

    async def speak_up(job: Callable[[], Awaitable[None]]) -> None:
        await job()

    async def describe() -> None:
        parts: Any = (eyes, narrator, None, mouth, None)
        describer = Describing(*parts, anticipate=anticipate)
        describer.begin(Subject.EVERYTHING, language)
        with anyio.move_on_after(60 * MINUTES):
            await describer.run(lambda: True, speak_up)

    with _no_threads():
        anyio.run(describe, backend="trio", backend_options={"clock": MockClock(autojump_threshold=0)})
    return _counts(walk, narrator, eyes, mouth, language)


def _visits(walk: Walk) -> dict[Thing, list[list[Seconds]]]:
    """Return from when to when each thing was in view; what was out of sight for a moment only was there all the time."""
    visits: dict[Thing, list[list[Seconds]]] = {}
    for tick in range(2 * 60 * MINUTES + 2):
        for thing in walk.in_view(tick / 2):
            mine = visits.setdefault(thing, [])
            if mine and tick / 2 - mine[-1][1] < (_DANGER_BACK if thing.danger else _BACK):
                mine[-1][1] = tick / 2
            else:
                mine.append([tick / 2, tick / 2])
    return visits


def _counts(walk: Walk, narrator: Narrator, eyes: _Eyes, mouth: _Mouth, language: Language) -> dict[str, float]:
    visits = _visits(walk)
    told: dict[tuple[Thing, Seconds], list[str]] = {}
    dangers = first = told_things = 0
    for at, sentences, seen in mouth.told:
        named = _named(" ".join(sentences), seen, language)
        told_things += len(named)
        for thing, name in named.items():
            begin = next(begin for begin, end in visits[thing] if begin - 1 <= at <= end + 1)
            told.setdefault((thing, begin), []).append(name)
        if any(thing.danger for thing in named) and not all(thing.danger for thing in named):
            dangers += 1
            first += next(iter(named)).danger
    long_enough = [(thing, begin, end) for thing, stays in visits.items() for begin, end in stays if end - begin >= _WORTH_TELLING]
    missed = [visit for visit in long_enough if (visit[0], visit[1]) not in told]
    unmentioned = [
        (thing, begin)
        for thing, begin, end in missed
        if not any(thing is mentioned and begin <= at <= end + _LOOK_AND_WRITE for at, mentioned in narrator.mentioned)
    ]
    moving = sum(walk.place(tick / 2)[1] for tick in range(2 * 60 * MINUTES)) / 120
    words = {
        walks: sum(_words(" ".join(said)) for at, said, _ in mouth.told if walk.place(at)[1] is walks) for walks in (True, False)
    }
    looks = {walks: sum(walk.place(at)[1] is walks for at, _ in eyes.looks) for walks in (True, False)}
    return {
        "told": told_things,
        "duplicates": sum(len(names) - 1 for names in told.values()),
        "duplicates_by_one_name": sum(len(names) - len(set(names)) for names in told.values()),
        "duplicates_of_dangers": sum(len(names) - 1 for (thing, _), names in told.items() if thing.danger),
        "visits": len(long_enough),
        "danger_visits": sum(thing.danger for thing, _, _ in long_enough),
        "missed": len(missed),
        "missed_dangers": sum(thing.danger for thing, _, _ in missed),
        "missed_by_the_model": len(unmentioned),
        "mixed": dangers,
        "danger_first": first,
        "minutes_moving": moving,
        "words_moving": words[True],
        "words_still": words[False],
        "looks_moving": looks[True],
        "looks_still": looks[False],
    }


def figures(walks: int = 2) -> dict[str, Any]:
    """Return what came of so many walks of ten minutes in each language, on a machine that may not run hot, and on one that may."""
    spared, free = (_figures(walks, anticipate) for anticipate in ANTICIPATIONS)
    report: dict[str, Any] = {f"continuous_{name}": figure for name, figure in spared.items()}
    names = ("missed", "missed_dangers", "missed_unmentioned", "words_a_minute", "looks_a_minute")
    strange = _figures(walks, ANTICIPATIONS[0], unlisted=True)
    report |= {f"continuous_{name}_unlisted": strange[name] for name in ("told", "duplicates", "duplicates_of_dangers")}
    return report | {f"continuous_{name}_free": free[name] for name in names}


def _figures(walks: int, anticipate: Anticipation, *, unlisted: bool = False) -> dict[str, Any]:
    total: dict[str, float] = collections.defaultdict(float)
    for language in LANGUAGES:
        for seed in range(_HELD_OUT, _HELD_OUT + walks):
            for name, count in walked(language, seed, anticipate, unlisted=unlisted).items():
                total[name] += count
                total[f"{language} {name}"] += count
    minutes = MINUTES * walks * len(LANGUAGES)
    still = minutes - total["minutes_moving"]
    return {
        "minutes": minutes,
        "told": total["told"],
        "duplicates": {language: total[f"{language} duplicates"] for language in LANGUAGES},
        "duplicates_by_one_name": total["duplicates_by_one_name"],
        "duplicates_of_dangers": total["duplicates_of_dangers"],
        "missed": round(total["missed"] / total["visits"], 3),
        "missed_dangers": round(total["missed_dangers"] / total["danger_visits"], 3),
        "missed_unmentioned": round(total["missed_by_the_model"] / total["visits"], 3),
        "dangers_first": round(total["danger_first"] / max(1, total["mixed"]), 3),
        "words_a_minute": {
            "moving": round(total["words_moving"] / total["minutes_moving"], 1),
            "still": round(total["words_still"] / still, 1),
        },
        "looks_a_minute": {
            "moving": round(total["looks_moving"] / total["minutes_moving"], 1),
            "still": round(total["looks_still"] / still, 1),
        },
    }


if __name__ == "__main__":
    for key, value in figures().items():
        print(f"{key}: {value}")

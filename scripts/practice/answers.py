"""The one right answer to each sort of question about a scene, in English and Chinese, from the user's own body."""

from __future__ import annotations

import collections
import dataclasses
import json
from collections.abc import Sequence

from practice.things import COLOURS, KINDS, Column, Condition, Kind, Scene

from assistant.types import Language

SIGN = Kind("", "sign", "signs", "牌子", "个", "several")
MASS = frozenset({"soap", "bread", "medicine"})
"""What English does not count, though its plural is written the same: the soap is red."""
_UNITS = {
    "stairs": ("flight of", "flights of"),
    "glasses": ("pair of", "pairs of"),
    "scissors": ("pair of", "pairs of"),
    "trousers": ("pair of", "pairs of"),
    "socks": ("pair of", "pairs of"),
    "medicine": ("pack of", "packs of"),
    "bread": ("loaf of", "loaves of"),
    "soap": ("bar of", "bars of"),
}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
_ZH_NUMBERS = "零一两三四五六"
"""There are six places for things: near and far in each column."""
_ON_YOUR_SIDE = ("on your left", "ahead", "on your right")
_ZH_SIDES = ("左边", "前面", "右边")

CANNOT_TELL = {"en": "I can't tell that from the picture.", "zh": "这个我从画面上看不出来。"}
CANNOT_JUDGE = {"en": "I can't judge that. Please ask a person.", "zh": "这个我不能判断，请问问身边的人。"}
UNKNOWN_THING = {"en": "I don't know that thing.", "zh": "我不认识这种东西。"}
NOT_UNDERSTOOD = {"en": "I did not understand. Please ask again.", "zh": "我没听懂，请再说一遍。"}
NOTHING_SEEN: dict[Condition, dict[Language, str]] = {
    "dark": {"en": "It is too dark, I can't see. Turn on a light.", "zh": "太暗了，我看不见。请开灯。"},
    "covered": {"en": "Something covers the camera.", "zh": "镜头被挡住了。"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """A thing or the sign, as it is spoken of."""

    kind: Kind
    column: Column
    near: bool | None
    """None for the sign, whose distance is not spoken of."""
    colour: str
    box: tuple[float, float, float, float]


def items(scene: Scene) -> tuple[Item, ...]:
    """All there is, left to right, near before far, the sign last in its column."""
    seen = [Item(KINDS[thing.kind], thing.column, thing.near, thing.colour, thing.box) for thing in scene.things]
    seen.sort(key=lambda item: (item.column, not item.near))
    if scene.sign:
        place = sum(item.column <= scene.sign.column for item in seen)
        seen.insert(place, Item(SIGN, scene.sign.column, None, "several", scene.sign.box))
    return tuple(seen)


def with_article(noun: str, *, bare: bool = False) -> str:
    """Return "a cup", "an apple"; the noun itself where it takes no article."""
    if bare:
        return noun
    vowel = noun[0] in "aeio" or (noun[0] == "u" and not noun.startswith(("uni", "uku")))
    return f"{'an' if vowel else 'a'} {noun}"


def _one(kind: Kind, colour: str = "") -> str:
    return with_article(f"{colour} {kind.en}".strip(), bare=kind.is_plural)


def _several(kind: Kind, number: int, colour: str = "") -> str:
    name = kind.en if number == 1 else kind.en_plural
    unit = _UNITS[kind.en][number > 1] if kind.en in _UNITS else ""
    return " ".join(filter(None, (_NUMBERS[number], unit, colour, name)))


def _zh_several(kind: Kind, number: int, colour: str = "") -> str:
    return f"{_ZH_NUMBERS[number]}{kind.zh_measure}{_zh_colour(colour)}{kind.zh}"


def _zh_colour(colour: str) -> str:
    return f"{COLOURS[colour][0]}的" if colour else ""


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _and(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]


def _zh_and(parts: Sequence[str]) -> str:
    return f"{'、'.join(parts[:-1])}和{parts[-1]}" if len(parts) > 1 else parts[0]


def naming(seen: Sequence[Item], language: Language) -> str:
    """What is in one column."""
    if not seen:
        return "Nothing." if language == "en" else "没有东西。"
    if language == "en":
        parts = [_one(item.kind) + ("" if item.near is None else ", near" if item.near else ", far") for item in seen]
        return _sentence(", and ".join(filter(None, (", ".join(parts[:-1]), parts[-1]))))
    parts = [("" if item.near is None else "近处" if item.near else "远处") + f"有{item.kind.zh}" for item in seen]
    if len(parts) > 1 and seen[-1].kind == SIGN:
        parts[-1] = f"还{parts[-1]}"
    return f"{'，'.join(parts)}。"


def describe(seen: Sequence[Item], language: Language) -> str:
    """All of `seen`, column by column."""
    if not seen:
        return "I see nothing." if language == "en" else "我什么也没看到。"
    columns = []
    for column in (0, 1, 2):
        here = collections.Counter(item.kind for item in seen if item.column == column)
        if not here:
            continue
        if language == "en":
            names = [_one(kind) if number == 1 else _several(kind, number) for kind, number in here.items()]
            columns.append(f"{_and(names)} {_ON_YOUR_SIDE[column]}")
        else:
            names = [kind.zh if number == 1 else _zh_several(kind, number) for kind, number in here.items()]
            columns.append(f"{_ZH_SIDES[column]}有{_zh_and(names)}")
    return _sentence(_and(columns)) if language == "en" else f"{'，'.join(columns)}。"


def absent(kind: Kind, language: Language, colour: str = "") -> str:
    """That no such thing is to be seen."""
    return f"I don't see {_one(kind, colour)}." if language == "en" else f"我没看到{_zh_colour(colour)}{kind.zh}。"


def place(kind: Kind, found: Sequence[Item], language: Language) -> str:
    """Where those that were found are."""
    if not found:
        return absent(kind, language)
    columns = sorted({item.column for item in found})
    near = found[0].near if len(found) == 1 else None
    if language == "en":
        distance = "" if near is None else ", near" if near else ", far"
        return _sentence(_and([_ON_YOUR_SIDE[column] for column in columns]) + distance)
    distance = "" if near is None else "，近处" if near else "，远处"
    return f"在您{_zh_and([_ZH_SIDES[column] for column in columns])}{distance}。"


def presence(kind: Kind, found: Sequence[Item], language: Language, colour: str = "") -> str:
    """Whether there is one, perhaps one of that colour."""
    number = len(found)
    if language == "en":
        if not found:
            return f"No, {absent(kind, language, colour)}"
        what = f"{_one(kind, colour)}, {_ON_YOUR_SIDE[found[0].column]}" if number == 1 else _several(kind, number, colour)
        return f"Yes, {what}."
    if not found:
        return f"没有，{absent(kind, language, colour)}"
    one = f"{_zh_colour(colour)}{kind.zh}在您{_ZH_SIDES[found[0].column]}"
    return f"有，{one if number == 1 else _zh_several(kind, number, colour)}。"


def count(kind: Kind, found: Sequence[Item], language: Language) -> str:
    """How many of a kind."""
    if not found:
        return absent(kind, language)
    return _sentence(_several(kind, len(found))) if language == "en" else f"{_zh_several(kind, len(found))}。"


def count_all(seen: Sequence[Item], language: Language) -> str:
    """How many things; a sign is none, yet it is not passed over where it is all there is."""
    number = sum(item.kind != SIGN for item in seen)
    if number:
        things = "thing" if number == 1 else "things"
        return f"{_NUMBERS[number].capitalize()} {things}." if language == "en" else f"{_ZH_NUMBERS[number]}个东西。"
    if seen:
        return "Only a sign." if language == "en" else "只有牌子。"
    return describe((), language)


def colour(kind: Kind, found: Sequence[Item], language: Language) -> str:
    """What colour they are: all of a kind have the same."""
    if not found:
        return absent(kind, language)
    its = found[0].colour
    if language == "zh":
        return f"{kind.zh}有好几种颜色。" if its == "several" else f"{kind.zh}是{COLOURS[its][0]}的。"
    name, many = _the(kind, len(found))
    if its == "several":
        return f"{name} {'have' if many else 'has'} several colours."
    return f"{name} {'are' if many else 'is'} {its}."


def distance(kind: Kind, found: Sequence[Item], language: Language) -> str:
    """How far away they are."""
    if not found:
        return absent(kind, language)
    near = sum(item.near is True for item in found)
    far = len(found) - near
    if near and far:
        if language == "zh":
            return f"{_ZH_NUMBERS[near]}{kind.zh_measure}近，{_ZH_NUMBERS[far]}{kind.zh_measure}远。"
        near_ones, far_ones = (f"{_NUMBERS[number]} {'is' if number == 1 else 'are'}" for number in (near, far))
        return f"{near_ones.capitalize()} near, {far_ones} far."
    if language == "zh":
        return f"{kind.zh}离您很近。" if near else f"{kind.zh}比较远。"
    name, many = _the(kind, len(found))
    return f"{name} {'are' if many else 'is'} {'near you' if near else 'far away'}."


def _the(kind: Kind, number: int) -> tuple[str, bool]:
    many = kind.en not in MASS and (kind.is_plural or number > 1)
    return f"The {kind.en_plural if number > 1 else kind.en}", many


def sign(scene: Scene, language: Language) -> str:
    """What the sign says."""
    if not scene.sign:
        return absent(SIGN, language)
    return f"It says {scene.sign.text}." if language == "en" else f"上面写着{scene.sign.text}。"


def as_json(seen: Sequence[Item], language: Language) -> str:
    """All of `seen` as a JSON list."""
    if language == "en":
        rows = [{"name": item.kind.en, "place": ("left", "ahead", "right")[item.column]} for item in seen]
    else:
        rows = [{"name": item.kind.zh, "place": _ZH_SIDES[item.column]} for item in seen]
    return json.dumps(rows, ensure_ascii=False)


def box(kind: Kind, found: Sequence[Item], language: Language) -> str:
    """Where those that were found stand in the picture, as Qwen3-VL writes it: 0 to 1000, to the nearest ten."""
    rows = [
        {
            "bbox_2d": [10 * round(100 * min(max(edge, 0.0), 1.0)) for edge in item.box],
            "label": kind.en if language == "en" else kind.zh,
        }
        for item in found
    ]
    return json.dumps(rows, ensure_ascii=False)

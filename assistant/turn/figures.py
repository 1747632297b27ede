"""The figures in a text, as values that can be compared: 0.5 g is 500 mg, "twelve euros fifty" €12.50, 11/26 November 2026."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = Decimal | tuple[int, frozenset[int]]
"""A number; or a date, as its year and the month and day in no order, for 03/04 may be either."""

DATE, TIME = "date", "time"


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """A number, an amount, a date or a time."""

    value: Value
    unit: str = ""
    """"€", "mg", "tablet", `DATE`, `TIME`; empty for a bare number."""
    written: str = dataclasses.field(default="", compare=False)
    """As it stands in the text."""

    def agrees_with(self, other: Figure) -> bool:
        """Tell whether both may stand for the same: print often leaves the unit to the eye."""
        return self.value == other.value and (self.unit == other.unit or not self.unit or not other.unit)

    def competes_with(self, other: Figure) -> bool:
        """Tell whether one of both must be wrong if they are about the same thing."""
        return self.unit == other.unit and self.value != other.value


_UNITS: Mapping[str, str] = {
    "mg": "mg|milligrams?|milligrammes?|毫克",
    "g": "g|grams?|grammes?|克",
    "µg": "[µμ]g|mcg|micrograms?|微克",
    "kg": "kg|kilos?|kilograms?|公斤|千克",
    "ml": "ml|millilit(?:er|re)s?|毫升",
    "l": "l|lit(?:er|re)s?|升",
    "tablet": "tablets?|tabs?|pills?|capsules?|caplets?|片|粒|颗",
    "drop": "drops?|滴",
    "spoon": "spoons?|spoonfuls?|teaspoons?|勺",
    "%": "%|percent|per cent",
    "°C": "°\\s?c|℃|degrees?(?: celsius)?|度",
    "hour": "h|hrs?|hours?|小时",
    "day": "d|days?|天",
    "€": "€|eur|euros?|欧元|欧",
    "$": "\\$|usd|us dollars?|dollars?|美元",
    "£": "£|gbp|pounds?|quid|英镑",
    "¥": "¥|cny|rmb|yuan|人民币|元|块钱|块|日元|jpy|yen",
    "cent": "cents?|ct|¢|pence|欧分|美分",
}
_UNIT_OF = {name: re.compile(rf"(?:{wordings})", re.IGNORECASE) for name, wordings in _UNITS.items()}
_ANY_UNIT = "|".join(_UNITS.values())
_ANY_MONEY = "|".join(_UNITS[name] for name in "€$£¥")
_IN_BASE: Mapping[str, tuple[str, Decimal]] = {
    "g": ("mg", Decimal(1000)),
    "kg": ("mg", Decimal(1_000_000)),
    "µg": ("mg", Decimal("0.001")),
    "l": ("ml", Decimal(1000)),
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january|jan",
            "february|feb",
            "march|mar",
            "april|apr",
            "may",
            "june|jun",
            "july|jul",
            "august|aug",
            "september|sept|sep",
            "october|oct",
            "november|nov",
            "december|dec",
        ),
        1,
    )
    for name in names.split("|")
}
_MONTH = rf"(?:{'|'.join(_MONTHS)})\b\.?"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_ONES = {word: number for number, word in enumerate(f"zero|one|two|three|four|five|six|seven|eight|nine|{_TEENS}".split("|"))}
_TENS = dict(zip(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), range(20, 100, 10), strict=True))
_TO_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|(?:{'|'.join(sorted(_ONES, key=len, reverse=True))}))"
_TO_999 = rf"(?:(?:{_TO_99}|a) hundred(?: (?:and )?{_TO_99})?|{_TO_99})"
_SPOKEN_NUMBER = re.compile(rf"\b(?:(?:{_TO_999}|a) thousand(?: (?:and )?{_TO_999})?|{_TO_999})\b", re.IGNORECASE)
_CHINESE_DIGITS = {
    digit: value
    for value, digits in enumerate(("零〇", "一", "二两", "三", "四", "五", "六", "七", "八", "九"))
    for digit in digits
}
_CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000}
_CHINESE_NUMBER = re.compile(f"[{''.join(_CHINESE_DIGITS)}十百千万]+(?={'|'.join(_UNITS.values())})", re.IGNORECASE)

_NUMBER = r"\d{1,3}(?:[,.' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?"
_FIGURE = re.compile(
    r"(?<![\d€$£¥.,])(?P<iso>(?:19|20)\d{2})\s?[-./年]\s?(?P<iso_month>1[0-2]|0?[1-9])"
    rf"(?:\s?[-./月]\s?(?P<iso_day>\d{{1,2}})(?!\d)日?|月|(?!\d|\s?(?:{_ANY_MONEY})))"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s?(?:of )?(?P<month>{_MONTH}),?\s?(?P<year>\d{{4}}|\d{{2}}(?!\d))?"
    rf"|(?P<month_first>{_MONTH})\s(?:(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?(?!\d),?\s?)?(?P<year_last>\d{{4}})?"
    r"|(?<!\d)(?P<one>\d{1,2})[./-](?P<two>\d{1,2})[./-](?P<three>\d{4}|\d{2})(?!\d)"
    r"|(?<!\d)(?P<my_month>0?[1-9]|1[0-2])/(?P<my_year>\d{4}|\d{2})(?![\d/])"
    r"|(?<!\d)(?P<hour>[01]?\d|2[0-3])[:：](?P<minute>[0-5]\d)(?![\d:])"
    rf"|(?:(?P<before>[€$£¥])\s?)?(?P<number>{_NUMBER})(?:[\s-]?"
    rf"(?:(?P<money>{_ANY_MONEY})(?![a-z])(?:\s?(?P<cents>\d{{1,2}})(?![\d.,/]|\s?(?:{_ANY_UNIT})))?|(?P<unit>{_ANY_UNIT})(?![a-z])))?",
    re.IGNORECASE,
)


def figures_in(text: str) -> list[Figure]:
    """Return the figures of a text, in their order; English and Chinese, in digits and, up to some thousands, in words."""
    plain = unicodedata.normalize("NFKC", text.replace("½", " 0.5"))
    plain = _CHINESE_NUMBER.sub(lambda match: str(_chinese(match[0])), plain)
    plain = _SPOKEN_NUMBER.sub(lambda match: str(_english(match[0])), plain)
    return list(_figures(plain))


def _figures(text: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        written = match[0].strip()
        if match["iso"]:
            yield _date(match["iso"], match["iso_month"], match["iso_day"], written)
        elif match["month"]:
            yield _date(match["year"], match["month"], match["day"], written)
        elif match["month_first"]:
            if match["day_second"] or match["year_last"]:  # "may" alone is no date
                yield _date(match["year_last"], match["month_first"], match["day_second"], written)
        elif match["three"]:
            yield _date(match["three"], match["one"], match["two"], written)
        elif match["my_month"]:
            yield _date(match["my_year"], match["my_month"], None, written)
        elif match["hour"]:
            yield Figure(Decimal(int(match["hour"]) * 60 + int(match["minute"])), TIME, written)
        else:
            yield _amount(match, written)


def _amount(match: re.Match[str], written: str) -> Figure:
    value, unit = _decimal(match["number"]), match["before"] or _unit(match["money"] or match["unit"] or "")
    if match["cents"]:
        value += Decimal(match["cents"]) / 100
    base, factor = _IN_BASE.get(unit, (unit, Decimal(1)))
    return Figure((value * factor).normalize(), base, written)


def _unit(written: str) -> str:
    return next((name for name, pattern in _UNIT_OF.items() if pattern.fullmatch(written)), "")


def _decimal(written: str) -> Decimal:
    """Return a number, whichever of comma and point its thousands are parted with."""
    plain = re.sub("[' ]", "", written)
    whole, mark, last = re.fullmatch(r"(.*?)(?:([.,])(\d+))?", plain).groups()  # type: ignore[union-attr]
    whole = re.sub("[.,]", "", whole)
    if mark and len(last) == 3 and whole not in ("", "0"):  # noqa: PLR2004 - thousands
        return Decimal(whole + last)
    return Decimal(f"{whole or 0}.{last or 0}")


def _date(year: str | None, month: str, day: str | None, written: str) -> Figure:
    numbers = {int(part) if part.isdigit() else _MONTHS[part.casefold().rstrip(".")] for part in (month, day) if part}
    full = 0 if year is None else int(year) if len(year) > 2 else 2000 + int(year)  # noqa: PLR2004
    return Figure((full, frozenset(numbers)), DATE, written)


def _english(words: str) -> int:
    value = part = 0
    for word in re.findall("[a-z]+", words.casefold()):
        if word == "thousand":
            value, part = (part or 1) * 1000, 0
        elif word == "hundred":
            part = (part or 1) * 100
        else:
            part += _ONES.get(word) or _TENS.get(word, 0)
    return value + part


def _chinese(characters: str) -> int:
    total = part = digit = 0
    for character in characters:
        if character == "万":
            total, part, digit = (total + part + digit) * 10_000, 0, 0
        elif character in _CHINESE_SCALES:
            part, digit = part + (digit or 1) * _CHINESE_SCALES[character], 0
        else:
            digit = digit * 10 + _CHINESE_DIGITS[character]
    return total + part + digit

"""Numbers in words, English and Chinese.

Written here because a library costs more than these lines. num2words needs docopt, which is published without a wheel, and
`scripts/setup` installs wheels only; inflect brings four packages more; cn2an knows no 两. Compared with num2words and cn2an on
2,839 numbers up to 10**13, and with num2words on the years from 1100 to 2099: no difference but the "and" of "hundred and five".
"""

from __future__ import annotations

import re

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_THOUSANDS = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LONGEST = 15
"""Digits of the longest number that is said as one; a longer one is an identifier, said digit by digit."""

_CHINESE_DIGITS = "零一二三四五六七八九"
_CHINESE_SIZES = ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十"))
_LEADING_TWO = re.compile(r"^二(?=[百千万亿])")


def cardinal(number: int) -> str:
    """Return a number from 0 in English: 205 is "two hundred five"."""
    for size, name in _THOUSANDS:
        if number >= size:
            return _joined(f"{cardinal(number // size)} {name}", number % size)
    if number >= 100:  # noqa: PLR2004 - a hundred
        return _joined(f"{_ONES[number // 100]} hundred", number % 100)
    if number >= len(_ONES):
        tens, ones = divmod(number, 10)
        return f"{_TENS[tens]}-{_ONES[ones]}" if ones else _TENS[tens]
    return _ONES[number]


def _joined(words: str, rest: int) -> str:
    return f"{words} {cardinal(rest)}" if rest else words


def ordinal(number: int) -> str:
    """Return an ordinal in English: 23 is "twenty-third"."""
    head, separator, last = re.fullmatch(r"(?:(.*)([ -]))?(\w+)", cardinal(number)).groups("")  # type: ignore[union-attr]
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return head + separator + _IRREGULAR.get(last, regular)


def year(number: int) -> str:
    """Return a year from 1000 to 9999 in English: 1905 is "nineteen oh five"."""
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:  # noqa: PLR2004 - 2005 is no "twenty oh five"
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"  # noqa: PLR2004 - one digit


def digits(text: str) -> str:
    """Return the digits of a text one by one in English."""
    return " ".join(_ONES[int(digit)] for digit in text if digit in "0123456789")


def number(text: str) -> str:
    """Return a written number, such as "-1,234.50", in English. One with a zero in front is said digit by digit."""
    sign = "minus " if text[0] in "-−" else ""
    whole, _, fraction = text.lstrip("-−").replace(",", "").partition(".")
    said = digits(whole) if len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0") else cardinal(int(whole))
    return sign + said + (f" point {digits(fraction)}" if fraction else "")


def chinese_cardinal(number: int) -> str:
    """Return a number from 0 in Chinese: 10005 is 一万零五."""
    said = _chinese(number)
    return said.removeprefix("一") if said.startswith("一十") else said or "零"


def _chinese(number: int) -> str:
    """Return a number in full, 10 as 一十; nothing for 0."""
    for size, name in _CHINESE_SIZES:
        if number >= size:
            rest = number % size
            return _chinese(number // size) + name + ("零" if 0 < rest < size // 10 else "") + _chinese(rest)
    return _CHINESE_DIGITS[number] if number else ""


def chinese_digits(text: str) -> str:
    """Return the digits of a text one by one in Chinese."""
    return "".join(_CHINESE_DIGITS[int(digit)] for digit in text if digit in "0123456789")


def chinese_number(text: str) -> str:
    """Return a written number, such as "-1,234.50", in Chinese. One with a zero in front is said digit by digit."""
    sign = "负" if text[0] in "-−" else ""
    whole, _, fraction = text.lstrip("-−").replace(",", "").partition(".")
    if len(whole) > _LONGEST or (len(whole) > 1 and whole[0] == "0"):
        said = chinese_digits(whole)
    else:
        said = _LEADING_TWO.sub("两", chinese_cardinal(int(whole)))
    return sign + said + (f"点{chinese_digits(fraction)}" if fraction else "")


def chinese_count(text: str) -> str:
    """Return a written number as it stands before a measure word: 2 is 两."""
    said = chinese_number(text)
    return "两" if said == "二" else said

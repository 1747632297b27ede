"""How numbers are written, as patterns, and the rules that say what stands for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Rule: TypeAlias = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]
"""What to look for, and what is said for it."""

START = r"(?<![A-Za-z0-9])(?<![0-9][.,:/])"
"""A number begins here, not within another one or a word. (`\\b` is of no use beside Chinese: its characters are letters.)"""
STOP = r"(?![A-Za-z0-9]|[.,:/][0-9])"
"""It ends here."""
NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?"
TO = r"\s?[-–—~～]\s?"
"""Between the two numbers of a range."""
AMOUNT = rf"(?:(?<![A-Za-z0-9)])[-−])?{NUMBER}(?:{TO}{NUMBER})?"
"""One number, perhaps below zero, or a range of two."""
YEAR_FIRST = rf"{START}([12][0-9]{{3}})[-/.](0?[1-9]|1[0-2])[-/.](3[01]|[12][0-9]|0?[1-9])"
YEAR_LAST = rf"{START}(3[01]|[12][0-9]|0?[1-9])[-/.](3[01]|[12][0-9]|0?[1-9])[-/.]([12][0-9]{{3}}){STOP}"
TIME = (
    rf"{START}(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?"
    rf"(?:\s?(?P<half>[AaPp])(?:\.[Mm]\.|[Mm](?![A-Za-z])))?{STOP}"
)
TO_TIME = rf"(?:(?<=:[0-5][0-9])|(?<=[AaPp][Mm])|(?<=[Mm]\.)){TO}(?=[0-9]{{1,2}}:[0-5][0-9])"
MONTH_OF_YEAR = rf"{START}(0?[1-9]|1[0-2])/(20[0-9]{{2}}){STOP}"
SAME_UNIT = rf"{START}({NUMBER})\s?(%|°[CF]?|℃|[A-Za-z]+){TO}({NUMBER})\s?\2(?![A-Za-z0-9])"
"""A range whose unit is written twice."""
ABROAD = rf"(?<![\w+])\+[0-9]{{1,3}}(?:[ .()-]{{1,2}}[0-9]{{2,8}}){{2,5}}{STOP}|(?<![\w+])\+[0-9]{{7,15}}{STOP}"
"""A telephone number with the country's code."""
GROUPS = rf"{START}[0-9]+(?:-[0-9]+){{2,}}{STOP}"
"""A long number in groups, as of a book or a serial number."""
VERSION = r"(?<![0-9])[0-9]+(?:\.[0-9]+){2,}"
_MONTHS = 12


def rules(*pairs: tuple[str, Callable[[re.Match[str]], str]]) -> tuple[Rule, ...]:
    """Return rules whose patterns are compiled."""
    return tuple((re.compile(pattern), said) for pattern, said in pairs)


def table(text: str) -> dict[str, str]:
    """Return a table of signs and words: "km kilometre | kg kilogram"."""
    return dict(entry.split(" ", 1) for entry in text.split(" | "))


def one_of(signs: dict[str, str]) -> str:
    """Return the pattern of any of the signs, the longest that fits."""
    return "|".join(sorted(map(re.escape, signs), key=len, reverse=True))


def ends_of(amount: str) -> list[str]:
    """Return the number of an amount, or the two of a range."""
    return re.split(rf"(?<=[0-9]){TO}", amount)


def month_and_day(first: int, second: int) -> tuple[int, int] | None:
    """Return month and day of 23/11 and 11/23. Of 3/4 nobody knows which is which: None."""
    if first != second and max(first, second) <= _MONTHS:
        return None
    month, day = sorted((first, second))
    return (month, day) if month <= _MONTHS else None

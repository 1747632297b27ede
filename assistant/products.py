"""The user's own table of articles: what stands below a bar code, and what to call it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import ConfigError

_DIGITS = 14
"""Of the longest article number (GTIN); the shorter ones are that with zeros before."""


def read_products(path: Path) -> Mapping[str, str]:
    """Return what articles are called, by their numbers as `full_number` writes them.

    Args:
        path: A CSV file in UTF-8 with two columns, number and name. A first line without a number is a heading.

    Raises:
        ConfigError: It cannot be read, or has mistakes; all are listed, one a line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [(number, row) for number, row in enumerate(csv.reader(file), 1) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"codes.products: {path}: {error}") from error
    products: dict[str, str] = {}
    mistakes = []
    for line, row in lines:
        number, name = (row[0].replace(" ", ""), row[1].strip()) if len(row) == 2 else ("", "")  # noqa: PLR2004 - number and name
        if number.isdecimal() and number.isascii() and len(number) <= _DIGITS and name:
            products[full_number(number)] = name
        elif line > 1 or len(row) != 2:  # noqa: PLR2004
            mistakes.append(f"codes.products: {path}, line {line}: not a number and a name")
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return products


def full_number(number: str) -> str:
    """Return an article's number with all its digits: the same article has 12 of them in America and 13 elsewhere."""
    return number.zfill(_DIGITS)

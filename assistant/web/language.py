"""Which language a visitor's browser asks for."""

from __future__ import annotations

from typing import get_args

from assistant.types import Language


def language_of(accepted: str | None) -> Language:
    """Return the language of ours that an ``Accept-Language`` header prefers; English where it knows neither.

    Args:
        accepted: The header's value; None where there is none.
    """
    best: Language = "en"
    best_weight = 0.0
    for wish in (accepted or "").split(","):
        tag, _, parameter = wish.strip().lower().partition(";")
        primary = tag.strip().partition("-")[0]
        for language in get_args(Language):
            if primary == language and _weight(parameter) > best_weight:
                best, best_weight = language, _weight(parameter)
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0

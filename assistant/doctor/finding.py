"""What a check finds, and how all that was found is said."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from assistant.errors import AssistantError
from assistant.turn.numerals import cardinal
from assistant.types import Language

Words: TypeAlias = Mapping[Language, str]


class State(enum.Enum):
    """How grave it is."""

    GOOD = "ok"
    NOTE = "note"
    """It works, and there is something to know."""
    BAD = "problem"
    """Something does not work, or soon will not."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    check: str
    """What was looked at, for the line in the terminal."""
    state: State
    words: Words
    """What is the matter, and what to do; whole sentences."""
    detail: str = ""
    """What exactly, for whoever repairs; it is not said aloud."""

    def line(self, language: Language) -> str:
        """Return a plain line."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.check}: {self.state.value}. {self.words[language]}{detail}"


def lost(check: str, error: AssistantError) -> Finding:
    """Return that something does not work, in the error's own words."""
    return Finding(check, State.BAD, {"en": error.spoken("en"), "zh": error.spoken("zh")}, error.detail)


def good(check: str, en: str, zh: str) -> Finding:
    """Return that all is well with something."""
    return Finding(check, State.GOOD, {"en": en, "zh": zh})


def note(check: str, en: str, zh: str) -> Finding:
    """Return that something works, and is worth a word."""
    return Finding(check, State.NOTE, {"en": en, "zh": zh})


def bad(check: str, en: str, zh: str) -> Finding:
    """Return that something is wrong."""
    return Finding(check, State.BAD, {"en": en, "zh": zh})


CHECKING: Words = {"en": "I check everything. A short tone will sound.", "zh": "正在检查，会听到一声提示音。"}
STILL_CHECKING: Words = {"en": "Still checking.", "zh": "还在检查。"}


def is_well(findings: Sequence[Finding]) -> bool:
    """Tell whether there is no problem."""
    return all(finding.state is not State.BAD for finding in findings)


def verdict(findings: Sequence[Finding], language: Language) -> str:
    """Return in a few words whether all is well."""
    count = sum(finding.state is State.BAD for finding in findings)
    if language == "zh":
        return f"有{count}个问题。" if count else "一切正常。"
    return f"{cardinal(count).capitalize()} problem{'' if count == 1 else 's'}." if count else "All is well."


def summary(findings: Sequence[Finding], language: Language) -> str:
    """Return what is said of all: first whether all is well, then the problems, then what is worth knowing."""
    first = verdict(findings, language)
    problems = [finding.words[language] for finding in findings if finding.state is State.BAD]
    notes = [finding.words[language] for finding in findings if finding.state is State.NOTE]
    if language == "zh":
        return "".join([first, *problems, *(["另外，"] if notes else []), *notes])
    return " ".join([first, *problems, *(["Worth knowing:"] if notes else []), *notes])

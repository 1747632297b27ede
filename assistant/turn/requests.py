"""What a person asks for in words of their own, where commands are said as they stand: "find the door", "from the total"."""

from __future__ import annotations

import dataclasses
from typing import TypeAlias


@dataclasses.dataclass(frozen=True, slots=True)
class Find:
    """Guide a hand or a step to something."""

    thing: str
    """As it was said, without its article: "door"."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReadFrom:
    """Read on from the place where these words stand."""

    words: str


Request: TypeAlias = Find | ReadFrom


def request_of(text: str) -> Request | None:
    """Return what is asked for with an utterance, as it was written down; None if it is anything else."""
    del text
    return None

"""How a person wants to be spoken to: what they may change by voice, and what is remembered between starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

import pydantic

from assistant.config import FASTEST, SLOWEST, WordsPerMinute
from assistant.types import Language, Manner

Detail: TypeAlias = Literal["brief", "normal", "full"]
"""How much an answer tells (rule 2 of the design)."""
Directions: TypeAlias = Literal["sides", "clock"]
"""How an answer says where something is: "on your right", or "at two o'clock" (rule 4)."""
_RATE_STEP = 1.15
"""Two steps are a third faster: one is noticed, none is too much."""
_VOLUME_STEP = 1.4
"""3 dB: clearly louder, but not twice as loud."""
SOFTEST, LOUDEST = 25, 200
"""Percent. Softer is lost in a quiet room; louder drives a voice that is as loud as it can be into its limits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Preferences:
    """How the person wants to be spoken to."""

    rate: WordsPerMinute = 190
    """Words a minute."""
    volume: Annotated[int, pydantic.Field(ge=SOFTEST, le=LOUDEST)] = 100
    """Percent of the voice's own loudness."""
    detail: Detail = "brief"
    directions: Directions = "sides"
    language: Language = "en"
    """Of the assistant's own announcements; an answer has its question's."""
    variants: Mapping[Language, str] = dataclasses.field(default_factory=dict)
    """Which of the voice's variants speaks a language; its default where there is none."""

    def manner(self, language: Language) -> Manner:
        """Return how a sentence in `language` is to be spoken."""
        return Manner(self.rate, self.variants.get(language, ""))

    def faster(self, steps: int) -> Preferences:
        """Return these, but so many steps faster, or slower if it is negative; the same where there is no further step."""
        return dataclasses.replace(self, rate=min(max(round(self.rate * _RATE_STEP**steps), SLOWEST), FASTEST))

    def louder(self, steps: int) -> Preferences:
        """Return these, but so many steps louder, or softer if it is negative; the same where there is no further step."""
        return dataclasses.replace(self, volume=min(max(round(self.volume * _VOLUME_STEP**steps), SOFTEST), LOUDEST))

    def with_next_variant(self, language: Language, variants: Sequence[str]) -> Preferences:
        """Return these, but with the variant after the one that speaks `language` now; the same where there is no choice."""
        if len(variants) < 2:  # noqa: PLR2004 - a choice is between two
            return self
        now = self.variants.get(language, variants[0])
        place = variants.index(now) if now in variants else 0
        return dataclasses.replace(self, variants={**self.variants, language: variants[(place + 1) % len(variants)]})

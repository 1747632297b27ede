"""How a person wants to be spoken to: what they may change by voice, and what is remembered between starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Literal, TypeAlias

from assistant.types import Language, Manner

Detail: TypeAlias = Literal["brief", "normal", "full"]
"""How much an answer tells (rule 2 of the design)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Preferences:
    """How the person wants to be spoken to."""

    rate: int = 190
    """Words a minute."""
    volume: int = 100
    """Percent of the voice's own loudness."""
    detail: Detail = "brief"
    language: Language = "en"
    """Of the assistant's own announcements; an answer has its question's."""
    variants: Mapping[Language, str] = dataclasses.field(default_factory=dict)
    """Which of the voice's variants speaks a language; its default where there is none."""

    def manner(self, language: Language) -> Manner:
        """Return how a sentence in `language` is to be spoken."""
        return Manner(self.rate, self.variants.get(language, ""))

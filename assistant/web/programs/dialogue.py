"""What the model has been shown and told in one conversation with a program."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from assistant.ports import VisionModel
from assistant.turn.quality import Quality
from assistant.types import Cancellation, Frame, Language, Question


@dataclasses.dataclass(frozen=True, slots=True)
class Exchange:
    """A question, and what was answered."""

    question: str
    answer: str
    language: Language = "en"


class Dialogue:
    """A conversation with the model, and how good the picture in it is. Its methods block, and one runs at a time."""

    def __init__(self, vision: VisionModel) -> None:
        self.vision = vision
        self.quality: Quality | None = None
        """Of the picture before the model's eyes; None without one."""
        self._before: tuple[Exchange, ...] = ()
        """What was said before that picture."""
        self._about: tuple[Exchange, ...] = ()

    def look(self, frame: Frame, quality: Quality, cancellation: Cancellation) -> None:
        """Make `frame` the picture that the next questions are about."""
        self.vision.look(frame, cancellation)
        self.quality = quality
        self._before, self._about = (*self._before, *self._about), ()

    def remember(self, question: Question, answer: str) -> None:
        """Keep an exchange."""
        self.vision.remember(question, answer)
        self._about = (*self._about, Exchange(question.text, answer, question.language))

    def begins_with(self, before: Sequence[Exchange]) -> bool:
        """Tell whether this was said before its picture, and nothing else."""
        return self._before == tuple(before)

    def begin_anew(self, before: Sequence[Exchange]) -> None:
        """Forget everything, and have said this before any picture."""
        self.vision.forget()
        self.quality, self._before, self._about = None, (), ()
        for exchange in before:
            self._recall(exchange)

    def go_back_to(self, about: Sequence[Exchange]) -> None:
        """Have said this about the picture, and nothing else: what was said otherwise is forgotten, what is new is taken in."""
        common = next(
            (place for place, (had, wanted) in enumerate(zip(self._about, about, strict=False)) if had != wanted),
            min(len(self._about), len(about)),
        )
        for _ in self._about[common:]:
            self.vision.forget_last()
        self._about = self._about[:common]
        for exchange in about[common:]:
            self._recall(exchange)

    def _recall(self, exchange: Exchange) -> None:
        self.remember(Question(exchange.question, exchange.language), exchange.answer)

    def close(self) -> None:
        """Free what is remembered."""
        self.vision.close()

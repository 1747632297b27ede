"""A vision model that answers from a script."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator

from assistant.errors import AssistantError, Cancelled
from assistant.types import AnswerChunk, Cancellation, Frame, Question, Rank


class FakeVision:
    """Answers word by word what its script says, whatever it is asked.

    Args:
        answers: What comes of each question, in turn: a text, or one in one piece with what it took, or an error to raise.
        stalls_in_look: Whether every `look` blocks until it is cancelled.
        stalls_after: How many words of an answer come before it blocks until it is cancelled; None: it never blocks.
    """

    def __init__(
        self,
        answers: Iterable[str | AnswerChunk | AssistantError] = (),
        *,
        stalls_in_look: bool = False,
        stalls_after: int | None = None,
    ) -> None:
        self._answers = list(answers)
        self.stalls_in_look = stalls_in_look
        self.stalls_after = stalls_after
        self.stalled = threading.Event()
        """Set once a step has blocked."""
        self.looked: list[Frame] = []
        """The pictures it has seen to the end."""
        self.asked: list[Question] = []
        """The questions that were begun, also those whose answer failed or was cancelled."""
        self.remembered: list[tuple[Question, str]] = []
        """The exchanges of the present conversation."""
        self.closed = False
        self.rank = Rank.ROOM
        self.system = ""
        self.others: list[FakeVision] = []
        """The conversations that `another` has begun."""

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        self._check(cancellation)
        if self.stalls_in_look:
            self._stall(cancellation)
        self.looked.append(frame)

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        self._check(cancellation)
        self.asked.append(question)
        answer = self._answers.pop(0)
        if isinstance(answer, AssistantError):
            raise answer
        if isinstance(answer, AnswerChunk):
            yield answer
            return
        for number, word in enumerate(re.findall(r"\s*\S+|\s+$", answer)):
            if number == self.stalls_after:
                self._stall(cancellation)
            self._check(cancellation)
            yield AnswerChunk(word)

    def remember(self, question: Question, heard: str) -> None:
        self.remembered.append((question, heard))

    def forget_last(self) -> None:
        del self.remembered[-1:]

    def forget(self) -> None:
        self.remembered.clear()

    def another(self, rank: Rank, system: str = "") -> FakeVision:
        """Return another that says the same, and is kept in `others`."""
        other = FakeVision(self._answers, stalls_in_look=self.stalls_in_look, stalls_after=self.stalls_after)
        other.rank, other.system = rank, system
        self.others.append(other)
        return other

    def close(self) -> None:
        self.closed = True
        if self.rank is Rank.ROOM:
            for other in self.others:
                other.closed = True

    def _check(self, cancellation: Cancellation) -> None:
        if cancellation.cancelled or self.closed:
            raise Cancelled

    def _stall(self, cancellation: Cancellation) -> None:
        self.stalled.set()
        while not (cancellation.cancelled or self.closed):
            time.sleep(0.001)
        raise Cancelled

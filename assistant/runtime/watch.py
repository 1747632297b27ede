"""Telling the observers what happens, with the time at which it did, and in which turn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

from assistant.events import Event, Observer, Stage
from assistant.types import Frame, Transcript, Utterance

_turn: ContextVar[int] = ContextVar("turn", default=0)
"""The turn that the running task works for. A task inherits it from the one that began it, so no stage has to pass it on."""


class Watch:
    """Hands events to observers; the only place of the runtime that reads a clock."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = tuple(observers)
        self._turns = 0

    def __call__(self, stage: Stage, detail: str = "", evidence: Frame | Utterance | Transcript | None = None) -> None:
        """Tell that `stage` was reached just now."""
        event = Event(stage, time.monotonic(), detail, _turn.get(), evidence)
        for observer in self._observers:
            observer(event)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Count as one turn what is told within, and tell its end, or that it was cancelled."""
        self._turns += 1
        with _as_turn(self._turns):
            try:
                yield
            except BaseException:
                self(Stage.TURN_CANCELLED)
                raise
            self(Stage.TURN_ENDED)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Count what is told within as part of no turn."""
        with _as_turn(0):
            yield


@contextlib.contextmanager
def _as_turn(number: int) -> Iterator[None]:
    before = _turn.set(number)
    try:
        yield
    finally:
        _turn.reset(before)

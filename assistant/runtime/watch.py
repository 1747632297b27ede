"""Telling the observers what happens, with the time at which it did."""

from __future__ import annotations

import time
from collections.abc import Sequence

from assistant.events import Event, Observer, Stage


class Watch:
    """Hands events to observers; the only place of the runtime that reads a clock."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = tuple(observers)

    def __call__(self, stage: Stage, detail: str = "") -> None:
        """Tell that `stage` was reached just now."""
        event = Event(stage, time.monotonic(), detail)
        for observer in self._observers:
            observer(event)

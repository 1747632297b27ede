"""Keeping what happened in each turn, in a thread of its own: no disk, however slow, delays a conversation."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import TypeAlias

from assistant.events import Event
from assistant.turn.timeline import Timeline, Turn

_log = logging.getLogger(__name__)

Keep: TypeAlias = Callable[[Turn], None]
"""Keeps a turn. May block, and raise OSError."""


class TurnKeeper:
    """An observer that hands each turn, when it has ended, to those who keep something of it."""

    def __init__(self) -> None:
        self._timeline = Timeline()
        self._keeps: list[Keep] = []
        self._turns: queue.SimpleQueue[Turn | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="turns", daemon=True)
        self._thread.start()

    def add(self, keep: Keep) -> None:
        """Have turns kept. If that fails, `keep` is not called again, and the program's log says so."""
        self._keeps.append(keep)

    def __call__(self, event: Event) -> None:
        """Take in what happens; returns without waiting."""
        for turn in self._timeline.feed(event):
            self._turns.put(turn)

    def close(self) -> None:
        """Wait until all turns are kept."""
        for turn in self._timeline.flush():
            self._turns.put(turn)
        self._turns.put(None)
        self._thread.join()

    def _work(self) -> None:
        while turn := self._turns.get():
            self._keeps = [keep for keep in self._keeps if _kept(keep, turn)]


def _kept(keep: Keep, turn: Turn) -> bool:
    try:
        keep(turn)
    except OSError as error:
        _log.warning("no further turns are kept: %s", error)
        return False
    return True

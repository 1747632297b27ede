"""Keeping what happened in each turn, in a thread of its own: no disk, however slow, delays a conversation."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Protocol

from assistant.events import Event, Stage
from assistant.turn.timeline import Timeline, Turn

_log = logging.getLogger(__name__)


class Keep(Protocol):
    """Keeps turns. Everything it does may block, and raise OSError."""

    def __call__(self, turn: Turn) -> None:
        """Keep a turn."""

    def forget_last(self) -> None:
        """Have kept no word, sound or picture of the last turn that was answered, nor of those after it."""


class TurnKeeper:
    """An observer that hands each turn, when it has ended, to those who keep something of it."""

    def __init__(self) -> None:
        self._timeline = Timeline()
        self._keeps: list[Keep] = []
        self._work_left: queue.SimpleQueue[Callable[[Keep], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="turns", daemon=True)
        self._thread.start()

    def add(self, keep: Keep) -> None:
        """Have turns kept. If that fails, `keep` is not called again, and the program's log says so."""
        self._keeps.append(keep)

    def __call__(self, event: Event) -> None:
        """Take in what happens; returns without waiting."""
        for turn in self._timeline.feed(event):
            self._keep(turn)
        if event.stage is Stage.FORGOTTEN:
            self._work_left.put(lambda keep: keep.forget_last())

    def close(self) -> None:
        """Wait until all turns are kept."""
        for turn in self._timeline.flush():
            self._keep(turn)
        self._work_left.put(None)
        self._thread.join()

    def _keep(self, turn: Turn) -> None:
        self._work_left.put(lambda keep: keep(turn))

    def _work(self) -> None:
        while work := self._work_left.get():
            self._keeps = [keep for keep in self._keeps if _done(work, keep)]


def _done(work: Callable[[Keep], None], keep: Keep) -> bool:
    try:
        work(keep)
    except OSError as error:
        _log.warning("no further turns are kept: %s", error)
        return False
    return True

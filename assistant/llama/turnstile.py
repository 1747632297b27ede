"""Who uses the model now: one step at a time, whoever goes first before the others."""

from __future__ import annotations

import bisect
import contextlib
import itertools
import threading
from collections.abc import Iterator

from assistant.errors import Cancelled
from assistant.types import Cancellation, Rank, Seconds

_GLANCE: Seconds = 0.02
"""How often somebody who waits looks whether they were cancelled."""


class MadeWay(Exception):
    """A step was stopped for somebody who goes first; it may be tried again at once, and then waits."""


class Turnstile:
    """Lets one step pass at a time: the lowest rank first, and within a rank who came first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[Rank, int]] = []
        self._numbers = itertools.count()
        self._running: tuple[Rank, Cancellation] | None = None
        self._closed = False

    @contextlib.contextmanager
    def turn(self, rank: Rank, cancellation: Cancellation) -> Iterator[Cancellation]:
        """Wait for one's turn; yield what the step is to look at: cancelled with `cancellation`, and when it has to make way.

        Raises:
            Cancelled: It was cancelled while it waited, or nobody may pass any more.
            MadeWay: The step raised `Cancelled`, because somebody waits who goes first.
        """
        # who goes before all others never makes way
        step = cancellation if rank is Rank.ROOM else cancellation.part()
        self._pass(rank, cancellation, step)
        try:
            yield step
        except Cancelled:
            if self._closed or cancellation.cancelled:
                raise
            raise MadeWay from None
        finally:
            with self._changed:
                self._running = None
                self._changed.notify_all()

    def _pass(self, rank: Rank, cancellation: Cancellation, step: Cancellation) -> None:
        with self._changed:
            ticket = (rank, next(self._numbers))
            bisect.insort(self._waiting, ticket)
            if self._running and self._running[0] > rank:
                self._running[1].cancel()
            try:
                while self._running or self._waiting[0] != ticket:
                    if cancellation.cancelled or self._closed:
                        raise Cancelled
                    self._changed.wait(_GLANCE)
                if cancellation.cancelled or self._closed:
                    raise Cancelled
                self._running = (rank, step)
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def close(self) -> None:
        """Cancel what runs and who waits, wait for its end, and let nobody pass any more."""
        with self._changed:
            self._closed = True
            if self._running:
                self._running[1].cancel()
            self._changed.wait_for(lambda: self._running is None)

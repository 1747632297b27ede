"""The line in which requests wait for the model."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import AsyncIterator

import anyio

from assistant.errors import ServiceBusy, TooSlow
from assistant.types import Seconds

_NEWEST = 0.2
"""How much the last turn counts when it is estimated how long the next will take."""
_LONGEST: Seconds = 600
"""The longest wait that anybody is told."""


class Line:
    """Serves one after the other, first come first served, and sends away whom it would not serve for long.

    Args:
        most: How many may wait.
        limit: How long waiting and turn may take together.
    """

    def __init__(self, most: int, limit: Seconds) -> None:
        self._most = most
        self._limit = limit
        self._turn = anyio.Lock()
        self.waiting = 0
        """How many wait."""
        self._usual: Seconds = 1.0

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn, and have it.

        Raises:
            ServiceBusy: Too many wait already.
            TooSlow: It took too long, and was cancelled.
        """
        if self._turn.locked() and self.waiting >= self._most:
            raise ServiceBusy(f"{self.waiting} wait already", self._patience())
        with anyio.move_on_after(self._limit) as scope:
            async with self._waited():
                yield
        if scope.cancelled_caught:
            raise TooSlow(f"not done after {self._limit:.0f} s")

    @contextlib.asynccontextmanager
    async def _waited(self) -> AsyncIterator[None]:
        try:
            self._turn.acquire_nowait()
        except anyio.WouldBlock:
            self.waiting += 1
            try:
                await self._turn.acquire()
            finally:
                self.waiting -= 1
        began_at = time.monotonic()
        try:
            yield
        finally:
            self._turn.release()
            self._usual += _NEWEST * (time.monotonic() - began_at - self._usual)

    async def emptied(self) -> None:
        """Wait until nobody has the turn, nor waits for it."""
        async with self._turn:
            return

    def _patience(self) -> int:
        """Return in how many seconds all who are here will probably have been served."""
        return math.ceil(min(_LONGEST, max(1.0, self._usual * (self.waiting + 1))))

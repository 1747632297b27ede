"""Conversations that visitors come back to, by name."""

from __future__ import annotations

import collections
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Generic, Protocol, TypeVar

import anyio

from assistant.errors import ServiceBusy
from assistant.runtime.stream import in_thread
from assistant.types import Seconds

_LOOK_AROUND: Seconds = 10.0
"""How often it is looked whether one has rested for too long."""


class Closable(Protocol):
    """Something that keeps memory until it is closed."""

    def close(self) -> None:
        """Free what it keeps."""


C = TypeVar("C", bound=Closable)


class _Kept(Generic[C]):
    """One conversation, and who has it."""

    def __init__(self) -> None:
        self.one_holder = anyio.Lock()
        self.holders = 0
        """Who holds it, and who waits for it."""
        self.rests_since: Seconds = 0.0
        self.content: C | None = None
        self.dropped = False


class Conversations(Generic[C]):
    """Keeps some conversations in memory. Who held one last is forgotten last.

    Args:
        begin: Makes a new one; called in a thread.
        most: How many are kept; the one that has rested longest is closed for a new one.
        rest: How long one that nobody holds is kept.
    """

    def __init__(self, begin: Callable[[], C], most: int, rest: Seconds) -> None:
        self._begin = begin
        self._most = most
        self._rest = rest
        self._kept: collections.OrderedDict[str, _Kept[C]] = collections.OrderedDict()
        """The one that was held last is last."""

    def __contains__(self, name: str) -> bool:
        return name in self._kept

    def __len__(self) -> int:
        return len(self._kept)

    @contextlib.asynccontextmanager
    async def held(self, name: str, begin: Callable[[], C] | None = None) -> AsyncIterator[C]:
        """Hold the conversation of that name, a new one if there is none. One holder at a time: others wait.

        Args:
            name: Which one.
            begin: Makes a new one in its own way.

        Raises:
            ServiceBusy: There is none, and no room for one: all are held by others.
        """
        kept = self._kept.get(name)
        if kept is None:
            await self._make_room()
            kept = self._kept.setdefault(name, _Kept())
        self._kept.move_to_end(name)
        kept.holders += 1
        try:
            async with kept.one_holder:
                if kept.content is None:
                    kept.content = await in_thread(begin or self._begin)
                yield kept.content
        finally:
            kept.holders -= 1
            kept.rests_since = time.monotonic()
            if kept.dropped or kept.content is None:
                await self._forget(name, kept)

    async def drop(self, name: str) -> None:
        """Keep the conversation of that name no longer. It is closed at once, or when nobody holds it any more."""
        if kept := self._kept.get(name):
            await self._forget(name, kept)

    async def tidy(self) -> None:
        """Close what has rested too long, for ever; when cancelled, close all that nobody holds."""
        try:
            while True:
                await anyio.sleep(min(_LOOK_AROUND, self._rest))
                oldest_allowed = time.monotonic() - self._rest
                for name, kept in list(self._kept.items()):
                    if not kept.holders and kept.rests_since < oldest_allowed:
                        await self._forget(name, kept)
        finally:
            for name, kept in list(self._kept.items()):
                await self._forget(name, kept)

    async def _make_room(self) -> None:
        while len(self._kept) >= self._most:
            resting = next((name for name, kept in self._kept.items() if not kept.holders), None)
            if resting is None:
                raise ServiceBusy(f"all {self._most} conversations are in use")
            await self._forget(resting, self._kept[resting])

    async def _forget(self, name: str, kept: _Kept[C]) -> None:
        kept.dropped = True
        if self._kept.get(name) is kept:
            del self._kept[name]
        content = kept.content
        if not kept.holders and content is not None:
            kept.content = None
            with anyio.CancelScope(shield=True):
                await in_thread(content.close)

"""``/talk``: the socket behind the page, and with it the assistant on a phone."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping

import anyio
import anyio.from_thread
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.errors import ServiceBusy
from assistant.types import Language, Seconds
from assistant.web.conversations import Conversations
from assistant.web.loaded import Loaded
from assistant.web.part import Part
from assistant.web.talk.greeting import STOPPED, TAKEN_OVER
from assistant.web.talk.messages import Begin, told
from assistant.web.talk.session import Session, WrongMessage, first_message
from assistant.web.talk.visitor import Visitor

_FIRST_MESSAGE: Seconds = 5.0
"""How long it may take to come."""
_KEPT: Seconds = 600.0
"""How long a conversation is kept while its socket is away."""
_FAREWELL: Seconds = 1.0
"""How long saying goodbye may take."""
_WRONG_MESSAGE = 4000
"""The code that a socket is closed with where the page is wrong."""
_MOST_REASON = 100
"""Letters of its reason; a socket has room for 123 bytes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Farewell:
    """Why a page has to go that did nothing wrong."""

    word: str
    code: int
    """That the socket is closed with."""
    sentence: Mapping[Language, str]


_TAKEN_OVER = Farewell("taken-over", 4001, TAKEN_OVER)
_BUSY = Farewell("busy", 4003, ServiceBusy.sentence)
_STOPPED = Farewell("stopped", 1001, STOPPED)


class _Presence:
    """A page that is there."""

    def __init__(self) -> None:
        self.scope = anyio.CancelScope()
        self.farewell: Farewell | None = None

    def end(self, farewell: Farewell) -> None:
        """Have it go."""
        self.farewell = farewell
        self.scope.cancel()


class Talk:
    """All conversations through the page.

    Args:
        loaded: What visitors share.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        # whose parts belong to the event loop
        self._visitors = Conversations(
            lambda: anyio.from_thread.run_sync(Visitor, loaded), loaded.config.serve.conversations, _KEPT
        )
        self._there: dict[str, _Presence] = {}
        """By the names of their conversations."""

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket, until either side closes it."""
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            try:
                with anyio.fail_after(_FIRST_MESSAGE):
                    begin = await first_message(socket)
                farewell = await self._converse(socket, begin)
            except TimeoutError:
                await _close(socket, _WRONG_MESSAGE, "nothing came")
            except WrongMessage as wrong:
                await _close(socket, _WRONG_MESSAGE, str(wrong)[:_MOST_REASON])
            else:
                if farewell:
                    await _close(socket, farewell.code, "", told("bye", code=farewell.word, text=farewell.sentence[begin.language]))

    async def _converse(self, socket: WebSocket, begin: Begin) -> Farewell | None:
        """Converse until the page leaves, or has to go; return why it has to."""
        with self._present(begin.conversation) as presence, presence.scope:
            try:
                async with self._visitors.held(begin.conversation) as visitor:
                    await Session(socket, visitor, begin, self._loaded).run()
            except ServiceBusy:
                return _BUSY
        return presence.farewell

    @contextlib.contextmanager
    def _present(self, name: str) -> Iterator[_Presence]:
        """Let a page be there, in the place of an older one of the same conversation."""
        if older := self._there.get(name):
            older.end(_TAKEN_OVER)
        self._there[name] = presence = _Presence()
        try:
            yield presence
        finally:
            if self._there.get(name) is presence:
                del self._there[name]

    async def until_stopped(self) -> None:
        """Wait to be cancelled; then have all pages go."""
        try:
            await anyio.sleep_forever()
        finally:
            for presence in list(self._there.values()):
                presence.end(_STOPPED)

    @property
    def part(self) -> Part:
        """What it brings to the service."""
        return Part([WebSocketRoute("/talk", self.serve)], [self._visitors.tidy, self.until_stopped])


def talk_part(loaded: Loaded) -> Part:
    """Return the conversations through the page."""
    return Talk(loaded).part


async def _close(socket: WebSocket, code: int, reason: str, last: str = "") -> None:
    with anyio.move_on_after(_FAREWELL):
        if last:
            await socket.send_text(last)
        await socket.close(code, reason)

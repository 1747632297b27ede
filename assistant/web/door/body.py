"""The limits of a request's body: how long it may be, and how long it may take."""

from __future__ import annotations

import enum

import anyio
from starlette.types import Message, Receive

from assistant.types import Seconds


class Fault(enum.Enum):
    """What was wrong with a body."""

    LARGE = "body-too-large"
    SLOW = "body-too-slow"


class Body:
    """A body on its way, counted while it comes: a client may lie about its length, or not tell it.

    The application is told that the client has gone when the body breaks a limit: that is something every application must be
    prepared for, at any time.

    Args:
        receive: Where it comes from.
        most: How many bytes it may have.
        patience: How long it may take, in seconds from when the application begins to read.
    """

    def __init__(self, receive: Receive, most: int, patience: Seconds) -> None:
        self._receive, self._most, self._patience = receive, most, patience
        self._count = 0
        self._deadline: Seconds | None = None
        self._complete = False
        self.fault: Fault | None = None

    async def receive(self) -> Message:
        """Return what the server has received next, or the client's parting once a limit is broken."""
        if self._complete:
            return await self._receive()
        if self.fault is None:
            message = await self._in_time()
            if message is not None and self._fits(message):
                return message
        return {"type": "http.disconnect"}

    async def _in_time(self) -> Message | None:
        if self._deadline is None:
            self._deadline = anyio.current_time() + self._patience
        with anyio.move_on_after(self._deadline - anyio.current_time()):
            return await self._receive()
        self.fault = Fault.SLOW
        return None

    def _fits(self, message: Message) -> bool:
        self._count += len(message.get("body", b""))
        if self._count > self._most:
            self.fault = Fault.LARGE
            return False
        self._complete = not message.get("more_body", False)
        return True

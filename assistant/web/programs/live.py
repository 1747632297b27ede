"""Answers that are sent while they are written, and clients that leave before they have them."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from assistant.runtime.stream import together
from assistant.types import Seconds

T = TypeVar("T")
Say = Callable[[bytes], None]
"""Sends something to the client, when it is ready to take it. Never waits."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Gone(Exception):
    """The client left before it had its answer."""


def event(data: Mapping[str, object] | str, name: str = "") -> bytes:
    """Return a server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


async def unless_gone(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """Do what a client waits for, its request having been read.

    Raises:
        Gone: It left, and the work was cancelled.
    """
    results: list[T] = []
    both = anyio.CancelScope()

    async def run() -> None:
        results.append(await work())
        both.cancel()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        both.cancel()

    with both:
        await together(run, watch)
    if not results:
        raise Gone
    return results[0]


class LiveResponse(Response):
    """What is sent piece by piece, for as long as something has more to say.

    It begins with the first piece: if there is an error before, that is the answer, with its own status. A client that reads slowly
    keeps nobody waiting.

    Args:
        produce: Says the pieces, and raises no error once it has said one.
        longest: For how long a client may take to read them.
        media_type: By default server-sent events.
    """

    def __init__(self, produce: Callable[[Say], Awaitable[None]], longest: Seconds, media_type: str = "text/event-stream") -> None:
        super().__init__(headers=_HEADERS, media_type=media_type)
        del self.headers["content-length"]
        self._produce = produce
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces.

        Raises:
            AssistantError: There is an error, and nothing was sent.
            Gone: The client left.
        """
        del scope
        say, pieces = anyio.create_memory_object_stream[bytes](math.inf)

        async def produce() -> None:
            with say:
                await self._produce(say.send_nowait)

        began = False

        async def begin() -> None:
            nonlocal began
            began = True
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

        async def write() -> None:
            with pieces:
                async for chunk in pieces:
                    if not began:
                        await begin()
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})

        async def both() -> None:
            await together(produce, write)

        with anyio.move_on_after(self._longest):
            await unless_gone(receive, both)
            if not began:
                await begin()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

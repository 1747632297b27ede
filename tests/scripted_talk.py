"""The other end of the page's socket, as a script: it keeps what the page sends, and sends what the test says."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.types import Seconds
from assistant.web.static import page_part

Json: TypeAlias = dict[str, Any]

SOUND, FRAME, PICTURE = 1, 2, 3
SPEECH, CHIME = 1, 2
RATE = 22_050
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self)",
}
"""What the service sends with everything."""
READY: Json = {
    "type": "ready",
    "model": "practice",
    "practice": True,
    "megabytes": 1,
    "language": "en",
    "preferences": {"rate": 190, "volume": 100, "detail": "brief", "directions": "sides", "language": "en", "variants": {}},
}


class ScriptedTalk:
    """Answers "begin" with `READY`; everything else is up to the test."""

    def __init__(self) -> None:
        self.port = 0
        self.begins: list[Json] = []
        self.received: list[Json] = []
        """Every text message but "begin" and "played", in order."""
        self.played: list[Seconds] = []
        self.sound = bytearray()
        """PCM of the microphone."""
        self.frames: list[bytes] = []
        self.pictures: list[bytes] = []
        self.refusals = 0
        """How many sockets are to be refused, which come next."""
        self.stranger = False
        """Whether the guard lets this browser in no more."""
        self.hesitation: Seconds = 0.0
        """How long it takes to be ready."""
        self.attempts: list[Seconds] = []
        """When sockets were asked for."""
        self._loop = asyncio.new_event_loop()
        self._socket: WebSocket | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def forget(self) -> None:
        """Begin anew, for the next test."""
        self.close()
        for kept in (self.begins, self.received, self.played, self.sound, self.frames, self.pictures, self.attempts):
            kept.clear()
        self.refusals = 0
        self.stranger = False
        self.hesitation = 0.0

    async def talk(self, socket: WebSocket) -> None:
        self.attempts.append(time.monotonic())
        if self.refusals or self.stranger:
            self.refusals -= 1
            await socket.close()
            return
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            begin = await socket.receive_json()
            self._socket = socket
            self.begins.append(begin)
            preferences = {**READY["preferences"], "language": begin["language"], **(begin["preferences"] or {})}
            await asyncio.sleep(self.hesitation)
            await socket.send_json({**READY, "preferences": preferences})
            while True:
                self._keep(await socket.receive())

    def _keep(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        if message.get("text") is not None:
            said = json.loads(message["text"])
            if said["type"] == "played":
                self.played.append(said["seconds"])
            else:
                self.received.append(said)
            return
        kind, body = message["bytes"][0], message["bytes"][1:]
        if kind == SOUND:
            self.sound += body
        else:
            {FRAME: self.frames, PICTURE: self.pictures}[kind].append(body)

    def send(self, *messages: Mapping[str, Any] | bytes) -> None:
        """Send messages, in order."""

        async def send() -> None:
            assert self._socket, "the page has not connected"
            for message in messages:
                if isinstance(message, bytes):
                    await self._socket.send_bytes(message)
                else:
                    await self._socket.send_json(message)

        asyncio.run_coroutine_threadsafe(send(), self._loop).result(5)

    def close(self, code: int = 1001) -> None:
        """Close the socket that is open, if any."""

        async def close() -> None:
            if self._socket:
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await self._socket.close(code)
            self._socket = None

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(5)

    def serve(self, server: uvicorn.Server) -> None:
        self._loop.run_until_complete(server.serve())
        self._loop.close()


def tone(seconds: Seconds, kind: int = SPEECH) -> bytes:
    """Return a message of sound that is well heard."""
    return kind.to_bytes(1, "little") + struct.pack("<I", RATE) + _sine(seconds).tobytes()


def _sine(seconds: Seconds) -> npt.NDArray[np.int16]:
    return (np.sin(np.arange(round(seconds * RATE)) * 2 * np.pi * 440 / RATE) * 16_000).astype(np.int16)


def _guarded(app: ASGIApp, talk: ScriptedTalk) -> ASGIApp:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if talk.stranger and scope["type"] == "http":
            await Response(status_code=401)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *((name.encode(), value.encode()) for name, value in _HEADERS.items())]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded


@contextlib.contextmanager
def scripted_talk() -> Iterator[ScriptedTalk]:
    """Serve the page and a scripted assistant on a free port of this machine."""
    talk = ScriptedTalk()
    app = _guarded(Starlette(routes=[*page_part().routes, WebSocketRoute("/talk", talk.talk)]), talk)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio", lifespan="off"))
    thread = threading.Thread(target=talk.serve, args=(server,))
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        talk.port = server.servers[0].sockets[0].getsockname()[1]
        yield talk
        talk.close()
    finally:
        server.should_exit = True
        thread.join(10)

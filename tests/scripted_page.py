"""A page at the other end of a socket, without a network between."""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
import numpy as np
from starlette.websockets import WebSocket

from assistant.config import Config, EarconsConfig
from assistant.errors import PictureUnreadable
from assistant.ports import Transcriber, Voice
from assistant.types import SAMPLE_RATE, Frame, Seconds, Transcript
from assistant.web.loaded import Loaded
from assistant.web.talk.talk import Talk
from tests.fakes.code_reader import FakeCodeReader
from tests.fakes.detector import FakeDetector
from tests.fakes.picture_comparer import FakePictureComparer
from tests.fakes.text_reader import FakeTextReader
from tests.fakes.tracker import FakeTracker
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import PATIENCE, picture

_BETWEEN_FRAMES: Seconds = 0.3
GARBAGE = b"no picture"
QUESTION = Transcript("What is on my left?", "en", 0.9)


def read(data: bytes) -> Frame:
    """Return the scene that the first byte stands for."""
    if data == GARBAGE:
        raise PictureUnreadable("garbage")
    return picture(data[0])


def loaded(
    vision: FakeVision, *, transcriber: Transcriber | None = None, voice: Voice | None = None, config: Config | None = None
) -> Loaded:
    """Return what visitors share, all of it fake."""
    return Loaded(
        config or Config(earcons=EarconsConfig(enabled=False)),
        vision,
        "the fake",
        transcriber or FakeTranscriber([QUESTION] * 10),
        voice or FakeVoice(samples_per_word=80),
        None,
        FakeTextReader(),
        FakeDetector,
        read,
        lambda _: np.zeros(0, np.float32),
        FakeCodeReader(),
        FakePictureComparer(),
        FakeTracker,
    )


def loud(seconds: Seconds, level: float = 0.5) -> bytes:
    """Return a message with so much loud sound; quiet with a level of 0."""
    return b"\x01" + np.full(round(seconds * SAMPLE_RATE), 32_767 * level, "<i2").tobytes()


class Page:
    """Tells as a page does what it plays, and remembers what it is sent."""

    def __init__(self, *, plays: bool = True) -> None:
        self._plays = plays
        self._to_assistant, self._from_page = anyio.create_memory_object_stream[MutableMapping[str, Any]](math.inf)
        self.messages: list[dict[str, Any]] = []
        self.speech: list[tuple[int, int]] = []
        """Of each stretch of speech how many samples and how many a second."""
        self._sees = b""
        self._seen_at: Seconds = 0.0
        self.chimes = 0
        self.closed: tuple[int, str] | None = None
        """The code and the reason that it was closed with."""
        self._changed = anyio.Event()
        self._to_assistant.send_nowait({"type": "websocket.connect"})

    def begin(self, conversation: str = "one", listen: str = "hands-free", **further: object) -> None:
        self.tell("begin", conversation=conversation, listen=listen, **{"language": "en", "preferences": {}, **further})

    def tell(self, kind: str, **fields: object) -> None:
        self.text(json.dumps({"type": kind, **fields}))

    def text(self, text: str) -> None:
        self._to_assistant.send_nowait({"type": "websocket.receive", "text": text})

    def data(self, data: bytes) -> None:
        self._to_assistant.send_nowait({"type": "websocket.receive", "bytes": data})

    def see(self, scene: int | bytes) -> None:
        """Point the camera at a scene; its frames come while something is waited for."""
        self._sees = bytes([scene]) if isinstance(scene, int) else scene
        self._seen_at = time.monotonic()
        self.data(b"\x02" + self._sees)

    def leave(self) -> None:
        self._to_assistant.send_nowait({"type": "websocket.disconnect", "code": 1005})

    def close(self) -> None:
        self._to_assistant.close()
        self._from_page.close()

    async def receive(self) -> MutableMapping[str, Any]:
        return await self._from_page.receive()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await anyio.lowlevel.checkpoint()
        match message:
            case {"type": "websocket.close", "code": code, "reason": reason}:
                self.closed = code, reason
            case {"type": "websocket.send", "text": str(text)}:
                self._take(json.loads(text))
            case {"type": "websocket.send", "bytes": bytes(data)}:
                kind, rate = struct.unpack_from("<BI", data)
                if kind == 1:
                    self.speech.append(((len(data) - 5) // 2, rate))
                else:
                    self.chimes += 1
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def _take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if self._plays and message["type"] == "flush":
            self.tell("flushed")

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of one type."""
        return [message for message in self.messages if message["type"] == kind]

    def sentences(self, *, own: bool) -> list[str]:
        return [message["text"] for message in self.of("sentence") if message["own"] == own]

    @property
    def state(self) -> str:
        states = self.of("state")
        return str(states[-1]["state"]) if states else ""

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true."""
        with anyio.move_on_after(PATIENCE):
            while not happened():
                changed = self._changed
                if self._sees and time.monotonic() - self._seen_at > _BETWEEN_FRAMES:
                    self.see(self._sees)
                with anyio.move_on_after(0.02):
                    await changed.wait()
        assert happened(), f"it never happened; the page has seen {self.messages}, and was closed with {self.closed}"

    async def listening(self) -> None:
        await self.until(lambda: self.state == "listening")

    async def answered(self, times: int = 1) -> None:
        """Wait until so many answers are over, and so is what comes after them."""
        await self.until(lambda: self.kinds.count("answered") >= times and self.state == "listening")


@asynccontextmanager
async def connected(talk: Talk, *pages: Page) -> AsyncIterator[None]:
    """Connect pages; at the end they leave, and have been let go."""

    async def serve(page: Page) -> None:
        await talk.serve(WebSocket({"type": "websocket", "path": "/talk", "headers": []}, page.receive, page.send))

    with anyio.fail_after(2 * PATIENCE):
        async with anyio.create_task_group() as group:
            for page in pages:
                group.start_soon(serve, page)
            yield
            for page in pages:
                page.leave()
    for page in pages:
        page.close()

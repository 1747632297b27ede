"""The assistant on a phone: a real service, a real socket, real Whisper, the practice model and espeak.

The page is played by this test: it streams recorded questions at the pace at which they were spoken, plays what it is sent by the
clock and tells so; what it would have played is written down by Whisper again.
"""

from __future__ import annotations

import contextlib
import json
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from typing import Any

import anyio
import anyio.abc
import numpy as np
import pytest
from PIL import Image, ImageOps
from websockets.asyncio.client import ClientConnection, connect

from assistant.config import Config, ConversationConfig, EspeakVoiceConfig, ServeConfig, VisionConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.file_microphone import read_recording, read_sound
from assistant.engines.opencv_code_reader import OpenCvCodeReader
from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.pillow_picture import decode_picture
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.parts import open_text_reader
from assistant.sound import Resampler
from assistant.types import SAMPLE_RATE, Frame, Samples, Seconds, Utterance
from assistant.vision import open_vision
from assistant.web.loaded import Loaded
from tests.rendered_codes import shown, square
from tests.rendered_things import PLAIN, held
from tests.serving import SAMPLES, SCENE, serving

pytestmark = [pytest.mark.anyio, pytest.mark.weights, pytest.mark.timeout(180)]
PATIENCE: Seconds = 30.0
THING, COLOUR, OPPOSITE = "umbrella", "yellow", "chair"
"""What is on the left in the bundled scene, and on the right."""
_PIECE = SAMPLE_RATE // 20
EVERYTHING, LEFT, WHICH_COLOUR = (read_recording(SAMPLES / name) for name in ("question.wav", "question2.wav", "question3.wav"))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def ears(whisper_base: Any) -> WhisperTranscriber:
    return WhisperTranscriber(whisper_base, "en", 0)


@pytest.fixture(scope="module")
def address(ears: WhisperTranscriber, smart_turn: Any) -> Iterator[str]:
    config = Config(
        serve=ServeConfig(port=0),
        vision=VisionConfig(temperature=0, n_ctx=1024, max_tokens=64),
        voice=EspeakVoiceConfig(pitch=30),  # what Whisper base understands best
        conversation=ConversationConfig(barge_in="auto"),
    )
    vision = open_vision(config)
    shared = Loaded(
        config,
        vision.model,
        vision.name,
        ears,
        EspeakVoice(config.voice),  # type: ignore[arg-type]
        SmartTurnDetector(smart_turn),
        open_text_reader(),
        make_detector=SileroDetector,
        read_picture=decode_picture,
        read_sound=read_sound,
        code_reader=OpenCvCodeReader({}),
        picture_comparer=OpenCvPictureComparer(),
        make_tracker=OpenCvTracker,
    )
    with contextlib.closing(vision.model), serving(shared) as url:
        yield f"{url.replace('http', 'ws', 1)}/talk"


class Page:
    """A page that hears, plays and tells as a browser's does."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._to_say: list[Samples] = []
        self._sends = True
        self.messages: list[dict[str, Any]] = []
        self.speech: list[bytes] = []
        """What came since the last silence or flush."""
        self.spoken: list[bytes] = []
        """What came in all."""
        self._began_at: Seconds = 0.0

    async def tell(self, kind: str, **fields: object) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def show(self, picture: bytes) -> None:
        await self._socket.send(b"\x03" + picture)
        await self.until(lambda: self.of("picture"))
        assert self.of("picture")[-1]["ok"]

    async def ask(self, text: str) -> None:
        await self.tell("ask", text=text)

    def say(self, samples: Samples) -> None:
        """Say something, from now on, at the pace at which it was recorded."""
        self._to_say.append(samples)

    async def said_all(self) -> None:
        await self.until(lambda: not self._to_say)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    async def until(self, happened: Callable[[], object]) -> None:
        with anyio.move_on_after(PATIENCE):
            while not happened():  # noqa: ASYNC110 - whatever a test wants to wait for
                await anyio.sleep(0.02)
        assert happened(), f"it never happened; the page has seen {self.messages}"

    async def answer(self) -> str:
        """Return the next answer, once it has been played."""
        before, sentences = len(self.of("answered")), len(self.of("sentence"))
        await self.until(lambda: len(self.of("answered")) > before and self.of("state")[-1]["state"] == "listening")
        return " ".join(message["text"] for message in self.of("sentence")[sentences:] if not message["own"]).lower()

    # what goes on by itself

    async def listen(self) -> None:
        """Send what the microphone hears, for ever."""
        due = time.monotonic()
        while True:
            sound = self._to_say[0] if self._to_say else np.zeros(0, np.float32)
            piece = np.pad(sound[:_PIECE], (0, _PIECE - sound[:_PIECE].size))
            if self._to_say:
                self._to_say[0] = sound[_PIECE:]
                if sound.size <= _PIECE:
                    self._to_say.pop(0)
            await self._socket.send(b"\x01" + (piece * 32_767).astype("<i2").tobytes())
            due += _PIECE / SAMPLE_RATE
            await anyio.sleep(max(0.0, due - time.monotonic()))

    async def play(self) -> None:
        """Take what comes, for ever, and tell what has been played."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._report)
            async for message in self._socket:
                if isinstance(message, bytes):
                    if message[0] == 1:
                        self._began_at = self._began_at or time.monotonic()
                        self.speech.append(message)
                        self.spoken.append(message)
                    continue
                self.messages.append(json.loads(message))
                match self.messages[-1]["type"]:
                    case "silence":
                        await self._tell_played()
                        self._begin_anew()
                    case "flush":
                        group.start_soon(self._flush)
            group.cancel_scope.cancel()

    async def _flush(self) -> None:
        began_at = self._began_at
        await anyio.sleep(max(0.0, began_at + _seconds(self.speech) - time.monotonic()))
        if self._began_at == began_at:
            self._begin_anew()
            await self.tell("flushed")

    def _begin_anew(self) -> None:
        self.speech, self._began_at = [], 0.0

    async def _report(self) -> None:
        while True:
            await anyio.sleep(0.1)
            if self.speech:
                await self._tell_played()

    async def _tell_played(self) -> None:
        played = min(_seconds(self.speech), time.monotonic() - self._began_at) if self.speech else 0.0
        await self.tell("played", seconds=played)


def _seconds(speech: list[bytes]) -> Seconds:
    return float(sum((len(message) - 5) / 2 / struct.unpack_from("<I", message, 1)[0] for message in speech))


def written(ears: WhisperTranscriber, speech: list[bytes]) -> str:
    (rate,) = struct.unpack_from("<I", speech[0], 1)
    resampler = Resampler(rate, SAMPLE_RATE)
    pcm = np.concatenate([resampler.resample(np.frombuffer(message, "<i2", offset=5)) for message in speech])
    samples = np.pad(pcm.astype(np.float32) / np.float32(32_768), SAMPLE_RATE // 4)
    return ears.transcribe(Utterance(samples, samples.size / SAMPLE_RATE)).text.lower()


@contextlib.asynccontextmanager
async def opened(address: str, name: str, listen: str, rate: int = 400, *, listens: bool = True) -> AsyncIterator[Page]:
    """Open a page."""
    async with connect(address, proxy=None, max_size=None) as socket, anyio.create_task_group() as group:
        page = Page(socket)
        await page.tell("begin", conversation=name, listen=listen, language="en", preferences={"rate": rate})
        group.start_soon(page.play)
        await page.until(lambda: page.of("state"))
        if listens:
            group.start_soon(page.listen)
        yield page
        group.cancel_scope.cancel()


def mirrored() -> bytes:
    file = BytesIO()
    ImageOps.mirror(Image.open(SCENE)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.alone
async def test_a_conversation_over_a_socket(address: str, ears: WhisperTranscriber) -> None:
    async with opened(address, "one", "hands-free", rate=150) as page:
        # a typed question interrupts the greeting, and its answer is understood by who hears it
        await page.show(SCENE.read_bytes())
        await page.ask("What is on my left?")
        await page.until(lambda: page.of("heard"))
        page.spoken.clear()
        assert THING in await page.answer()
        assert THING in written(ears, page.spoken)

        # spoken ones are heard and answered, about the same picture
        await page.tell("prefer", preferences={"rate": 300})
        page.say(WHICH_COLOUR)
        answer = await page.answer()
        assert THING in answer
        assert COLOUR in answer

        # who talks over an answer stops it
        await page.ask("What is in front of me?")
        await page.until(lambda: page.speech)
        page.say(LEFT)
        await page.until(lambda: page.of("interrupted"))
        assert THING in await page.answer()

        # and so does a press, at once
        await page.ask("What is in front of me?")
        await page.until(lambda: page.speech)
        silences = len(page.of("silence"))
        pressed_at = time.monotonic()
        await page.tell("press", press="tap")
        await page.until(lambda: len(page.of("silence")) > silences)
        assert time.monotonic() - pressed_at < 0.5
        spoken = len(page.spoken)
        await page.until(lambda: page.of("state")[-1]["state"] == "listening")
        assert len(page.spoken) == spoken

        # what was written of it can be heard again
        sentences = len(page.of("sentence"))
        await page.ask("repeat")
        await page.until(lambda: len(page.of("sentence")) > sentences)
        assert THING in page.of("sentence")[sentences]["text"]  # a second one may follow it at once


async def test_the_instruments_measure_what_a_page_shows(address: str, ears: WhisperTranscriber) -> None:
    async with opened(address, "measured", "off", rate=150, listens=False) as page:

        async def told(picture: Frame, command: str) -> str:
            """Return what is said when this is held up and that is typed."""
            file = BytesIO()
            Image.fromarray(picture.pixels).save(file, "PNG")
            await page.show(file.getvalue())
            sentences = len(page.of("sentence"))
            await page.ask(command)
            await page.until(lambda: len(page.of("sentence")) > sentences and page.of("state")[-1]["state"] == "listening")
            return " ".join(message["text"] for message in page.of("sentence")[sentences:] if not message["own"])

        assert await told(shown(square("https://example.org/menu"), 200, 10), "scan the code") == "A link to example.org."
        assert await told(held(PLAIN["blue"]), "这是什么颜色？") == "是蓝色。"
        page.spoken.clear()
        assert await told(held(PLAIN["yellow"]), "What colour is this?") == "It is yellow."
        assert COLOUR in written(ears, page.spoken)


async def test_two_at_once_do_not_cross_and_who_comes_back_goes_on(address: str) -> None:
    async with opened(address, "two", "hold") as one, opened(address, "three", "hold") as other:
        await one.show(SCENE.read_bytes())
        await other.show(mirrored())
        answers: list[str] = []

        async def hold(page: Page) -> None:
            await page.tell("press", press="down")
            page.say(LEFT)
            await page.said_all()
            await page.tell("press", press="up")
            answers.append(await page.answer())

        async with anyio.create_task_group() as both:
            both.start_soon(hold, one)
            both.start_soon(hold, other)
        assert sorted(THING in answer for answer in answers) == [False, True]
        assert sorted(OPPOSITE in answer for answer in answers) == [False, True]
        for page, thing in ((one, THING), (other, OPPOSITE)):
            assert thing in " ".join(message["text"] for message in page.of("sentence")).lower()

    async with opened(address, "two", "off", listens=False) as again:
        await again.ask("What colour is it?")
        answer = await again.answer()
        assert THING in answer
        assert COLOUR in answer

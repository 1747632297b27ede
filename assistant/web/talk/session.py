"""One socket: what a page sends goes into a conversation, and what the conversation does goes back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

import anyio
import pydantic
from starlette.websockets import WebSocket, WebSocketDisconnect

from assistant.errors import AssistantError
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import refuse_useless
from assistant.runtime.stream import in_thread, pump, together
from assistant.turn.earcons import Earcon
from assistant.turn.preferences import Preferences
from assistant.turn.quality import DOUBTS, judge
from assistant.turn.state import Doing
from assistant.types import Press, Seconds
from assistant.web.loaded import Loaded
from assistant.web.talk import messages
from assistant.web.talk.greeting import PICTURE_TAKEN, greeting, is_practice
from assistant.web.talk.messages import (
    Ask,
    Begin,
    Flushed,
    PageMessage,
    Played,
    Prefer,
    Pressed,
    Show,
    SoundSwitch,
    told,
    told_preferences,
)
from assistant.web.talk.remote import RemoteButton, RemoteMicrophone
from assistant.web.talk.visitor import Visitor, configured

T = TypeVar("T")
_LAST_WORD: Seconds = 0.3
"""How long the release of a button waits for the sound that came before it; 0.1 s of it comes at once, and is heard in a moment."""


class WrongMessage(Exception):
    """A page sent what no page may send."""


async def first_message(socket: WebSocket) -> Begin:
    """Return the message that a page begins with.

    Raises:
        WrongMessage: It began with another one.
        WebSocketDisconnect: It left.
    """
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    return _checked(Begin.model_validate_json, message.get("text"))


class Session:
    """A visitor's conversation, as long as their page is there.

    Args:
        socket: Accepted.
        visitor: Held by this session alone.
        begin: The page's first message.
        loaded: What all visitors share.
    """

    def __init__(self, socket: WebSocket, visitor: Visitor, begin: Begin, loaded: Loaded) -> None:
        self._socket = socket
        self._visitor = visitor
        self._begin = begin
        self._loaded = loaded
        self._microphone = RemoteMicrophone()
        self._button = RemoteButton(lambda: self._microphone.catch_up(_LAST_WORD))
        self._running = anyio.Event()
        self._held_up, self._to_be_looked_at = anyio.create_memory_object_stream[None](1)
        self._most_picture_bytes = loaded.config.serve.body_megabytes * 1_000_000

    async def run(self) -> None:
        """Converse until the page leaves.

        Raises:
            WrongMessage: It sent what no page may send.
        """
        config = configured(self._loaded.config, self._begin.listen)
        engines = Engines(
            self._visitor.camera,
            self._microphone,
            await in_thread(self._loaded.make_detector),
            self._loaded.transcriber,
            self._visitor.vision,
            self._loaded.text_reader,
            self._loaded.turn_detector,
            buttons=(self._button,),
            code_reader=self._loaded.code_reader,
            picture_comparer=self._loaded.picture_comparer,
            make_tracker=self._loaded.make_tracker,
        )
        self._visitor.come()
        said = self._welcome()
        self._conversation = Conversation(
            engines, self._visitor.mouth, config, self._visitor.watch, self._keep, eyes=self._visitor.eyes, tell=self._tell
        )
        with self._held_up, self._to_be_looked_at, anyio.CancelScope() as self._scope:
            await together(lambda: self._conversation.run(said), self._read, self._write, self._look_at_pictures, self._let_go)

    def _welcome(self) -> str:
        """Tell the page what there is; return what its visitor is greeted with."""
        begin, visitor = self._begin, self._visitor
        usual = Preferences(self._loaded.config.voice.rate, language=begin.language)
        preferences = messages.changed(usual, begin.preferences or {})
        visitor.outbox.put(
            told(
                "ready",
                model=self._loaded.model,
                practice=is_practice(self._loaded),
                megabytes=self._loaded.config.serve.body_megabytes,
                language=preferences.language,
                preferences=messages.as_json(preferences),
            )
        )
        visitor.mouth.preferences = preferences
        first = begin.preferences is None
        if first:
            self._keep(preferences)
        again, visitor.greeted = visitor.greeted, True
        return greeting(self._loaded, begin.listen, preferences.language, again=again, first=first)

    def _keep(self, preferences: Preferences) -> None:
        self._visitor.outbox.put(told_preferences(preferences))

    def _tell(self, doing: Doing) -> None:
        self._running.set()
        self._visitor.outbox.put(told("state", state=doing))

    async def _write(self) -> None:
        """Send what is to be sent; a page that does not take it is gone."""
        send, receive = anyio.create_memory_object_stream[messages.Message]()

        async def give() -> None:
            async with send:
                await pump(self._visitor.outbox.messages, send, limiter=anyio.CapacityLimiter(1))

        async def take() -> None:
            async with receive:
                async for message in receive:
                    await (self._socket.send_text(message) if isinstance(message, str) else self._socket.send_bytes(message))

        with contextlib.suppress(WebSocketDisconnect):
            await together(give, take)
        self._scope.cancel()

    async def _let_go(self) -> None:
        """When this session is cancelled, end what its threads wait for: they wait for the page."""
        try:
            await anyio.sleep_forever()
        finally:
            self._microphone.close()
            self._button.close()
            self._visitor.go()

    async def _read(self) -> None:
        """Take what the page sends, until it leaves."""
        await self._running.wait()
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            if (data := message.get("bytes")) is not None:
                self._take_data(data)
            else:
                self._take(_checked(messages.PAGE_MESSAGE.validate_json, message.get("text")))
        self._scope.cancel()

    def _take(self, message: PageMessage) -> None:
        visitor = self._visitor
        match message:
            case Pressed(press=press):
                self._press(Press(press))
            case Ask(text=text, preset=preset):
                self._conversation.ask(text, preset)
            case Show(type=kind):
                visitor.camera.stand_still(still=kind == "still")
            case SoundSwitch(on=on):
                visitor.speaker.switch(on=on)
            case Prefer(preferences=changes):
                visitor.mouth.preferences = messages.changed(visitor.mouth.preferences, changes)
                self._keep(visitor.mouth.preferences)
            case Played(seconds=seconds):
                visitor.speaker.played(seconds)
            case Flushed():
                visitor.speaker.flushed()

    def _press(self, press: Press) -> None:
        if self._begin.listen != "off":
            self._button.press(press)
        elif press is not Press.UP:  # there is nothing to listen to
            self._conversation.stop()

    def _take_data(self, data: bytes) -> None:
        kind, content = (data[0], data[1:]) if data else (0, b"")
        match kind:
            case messages.SOUND:
                _limit(content, messages.MOST_SOUND_BYTES)
                if len(content) % 2:
                    raise WrongMessage("half a sample of sound")
                if self._begin.listen != "off":
                    self._microphone.hear(content)
            case messages.FRAME:
                _limit(content, messages.MOST_FRAME_BYTES)
                self._visitor.camera.see(content)
            case messages.PICTURE:
                _limit(content, self._most_picture_bytes)
                self._visitor.camera.hold_up(content)
                with contextlib.suppress(anyio.WouldBlock):  # it will be looked at when the one before has been
                    self._held_up.send_nowait(None)
            case _:
                raise WrongMessage("data of an unknown kind")

    async def _look_at_pictures(self) -> None:
        """Look at each picture that is held up, so that it is read when it is asked about."""
        async for _ in self._to_be_looked_at:
            language = self._visitor.mouth.preferences.language
            try:
                quality = await in_thread(lambda: judge(self._visitor.camera.latest(1.0)))
                refuse_useless(quality)
            except AssistantError as error:
                self._visitor.outbox.put(told("picture", ok=False, text=error.spoken(language)))
                self._conversation.report(error)
                continue
            text = DOUBTS[quality.flaw][language] if quality.flaw else PICTURE_TAKEN[language]
            self._visitor.outbox.put(told("picture", ok=True, text=text))
            self._conversation.look()
            await self._visitor.mouth.chimes.play(Earcon.CAPTURED)


def _limit(content: bytes, most: int) -> None:
    if len(content) > most:
        raise WrongMessage("a message that is too long")


def _checked(read: Callable[[str], T], text: str | None) -> T:
    """Return a text message, read.

    Raises:
        WrongMessage: It has mistakes. What it says is not told: it may be private.
    """
    if text is None or len(text.encode()) > messages.MOST_TEXT_BYTES:
        raise WrongMessage("no text, or one that is too long")
    try:
        return read(text)
    except pydantic.ValidationError as error:
        mistakes = (f"{'.'.join(map(str, mistake['loc']))}: {mistake['type']}" for mistake in error.errors(include_input=False))
        raise WrongMessage("; ".join(mistakes)) from None

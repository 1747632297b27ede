"""Where programs are served: one question at a time, about one picture."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import anyio

from assistant.errors import HearingFailed, ModelError, OutOfMemory, PictureNotGiven, ReadingFailed
from assistant.runtime.checking import Check, warnings_about
from assistant.runtime.extraction import read_page
from assistant.runtime.eyes import refuse_useless
from assistant.runtime.stream import for_each, in_thread
from assistant.turn.documents import in_context
from assistant.turn.page import Paragraph
from assistant.turn.quality import DOUBTS, Quality, judge
from assistant.turn.sentences import language_of
from assistant.turn.stakes import IN_PRINT, stakes_of
from assistant.types import (
    SAMPLE_RATE,
    AnswerChunk,
    Cancellation,
    Frame,
    Language,
    Question,
    Rank,
    Seconds,
    TextLine,
    Usage,
    Utterance,
    Writing,
)
from assistant.web.conversations import Conversations
from assistant.web.loaded import Loaded
from assistant.web.metrics import Metrics
from assistant.web.programs.dialogue import Dialogue, Exchange
from assistant.web.programs.line import Line

_LOG = logging.getLogger(__name__)
_SESSIONS_REST: Seconds = 1800.0
_PICTURES_REST: Seconds = 600.0
_SEEING_OFF: Seconds = 10.0
"""How long they are waited for in the end: the server breaks them off sooner."""
_PICTURES = 4
"""How many pictures stay read for who asks about the same one again, as every follow-up through OpenAI's interface does."""


@dataclasses.dataclass(frozen=True, slots=True)
class Inquiry:
    """What a program asks."""

    words: str
    """The question; empty where it is spoken."""
    sound: bytes | None = None
    """A sound file with the question."""
    picture: bytes | None = None
    """A picture file; None for a question about the last one, or about none."""
    session: str | None = None
    """The conversation it belongs to, by name; None for one without memory."""
    before: Sequence[Exchange] = ()
    """Without a session: what was said before the picture."""
    about: Sequence[Exchange] = ()
    """Without a session: what was said about the picture."""
    system: str = ""
    language: Language | None = None
    """None for that of the question."""
    wishes: Callable[[Language], str] = lambda _: ""
    """What is wanted of the answer, in words for the model."""
    writing: Writing = dataclasses.field(default_factory=Writing)
    traced: bool = False
    """Whether print in the picture is given to the model beside it, and told with the answer."""
    needs_picture: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Timings:
    """How long the parts of an answer took, in seconds."""

    queued: Seconds
    """Until it was its turn."""
    picture: Seconds
    """To read the picture, judge it and look at it."""
    first_token: Seconds
    """From the request to the first piece of the answer."""
    total: Seconds


@dataclasses.dataclass(frozen=True, slots=True)
class Answered:
    """What came of an inquiry."""

    text: str
    question: Question
    heard: str
    """The words of a spoken question; empty for a written one."""
    timings: Timings
    usage: Usage | None
    """None where the model does not tell."""
    doubt: str
    """What is to be said of the picture; empty if it is good."""
    lines: Sequence[TextLine] = ()
    """The print in the picture, where that was wanted."""
    warnings: Sequence[str] = ()
    """Where a mistake could hurt, what a person would be told beside it: that the print says otherwise, or that it can't judge."""


class Desk:
    """Serves programs.

    Args:
        loaded: What they are served with.
    """

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        serve = loaded.config.serve
        self.line = Line(serve.waiting, serve.time_limit)
        self.voice_line = Line(serve.waiting, serve.time_limit)
        self.since = int(time.time())
        """When it opened, in seconds since 1970."""
        self.metrics = Metrics(lambda: self.line.waiting)
        self.sessions = Conversations(self._dialogue, serve.conversations, _SESSIONS_REST)
        self._pictures = Conversations(self._dialogue, _PICTURES, _PICTURES_REST)
        self.beside = (self.sessions.tidy, self._pictures.tidy, self._see_off)
        """What is to run while programs are served."""

    def _dialogue(self, system: str = "") -> Dialogue:
        return Dialogue(self.loaded.vision.another(Rank.PROGRAM, system))

    async def answer(self, inquiry: Inquiry, tell: Callable[[str], None] = lambda _: None) -> Answered:
        """Answer an inquiry, when it is its turn.

        Args:
            inquiry: What is asked.
            tell: Called with each piece of the answer. Must not block.

        Raises:
            ServiceBusy, TooSlow: as the name says.
            AssistantError: It could not be answered; the subclass says why.
        """
        came_at = time.monotonic()
        async with self.line.turn():
            return await self._serve(inquiry, tell, came_at)

    async def transcribe(self, sound: bytes) -> tuple[str, Language]:
        """Return the words in a sound file, and their language, when it is its turn; an empty text where there are none.

        Raises:
            SoundUnreadable: It is no sound file, or too long.
            ServiceBusy, TooSlow: as the name says.
        """
        async with self.line.turn():
            return await self._words(sound)

    async def _see_off(self) -> None:
        """Wait to be cancelled, and then for the requests that still have the model."""
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.move_on_after(_SEEING_OFF, shield=True):
                await self.line.emptied()

    async def _serve(self, inquiry: Inquiry, tell: Callable[[str], None], came_at: Seconds) -> Answered:
        queued = time.monotonic() - came_at
        question, heard = await self._question(inquiry)
        lines, paragraphs = await self._print(inquiry)
        context = in_context([paragraph.text for paragraph in paragraphs], question.language)
        question = dataclasses.replace(question, wish=question.wish + context)
        async with self._held(inquiry) as dialogue:
            began_at = time.monotonic()
            await self._prepare(dialogue, inquiry)
            if dialogue.quality is None and inquiry.needs_picture:
                raise PictureNotGiven("neither a picture nor a session with one")
            ready_at = time.monotonic()
            text, usage, first_at = await _written(dialogue, question, tell)
            dialogue.remember(question, text)  # without a session, too: who asks on repeats it, and finds it read
            self.metrics.answered(first_at - came_at, usage)
            warnings = await self._warnings(inquiry, question, text)
            timings = Timings(queued, ready_at - began_at, first_at - came_at, time.monotonic() - came_at)
            return Answered(text, question, heard, timings, usage, _doubt(dialogue.quality, question.language), lines, warnings)

    async def _print(self, inquiry: Inquiry) -> tuple[Sequence[TextLine], Sequence[Paragraph]]:
        """Return what is written in the picture, if that is wanted and can be read."""
        picture = inquiry.picture
        if picture is None or not inquiry.traced:
            return (), ()
        frame = await in_thread(lambda: self.loaded.read_picture(picture))
        try:
            return await read_page(frame, self.loaded.text_reader)
        except (ModelError, ReadingFailed) as error:
            _note(error)
            return (), ()

    async def _warnings(self, inquiry: Inquiry, question: Question, answer: str) -> Sequence[str]:
        """Return what a person would be told beside an answer in words."""
        stakes = frozenset() if question.writing.schema else stakes_of(question.text, question.language)
        if not stakes:
            return ()
        picture = inquiry.picture
        frame = await in_thread(lambda: self.loaded.read_picture(picture)) if picture and stakes & IN_PRINT else None
        check = Check(question, stakes, frame, self.loaded.text_reader, _note)
        return await warnings_about(answer, check)

    async def _question(self, inquiry: Inquiry) -> tuple[Question, str]:
        """Return the question, and the words of it that are spoken."""
        heard, language = "", language_of(inquiry.words)
        if inquiry.sound is not None:
            heard, language = await self._words(inquiry.sound)
            if not heard:
                raise HearingFailed("no words in it")
        language = inquiry.language or language
        words = f"{inquiry.words}\n{heard}".strip()
        return Question(words, language, inquiry.wishes(language), inquiry.writing), heard

    async def _words(self, sound: bytes) -> tuple[str, Language]:
        cancellation = Cancellation()

        def hear() -> tuple[str, Language]:
            samples = self.loaded.read_sound(sound)
            utterance = Utterance(samples, len(samples) / SAMPLE_RATE)
            transcript = self.loaded.transcriber.transcribe(utterance, cancellation)
            return transcript.text, transcript.language

        return await in_thread(hear, on_cancel=cancellation.cancel)

    @asynccontextmanager
    async def _held(self, inquiry: Inquiry) -> AsyncIterator[Dialogue]:
        """Hold the conversation that an inquiry belongs to."""
        if inquiry.session is not None:
            async with self.sessions.held(inquiry.session) as dialogue:
                yield dialogue
        else:
            name = hashlib.sha256(inquiry.system.encode() + b"\0" + (inquiry.picture or b"")).hexdigest()
            async with self._pictures.held(name, lambda: self._dialogue(inquiry.system)) as dialogue:
                try:
                    yield dialogue
                except OutOfMemory:  # it has forgotten what was said, perhaps for a smaller model
                    await self._pictures.drop(name)
                    raise

    async def _prepare(self, dialogue: Dialogue, inquiry: Inquiry) -> None:
        """Have the model see, and know, what it is asked about.

        Raises:
            PictureUnreadable, PictureUseless, VisionFailed: as the name says.
        """
        picture, has_memory = inquiry.picture, inquiry.session is not None
        cancellation = Cancellation()

        def prepare() -> None:
            known = not has_memory and dialogue.begins_with(inquiry.before) and (dialogue.quality is None) == (picture is None)
            if not known:
                seen = _seen(self.loaded.read_picture, picture) if picture is not None else None
                if not has_memory:
                    dialogue.begin_anew(inquiry.before)
                if seen:
                    dialogue.look(*seen, cancellation)
            if not has_memory:
                dialogue.go_back_to(inquiry.about)

        await in_thread(prepare, on_cancel=cancellation.cancel)


def _note(error: Exception) -> None:
    _LOG.warning("no print could be read: %s", error)


def _seen(read: Callable[[bytes], Frame], picture: bytes) -> tuple[Frame, Quality]:
    frame = read(picture)
    quality = judge(frame)
    refuse_useless(quality)
    return frame, quality


async def _written(dialogue: Dialogue, question: Question, tell: Callable[[str], None]) -> tuple[str, Usage | None, Seconds]:
    """Return the answer, what it took, and when its first piece was there. The model never waits for who reads it."""
    pieces: list[str] = []
    usages: list[Usage] = []
    came_at: list[Seconds] = []
    cancellation = Cancellation()

    def take(chunk: AnswerChunk) -> None:
        if not came_at:
            came_at.append(time.monotonic())
        if chunk.usage:
            usages.append(chunk.usage)
        if chunk.text:
            pieces.append(chunk.text)
            tell(chunk.text)

    await for_each(lambda: dialogue.vision.answer(question, cancellation), take, ahead=64, on_cancel=cancellation.cancel)
    return "".join(pieces), usages[0] if usages else None, came_at[0] if came_at else time.monotonic()


def _doubt(quality: Quality | None, language: Language) -> str:
    sentences = DOUBTS.get(quality.flaw) if quality and quality.flaw else None
    return sentences[language] if sentences else ""

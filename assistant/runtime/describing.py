"""Describing what is there, again and again, until told to stop; whoever speaks goes before it."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import anyio
from typing_extensions import Never

from assistant.config import Anticipation
from assistant.errors import CameraLost, TooBlurred
from assistant.ports import TextReader, VisionModel
from assistant.runtime.announcer import Announcer
from assistant.runtime.asking import whole_answer
from assistant.runtime.extraction import read_page
from assistant.runtime.eyes import Eyes
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread
from assistant.turn import description
from assistant.turn.description import Length, Subject
from assistant.turn.earcons import Earcon
from assistant.turn.lookout import Lookout
from assistant.turn.novelty import NewText, Novelty
from assistant.turn.quality import DOUBTS
from assistant.turn.sentences import split
from assistant.types import Language, Question, Seconds, Sentence

SpeakUp: TypeAlias = Callable[[Callable[[], Awaitable[None]]], Awaitable[None]]
"""Has something said that nobody asked for just now, if nobody speaks; may return before that is over."""

_GLIMPSE: Seconds = 0.5
"""How often it is looked whether something moves."""
_BREATH: Seconds = 1.5
"""How long it is silent after whatever was said: somebody may want to say something."""
_SIGN_OF_LIFE: Seconds = 20.0
"""After how long a silence it ticks: to who sees no picture, silence is a crash (rule 10 of the design)."""
_TOLD_AGAIN: Seconds = 60.0
"""How long nothing is said of a trouble that has been told."""
_SHARES: Mapping[Anticipation, float] = {"always": 0.5, "on-speech": 0.25, "never": 0.25}
"""Of its time that the model may look, by what the profile says of the machine: whether it may work while it waits."""


class Describing:
    """Describes for one conversation, as long as it is wanted.

    Args:
        eyes: See whether something has changed, and look where that is so.
        vision: Writes the descriptions.
        text_reader: Reads, where only text is wanted.
        mouth: Tells what is new.
        announcer: Tells of troubles.
        anticipate: How much the machine may work unasked.
    """

    def __init__(
        self,
        eyes: Eyes,
        vision: VisionModel,
        text_reader: TextReader,
        mouth: Mouth,
        announcer: Announcer,
        *,
        anticipate: Anticipation,
    ) -> None:
        self._eyes = eyes
        self._vision = vision
        self._text_reader = text_reader
        self._mouth = mouth
        self._announcer = announcer
        self._share = _SHARES[anticipate]
        self._wanted: tuple[Subject, Language] | None = None
        self._begun = anyio.Event()
        self._looking = anyio.CancelScope()
        self._not_before: Seconds = -math.inf
        self._lookout = Lookout(self._share)
        self._memory: Novelty | NewText = Novelty()
        self._troubles: dict[object, Seconds] = {}
        """When each was met last, by its type or flaw."""
        self._sounded_at: Seconds = -math.inf
        self._blind = False
        """Whether the camera is lost."""

    def begin(self, subject: Subject, language: Language) -> None:
        """Describe from now on, as if nothing had been told."""
        self._wanted = subject, language
        self._lookout = Lookout(self._share)
        self._memory = NewText() if subject is Subject.TEXT else Novelty()
        self._troubles.clear()
        self._sounded_at = anyio.current_time()
        self._blind = False
        self._begun.set()

    def end(self) -> bool:
        """Describe no more; return whether it did."""
        wanted, self._wanted = self._wanted, None
        self._begun = anyio.Event()
        self._looking.cancel()
        return wanted is not None

    @property
    def going_on(self) -> bool:
        """Whether it describes, or will when nobody speaks."""
        return self._wanted is not None

    def make_way(self, pause: Seconds = 0.0) -> None:
        """Stop looking: somebody speaks, or may within `pause`. It goes on by itself."""
        self._looking.cancel()
        if self._wanted:
            self._not_before = anyio.current_time() + pause

    async def run(self, idle: Callable[[], bool], speak_up: SpeakUp) -> Never:
        """Describe whenever that is wanted and nobody speaks, for ever.

        Args:
            idle: Whether nobody speaks and nothing is being answered.
            speak_up: Has the new things said.
        """
        while True:
            await self._begun.wait()
            await anyio.sleep(_GLIMPSE)
            now = anyio.current_time()
            if not idle():
                self._breathe()
            elif self._wanted and now >= self._not_before:
                with anyio.CancelScope() as self._looking:
                    await self._watch(*self._wanted, speak_up)
                if now - self._sounded_at >= _SIGN_OF_LIFE:
                    self._sounded_at = now
                    await self._mouth.chimes.play(Earcon.THINKING)

    def _breathe(self) -> None:
        """Take in that something is said just now."""
        self._sounded_at = anyio.current_time()
        self._not_before = max(self._not_before, self._sounded_at + _BREATH)

    async def _watch(self, subject: Subject, language: Language, speak_up: SpeakUp) -> None:
        """Look whether there is something to be told, and have it told."""
        try:
            frame = await self._eyes.glimpse()
            if self._blind:
                self._blind = False
                await speak_up(lambda: self._announcer.say(description.SEEING_AGAIN))
                return
            now = anyio.current_time()
            length = await in_thread(lambda: self._lookout.glimpse(frame, now))
        except Exception as error:  # noqa: BLE001 - told, and tried again
            await self._tell_once(error, speak_up)
            return
        self._memory.stood(self._lookout.stood, now)
        if length is None:
            return
        question, sentences = None, list[Sentence]()
        try:
            question, sentences = await (self._read() if subject is Subject.TEXT else self._describe(subject, length, language))
        except Exception as error:  # noqa: BLE001 - told, and tried again with the next picture
            if not (isinstance(error, TooBlurred) and length is Length.SHORT):  # nobody can hold still while walking
                await self._tell_once(error, speak_up)
        took = anyio.current_time() - now
        self._lookout.looked(frame, length, now, took)
        if sentences:
            await speak_up(lambda: self._tell(question, sentences))

    async def _describe(self, subject: Subject, length: Length, language: Language) -> tuple[Question, list[Sentence]]:
        """Return what the model was asked, and what is new of its answer."""
        self._eyes.begin()
        flaw = await self._eyes.make_sure()
        question = description.question(subject, length, self._mouth.preferences, language)
        written = await whole_answer(self._vision, question)
        news = self._memory.news(split(written.text), anyio.current_time())
        if news and flaw and self._is_untold(flaw):
            news.append(Sentence(DOUBTS[flaw][language], language))
        return question, news

    async def _read(self) -> tuple[None, list[Sentence]]:
        """Return what is written there and has not been read aloud."""
        frame = await self._eyes.snapshot()
        _, paragraphs = await read_page(frame, self._text_reader)
        sentences = [sentence for paragraph in paragraphs for sentence in paragraph.spoken()]
        return None, self._memory.news(sentences, anyio.current_time())

    async def _tell(self, question: Question | None, sentences: Sequence[Sentence]) -> None:
        def heard(whole: int) -> None:
            self._breathe()
            self._memory.told(sentences[:whole], self._sounded_at)
            if whole < len(sentences):
                self._lookout.forget()  # the rest is still to be told

        await self._mouth.volunteer(question, sentences, self._vision, heard)

    async def _tell_once(self, error: Exception, speak_up: SpeakUp) -> None:
        self._blind = self._blind or isinstance(error, CameraLost)
        if self._is_untold(type(error)):
            await speak_up(lambda: self._announcer.report(error))

    def _is_untold(self, trouble: object) -> bool:
        """Tell whether nothing has been said of a trouble for a while; it will be now."""
        now = anyio.current_time()
        before = self._troubles.get(trouble, -math.inf)
        self._troubles[trouble] = now
        return now - before >= _TOLD_AGAIN

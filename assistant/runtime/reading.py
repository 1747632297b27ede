"""Reading aloud what is before the camera: the first paragraph is heard while the others are still being made out."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from assistant.errors import AssistantError, CameraCovered, Illegible, NothingToRead, PageWhite, TooBlurred, TooDark
from assistant.events import Stage
from assistant.ports import TextReader
from assistant.runtime.announcer import Announcer
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import for_each, in_thread, together
from assistant.runtime.watch import Watch
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.turn.mention import mentions
from assistant.turn.page import TURNED, Paragraph, cut_off_words, turned
from assistant.turn.quality import Flaw, judge
from assistant.turn.recital import Recital
from assistant.types import Frame, Language, Sentence, TextLine

_SENTENCES_AHEAD = 16
"""How far reading may be ahead of the voice; then it leaves the processor to others."""
_REASONS: Mapping[Flaw, type[AssistantError]] = {
    Flaw.DARK: TooDark,
    Flaw.COVERED: CameraCovered,
    Flaw.BLURRED: TooBlurred,
    Flaw.OVEREXPOSED: PageWhite,
}
"""Why there is no text, by what is wrong with the picture."""


class Reading:
    """Reads aloud for one conversation, and remembers the page until the next one.

    Args:
        reader: Makes out what is written.
        mouth: Speaks.
        announcer: Keeps whoever waits company; None where nobody does.
        watch: Told what happens.
        on_paragraph: Called with each paragraph when it has been made out.
    """

    def __init__(
        self,
        reader: TextReader,
        mouth: Mouth,
        announcer: Announcer | None,
        watch: Watch,
        on_paragraph: Callable[[Paragraph], None] = lambda _: None,
    ) -> None:
        self._reader = reader
        self._mouth = mouth
        self._announcer = announcer
        self._watch = watch
        self._on_paragraph = on_paragraph
        self._page: tuple[Frame, Recital] | None = None

    async def read(self, take_picture: Callable[[], Awaitable[Frame]], language: Language) -> None:
        """Take a picture, which is heard, and read aloud what is on it.

        Args:
            take_picture: Returns it.
            language: Of what is said about the page.

        Raises:
            CameraLost: There is no picture.
            NothingToRead, PictureUseless: There is no text, or none that could be read; the subclass says why.
            ModelError, ReadingFailed: The reader cannot be used, or failed.
            VoiceFailed, SpeakerLost: as the name says.
        """
        self._page = None
        frame = await take_picture()
        self._watch(Stage.LOOKED, evidence=frame)
        await self._mouth.chimes.play(Earcon.SHUTTER)
        company = anyio.CancelScope()

        async def read() -> None:
            try:
                places = await in_thread(lambda: self._reader.find(frame))
                height, width, _ = frame.pixels.shape
                recital = Recital(places, width, height)
                self._page = (frame, recital)
                await self._make_out(frame, recital, recital.at_edges)
                await self._make_out_paragraph(frame, recital, 0)
                if not recital.paragraphs:
                    raise await in_thread(lambda: why_unread(frame, found=bool(places)))
            finally:
                company.cancel()
            if words := cut_off_words(recital.cut_off, language):
                await self._mouth.say(words, language)
            await self._recite()
            if way := turned(recital.places):
                await self._mouth.say(TURNED[way][language], language)

        await together(read, lambda: self._keep_company(company))

    async def go_on(self) -> bool:
        """Read on from where it was interrupted, if reading was the last thing that was done; return whether there was anything."""
        if self._page is None or not self._mouth.has_read:
            return False
        frame, recital = self._page
        if not await self._make_out_in_company(frame, recital, recital.position[0]):
            return False
        await self._recite()
        return True

    async def move(self, paragraphs: int, language: Language) -> None:
        """Read from so many paragraphs further on, or back; or say that there is none.

        Raises:
            AssistantError: as `read`.
        """
        if self._page is None:
            await self._mouth.say(prompts.NOTHING_READ[language], language)
            return
        frame, recital = self._page
        wanted = recital.current + paragraphs
        if not await self._make_out_in_company(frame, recital, max(0, wanted)):
            await self._mouth.say(prompts.END_OF_PAGE[language], language)
            return
        recital.position = (max(0, wanted), 0)
        if wanted < 0:
            await self._mouth.say(prompts.BEGINNING_OF_PAGE[language], language)
        await self._recite()

    async def read_from(self, words: str, language: Language) -> None:
        """Read from the next place where some words stand; or say that there is none.

        Raises:
            AssistantError: as `read`.
        """
        if self._page is None:
            await self._mouth.say(prompts.NOTHING_READ[language], language)
            return
        frame, recital = self._page
        number = recital.current
        while await self._make_out_in_company(frame, recital, number) and not mentions(recital.paragraphs[number].text, words):
            number += 1
        if number == len(recital.paragraphs):
            earlier = (place for place, paragraph in enumerate(recital.paragraphs) if mentions(paragraph.text, words))
            number = next(earlier, number)
        if number == len(recital.paragraphs):
            await self._mouth.say(prompts.NOT_ON_PAGE[language].format(words=words), language)
            return
        recital.position = (number, 0)
        await self._recite()

    def forget(self) -> None:
        """Forget the page, and the picture of it."""
        self._page = None

    async def _keep_company(self, scope: anyio.CancelScope) -> None:
        if self._announcer:
            await self._announcer.keep_company(scope)

    async def _recite(self) -> None:
        """Read aloud from the position on to the end of the page."""
        assert self._page is not None  # noqa: S101 - whoever calls it has opened one
        frame, recital = self._page
        send, receive = anyio.create_memory_object_stream[Sentence](_SENTENCES_AHEAD)
        first, skipped = recital.position

        async def feed() -> None:
            async with send:
                for number in itertools.count(first):
                    if not await self._make_out_paragraph(frame, recital, number):
                        return
                    sentences = recital.paragraphs[number].spoken()
                    await self._give(sentences[skipped if number == first else 0 :], send)

        def heard(sentences: int) -> None:
            recital.heard(sentences)
            self._mouth.keep_read(*recital.last_heard())

        await together(feed, lambda: self._mouth.read_out(receive, heard))

    async def _give(self, sentences: Sequence[Sentence], send: MemoryObjectSendStream[Sentence]) -> None:
        for sentence in sentences:
            self._watch(Stage.SENTENCE, sentence.text)
            await send.send(sentence)

    async def _make_out_paragraph(self, frame: Frame, recital: Recital, number: int) -> bool:
        """Make out as much of the page as is needed for this paragraph; return whether there is one."""
        while len(recital.paragraphs) <= number and (lines := recital.unread()):
            await self._make_out(frame, recital, lines)
        return number < len(recital.paragraphs)

    async def _make_out_in_company(self, frame: Frame, recital: Recital, number: int) -> bool:
        """Make out a paragraph that somebody waits for: on a small machine it may take seconds."""
        company = anyio.CancelScope()
        found = False

        async def make_out() -> None:
            nonlocal found
            try:
                found = await self._make_out_paragraph(frame, recital, number)
            finally:
                company.cancel()

        await together(make_out, lambda: self._keep_company(company))
        return found

    async def _make_out(self, frame: Frame, recital: Recital, numbers: Sequence[int]) -> None:
        """Make out some lines; those that were made out are kept even if it is cancelled."""
        waiting = iter(numbers)
        before = len(recital.paragraphs)

        def read() -> Iterator[TextLine]:
            return self._reader.read(frame, [recital.places[number] for number in numbers])

        await for_each(read, lambda line: recital.take(next(waiting), line))
        for paragraph in recital.paragraphs[before:]:
            self._on_paragraph(paragraph)


def why_unread(frame: Frame, *, found: bool) -> AssistantError:
    """Return why nothing could be read of a picture.

    Args:
        frame: The picture.
        found: Whether something in it looks like text.
    """
    flaw = judge(frame).flaw
    if flaw:
        return _REASONS[flaw](f"no text could be read; the picture is {flaw.value}")
    return Illegible("no line could be made out") if found else NothingToRead("there is no text")

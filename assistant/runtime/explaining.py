"""Explaining a figure: all that the model sees of it, with the print in it beside, whatever length answers have otherwise."""

from __future__ import annotations

import dataclasses

import anyio

from assistant.errors import ModelError, ReadingFailed
from assistant.ports import TextReader, VisionModel
from assistant.runtime.announcer import Announcer
from assistant.runtime.extraction import read_page
from assistant.runtime.eyes import Eyes
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import together
from assistant.turn.documents import in_context
from assistant.turn.prompts import EXPLAIN_FIGURE, wish
from assistant.turn.quality import DOUBTS
from assistant.types import Frame, Language, Question


class Explaining:
    """Explains in one conversation: the answer belongs to it, so one can ask on.

    Args:
        eyes: Look at the figure.
        reader: Reads what is written in it.
        vision: Explains it.
        mouth: Speaks.
        announcer: Keeps whoever waits company.
    """

    def __init__(self, eyes: Eyes, reader: TextReader, vision: VisionModel, mouth: Mouth, announcer: Announcer) -> None:
        self._eyes = eyes
        self._reader = reader
        self._vision = vision
        self._mouth = mouth
        self._announcer = announcer

    async def explain(self, language: Language) -> None:
        """Explain the figure before the camera.

        Raises:
            PictureUseless, CameraLost, VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        company = anyio.CancelScope()

        async def answer() -> None:
            try:
                flaw = await self._eyes.make_sure()
                frame = self._eyes.asked_about
                context = await self._context(frame, language) if frame else ""
                detailed = dataclasses.replace(self._mouth.preferences, detail="full")
                question = Question(EXPLAIN_FIGURE[language], language, wish(detailed, language) + context)
                await self._mouth.answer(question, self._vision, company.cancel)
            finally:
                company.cancel()
            if flaw:
                await self._mouth.say(DOUBTS[flaw][language], language)

        await together(answer, lambda: self._announcer.keep_company(company))

    async def _context(self, frame: Frame, language: Language) -> str:
        """Return the print in a picture as words for the model; a figure can be explained without it, too."""
        try:
            _, paragraphs = await read_page(frame, self._reader)
        except (ModelError, ReadingFailed) as error:
            self._announcer.note(error)
            return ""
        return in_context([paragraph.text for paragraph in paragraphs], language)

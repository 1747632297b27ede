"""Inspection: what is before the camera is compared with a picture from before, and where it differs is said."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np

from assistant.events import Stage
from assistant.ports import Camera, PictureComparer, VisionModel
from assistant.runtime.announcer import Announcer, accompanied
from assistant.runtime.asking import whole_answer
from assistant.runtime.eyes import look, refuse_useless, snapshot
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn.earcons import Earcon
from assistant.turn.inspection import (
    DIFFERENCE_ASKED,
    NO_REFERENCE,
    REFERENCE_FORGOTTEN,
    REFERENCE_KEPT,
    side_by_side,
    told_differences,
)
from assistant.turn.quality import judge
from assistant.turn.sentences import split
from assistant.types import Box, Frame, Language, Question, Rank, Seconds, Sentence, Writing

_MOST = 2
"""Places that the model is asked about: each takes a look."""
_MAX_TOKENS = 48


class Inspecting:
    """Compares for one conversation. The reference is kept in memory alone.

    Args:
        camera: What it is compared with; None where single pictures are.
        comparer: Finds differences.
        vision: Whose model says what they are; what it is asked here stays out of its conversation.
        mouth: Says so.
        announcer: Keeps whoever waits company.
        watch: Told what happens.
        max_age: Of a picture.
    """

    def __init__(
        self,
        camera: Camera | None,
        comparer: PictureComparer,
        vision: VisionModel,
        mouth: Mouth,
        announcer: Announcer | None,
        *,
        watch: Watch,
        max_age: Seconds,
    ) -> None:
        self._camera = camera
        self._comparer = comparer
        self._vision = vision
        self._mouth = mouth
        self._announcer = announcer
        self._watch = watch
        self._max_age = max_age
        self._reference: Frame | None = None

    async def remember(self, language: Language) -> None:
        """Keep what is before the camera as the reference.

        Raises:
            CameraLost, PictureUseless, VoiceFailed, SpeakerLost: as the name says.
        """
        self._reference = await self._picture()
        await self._mouth.say(REFERENCE_KEPT[language], language)

    async def forget(self, language: Language) -> None:
        """Forget the reference, and say so."""
        self.drop()
        await self._mouth.say(REFERENCE_FORGOTTEN[language], language)

    def drop(self) -> None:
        """Forget the reference."""
        self._reference = None

    async def compare(self, language: Language) -> None:
        """Say where what is before the camera differs from the reference.

        Raises:
            CameraLost, PictureUseless, VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        reference = self._reference
        if reference is None:
            await self._mouth.say(NO_REFERENCE[language], language)
            return
        await self.tell(reference, await self._picture(), language)

    async def tell(self, reference: Frame, frame: Frame, language: Language) -> None:
        """Say where a picture differs from another one of the same thing.

        Raises:
            PictureUseless, VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        for picture in (reference, frame):
            await in_thread(lambda picture=picture: refuse_useless(judge(picture)))  # type: ignore[misc]
        boxes = await in_thread(lambda: self._comparer.compare(reference, frame))
        where = Sentence(told_differences(boxes, self._mouth.preferences.directions, language), language)

        async def describe() -> list[Sentence]:
            return await self._what_they_are(reference, frame, (boxes or [])[:_MOST], language)

        await self._mouth.tell([where])  # before the model looks, which takes seconds and may fail
        what = await accompanied(self._announcer, describe)
        if what:
            await self._mouth.tell(what)

    async def _what_they_are(self, reference: Frame, frame: Frame, boxes: Sequence[Box], language: Language) -> list[Sentence]:
        if not boxes:
            return []
        said: list[Sentence] = []
        with contextlib.closing(self._vision.another(Rank.PAGE)) as vision:
            for box in boxes:
                pixels = await in_thread(lambda box=box: side_by_side(reference.pixels, frame.pixels, box))  # type: ignore[misc]
                await look(Frame(np.ascontiguousarray(pixels), frame.captured_at), vision, self._watch)
                question = Question(DIFFERENCE_ASKED[language], language, writing=Writing("question", max_tokens=_MAX_TOKENS))
                said += split((await whole_answer(vision, question)).text)
        return said

    async def _picture(self) -> Frame:
        camera = self._camera
        assert camera is not None  # noqa: S101 - else only `tell` is asked for
        frame = await snapshot(camera, self._max_age)
        await in_thread(lambda: refuse_useless(judge(frame)))
        self._watch(Stage.LOOKED, evidence=frame)
        await self._mouth.chimes.play(Earcon.SHUTTER)
        return frame

"""Aiming at a page before it is read: beeps that rise toward the centre, words for corrections, and the shutter by itself."""

from __future__ import annotations

import anyio

from assistant.ports import Camera, TextReader
from assistant.runtime.beacon import Beacon
from assistant.runtime.eyes import snapshot
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.turn.aim import Coach, Sight, correction_for, is_steady, nearness_of
from assistant.turn.quality import Flaw, judge
from assistant.turn.sight import print_blurred, sharpest
from assistant.types import Frame, Language, Seconds

LIMIT: Seconds = 12.0
"""How long it aims; then what there is is read, which says itself what is cut off."""
_STANDS_STILL: Seconds = 0.7
"""How long a new picture is waited for: without one there is nothing to aim."""
_NEXT_FRAME: Seconds = 0.05
_MOMENT: Seconds = 0.3
"""In which a hand moves too little to matter."""


class Aiming:
    """Takes pictures of pages for one conversation.

    Args:
        camera: What is aimed.
        reader: Finds text.
        mouth: Beeps, and says corrections.
        max_age: Of a picture.
    """

    def __init__(self, camera: Camera, reader: TextReader, mouth: Mouth, max_age: Seconds) -> None:
        self._camera = camera
        self._reader = reader
        self._mouth = mouth
        self._max_age = max_age

    async def take(self, language: Language) -> Frame:
        """Return a picture of a page: at once if it can be read, else as soon as the hand has found it.

        Args:
            language: Of the corrections.

        Raises:
            CameraLost, PictureUnreadable: There is no picture.
            ModelError, ReadingFailed: The text reader cannot be used, or failed.
            VoiceFailed, SpeakerLost: as the name says.
        """
        taken: list[Frame] = []
        beacon = Beacon(self._mouth)
        with anyio.move_on_after(LIMIT), anyio.CancelScope() as scope:

            async def aim() -> None:
                if frame := await self._aimed(beacon, language):
                    taken.append(frame)
                scope.cancel()

            await together(aim, beacon.sound)
        return taken[0] if taken else await snapshot(self._camera, self._max_age)

    async def _aimed(self, beacon: Beacon, language: Language) -> Frame | None:
        """Return the first picture in which a page lies well; None where the camera gives no new ones."""
        coach = Coach()
        frame, before = await self._newest(), None
        while True:
            sight, hopeless = await in_thread(lambda frame=frame: self._sight(frame))  # type: ignore[misc]
            correction = correction_for(sight)
            if hopeless:
                return frame  # whoever reads it says why it cannot be read
            if correction is None and (before is None or is_steady(before, sight)):
                return await in_thread(lambda frame=frame: self._sharpest(frame))  # type: ignore[misc]
            beacon.nearness = nearness_of(sight)
            newer = await self._another(frame)
            if newer is None:
                return None
            if correction and (words := coach.words(correction, anyio.current_time(), language)):
                await self._mouth.say(words, language)
                newer = await self._newest()
            frame, before = newer, sight

    def _sight(self, frame: Frame) -> tuple[Sight, bool]:
        """Return what is to be seen of a page, and whether no movement of the hand would help."""
        height, width, _ = frame.pixels.shape
        quality, places = judge(frame), self._reader.glimpse(frame)
        moved = quality.flaw is Flaw.BLURRED
        blurred = print_blurred(frame, places) if places else moved
        return Sight(places, width, height, blurred), quality.useless and not moved and not places

    def _sharpest(self, frame: Frame) -> Frame:
        """Return the sharpest picture of the moment before, and of this one."""
        return sharpest([*self._camera.recent(min(_MOMENT, self._max_age)), frame])

    async def _newest(self) -> Frame:
        return await in_thread(lambda: self._camera.latest(self._max_age))

    async def _another(self, frame: Frame) -> Frame | None:
        """Return the next picture; None if none comes."""
        with anyio.move_on_after(_STANDS_STILL):
            while (newest := await self._newest()).pixels is frame.pixels:
                if newest.captured_at > frame.captured_at:  # a file that somebody holds up is as new as it is asked for
                    return None
                await anyio.sleep(_NEXT_FRAME)
            return newest
        return None

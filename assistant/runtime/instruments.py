"""The small instruments: what light there is, what colour something has, what a code says. The model is not asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import anyio

from assistant.errors import CameraCovered
from assistant.ports import Camera, CodeReader
from assistant.runtime.eyes import refuse_useless
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread, together
from assistant.turn import codes, colour, light
from assistant.turn.quality import DOUBTS, Flaw, Quality, judge
from assistant.turn.sentences import split
from assistant.turn.spelling import spelled
from assistant.types import Code, Language, Seconds, Sentence

_SEARCH: Seconds = 3.0
"""How long a code is looked for: somebody who cannot see turns the thing about meanwhile."""
_NEXT_FRAME: Seconds = 0.05
_BESIDES_CODES = frozenset({Flaw.COVERED, Flaw.DARK})
"""What keeps a code from being found for certain."""

_TOO_CLOSE: Mapping[Language, str] = {
    "en": "Something covers the camera, or is too close to it: hold it a hand's breadth away, so that I see its edges.",
    "zh": "有东西挡住了镜头，或者离得太近：请拿到一掌远的地方，让我看到它的边缘。",
}
_NO_CODE: Mapping[Language, str] = {
    "en": "I see no code. Hold it a hand's breadth away, and turn it slowly.",
    "zh": "我没看到码。请拿到一掌远的地方，慢慢转动它。",
}
_UNREAD: Mapping[Language, str] = {
    "en": "I see a code, but cannot read it. Hold it closer, and still.",
    "zh": "我看到一个码，但读不出来。请拿近一点，拿稳。",
}
_NO_PASSWORD: Mapping[Language, str] = {
    "en": "I have read no password. Scan the code of a Wi-Fi network first.",
    "zh": "我还没有读到密码。请先扫无线网络的码。",
}


class Instruments:
    """Measure for one conversation, and say what they measured.

    Args:
        camera: What is measured.
        code_reader: Reads codes.
        mouth: Says it.
        max_age: Of a picture.
    """

    def __init__(self, camera: Camera, code_reader: CodeReader, mouth: Mouth, max_age: Seconds) -> None:
        self._camera = camera
        self._code_reader = code_reader
        self._mouth = mouth
        self._max_age = max_age
        self._read: Sequence[Code] = ()
        """What was read last."""

    async def tell_light(self, language: Language) -> None:
        """Say how bright it is.

        Raises:
            CameraCovered, CameraLost, PictureUnreadable, VoiceFailed, SpeakerLost: as the name says.
        """

        def measure() -> light.Light:
            frame = self._camera.latest(self._max_age)
            quality = judge(frame)
            if quality.flaw is Flaw.COVERED:
                refuse_useless(quality)
            return light.light_in(frame)

        measured = await in_thread(measure)
        await self._tell(light.told(measured, language, self._mouth.preferences.directions))

    async def tell_colour(self, language: Language) -> None:
        """Say what colour is in the middle of the picture.

        Raises:
            TooDark, TooBright, CameraLost, PictureUnreadable, VoiceFailed, SpeakerLost: as the name says.
        """

        def measure() -> tuple[colour.Colours, Quality]:
            frame = self._camera.latest(self._max_age)
            quality = judge(frame)
            if quality.flaw is not Flaw.BLURRED:  # a colour needs no edges
                refuse_useless(quality)
            return colour.colours_of(frame), quality

        try:
            colours, quality = await in_thread(measure)
        except CameraCovered:
            await self._mouth.say(_TOO_CLOSE[language], language)
            return
        dark = quality.flaw is Flaw.DARK and colours.doubt is None
        await self._tell(colour.told(colours, language), DOUBTS[Flaw.DARK][language] if dark else "")

    async def tell_code(self, language: Language) -> None:
        """Look for a code for a while, and say what it says.

        Raises:
            CameraCovered, TooDark, CameraLost, PictureUnreadable, VoiceFailed, SpeakerLost: as the name says.
        """
        found = await self._look_for_codes()
        if any(code.text for code in found):
            self._read = found
            await self._mouth.tell(codes.told(found, language))
            return
        quality = await in_thread(lambda: judge(self._camera.latest(self._max_age)))
        if not found and quality.flaw in _BESIDES_CODES:
            refuse_useless(quality)
        await self._mouth.say((_UNREAD if found else _NO_CODE)[language], language)

    async def tell_password(self, language: Language) -> None:
        """Spell the password of the network whose code was read last.

        Raises:
            VoiceFailed, SpeakerLost: as the name says.
        """
        password = codes.password_of(self._read)
        if password:
            await self._mouth.tell([Sentence(sentence.text, language) for sentence in split(spelled(password, language))])
        else:
            await self._mouth.say(_NO_PASSWORD[language], language)

    async def _look_for_codes(self) -> Sequence[Code]:
        """Return the codes of the first picture in which one can be read; else those that were seen last."""
        seen: Sequence[Code] = ()

        async def look() -> None:
            nonlocal seen
            while not any(code.text for code in seen):
                seen = await in_thread(lambda: self._code_reader.read(self._camera.latest(self._max_age))) or seen
                await anyio.sleep(_NEXT_FRAME)
            scope.cancel()

        with anyio.move_on_after(_SEARCH) as scope:
            await together(self._mouth.chimes.tick, look)
        return seen

    async def _tell(self, *texts: str) -> None:
        await self._mouth.tell([sentence for text in texts for sentence in split(text)])

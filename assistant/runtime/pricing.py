"""Saying what products and prices stand before the camera: read, not asked of the model, so that no figure is made up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from assistant.events import Stage
from assistant.ports import TextReader
from assistant.runtime.announcer import Announcer
from assistant.runtime.extraction import read_page
from assistant.runtime.mouth import Mouth
from assistant.runtime.reading import why_unread
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn.earcons import Earcon
from assistant.turn.page import is_legible
from assistant.turn.price_rows import NO_PRICES, NO_TOTAL, PriceRow, price_rows
from assistant.types import Frame, Language


class Pricing:
    """Reads prices for one conversation.

    Args:
        reader: Makes out what is written.
        mouth: Speaks.
        announcer: Keeps whoever waits company.
        watch: Told what happens.
    """

    def __init__(self, reader: TextReader, mouth: Mouth, announcer: Announcer, watch: Watch) -> None:
        self._reader = reader
        self._mouth = mouth
        self._announcer = announcer
        self._watch = watch

    async def tell(self, take_picture: Callable[[], Awaitable[Frame]], language: Language, *, only_total: bool) -> None:
        """Take a picture, which is heard, and say what costs what on it; or that there is no price.

        Args:
            take_picture: Returns it.
            language: Of what is said beside the print.
            only_total: Whether only what all of it costs is said.

        Raises:
            CameraLost: There is no picture.
            NothingToRead, PictureUseless: There is no text, or none that could be read; the subclass says why.
            ModelError, ReadingFailed: The reader cannot be used, or failed.
            VoiceFailed, SpeakerLost: as the name says.
        """
        frame = await take_picture()
        self._watch(Stage.LOOKED, evidence=frame)
        await self._mouth.chimes.play(Earcon.SHUTTER)

        async def read() -> list[PriceRow]:
            lines, _ = await read_page(frame, self._reader)
            if not any(map(is_legible, lines)):
                raise await in_thread(lambda: why_unread(frame, found=bool(lines)))
            return price_rows(lines)

        rows = await self._announcer.accompany(read)
        wanted = [row for row in rows if row.is_total or (row.is_product and not only_total)]
        if wanted:
            await self._mouth.tell([sentence for row in wanted for sentence in row.spoken()])
        else:
            await self._mouth.say((NO_TOTAL if only_total else NO_PRICES)[language], language)

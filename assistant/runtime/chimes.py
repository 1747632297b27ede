"""Letting earcons sound, beside what is being said."""

from __future__ import annotations

import contextlib

import anyio
import numpy as np
from typing_extensions import Never

from assistant.config import EarconsConfig
from assistant.errors import SpeakerLost
from assistant.ports import Speaker
from assistant.runtime.stream import in_thread
from assistant.turn.earcons import Earcon, beep_sound, earcon_sound
from assistant.types import Samples, Seconds, SpeechChunk

_RATE = 48_000
"""As much as any loudspeaker plays; one of another rate resamples each earcon once."""
TICK: Seconds = 1.5
"""Between two ticks while thinking (rule 10 of the design)."""


class Chimes:
    """The earcons of one loudspeaker. They wait for nothing and hold up nothing: the loudspeaker lays them over what it plays."""

    def __init__(self, speaker: Speaker, config: EarconsConfig) -> None:
        self._speaker = speaker
        self._enabled = config.enabled
        self._volume = config.volume
        self._chunks = {earcon: self._chunk(earcon_sound(earcon, _RATE)) for earcon in Earcon}
        self._sounding = 0
        self._in_order = anyio.Lock()
        """Threads start in any order; what was taken in must not be heard after what became of it."""

    def _chunk(self, sound: Samples) -> SpeechChunk:
        return SpeechChunk((327.67 * self._volume * sound).astype(np.int16), _RATE)

    @property
    def sounding(self) -> bool:
        """Whether an earcon is to be heard."""
        return self._sounding > 0

    async def play(self, earcon: Earcon) -> None:
        """Let an earcon sound at once, unless they are turned off; return when it is over. Cancelling does not cut it short."""
        if self._enabled:
            await self._play(self._chunks[earcon])

    async def beep(self, hertz: float) -> None:
        """Let a beep of this pitch sound, as `play` does an earcon."""
        if self._enabled:
            await self._play(self._chunk(beep_sound(hertz, _RATE)))

    async def tick(self) -> Never:
        """Tick until cancelled."""
        while True:
            await anyio.sleep(TICK)
            await self.play(Earcon.THINKING)

    async def last_resort(self) -> None:
        """Let the error's earcon sound even if they are turned off: where nothing can be said, the rest would be silence."""
        await self._play(self._chunks[Earcon.ERROR])

    async def _play(self, chunk: SpeechChunk) -> None:
        self._sounding += 1
        try:
            with contextlib.suppress(SpeakerLost):  # whoever has something to say next will tell of it
                async with self._in_order:
                    await in_thread(lambda: self._speaker.chime(chunk))
                await anyio.sleep(chunk.samples.size / chunk.sample_rate)
        finally:
            self._sounding -= 1

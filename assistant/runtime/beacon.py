"""Beeps that guide a hand: how high they are and how often they come tells how near it is to what is aimed at."""

from __future__ import annotations

import anyio
from typing_extensions import Never

from assistant.runtime.chimes import TICK
from assistant.runtime.mouth import Mouth
from assistant.turn.earcons import Earcon
from assistant.types import Seconds

_HERTZ = (698.5, 1396.9)
"""F5, and an octave above: see `assistant.turn.earcons` for what limits them."""
_INTERVAL: tuple[Seconds, Seconds] = (0.9, 0.12)
"""From one beep to the next, furthest away and there."""
_LOOK_AGAIN: Seconds = 0.03
"""How soon a beacon that was silent is heard."""


class Beacon:
    """Beeps for one hand as long as it is told where that is, and else ticks: it is still looking.

    Args:
        mouth: Lets them sound, and is not ticked over.
    """

    def __init__(self, mouth: Mouth) -> None:
        self._mouth = mouth
        self.nearness: float | None = None
        """From 0, furthest away, to 1, there; None where it is not known."""

    async def sound(self) -> Never:
        """Beep, or tick, until cancelled."""
        beginning = anyio.current_time() - self._interval
        while True:
            now = anyio.current_time()
            if self.nearness is not None and now >= beginning + self._interval:
                beginning = now
                low, high = _HERTZ
                await self._mouth.chimes.beep(low * (high / low) ** self.nearness)
            elif self.nearness is None and self._mouth.speaking:
                beginning = now
            elif self.nearness is None and now >= beginning + TICK:
                beginning = now
                await self._mouth.chimes.play(Earcon.THINKING)
            await anyio.sleep(_LOOK_AGAIN)

    @property
    def _interval(self) -> Seconds:
        """Return how long it is from one beep to the next by now: a hand that comes closer is not kept waiting."""
        slow, fast = _INTERVAL
        return slow + (fast - slow) * (self.nearness or 0.0)

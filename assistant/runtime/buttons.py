"""Waiting for presses, whatever becomes of the button."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from assistant.errors import ButtonLost
from assistant.ports import Button
from assistant.runtime.stream import for_each
from assistant.types import Press, Seconds

_RETRY: Seconds = 1.0
"""How long to wait before a lost button is tried again."""


async def heed(button: Button, take: Callable[[Press], None], tell: Callable[[ButtonLost], object]) -> None:
    """Have each press taken, until the button has no more. One that is lost is told of once, and tried again for ever."""
    told = False
    while True:
        try:
            await for_each(button.presses, take, on_cancel=button.close)
        except ButtonLost as error:
            if not told:
                tell(error)
            told = True
        else:
            return
        await anyio.sleep(_RETRY)

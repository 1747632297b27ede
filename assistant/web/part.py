"""What a part of the service brings: its addresses, and what runs beside."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence

from starlette.routing import BaseRoute


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """The page, the talk, or the interface for programs."""

    routes: Sequence[BaseRoute] = ()
    beside: Sequence[Callable[[], Awaitable[None]]] = ()
    """What runs while the service does, until it is cancelled."""

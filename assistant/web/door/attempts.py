"""How often somebody may guess."""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable

from assistant.types import Seconds

_KEPT = 10_000
"""Addresses remembered: about 1 MB."""


class Attempts:
    """Wrong guesses, counted for each key: a few at once, then one in a while (a token bucket).

    Args:
        burst: How many may be made at once.
        every: After how many seconds one more may be made.
        now: The clock.
    """

    def __init__(self, burst: int, every: Seconds, now: Callable[[], Seconds] = time.monotonic) -> None:
        self._burst, self._every, self._now = burst, every, now
        self._forgiven_at: dict[str, Seconds] = {}

    def wait(self, key: str) -> int:
        """Return after how many seconds `key` may guess again; 0 for at once."""
        left = self._forgiven_at.get(key, 0.0) - self._now() - (self._burst - 1) * self._every
        return max(0, math.ceil(left))

    def failed(self, key: str) -> None:
        """Count a wrong guess of `key`."""
        start = max(self._now(), self._forgiven_at.pop(key, 0.0))
        self._forgiven_at[key] = start + self._every
        if len(self._forgiven_at) > _KEPT:
            del self._forgiven_at[next(iter(self._forgiven_at))]  # who guessed wrong longest ago


def guesser(client: tuple[str, int] | None) -> str:
    """Return whom a guess is counted against: an IPv4 address, or the IPv6 network that one household has as a whole.

    Args:
        client: The peer's address and port, of an ASGI scope.
    """
    if client is None:
        return ""
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return client[0]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))

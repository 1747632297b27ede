"""Lines that say how far a download is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

from assistant.types import Seconds

Report: TypeAlias = Callable[[str], None]
"""Says one line to the user."""

LINE_EVERY: Seconds = 5.0
"""A screen reader takes about two seconds to read a line aloud."""
MEGABYTE = 1_000_000


class Progress:
    """Says how far one download is, in plain lines that are not too many."""

    def __init__(self, label: str, total_bytes: int, report: Report) -> None:
        self._label = label
        self._total_bytes = total_bytes
        self._report = report
        self._said_at = time.monotonic()

    def reached(self, done_bytes: int) -> None:
        """Say how far it is, unless the last such line is not long ago. More than all, as pip's copies make it, counts as all."""
        now = time.monotonic()
        if now - self._said_at >= LINE_EVERY:
            self._said_at = now
            self.say(f"{megabytes(min(done_bytes, self._total_bytes))} of {megabytes(self._total_bytes)} MB")

    def say(self, what: str) -> None:
        """Say something about this download."""
        self._report(f"{self._label}: {what}")


def megabytes(count: int) -> str:
    """Return a number of bytes in megabytes, without the unit."""
    return f"{count / MEGABYTE:.0f}" if count >= MEGABYTE else "less than 1"

"""What happens, as plain lines in the terminal: one thing a line, no colour, no moving parts, fit for a screen reader."""

from __future__ import annotations

import contextlib
import time

from assistant.events import Event, Stage


class ConsoleLines:
    """An observer that prints each stage with the seconds since the program's start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Print one line."""
        if event.stage in {Stage.TURN_ENDED, Stage.TURN_CANCELLED}:  # the line before says that already
            return
        detail = f": {event.detail}" if event.detail else ""
        with contextlib.suppress(OSError):  # a terminal that was closed does not end a conversation
            print(f"{event.at - self._start:6.2f} s  {event.stage.value}{detail}", flush=True)  # noqa: T201 - it is what this is for

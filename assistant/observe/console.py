"""What happens, as plain lines in the terminal: one thing a line, no colour, no moving parts, fit for a screen reader."""

from __future__ import annotations

import contextlib
import os
import sys
import time

from assistant.events import Event, Stage

_SAID = {Stage.TRANSCRIBED, Stage.SENTENCE, Stage.UNSAID, Stage.ANSWERED, Stage.INTERRUPTED}
"""Their details are what was said."""


class ConsoleLines:
    """An observer that prints each stage with the seconds since the program's start.

    What was said is left out where the lines are kept: in the journal of systemd.
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._kept = _goes_to_journal()

    def __call__(self, event: Event) -> None:
        """Print one line."""
        if event.stage in {Stage.TURN_ENDED, Stage.TURN_CANCELLED}:  # the line before says that already
            return
        detail = f": {event.detail}" if event.detail and not (self._kept and event.stage in _SAID) else ""
        with contextlib.suppress(OSError):  # a terminal that was closed does not end a conversation
            print(f"{event.at - self._start:6.2f} s  {event.stage.value}{detail}", flush=True)  # noqa: T201 - it is what this is for


def _goes_to_journal() -> bool:
    """Tell whether what is printed is kept by systemd, which names its end of the line; a child's output may go elsewhere."""
    try:
        output = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):  # closed, or not a file
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{output.st_dev}:{output.st_ino}"

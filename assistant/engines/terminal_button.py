"""Enter in the terminal that the assistant was started in."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator
from typing import TextIO

from assistant.types import Press, Seconds

_POLL: Seconds = 0.1
"""How often it is looked whether the button was closed."""


class TerminalButton:
    """Each line is one press; `assistant.ports.Button`. The terminal keeps its own meaning of Ctrl-C, Ctrl-Z and Ctrl-D.

    Args:
        terminal: What is read; standard input where it is None. Nothing is pressed where that is no terminal.
    """

    def __init__(self, terminal: TextIO | None = None) -> None:
        self._terminal = terminal or sys.stdin
        self._closed = False

    def presses(self) -> Iterator[Press]:
        """Yield a TAP for each line, until the terminal is gone or the button is closed."""
        if self._terminal is None or self._terminal.closed or not self._terminal.isatty():
            return
        file = self._terminal.fileno()
        try:
            while not self._closed:
                if _in_background(file):  # reading would stop this process, and what is typed is for another one
                    time.sleep(_POLL)
                elif select.select([file], [], [], _POLL)[0]:
                    if os.read(file, 4096):
                        yield Press.TAP
                    else:  # Ctrl-D, which is no press, or a terminal that is gone and would keep us busy
                        time.sleep(_POLL)
        except OSError:  # the terminal is gone
            return

    def close(self) -> None:
        """End `presses` for good. May be called twice, from any thread."""
        self._closed = True


def _in_background(file: int) -> bool:
    try:
        return os.tcgetpgrp(file) != os.getpgrp()
    except OSError:  # it does not control this process, and so cannot stop it
        return False

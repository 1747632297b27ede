"""Whether the person is listened to: always, after a wake word, or while a button asks for it.

Time is counted in sound received, never read from a clock.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from assistant.types import Seconds

Start: TypeAlias = Literal["always", "wake-word", "push-to-talk"]
"""What makes the assistant listen."""


class Attention:
    """Open while what is said counts.

    Args:
        start: What opens it. With "always" it never closes, it only falls asleep.
        window: How long it stays open when it was called and nobody speaks, and after an answer to what a wake word began.
    """

    def __init__(self, start: Start, window: Seconds) -> None:
        self.start = start
        self._window = window
        self._left: Seconds = 0.0
        self.asleep = False
        """Whether all that counts is being told to wake up."""

    @property
    def open(self) -> bool:
        """Whether sound is listened to."""
        return self.start == "always" or self._left > 0

    def call(self) -> None:
        """Open it: somebody said the wake word, or pressed a button."""
        self.asleep = False
        self._left = 0.0 if self.start == "always" else self._window

    def asked(self) -> None:
        """Take in that a question has been asked: a button is pressed for one at a time."""
        if self.start == "push-to-talk":
            self._left = 0.0

    def close(self) -> None:
        """Close it, or fall asleep where it never closes."""
        self.asleep = self.start == "always"
        self._left = 0.0

    def passed(self, seconds: Seconds, *, busy: bool) -> bool:
        """Let time pass; return whether that has closed it just now.

        Args:
            seconds: How much sound was received.
            busy: Whether somebody speaks or is being answered: the window begins when that is over.
        """
        if self._left <= 0:
            return False
        self._left = self._window if busy else self._left - seconds
        return self._left <= 0

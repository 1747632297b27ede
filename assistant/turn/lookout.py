"""When to look again, unasked: soon and briefly while things move, once at length when they have come to rest, then no more."""

from __future__ import annotations

import math

from assistant.turn.description import Length
from assistant.turn.sight import scene_changed
from assistant.types import Frame, Seconds

_RESTS: Seconds = 1.0
"""How long a scene must stand still to be told at length."""
_PACE: Seconds = 3.0
"""The least time from one look to the next: a short sentence takes two seconds, and the ear needs the street in between."""


class Lookout:
    """Watches what the camera sees, for one description after another. Times are seconds of any one clock.

    Args:
        share: Of the time that may be spent looking, over 0 up to 1: the machine is not to run hot.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._not_before: Seconds = -math.inf
        self._at: Seconds | None = None
        self.stood: Seconds = 0.0
        """How long before the last glimpse all stood as it did in the last look: since the glimpse before, or 0."""
        self.forget()

    def forget(self) -> None:
        """Have seen nothing: what is there is to be described."""
        self._before: Frame | None = None
        self._described: Frame | None = None
        self._length = Length.LONG
        self._moved_at: Seconds = -math.inf

    def glimpse(self, frame: Frame, at: Seconds) -> Length | None:
        """Take in what the camera sees by now; return how long a description is wanted, if one is."""
        unchanged = self._described is not None and not scene_changed(self._described, frame)
        self.stood = at - self._at if unchanged and self._at is not None else 0.0
        before, self._before, self._at = self._before, frame, at
        if before is None:
            return None
        if scene_changed(before, frame):
            self._moved_at = at
        if at < self._not_before:
            return None
        if at - self._moved_at < _RESTS:
            return None if unchanged else Length.SHORT
        return None if unchanged and self._length is Length.LONG else Length.LONG

    def looked(self, frame: Frame, length: Length, began: Seconds, took: Seconds) -> None:
        """Take in that a picture has been described, or could not be.

        Args:
            frame: What was seen when that began.
            length: Of the description.
            began: When that was.
            took: How long the model worked for it.
        """
        self._described, self._length = frame, length
        self._not_before = began + max(_PACE, took / self._share)

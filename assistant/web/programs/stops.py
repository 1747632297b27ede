"""Ending an answer where one of some texts comes."""

from __future__ import annotations

from collections.abc import Sequence


class UntilStop:
    """Passes on what comes before the first of the texts, wherever the answer is cut into pieces.

    Args:
        stops: The texts; none of them is passed on.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        """What may be the beginning of one."""
        self.stopped = False
        """Whether one has come."""

    def feed(self, piece: str) -> str:
        """Take the next piece of the answer; return what is sure to come before any of the texts."""
        if self.stopped:
            return ""
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.stopped, self._held = True, ""
            return text[: min(places)]
        held = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def flush(self) -> str:
        """Return what was held back, when the answer has ended."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Return how much of the text's end is the beginning of `stop`."""
    return next((length for length in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:length])), 0)

"""A loudspeaker that remembers."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from assistant.errors import AssistantError
from assistant.types import Seconds, SpeechChunk


class FakeSpeaker:
    """Plays in no time and remembers what.

    Args:
        errors: One for each `play`, in this order; None where it succeeds.
        plays_on: `wait` blocks until `silence`, as if the sound never ended.
    """

    def __init__(self, errors: Sequence[AssistantError | None] = (), *, plays_on: bool = False) -> None:
        self._errors = list(errors)
        self._plays_on = plays_on
        self._silenced = threading.Event()
        self._queued: Seconds = 0.0
        self.played: list[SpeechChunk] = []
        self.heard_seconds: Seconds | None = None
        """What `silence` says was heard of what is queued; None for all of it."""
        self.chimes: list[SpeechChunk] = []
        self.levels: list[float] = []
        self.waits = 0
        self.silences = 0
        self.closed = False

    def play(self, chunk: SpeechChunk) -> None:
        error = self._errors.pop(0) if self._errors else None
        if error:
            raise error
        self._silenced.clear()
        self.played.append(chunk)
        self._queued += chunk.samples.size / chunk.sample_rate

    def wait(self) -> None:
        self.waits += 1
        if self._plays_on and self._queued:
            self._silenced.wait()
        self._queued = 0.0

    def silence(self) -> Seconds:
        self.silences += 1
        queued, self._queued = self._queued, 0.0
        self._silenced.set()
        return queued if self.heard_seconds is None else min(self.heard_seconds, queued)

    def chime(self, chunk: SpeechChunk) -> None:
        self.chimes.append(chunk)

    def fade_to(self, level: float) -> None:
        self.levels.append(level)

    def close(self) -> None:
        self.closed = True
        self._silenced.set()

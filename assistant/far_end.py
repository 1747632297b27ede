"""What the loudspeaker was given, lined up with what the microphone hears: the reference that an echo is recognised by."""

from __future__ import annotations

import threading

import numpy as np

from assistant import sound
from assistant.types import SAMPLE_RATE, Samples, Seconds

CUSHION: Seconds = 0.06
"""How much is held back after a gap, for both devices move their sound in pieces of 20 to 32 ms. It must stay below what the
buffers of loudspeaker and microphone hold together, 0.1 s and more, or the echo would be heard before its reference."""
LATENESS: Seconds = 0.1
"""From how much that lies here at every `take` on the reference is late, and is shortened to the cushion."""
WINDOW: Seconds = 2.0
"""How long it must lie here. A reader that stood still for less, and then takes all at once, changes nothing."""
GRACE: Seconds = 0.3
"""How long the loudspeaker's thread may be late without anything having been lost: a busy machine holds it up, while the device
plays on out of its buffer."""
LONGEST_KEPT: Seconds = 30.0
"""How much is kept for a reader that is late, as of the microphone's sound."""


class FarEnd:
    """Takes sound at the loudspeaker's pace, in one thread, and gives it at the microphone's, in another.

    The two devices have clocks and buffers of their own, and nobody tells how they relate. So the lag between them is kept as it
    is, and the echo canceller finds it by itself: what is missing at a `take` is silence, and is thrown away when it comes later.
    Only when there is too little for `GRACE`, or too much for `WINDOW`, is the lag changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: list[tuple[sound.Pcm, int]] = []
        self._given_seconds: Seconds = 0.0
        self._gap = True
        self._resampler: sound.Resampler | None = None
        self._silent = False
        """Whether the last piece was silence: all that the resampler still holds is, too."""
        self._waiting: sound.Pcm = np.empty(0, np.int16)
        """At `SAMPLE_RATE`; as all below, of the reader's thread."""
        self._missing = 0
        """How much was taken before it came."""
        self._late = 0
        """Over how much in a row something was missing."""
        self._least = self._taken = 0
        self._playing = False
        """Whether anything came since the lag was changed."""
        self.changes = 0
        """How often the lag was changed. Of the reader's thread."""

    @property
    def missing(self) -> bool:
        """Whether the loudspeaker's thread is so late that the lag may be about to change. Of the reader's thread."""
        return self._late >= CUSHION * SAMPLE_RATE

    def add(self, samples: sound.Pcm, rate: int) -> None:
        """Take the next piece, one channel; cheap enough for a device's own thread."""
        with self._lock:
            self._given.append((samples, rate))
            self._given_seconds += samples.size / rate
            while self._given_seconds > LONGEST_KEPT:
                oldest, its_rate = self._given.pop(0)
                self._given_seconds -= oldest.size / its_rate

    def realign(self) -> None:
        """Let the next `take` begin with now: the microphone's sound has a gap before it. May be called from any thread."""
        self._gap = True

    def take(self, count: int) -> Samples:
        """Return `count` samples at `SAMPLE_RATE`: what was played while as many were heard, some lag aside."""
        with self._lock:
            given, self._given, self._given_seconds = self._given, [], 0.0
            gap, self._gap = self._gap, False
        fresh = np.concatenate([np.empty(0, np.int16), *(self._resampled(samples, rate) for samples, rate in given)])
        if gap:
            self._begin_anew()
        elif fresh.size:
            self._wait(fresh)
        if not self._playing:
            return np.zeros(count, np.float32)
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        self._missing += count - taken.size
        self._late = self._late + count if taken.size < count else 0
        if self._late >= GRACE * SAMPLE_RATE:
            self._begin_anew()
        self._shorten(count)
        return np.pad(taken.astype(np.float32) / np.float32(32_768), (0, count - taken.size))

    def _wait(self, fresh: sound.Pcm) -> None:
        self._playing = True
        overdue = min(self._missing, fresh.size)
        self._missing -= overdue
        self._waiting = np.concatenate([self._waiting, fresh[overdue:]])

    def _begin_anew(self) -> None:
        self._waiting = np.zeros(round(CUSHION * SAMPLE_RATE), np.int16)
        self._missing = self._late = self._least = self._taken = 0
        self._playing = False
        self.changes += 1

    def _resampled(self, samples: sound.Pcm, rate: int) -> sound.Pcm:
        if self._resampler is None or self._resampler.from_rate != rate:
            self._resampler = sound.Resampler(rate, SAMPLE_RATE)
        silent_before, self._silent = self._silent, not samples.any()
        count, rest = divmod(samples.size * SAMPLE_RATE, rate)
        if self._silent and silent_before and not rest:  # most of the time: nothing is resampled into nothing
            return np.zeros(count, np.int16)
        return self._resampler.resample(samples)

    def _shorten(self, count: int) -> None:
        """Drop what lay here all the time, if it is too much."""
        self._taken += count
        self._least = min(self._least, self._waiting.size)
        if self._taken >= WINDOW * SAMPLE_RATE:
            if self._least > LATENESS * SAMPLE_RATE:
                self._waiting = self._waiting[self._least - round(CUSHION * SAMPLE_RATE) :]
                self.changes += 1
            self._least, self._taken = self._waiting.size, 0

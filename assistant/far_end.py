"""What the loudspeaker was given, lined up with what the microphone hears: the reference that an echo is recognised by."""

from __future__ import annotations

import collections
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


class _Line:
    """Pieces of sound in a row. Silence, which is most of them, is only counted: an array costs 20 us whenever it is touched."""

    def __init__(self) -> None:
        self._pieces: collections.deque[sound.Pcm | int] = collections.deque()
        self.size = 0
        """How many samples there are."""

    def add(self, piece: sound.Pcm | int) -> None:
        """Put a piece at the end; a number is so much silence."""
        self._pieces.append(piece)
        self.size += _length(piece)

    def take(self, count: int) -> sound.Pcm | int:
        """Take `count` samples from the beginning, or what there is; a number if all of it is silence."""
        taken: list[sound.Pcm | int] = []
        missing = min(count, self.size)
        self.size -= missing
        while missing:
            piece = self._pieces.popleft()
            if _length(piece) > missing:
                head, rest = (piece[:missing], piece[missing:]) if isinstance(piece, np.ndarray) else (missing, piece - missing)
                self._pieces.appendleft(rest)
                piece = head
            taken.append(piece)
            missing -= _length(piece)
        if any(isinstance(piece, np.ndarray) for piece in taken):
            return np.concatenate([piece if isinstance(piece, np.ndarray) else np.zeros(piece, np.int16) for piece in taken])
        return sum(_length(piece) for piece in taken)


def _length(piece: sound.Pcm | int) -> int:
    return piece.size if isinstance(piece, np.ndarray) else piece


class FarEnd:
    """Takes sound at the loudspeaker's pace, in one thread, and gives it at the microphone's, in another.

    The two devices have clocks and buffers of their own, and nobody tells how they relate. So the lag between them is kept as it
    is, and the echo canceller finds it by itself: what is missing at a `take` is silence, and is thrown away when it comes later.
    Only when there is too little for `GRACE`, or too much for `WINDOW`, is the lag changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: list[tuple[sound.Pcm | int, int]] = []
        self._given_seconds: Seconds = 0.0
        self._gap = True
        self._resampler: sound.Resampler | None = None
        self._silent = False
        """Whether the last piece was silence."""
        self._waiting = _Line()
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
        piece = samples if samples.any() else samples.size
        with self._lock:
            self._given.append((piece, rate))
            self._given_seconds += samples.size / rate
            while self._given_seconds > LONGEST_KEPT:
                oldest, its_rate = self._given.pop(0)
                self._given_seconds -= _length(oldest) / its_rate

    def realign(self) -> None:
        """Let the next `take` begin with now: the microphone's sound has a gap before it. May be called from any thread."""
        self._gap = True

    def take(self, count: int) -> Samples | None:
        """Return `count` samples at `SAMPLE_RATE`: what was played while as many were heard, some lag aside; None for silence."""
        with self._lock:
            given, self._given, self._given_seconds = self._given, [], 0.0
            gap, self._gap = self._gap, False
        fresh = [self._resampled(piece, rate) for piece, rate in given]
        if gap:
            self._begin_anew()
        else:
            for piece in fresh:
                self._wait(piece)
        if not self._playing:
            return None
        taken = self._waiting.take(count)
        missing = count - _length(taken)
        self._missing += missing
        self._late = self._late + count if missing else 0
        if self._late >= GRACE * SAMPLE_RATE:
            self._begin_anew()
        self._shorten(count)
        return np.pad(taken.astype(np.float32) / np.float32(32_768), (0, missing)) if isinstance(taken, np.ndarray) else None

    def _wait(self, piece: sound.Pcm | int) -> None:
        size = _length(piece)
        if not size:
            return
        self._playing = True
        overdue = min(self._missing, size)
        self._missing -= overdue
        self._waiting.add(piece[overdue:] if isinstance(piece, np.ndarray) else piece - overdue)

    def _begin_anew(self) -> None:
        self._waiting = _Line()
        self._waiting.add(round(CUSHION * SAMPLE_RATE))
        self._missing = self._late = self._least = self._taken = 0
        self._playing = False
        self.changes += 1

    def _resampled(self, piece: sound.Pcm | int, rate: int) -> sound.Pcm | int:
        if self._resampler is None or self._resampler.from_rate != rate:
            self._resampler = sound.Resampler(rate, SAMPLE_RATE)
        silent_before, self._silent = self._silent, isinstance(piece, int)
        if isinstance(piece, np.ndarray):
            return self._resampler.resample(piece)
        count, rest = divmod(piece * SAMPLE_RATE, rate)
        # what the resampler still holds is not silence right after sound
        return count if silent_before and not rest else self._resampler.resample(np.zeros(piece, np.int16))

    def _shorten(self, count: int) -> None:
        """Drop what lay here all the time, if it is too much."""
        self._taken += count
        self._least = min(self._least, self._waiting.size)
        if self._taken >= WINDOW * SAMPLE_RATE:
            if self._least > LATENESS * SAMPLE_RATE:
                self._waiting.take(self._least - round(CUSHION * SAMPLE_RATE))
                self.changes += 1
            self._least, self._taken = self._waiting.size, 0

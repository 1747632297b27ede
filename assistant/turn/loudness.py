"""Whose voice it is, by its loudness: that of the person who asks, or one in the background.

Silero finds speech in a television across the room as surely as in the user's mouth, so an answer is only stopped by a voice about
as loud as those that were answered before. How loud a person is within a question varies, and less over a second than over a
syllable: hence several limits. Of voices on the other side of a room and 10 dB softer than the person who asks one in 50 has 0.32 s
as loud as -3.1 dB, or a second as loud as -5.9 dB. The person themself, 3 dB softer than before, reaches the first limit in 98 of
100 sentences, and 6 dB softer one of the others. `scripts/bench hearing` has the sounds.
"""

from __future__ import annotations

import collections
import math
import statistics

import numpy as np

from assistant.types import BLOCK_SECONDS, AudioBlock, Seconds

LIMITS_DB: tuple[tuple[Seconds, float], ...] = ((0.32, -3.0), (0.6, -5.0), (1.0, -6.0))
"""So many seconds of voiced sound at so many decibels of the usual loudness are the person who asks."""
_REMEMBERED = 5
"""The usual loudness is the median of so many questions: two that were somebody else's change nothing, and of a person who goes
further away from the microphone the third is the usual one."""
_SILENCE = 1e-12
"""Keeps digital silence from having no loudness at all: -120 dB of full scale."""


class Loudness:
    """How loud the voiced sound of an utterance is, against what was answered before."""

    def __init__(self) -> None:
        self._usual: collections.deque[float] = collections.deque(maxlen=_REMEMBERED)
        self._powers: list[float] = []

    def begin(self) -> None:
        """Begin another utterance."""
        self._powers = []

    def hear(self, block: AudioBlock) -> None:
        """Take in the next voiced block of the utterance."""
        self._powers.append(float(np.mean(np.square(block.samples))))

    @property
    def near(self) -> bool:
        """Whether the last of it is as loud as the person who asks; anybody is as long as nobody has asked."""
        if not self._usual:
            return True
        usual = statistics.median(self._usual)
        return any(self._last(seconds) >= usual + limit for seconds, limit in LIMITS_DB)

    def _last(self, seconds: Seconds) -> float:
        """Return the loudness of its last seconds, in decibels of full scale; minus infinity where there are not as many."""
        blocks = round(seconds / BLOCK_SECONDS)
        return _decibels(self._powers[-blocks:]) if len(self._powers) >= blocks else -math.inf

    def keep(self) -> None:
        """Remember the utterance as one of the person who asks."""
        if self._powers:
            self._usual.append(_decibels(self._powers))


def _decibels(powers: list[float]) -> float:
    return 10 * math.log10(statistics.fmean(powers) + _SILENCE)

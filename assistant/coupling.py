"""Whether the microphone hears the loudspeaker at all: with headphones it does not."""

from __future__ import annotations

import math

import numpy as np

from assistant.types import SAMPLE_RATE, Samples, Seconds

ECHO_TAIL: Seconds = 0.5
"""How long after its last reference an echo may still sound: the buffers, and the room. Longer than an echo is late."""
LOUD_REFERENCE = 0.02
"""From which root mean square on what is played would be heard; speech has 0.05 to 0.1."""
OVER_NOISE = 2.0
"""How far above the microphone's own noise something is heard, 6 dB: an echo that stays below is taken for speech by nobody."""
LEAST_NOISE = 0.00025
"""A noise below it, -72 dB, is none that a room has."""
NOISE_RISES = 1.003
"""By so much the noise may grow from block to block, twice in 7 s, so that a fan that is switched on is no echo for long."""
QUIET_FOR: Seconds = 1.0
"""After how much silence under a sounding loudspeaker there is no echo. Between its own words an echo is silent for half of it."""
HEARD_FOR: Seconds = 2.0
"""After how much sound under a sounding loudspeaker there is one again. Who talks over an answer has silenced it before that."""


class Coupling:
    """Belongs to one thread. Until it is known, there is an echo."""

    def __init__(self) -> None:
        self.heard = True
        """Whether the microphone hears the loudspeaker."""
        self._noise = 1.0
        self._echo_left = self._for = 0
        """For how many samples an echo may still sound; and for how many it has been otherwise than `heard` says."""

    def rest(self, near: Samples) -> float:
        """Take in the next block while nothing is played; return its level."""
        level = math.sqrt(float(np.dot(near, near)) / near.size)
        self._noise = max(LEAST_NOISE, min(level, self._noise * NOISE_RISES))
        return level

    def hear(self, near: Samples, reference: Samples) -> None:
        """Take in the next block of the microphone's sound, and what was played meanwhile."""
        level = self.rest(near)
        if np.sqrt(np.mean(reference**2)) > LOUD_REFERENCE:
            self._echo_left = round(ECHO_TAIL * SAMPLE_RATE)
        elif self._echo_left <= 0:
            self._for = 0
            return
        self._echo_left -= near.size
        sounds = level > OVER_NOISE * self._noise
        if sounds != self.heard:
            self._for += near.size
        else:
            self._for = 0 if sounds else max(0, self._for - near.size)  # an echo has gaps between its words
        if self._for >= (QUIET_FOR if self.heard else HEARD_FOR) * SAMPLE_RATE:
            self.heard, self._for = sounds, 0

"""Laying short sounds over a stream of sound, and lowering that stream while somebody speaks over it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.types import Seconds

RAMP: Seconds = 0.04
"""From silence to full volume, in a straight line; so ducking by 12 dB takes 30 ms, and neither clicks nor lingers."""
_FULL_SCALE = 32_767
_KNEE = 0.6
"""From which share of full scale on what is amplified is bent rather than cut off, which would rattle."""


class Mix:
    """The last stop before a device: what it takes goes through `apply`, block by block. Belongs to one thread, or to one lock.

    Args:
        rate: Samples per second.
        channels: Interleaved, 16 bit each.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._step = 1 / (RAMP * rate)
        self._channels = channels
        self._gain = self._goal = 1.0
        self._over: npt.NDArray[np.float32] = np.empty(0, np.float32)
        """What is still to be laid over the stream, one channel."""

    def lay_over(self, samples: npt.NDArray[np.int16]) -> None:
        """Let `samples`, one channel, sound from the next block on, whatever the stream's volume is."""
        both = np.zeros(max(samples.size, self._over.size), np.float32)
        both[: self._over.size] += self._over
        both[: samples.size] += samples
        self._over = both

    def fade_to(self, level: float) -> None:
        """Bring the stream to this share of its volume, from the next block on; above 1 it is amplified, its peaks bent."""
        self._goal = level

    def begin_at(self, level: float) -> None:
        """Play at this share of the volume without having to glide there."""
        self._gain = self._goal = level

    def apply(self, block: bytearray) -> bytearray:
        """Return the next block as it is to be heard. What is too loud for 16 bit is clipped."""
        if self._gain == self._goal == 1.0 and not self._over.size:
            return block
        frames = np.frombuffer(block, np.int16).reshape(-1, self._channels)
        gains = self._gains(len(frames))
        mixed = frames * gains[:, np.newaxis]
        if gains.max(initial=0.0) > 1:
            mixed = _bent(mixed)
        over, self._over = self._over[: len(frames)], self._over[len(frames) :]
        mixed[: over.size] += over[:, np.newaxis]
        return bytearray(np.asarray(np.clip(mixed, -32_768, 32_767), np.int16))

    def _gains(self, count: int) -> npt.NDArray[np.float32]:
        way = self._step * np.arange(1, count + 1)
        gains = np.clip(self._goal, self._gain - way, self._gain + way)
        self._gain = float(gains[-1])
        return np.asarray(gains, np.float32)


def _bent(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return amplified sound with all that is above the knee brought below full scale, smoothly."""
    level = np.abs(frames) / _FULL_SCALE
    above = _KNEE + (1 - _KNEE) * np.tanh((level - _KNEE) / (1 - _KNEE))
    return np.asarray(np.copysign(_FULL_SCALE * np.where(level > _KNEE, above, level), frames), np.float32)

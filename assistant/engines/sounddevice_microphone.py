"""A microphone of this machine, heard through PortAudio."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from assistant import sound
from assistant.errors import MicrophoneLost
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Seconds

LATENCY: Seconds = 0.1
"""Outlasts some 5 ms switches of Python's interpreter lock; sound comes in pieces of a quarter of it."""
POLL: Seconds = 0.1
"""How often a silent device is asked whether it still lives."""
LONGEST_KEPT: Seconds = 30.0
"""How much is kept for a consumer that is late; then the oldest is forgotten."""


def list_microphones() -> list[str]:
    """Return the names `SounddeviceMicrophone` takes, each once.

    Raises:
        MicrophoneLost: The sound system does not answer.
    """
    return sound.device_names("input")


class SounddeviceMicrophone:
    """A microphone; `assistant.ports.Microphone`.

    Args:
        name: Its name, or a part of it that no other has; empty for the system's choice.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._ring = _Ring()
        self._closed = False

    def blocks(self) -> Iterator[AudioBlock]:
        """Open the device and yield what it hears from now on.

        Raises:
            MicrophoneLost: It cannot be opened, went away or stopped delivering. Calling again opens it again.
        """
        ring = self._ring = _Ring()
        stream = sound.Stream("input", self._name, rates=(SAMPLE_RATE, None), channels=(1, 2), latency=LATENCY, copy=ring.copy)
        try:
            yield from self._blocks(stream, ring)
        finally:
            stream.close()

    def _blocks(self, stream: sound.Stream, ring: _Ring) -> Iterator[AudioBlock]:
        frame_bytes = 2 * stream.channels
        piece_bytes = round(stream.rate * BLOCK_SECONDS) * frame_bytes
        ring.longest_bytes = round(LONGEST_KEPT * stream.rate) * frame_bytes
        resampler = sound.Resampler(stream.rate, SAMPLE_RATE)
        pending: sound.Pcm = np.empty(0, np.int16)
        drains = 0
        while not self._closed:
            piece, drains_now = ring.take(piece_bytes)
            if drains != drains_now:
                drains, pending = drains_now, pending[:0]
            if not piece:
                if stream.lost:
                    raise MicrophoneLost("the microphone stopped delivering sound")
                continue
            first_channel = np.frombuffer(piece, np.int16)[:: stream.channels]  # others may carry an echo reference, or nothing
            pending = np.concatenate([pending, resampler.resample(first_channel)])
            while pending.size >= BLOCK_SAMPLES:
                block, pending = pending[:BLOCK_SAMPLES], pending[BLOCK_SAMPLES:]
                yield AudioBlock(block.astype(np.float32) / np.float32(32_768))

    def drain(self) -> None:
        """Forget what was heard but not yet yielded. May be called from any thread."""
        self._ring.drain()

    def close(self) -> None:
        """End `blocks` for good; the device is let go of there. May be called twice, from any thread."""
        self._closed = True


class _Ring:
    """The newest sound, as bytes of the device, from PortAudio's thread to the consumer's."""

    def __init__(self) -> None:
        self.longest_bytes = 1 << 22
        self._drains = 0
        self._bytes = bytearray()
        self._changed = threading.Condition()

    def copy(self, data: Any, _delay: Seconds) -> None:
        with self._changed:
            self._bytes += data
            if len(self._bytes) > self.longest_bytes:
                del self._bytes[: len(data)]
            self._changed.notify()

    def take(self, count: int) -> tuple[bytes, int]:
        """Return the oldest `count` bytes, or none when they do not come in time; and how often was drained before."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._bytes) >= count, POLL):
                return b"", self._drains
            taken = bytes(self._bytes[:count])
            del self._bytes[:count]
            return taken, self._drains

    def drain(self) -> None:
        with self._changed:
            self._bytes.clear()
            self._drains += 1

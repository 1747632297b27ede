"""A recording in place of a microphone."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from assistant.errors import SoundUnreadable
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Samples, Seconds

_SILENCE_AFTER = np.zeros(2 * SAMPLE_RATE, np.float32)
"""Follows the recording, so that the end of its last utterance is found."""


class FileMicrophone:
    """A recording heard at the pace it was recorded; `assistant.ports.Microphone`.

    Args:
        path: Any sound or film file that FFmpeg reads; several channels are mixed into one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._closed = threading.Event()
        self._drained_at: Seconds = 0.0

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield the recording from its beginning, the last block filled up with silence, and two seconds of silence.

        Raises:
            SoundUnreadable: It cannot be opened, or is damaged.
        """
        heard_at = time.monotonic()
        for samples in _cut(itertools.chain(_samples(self._path), [_SILENCE_AFTER])):
            heard_at += BLOCK_SECONDS
            if self._closed.wait(max(0.0, heard_at - time.monotonic())):
                return
            if heard_at > self._drained_at:
                yield AudioBlock(samples)

    def drain(self) -> None:
        """Forget what a microphone would have heard by now. May be called from any thread."""
        self._drained_at = time.monotonic()

    def close(self) -> None:
        """End `blocks` for good. May be called twice, from any thread."""
        self._closed.set()


def read_recording(path: Path) -> Samples:
    """Return a whole sound file at `SAMPLE_RATE`, one channel, shape (n,).

    Raises:
        SoundUnreadable: It cannot be opened, or is damaged.
    """
    return np.concatenate([np.empty(0, np.float32), *_samples(path)])


def _samples(path: Path) -> Iterator[Samples]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise SoundUnreadable(f"{path} has no sound", path.name)
            resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            for decoded in container.decode(audio=0):
                yield from (frame.to_ndarray()[0] for frame in resampler.resample(decoded))
            yield from (frame.to_ndarray()[0] for frame in resampler.resample(None))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SoundUnreadable(f"{path}: {error}", path.name) from error


def _cut(pieces: Iterator[Samples]) -> Iterator[Samples]:
    pending: Samples = np.empty(0, np.float32)
    for piece in pieces:
        pending = np.concatenate([pending, piece])
        while pending.size >= BLOCK_SAMPLES:
            yield pending[:BLOCK_SAMPLES]
            pending = pending[BLOCK_SAMPLES:]
    if pending.size:
        yield np.pad(pending, (0, BLOCK_SAMPLES - pending.size))

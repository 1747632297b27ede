"""A recording in place of a microphone."""

from __future__ import annotations

import io
import itertools
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import numpy as np

from assistant.errors import SoundUnreadable
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Samples, Seconds

_SILENCE_AFTER = np.zeros(2 * SAMPLE_RATE, np.float32)
"""Follows the recording, so that the end of its last utterance is found."""
LONGEST_SOUND: Seconds = 120.0
"""What is read of a stranger's sound file at most: a small one may hold days of silence."""
_CAUTION: Mapping[str, str] = {
    # a playlist would have FFmpeg open other files and addresses
    "format_whitelist": "wav,w64,aiff,caf,flac,mp3,ogg,aac,amr,mov,mp4,m4a,3gp,matroska,webm",
    "protocol_whitelist": "none",
}
"""What a stranger's sound file may make FFmpeg do."""


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


def read_sound(data: bytes) -> Samples:
    """Return a whole sound file as `read_recording` does, of a stranger: only of the usual kinds, and not too long.

    Raises:
        SoundUnreadable: It is none of them, or longer than `LONGEST_SOUND`.
    """
    pieces, length = [np.empty(0, np.float32)], 0
    for samples in _samples(io.BytesIO(data), _CAUTION):
        pieces.append(samples)
        length += samples.size
        if length > LONGEST_SOUND * SAMPLE_RATE:
            raise SoundUnreadable(f"longer than {LONGEST_SOUND:.0f} s")
    return np.concatenate(pieces)


def _samples(source: Path | io.BytesIO, options: Mapping[str, str] | None = None) -> Iterator[Samples]:
    file, name = (str(source), source.name) if isinstance(source, Path) else (source, "")
    try:
        with av.open(file, options=dict(options or {})) as container:
            if not container.streams.audio:
                raise SoundUnreadable(f"{name or 'what was sent'} has no sound", name)
            resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            for decoded in container.decode(audio=0):
                yield from (frame.to_ndarray()[0] for frame in resampler.resample(decoded))
            yield from (frame.to_ndarray()[0] for frame in resampler.resample(None))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise SoundUnreadable(f"{file if name else 'what was sent'}: {error}", name) from error


def _cut(pieces: Iterator[Samples]) -> Iterator[Samples]:
    pending: Samples = np.empty(0, np.float32)
    for piece in pieces:
        pending = np.concatenate([pending, piece])
        while pending.size >= BLOCK_SAMPLES:
            yield pending[:BLOCK_SAMPLES]
            pending = pending[BLOCK_SAMPLES:]
    if pending.size:
        yield np.pad(pending, (0, BLOCK_SAMPLES - pending.size))

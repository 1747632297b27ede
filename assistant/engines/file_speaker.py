"""A WAV file in place of a loudspeaker."""

from __future__ import annotations

import os
import struct
import threading
import wave
from pathlib import Path

from assistant import sound
from assistant.errors import SpeakerLost
from assistant.types import Seconds, SpeechChunk

FILE_RATE = 22_050
"""Samples per second; espeak's own, so that nothing is lost."""


class FileSpeaker:
    """Writes what is spoken to a WAV file, at once; `assistant.ports.Speaker`. `play` and `wait` belong to one thread.

    Args:
        path: The file, made by the first `play`. What was in it before is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._resampler: sound.Resampler | None = None
        self._begun = False
        self._lock = threading.Lock()
        self._queued: Seconds = 0.0

    def play(self, chunk: SpeechChunk) -> None:
        """Write `chunk` behind all that was played before.

        Raises:
            SpeakerLost: The file cannot be written.
        """
        if self._resampler and self._resampler.from_rate != chunk.sample_rate:
            self._flush()
        self._resampler = self._resampler or sound.Resampler(chunk.sample_rate, FILE_RATE)
        self._append(self._resampler.resample(chunk.samples))
        with self._lock:
            self._queued += chunk.samples.size / chunk.sample_rate

    def wait(self) -> None:
        """Return at once: what was played counts as heard.

        Raises:
            SpeakerLost: The file cannot be written.
        """
        self._flush()
        self._forget()

    def silence(self) -> Seconds:
        """Return how much was played since the last `wait` or `silence`; all of it was heard."""
        return self._forget()

    def chime(self, chunk: SpeechChunk) -> None:
        """Do nothing: an earcon is for somebody who waits."""

    def fade_to(self, level: float) -> None:
        """Do nothing: nobody speaks over a file."""

    def close(self) -> None:
        """Do nothing: the file is complete after every call, and a later `play` goes on with it."""

    def _forget(self) -> Seconds:
        with self._lock:
            queued, self._queued = self._queued, 0.0
            return queued

    def _flush(self) -> None:
        if self._resampler:
            self._append(self._resampler.flush())
            self._resampler = None

    def _append(self, samples: sound.Pcm) -> None:
        try:
            if not self._begun:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with self._path.open("wb") as new, wave.open(new, "wb") as empty:
                    empty.setparams((1, 2, FILE_RATE, 0, "NONE", ""))
                self._begun = True
            with self._path.open("r+b") as file:
                file.seek(0, os.SEEK_END)
                file.write(samples.astype("<i2").tobytes())
                size = file.tell()
                for position, count in ((4, size - 8), (40, size - 44)):  # the two lengths in the header that wave wrote
                    file.seek(position)
                    file.write(struct.pack("<I", count))
        except OSError as error:
            raise SpeakerLost(f"{self._path}: {error}") from error

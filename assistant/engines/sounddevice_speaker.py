"""A loudspeaker of this machine, played through PortAudio."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant import sound
from assistant.errors import SpeakerLost
from assistant.mix import Mix
from assistant.types import Seconds, SpeechChunk

LATENCY: Seconds = 0.08
"""`silence` takes as long. With 0.05 a second thread that never pauses left gaps, for Python lets each run for 5 ms at a time."""
ENOUGH_QUEUED: Seconds = 0.5
FADE: Seconds = 0.005
"""Sound that begins or ends at once clicks."""
POLL: Seconds = 0.02


def list_speakers() -> list[str]:
    """Return the names `SounddeviceSpeaker` takes, each once.

    Raises:
        SpeakerLost: The sound system does not answer.
    """
    return sound.device_names("output")


class SounddeviceSpeaker:
    """A loudspeaker; `assistant.ports.Speaker`. `play` and `wait` belong to one thread.

    The device is opened by the first `play`, and again by the first one after it was lost.

    Args:
        name: Its name, or a part of it that no other has; empty for the system's choice.
        played: Told all that the device is given, one channel, and its rate, from PortAudio's thread; must not wait nor fail.
    """

    def __init__(self, name: str, played: Callable[[sound.Pcm, int], None] | None = None) -> None:
        self._name = name
        self._played = played
        self._playback: _Playback | None = None
        self._level = 1.0
        """The share of the volume, for the next opening, too."""
        self._opening = threading.Lock()

    def play(self, chunk: SpeechChunk) -> None:
        """Queue `chunk`; block while half a second is queued already, and return without playing it if `silence` is called then.

        Raises:
            SpeakerLost: The device cannot be opened, went away or stopped playing; what was queued is dropped.
        """
        playback = self._opened()
        silences = playback.silences
        if playback.resampler_silences != silences:
            playback.resampler_silences, playback.resampler = silences, None
        while playback.queued > ENOUGH_QUEUED and playback.silences == silences:
            self._pause(playback, silences)
        if playback.resampler and playback.resampler.from_rate != chunk.sample_rate:
            playback.add(playback.resampler.flush(), silences)
            playback.resampler = None
        playback.resampler = playback.resampler or sound.Resampler(chunk.sample_rate, playback.stream.rate)
        playback.add(playback.resampler.resample(chunk.samples), silences)

    def wait(self) -> None:
        """Block until all that was queued has been heard, or `silence` was called.

        Raises:
            SpeakerLost: The device went away or stopped playing; what was queued is dropped.
        """
        playback = self._playback
        if playback is None:
            return
        silences = playback.silences
        if playback.resampler:
            playback.add(playback.resampler.flush(), playback.resampler_silences)
            playback.resampler = None
        while playback.sounding and playback.silences == silences:
            self._pause(playback, silences)
        playback.forget_heard(silences)

    def silence(self) -> Seconds:
        """Stop within the device's buffer, some 80 ms. May be called from any thread; returns without waiting.

        Returns:
            How much of what was queued since the last `wait` or `silence` has been heard.
        """
        playback = self._playback
        return playback.silence() if playback else 0.0

    def chime(self, chunk: SpeechChunk) -> None:
        """Play a short sound over what is playing, after the device's buffer; it is dropped if the device was lost meanwhile.

        Raises:
            SpeakerLost: The device cannot be opened.
        """
        self._open_once().chime(chunk)

    def fade_to(self, level: float) -> None:
        """Play at this share of the volume, from within the device's buffer on. May be called from any thread; does not wait."""
        self._level = level
        playback = self._playback
        if playback:
            playback.fade_to(level)

    def close(self) -> None:
        """Stop and let go of the device. May be called twice, from any thread."""
        playback, self._playback = self._playback, None
        if playback:
            playback.silence()
            playback.stream.close()

    def _opened(self) -> _Playback:
        playback = self._playback
        if playback and playback.stream.lost:
            unheard = playback.queued > 0
            self.close()
            if unheard:
                raise SpeakerLost("the loudspeaker stopped playing")
        return self._open_once()

    def _open_once(self) -> _Playback:
        with self._opening:
            playback = self._playback = self._playback or _Playback(self._name, self._level, self._played)
            return playback

    def _pause(self, playback: _Playback, silences: int) -> None:
        playback.pause()
        if playback.stream.lost and playback.silences == silences:
            self.close()
            raise SpeakerLost("the loudspeaker stopped playing")


class _Playback:
    """One opening of the device, and what is queued for it."""

    def __init__(self, name: str, level: float, played: Callable[[sound.Pcm, int], None] | None) -> None:
        self._played = played
        self.silences = 0
        """How often `silence` was called."""
        self.resampler: sound.Resampler | None = None
        self.resampler_silences = 0
        """How often `silence` was called when the resampler was made."""
        self._chimes: dict[SpeechChunk, sound.Pcm] = {}
        """Resampled, for the same few come again and again, and at a moment in which the processor is wanted by others."""
        self._mix: Mix | None = None  # the device calls before its format is known here
        self._changed = threading.Condition()
        self._bytes = bytearray()
        self._resting = True
        """Whether the device was last given silence."""
        self._level = 0
        """The last sample it was given."""
        self._taken: Seconds = 0.0
        """How much it took since the last `wait` or `silence`."""
        self._heard_at: Seconds = 0.0
        """When the last of that is heard."""
        self.stream = sound.Stream("output", name, rates=(None, 48_000, 44_100), channels=(2, 1), latency=LATENCY, copy=self._copy)
        mix = Mix(self.stream.rate, self.stream.channels)
        mix.begin_at(level)
        self._mix = mix

    @property
    def queued(self) -> Seconds:
        """How much the device has not taken yet."""
        return self._seconds(len(self._bytes))

    @property
    def sounding(self) -> bool:
        """Whether something is still to be heard."""
        return bool(self._bytes) or time.monotonic() < self._heard_at

    def add(self, samples: sound.Pcm, silences: int) -> None:
        """Queue `samples`, unless `silence` was called more than `silences` times."""
        with self._changed:
            if self.silences != silences or samples.size == 0:
                return
            if self._resting and not self._bytes:
                fade = np.linspace(0, 1, min(samples.size, round(FADE * self.stream.rate)), endpoint=False)
                samples = np.concatenate([(samples[: fade.size] * fade).astype(np.int16), samples[fade.size :]])
            self._bytes += np.repeat(samples, self.stream.channels).tobytes()

    def chime(self, chunk: SpeechChunk) -> None:
        """Let `chunk` sound from now on, beside what is queued."""
        if chunk not in self._chimes:
            resampler = sound.Resampler(chunk.sample_rate, self.stream.rate)
            self._chimes[chunk] = np.concatenate([resampler.resample(chunk.samples), resampler.flush()])
        with self._changed:
            if self._mix:
                self._mix.lay_over(self._chimes[chunk])

    def fade_to(self, level: float) -> None:
        """Play what is queued at this share of its volume from now on."""
        with self._changed:
            if self._mix:
                self._mix.fade_to(level)

    def pause(self) -> None:
        """Wait a moment, or less when `silence` is called."""
        with self._changed:
            self._changed.wait(POLL)

    def silence(self) -> Seconds:
        """Drop what is queued; return how much was heard since the last `wait` or `silence`."""
        with self._changed:
            self.silences += 1
            self._bytes.clear()
            still_to_hear = max(0.0, self._heard_at - time.monotonic())
            heard = max(0.0, self._taken - still_to_hear)
            self._taken = self._heard_at = 0.0
            self._changed.notify_all()
            return heard

    def forget_heard(self, silences: int) -> None:
        """Begin to count anew, unless `silence` has done so."""
        with self._changed:
            if self.silences == silences:
                self._taken = 0.0

    def _seconds(self, count: int) -> Seconds:
        return count / float(2 * self.stream.channels * self.stream.rate)

    def _copy(self, data: Any, delay: Seconds) -> None:
        with self._changed:
            piece = self._bytes[: len(data)]
            del self._bytes[: len(piece)]
            if piece:
                self._level = int.from_bytes(piece[-2:], sys.byteorder, signed=True)
                self._taken += self._seconds(len(piece))
                self._heard_at = time.monotonic() + delay + self._seconds(len(piece))
            self._resting = len(piece) < len(data)
            if self._resting:
                piece += self._rest(len(data) - len(piece))
            if self._mix:
                piece = self._mix.apply(piece)
                if self._played:
                    self._played(np.frombuffer(piece, np.int16)[:: self.stream.channels], self.stream.rate)
        data[:] = piece

    def _rest(self, count: int) -> bytes:
        """Return `count` bytes that glide from the last sample to silence, for sound that breaks off clicks."""
        if self._level == 0:
            return bytes(count)
        frames = np.arange(1, count // (2 * self.stream.channels) + 1)
        glide = (self._level * np.clip(1 - frames / (FADE * self.stream.rate), 0, 1)).astype(np.int16)
        self._level = int(glide[-1])
        return np.repeat(glide, self.stream.channels).tobytes()

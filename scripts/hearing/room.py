"""A room: how loud a sound is in it, how it echoes from the walls, what a microphone makes of it, and what Silero says to that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from assistant.engines.silero_detector import SileroDetector
from assistant.types import BLOCK_SAMPLES, SAMPLE_RATE, AudioBlock, Samples, Seconds

Heard: TypeAlias = "tuple[tuple[AudioBlock, float], ...]"
"""Blocks of sound, each with its speech probability."""

USER_LEVEL = 0.05
"""Root mean square of the voice of a person at arm's length: -26 dB of full scale, where level is given as 0 dB."""
_FRAME = SAMPLE_RATE // 100
_QUIET_DB = 20.0
"""So much below its loudest frame a frame is not part of a sound: the pauses of a speaker do not make them softer."""
_ECHO_SECONDS: Seconds = 0.4
"""After which an echo is 60 dB softer (RT60): a furnished living room."""
NEAR_DB, FAR_DB = 10.0, -3.0
"""How much louder than its echoes the sound itself is, at arm's length and on the other side of the room."""


def level(sound: Samples) -> float:
    """Return the root mean square of a sound where it sounds."""
    frames = sound[: sound.size // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.mean(frames**2, axis=1)
    return float(np.sqrt(np.mean(power[power > np.max(power) / 10 ** (_QUIET_DB / 10)])))


def at(sound: Samples, decibels: float) -> Samples:
    """Return the sound so much louder than a person at arm's length, softer where negative."""
    return np.asarray(sound * (USER_LEVEL * gain(decibels) / level(sound)), np.float32)


def gain(decibels: float) -> float:
    """Return the factor of an amplitude."""
    return float(10 ** (decibels / 20))


def echoing(sound: Samples, direct_db: float, random: np.random.Generator) -> Samples:
    """Return the sound with a diffuse tail of echoes, and as long as before."""
    times = np.arange(round(_ECHO_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    tail = random.normal(0, 1, times.size) * 10 ** (-3 * times / _ECHO_SECONDS) * (times > 0.003)  # noqa: PLR2004 - 1 m of way
    response = tail * gain(-direct_db) / np.sqrt(np.sum(tail**2))
    response[0] += 1.0
    size = sound.size + response.size
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[: sound.size], np.float32)


def mixed(sounds: Sequence[tuple[Samples, Seconds]], seconds: Seconds) -> Samples:
    """Return sounds laid over each other, each from its second on."""
    mix = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for sound, starts_at in sounds:
        start = round(starts_at * SAMPLE_RATE)
        mix[start : start + sound.size] += sound[: max(0, mix.size - start)]
    return mix


def hiss(seconds: Seconds, decibels: float, random: np.random.Generator) -> Samples:
    """Return the noise of a quiet room and of a microphone, so much louder than a person at arm's length."""
    return np.asarray(random.normal(0, USER_LEVEL * gain(decibels), round(seconds * SAMPLE_RATE)), np.float32)


def heard(sound: Samples, detector: SileroDetector) -> Heard:
    """Return the blocks of a sound as the assistant hears it: 16 bit, clipped, with their speech probabilities."""
    clipped = np.asarray(np.round(np.clip(sound, -1, 32767 / 32768) * 32768) / 32768, np.float32)
    detector.reset()
    blocks = [AudioBlock(clipped[at : at + BLOCK_SAMPLES]) for at in range(0, sound.size - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)]
    return tuple((block, detector.probability(block)) for block in blocks)

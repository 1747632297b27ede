"""Sounds that nobody speaks: coughs, clicks, doors, dishes, keys, music and the noise of rooms, computed from their physics.

A cough is what the literature measures (Korpas et al., "Analysis of the cough sound", Pulmonary Pharmacology 1996): an explosive
burst of about 50 ms, a softer noise of some 200 ms through the open vocal tract, and in half of all coughs a voiced phase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from assistant.types import SAMPLE_RATE, Samples, Seconds

Noise: TypeAlias = Callable[[np.random.Generator], Samples]
_Numbers: TypeAlias = npt.NDArray[np.floating[Any]]
_OPEN_TRACT = ((550, 120), (1500, 160), (2500, 250), (3500, 350))
"""Formants of the neutral vowel and their bandwidths, in hertz, a little higher for the open glottis."""
_TWELFTH = 2 ** (1 / 12)
_CHORDS = ((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))
"""Half tones above C: C major, A minor, F major, G major."""


def cough(random: np.random.Generator) -> Samples:
    """One to three coughs."""
    return _row([_one_cough(random) for _ in range(random.integers(1, 4))], random.uniform(0.05, 0.3, 4))


def _one_cough(random: np.random.Generator) -> Samples:
    burst = _decaying(_white(random.uniform(0.03, 0.06), random), 0.03)
    middle = 0.35 * _swelling(_white(random.uniform(0.12, 0.3), random))
    voiced = _voice(random.uniform(0.05, 0.15), random.uniform(220, 400), random.uniform(120, 200), random)
    end = 0.6 * _swelling(voiced) if random.random() < 0.5 else np.zeros(0, np.float32)  # noqa: PLR2004 - half of them
    return _resonating(np.concatenate([burst, middle, end]), _OPEN_TRACT)


def throat(random: np.random.Generator) -> Samples:
    """Somebody clears their throat: a low, rough voice in two pushes."""
    pushes = [_voice(random.uniform(0.12, 0.25), random.uniform(70, 110), random.uniform(60, 80), random) for _ in range(2)]
    rough = [_swelling(push + 0.5 * np.std(push) * _white(push.size / SAMPLE_RATE, random)) for push in pushes]
    return _resonating(_row(rough, random.uniform(0.03, 0.1, 2)), _OPEN_TRACT)


def sneeze(random: np.random.Generator) -> Samples:
    """A sneeze: a short open vowel, then a burst of hiss."""
    vowel = _resonating(_swelling(_voice(random.uniform(0.08, 0.15), 250, 300, random)), _OPEN_TRACT)
    burst = _decaying(_shaped(random.uniform(0.25, 0.4), random, lambda hertz: 1 / (1 + (1500 / (hertz + 1)) ** 2)), 0.12)
    return np.concatenate([vowel / np.max(np.abs(vowel)), 1.5 * burst / np.max(np.abs(burst))])


def click(random: np.random.Generator) -> Samples:
    """A few clicks of a switch, a mouse or a pen."""
    clicks = [_ringing(random.uniform(0.01, 0.03), random.uniform(1500, 6000, 3), 0.003, random) for _ in range(4)]
    return _row(clicks, random.uniform(0.04, 0.5, 4))


def typing(random: np.random.Generator) -> Samples:
    """Three seconds of a keyboard."""
    keys = [_ringing(0.03, random.uniform(800, 5000, 4), random.uniform(0.003, 0.008), random) for _ in range(20)]
    return _row([key * random.uniform(0.4, 1) for key in keys], random.uniform(0.05, 0.2, 20))


def door(random: np.random.Generator) -> Samples:
    """A door that slams, and its latch."""
    slam = _decaying(_shaped(0.5, random, lambda hertz: 1 / (1 + (hertz / random.uniform(100, 250)) ** 2)), 0.08)
    latch = _ringing(0.05, random.uniform(1000, 3000, 3), 0.01, random)
    return _row([slam / np.max(np.abs(slam)), 0.3 * latch], [0.02, 0])


def dishes(random: np.random.Generator) -> Samples:
    """Plates and cutlery for two seconds."""
    clinks = [
        _ringing(random.uniform(0.1, 0.4), random.uniform(1800, 7500, 6), random.uniform(0.02, 0.1), random) for _ in range(8)
    ]
    return _row([clink * random.uniform(0.2, 1) for clink in clinks], random.uniform(0.0, 0.2, 8))


def music(random: np.random.Generator) -> Samples:
    """Four seconds of a band: chords of a plucked instrument, a bass, a melody with vibrato, drums."""
    key, beat = random.uniform(100, 200), random.uniform(0.35, 0.55)
    beats = round(4.0 / beat)
    return np.asarray(sum(_beat(number, key, beat, beats, random) for number in range(beats)), np.float32)


def _beat(number: int, key: float, beat: Seconds, beats: int, random: np.random.Generator) -> Samples:
    band = np.zeros(round((beats + 1) * beat * SAMPLE_RATE), np.float32)
    chord = _CHORDS[number // 2 % len(_CHORDS)]
    melody = chord[random.integers(3)] + 12
    parts = [0.3 * _string(key * _TWELFTH**tone, beat, random) for tone in chord]
    parts += [0.6 * _string(key / 2 * _TWELFTH ** chord[0], beat, random), 0.8 * _flute(key * _TWELFTH**melody, beat)]
    drum = _shaped(beat / 2, random, lambda hertz: 1 / (1 + (hertz / 150) ** 4) if number % 2 == 0 else hertz / (hertz + 2000))
    parts.append(_decaying(drum / np.max(np.abs(drum)), 0.05))
    start = round(number * beat * SAMPLE_RATE)
    for part in parts:
        band[start : start + part.size] += part[: band.size - start]
    return band


def _string(hertz: float, seconds: Seconds, random: np.random.Generator) -> Samples:
    times = _times(seconds)
    partials = [np.sin(2 * np.pi * n * hertz * times + random.uniform(0, 6)) / n * np.exp(-times * (2 + n)) for n in range(1, 9)]
    return np.asarray(sum(partials), np.float32)


def _flute(hertz: float, seconds: Seconds) -> Samples:
    times = _times(seconds)
    phase = 2 * np.pi * hertz * times + 2 * np.sin(2 * np.pi * 5.5 * times)
    return _swelling(np.asarray(np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase), np.float32))


def pink(seconds: Seconds, random: np.random.Generator) -> Samples:
    """Noise that falls 3 dB an octave, as of a ventilator or of traffic."""
    return _shaped(seconds, random, lambda hertz: 1 / np.sqrt(np.maximum(hertz, 50)))


def kitchen(seconds: Seconds, random: np.random.Generator) -> Samples:
    """An extractor fan, running water and dishes."""
    noise = _even(pink(seconds, random)) + 0.5 * _even(_shaped(seconds, random, lambda hertz: hertz / (hertz + 3000)))
    clatter = np.zeros_like(noise)
    filled = 0
    while filled < clatter.size:
        some = dishes(random)[: clatter.size - filled]
        clatter[filled : filled + some.size] = some
        filled += some.size
    return np.asarray(noise + 0.7 * _even(clatter), np.float32)


BODY: Mapping[str, Noise] = {"cough": cough, "throat": throat, "sneeze": sneeze}
THINGS: Mapping[str, Noise] = {"click": click, "typing": typing, "door": door, "dishes": dishes}


def _even(sound: Samples) -> Samples:
    return sound / np.float32(np.std(sound))


def _times(seconds: Seconds) -> Samples:
    return np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def _white(seconds: Seconds, random: np.random.Generator) -> Samples:
    return np.asarray(random.normal(0, 1, round(seconds * SAMPLE_RATE)), np.float32)


def _shaped(seconds: Seconds, random: np.random.Generator, shape: Callable[[_Numbers], _Numbers]) -> Samples:
    """Return noise whose spectrum has a shape, a function of hertz."""
    spectrum = np.fft.rfft(_white(seconds, random))
    hertz = np.linspace(0, SAMPLE_RATE / 2, spectrum.size, dtype=np.float32)
    return np.asarray(np.fft.irfft(spectrum * shape(hertz), round(seconds * SAMPLE_RATE)), np.float32)


def _voice(seconds: Seconds, from_hertz: float, to_hertz: float, random: np.random.Generator) -> Samples:
    """Return the pulses of vocal folds, each a little too early or too late."""
    hertz = np.linspace(from_hertz, to_hertz, round(seconds * SAMPLE_RATE)) * random.normal(1, 0.05, round(seconds * SAMPLE_RATE))
    cycles = np.cumsum(hertz) / SAMPLE_RATE
    return np.asarray(np.diff(np.floor(cycles), prepend=0.0) * 8, np.float32)


def _resonating(sound: Samples, formants: Sequence[tuple[float, float]]) -> Samples:
    hertz = np.linspace(0, SAMPLE_RATE / 2, sound.size // 2 + 1)
    shape = sum(1 / np.sqrt(1 + ((hertz - centre) / (width / 2)) ** 2) for centre, width in formants)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * shape, sound.size), np.float32)


def _ringing(seconds: Seconds, hertz: _Numbers, decay: Seconds, random: np.random.Generator) -> Samples:
    times = _times(seconds)
    tones = [np.sin(2 * np.pi * tone * times + random.uniform(0, 6)) for tone in hertz]
    return np.asarray(sum(tones) / len(tones) * np.exp(-times / decay), np.float32)


def _decaying(sound: Samples, seconds: Seconds) -> Samples:
    return np.asarray(sound * np.exp(-_times(sound.size / SAMPLE_RATE)[: sound.size] / seconds), np.float32)


def _swelling(sound: Samples) -> Samples:
    """Return the sound with a soft beginning and end."""
    return np.asarray(sound * np.sin(np.linspace(0, np.pi, sound.size)) ** 0.7, np.float32)


def _row(sounds: Sequence[Samples], gaps: Sequence[Seconds] | _Numbers) -> Samples:
    """Return sounds one after the other, each with silence after it."""
    silences = [np.zeros(round(gap * SAMPLE_RATE), np.float32) for gap in gaps]
    return np.concatenate([part for pair in zip(sounds, silences, strict=False) for part in pair])

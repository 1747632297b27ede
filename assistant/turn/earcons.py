"""Earcons: short sounds that tell what is going on, each a few notes with two overtones. They are computed, not recorded.

Fundamentals lie between 698 and 1175 Hz, overtones below 3.6 kHz. Old ears hear little that is higher (ISO 7029: at 70 half of all
people have lost 11 dB at 1 kHz, and 24 to 43 dB at 4 kHz); small loudspeakers play little that is lower, and there a short tone is
like a sung vowel to the speech detector: Silero gave up to 0.54 at 523 Hz, 0.22 at 622 Hz and 0.15 from 698 Hz on, loud or soft, in
noise or without. Rising means that the microphone opens, falling that it closes.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np

from assistant.types import Samples, Seconds


class Earcon(enum.Enum):
    """What a sound tells."""

    LISTENING = "listening"
    """Speak now."""
    CAPTURED = "captured"
    """What you said has been taken in."""
    SHUTTER = "shutter"
    """A picture has been taken; you may put the camera down."""
    THINKING = "thinking"
    """Still at it: a soft tick, now and again."""
    DONE = "done"
    """That was all; it is your turn."""
    ERROR = "error"
    """Something went wrong."""
    MICROPHONE_OFF = "microphone off"
    """You are not listened to any more."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Note:
    hertz: float
    begins: Seconds
    lasts: Seconds


_NOTES: Mapping[Earcon, tuple[_Note, ...]] = {
    Earcon.LISTENING: (_Note(784.0, 0.0, 0.1), _Note(1174.7, 0.08, 0.12)),  # G5 D6
    Earcon.CAPTURED: (_Note(1046.5, 0.0, 0.09),),  # C6
    Earcon.SHUTTER: (_Note(1174.7, 0.0, 0.04), _Note(880.0, 0.05, 0.06)),  # D6 A5
    Earcon.THINKING: (_Note(784.0, 0.0, 0.06),),  # G5
    Earcon.DONE: (_Note(987.8, 0.0, 0.07), _Note(987.8, 0.09, 0.08)),  # B5 B5
    Earcon.ERROR: tuple(
        _Note(hertz, begins, 0.07) for begins in (0.0, 0.085, 0.17) for hertz in (698.5, 740.0)
    ),  # F5 against F sharp
    Earcon.MICROPHONE_OFF: (_Note(1174.7, 0.0, 0.1), _Note(784.0, 0.08, 0.12)),  # D6 G5
}
_OVERTONES = (1.0, 0.35, 0.12)
"""Levels of the fundamental and its first two multiples: a struck bar rather than a test tone."""
_PEAK = 0.6
"""Of the loudest, at full volume; it is laid over speech, which should not be clipped."""
_TICK_PEAK = 0.25
"""The tick comes again and again: 8 dB softer."""
BEEP: Seconds = 0.07
_BEEP_PEAK = 0.35
"""They come often, and under speech."""
_ATTACK: Seconds = 0.005
_RELEASE: Seconds = 0.012
"""Sound that begins or ends faster than this clicks."""
_DECAY = 2.5
"""Each note falls to a twelfth (e to the -2.5) of its level before its release."""


def earcon_sound(earcon: Earcon, rate: int) -> Samples:
    """Return the sound of an earcon at `rate` samples per second, at full volume; 60 to 250 ms long."""
    notes = _NOTES[earcon]
    sound = np.zeros(round(max(note.begins + note.lasts for note in notes) * rate))
    for note in notes:
        start = round(note.begins * rate)
        tone = _tone(note, rate)[: sound.size - start]
        sound[start : start + tone.size] += tone
    peak = _TICK_PEAK if earcon is Earcon.THINKING else _PEAK
    return np.asarray(peak * sound / np.max(np.abs(sound)), np.float32)


def beep_sound(hertz: float, rate: int) -> Samples:
    """Return one beep of those that guide a hand, at `rate` samples per second and full volume; `BEEP` seconds long."""
    tone = _tone(_Note(hertz, 0.0, BEEP), rate)
    return np.asarray(_BEEP_PEAK * tone / np.max(np.abs(tone)), np.float32)


def _tone(note: _Note, rate: int) -> Samples:
    time = np.arange(round(note.lasts * rate)) / rate
    wave = sum(level * np.sin(2 * np.pi * note.hertz * number * time) for number, level in enumerate(_OVERTONES, start=1))
    rise, fall = (np.clip(t, 0, 1) for t in (time / _ATTACK, (note.lasts - 1 / rate - time) / _RELEASE))
    edges = np.sin(np.pi / 2 * np.minimum(rise, fall)) ** 2
    return np.asarray(wave * np.exp(-_DECAY * time / note.lasts) * edges, np.float32)

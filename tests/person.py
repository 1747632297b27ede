"""Somebody who speaks, always in the same way: espeak-ng, in a process of its own for each text.

What espeak has said before in the same process changes how its words sound and how long they are. Tests run in changing order and
company, and one rendering in some twenty is understood otherwise.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from assistant.config import EspeakVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.types import SAMPLE_RATE, Language, Manner, Samples, Sentence

ROOT = Path(__file__).parents[1]


@functools.cache
def spoken(text: str, language: Language = "en", *, rate: int = Manner().rate, pitch: int = EspeakVoiceConfig().pitch) -> Samples:
    """Return what is said, from -1 to 1, at the rate of a microphone; to be copied before it is changed.

    Args:
        text: What to say.
        language: In which language.
        rate: Words a minute.
        pitch: Of the voice, 0 to 99.
    """
    command = [sys.executable, "-m", __name__, json.dumps([text, language, rate, pitch])]
    return np.frombuffer(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout, np.float32)


def _speak(text: str, language: Language, rate: int, pitch: int) -> Samples:
    chunks = list(EspeakVoice(EspeakVoiceConfig(pitch=pitch)).speak(Sentence(text, language), Manner(rate)))
    sound = np.concatenate([chunk.samples for chunk in chunks]) / 32_768
    at = np.arange(0, sound.size, chunks[0].sample_rate / SAMPLE_RATE)
    return np.asarray(np.interp(at, np.arange(sound.size), sound), np.float32)


if __name__ == "__main__":
    sys.stdout.buffer.write(_speak(*json.loads(sys.argv[1])).tobytes())

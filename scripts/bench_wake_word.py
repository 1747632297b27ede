"""The benchmark of the wake word: how often is it missed, and how often heard although nobody said it?

The voices are synthetic, and so is the noise: people and rooms differ. What is spoken beside the wake word comes from this
repository, so that it is the same for everybody.
"""

from __future__ import annotations

import argparse
import itertools
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from hearing.voices import Speak, people, trimmed

from assistant.config import WakeWordStartConfig
from assistant.engines.open_wake_word_detector import OpenWakeWordDetector
from assistant.models.catalogue import wake_word_files
from assistant.types import BLOCK_SAMPLES, SAMPLE_RATE, AudioBlock, Samples, Seconds

CALLS = ("Hey Jarvis", "Hey Jarvis, what is on my left?")
SIMILAR = (
    "Hey Travis",
    "Hey Charlie",
    "Hey Marvin",
    "Hey Davis",
    "Hey Janice",
    "Hey Chavez",
    "Hey Jason",
    "Hey Jerry",
    "Hey Mycroft",
    "Hey, nervous?",
    "Hey darling",
    "Hey, Jaws is a film",
    "Hey, the jar is full",
    "Hey, are there any chairs?",
    "A jar of jam",
    "At your service",
    "Stay charming",
    "Say garbage",
    "They harvest corn",
    "May I start this?",
)
"""What sounds a little like it, and nobody means by it."""
NOISES_DB = (40, 20, 10, 5, 0)
"""How much louder the voice is than the noise of the room; 40 is a quiet one."""
BEFORE: Seconds = 1.0
AFTER: Seconds = 1.5
TEXTS = ("README.md", "LICENSE")
LONGEST_SENTENCE = 300


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    default = WakeWordStartConfig(kind="wake-word")
    command.add_argument(
        "--model", default=default.model, help="a name of the catalogue, or an .onnx file; it is called hey Jarvis"
    )
    command.add_argument("--threshold", type=float, default=default.threshold, help="from which score the word counts as said")
    command.add_argument("--minutes", type=float, default=30, help="how much other speech is heard")
    command.add_argument("--piper", type=Path, metavar="ONNX", help="an English Piper voice, which speaks half of everything")


def run(given: argparse.Namespace) -> dict[str, str | float]:
    """Measure, print what comes out, and return the figures under their stable names."""
    files = wake_word_files(given.model)
    listener = _Listener(OpenWakeWordDetector(files.spectrum, files.embedding, files.word, given.threshold))
    english = {person.name: person.speak for person in people(given.piper) if person.language == "en"}
    print(f"threshold {given.threshold}; voices: {', '.join(english)}", flush=True)
    report: dict[str, str | float] = {"voices": ", ".join(english), "threshold": given.threshold}
    called = {(name, text): speak(text) for name, speak in english.items() for text in CALLS}
    for decibels in NOISES_DB:
        counts = {call: listener.count(_in_room(sound, decibels)) for call, sound in called.items()}
        missed = _share(count == 0 for count in counts.values())
        twice = _share(count > 1 for count in counts.values())
        worst = sorted({name for (name, _), count in counts.items() if count == 0})
        print(
            f"{decibels} dB: {missed:.1%} of {len(counts)} missed, {twice:.1%} heard twice; missed of {', '.join(worst) or 'none'}"
        )
        report |= {f"missed_{decibels}db": round(missed, 4), f"heard_twice_{decibels}db": round(twice, 4)}
    similar = {text: _share(listener.count(_in_room(speak(text))) > 0 for speak in english.values()) for text in SIMILAR}
    taken = ", ".join(f"{text} {share:.0%}" for text, share in similar.items() if share)
    print(f"similar words: {np.mean(list(similar.values())):.1%} heard; {taken or 'none'}", flush=True)
    minutes, heard = _other_speech(listener, list(english.values()), given.minutes)
    print(f"other speech: heard {heard} times in {minutes:.0f} minutes")
    print(f"it takes {listener.load:.2%} of a core")
    return report | {
        "similar_heard": round(float(np.mean(list(similar.values()))), 4),
        "other_speech_minutes": round(minutes, 1),
        "other_speech_heard": heard,
        "load": round(listener.load, 4),  # seconds of processor time a second of sound
    }


class _Listener:
    """Counts how often the word is heard, and the processor time that takes."""

    def __init__(self, detector: OpenWakeWordDetector) -> None:
        self._detector = detector
        self._computed: Seconds = 0.0
        self._listened: Seconds = 0.0

    def count(self, sound: Samples) -> int:
        blocks = sound[: sound.size // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
        self._detector.reset()
        before = time.process_time()
        heard = sum(self._detector.heard(AudioBlock(block)) for block in blocks)
        self._computed += time.process_time() - before
        self._listened += sound.size / SAMPLE_RATE
        return heard

    @property
    def load(self) -> float:
        return self._computed / self._listened


def _share(happened: Iterable[bool]) -> float:
    return float(np.mean(list(happened)))


def _in_room(sound: Samples, decibels: float = NOISES_DB[0]) -> Samples:
    """Put pauses around what was spoken, and noise under it that falls by 3 dB an octave, as that of rooms does."""
    spoken = trimmed(sound)
    heard = np.pad(spoken, (round(BEFORE * SAMPLE_RATE), round(AFTER * SAMPLE_RATE)))
    waves = np.fft.rfft(np.random.default_rng(1).normal(0, 1, heard.size))
    noise = np.fft.irfft(waves / np.sqrt(np.maximum(np.arange(waves.size), 1)), heard.size)
    level = np.sqrt(np.mean(spoken**2)) / 10 ** (decibels / 20)
    return np.asarray(heard + noise / noise.std() * level, np.float32)


def _other_speech(listener: _Listener, speaking: Sequence[Speak], minutes: float) -> tuple[float, int]:
    listened, heard = 0.0, 0
    for speak, sentence in zip(itertools.cycle(speaking), _sentences(), strict=False):
        sound = _in_room(speak(sentence))
        heard += listener.count(sound)
        listened += sound.size / SAMPLE_RATE / 60
        if listened >= minutes:
            break
    return listened, heard


def _sentences() -> Iterator[str]:
    """Return this repository's sentences, again and again: the voices that speak them change."""
    folder = Path(__file__).parents[1]
    text = " ".join((folder / name).read_text(encoding="utf-8") for name in TEXTS)
    pieces = re.split(r"(?<=[.;:?!])\s+", re.sub(r"[^\w.,;:?!'\s]|\s+", " ", text))
    return itertools.cycle([piece for piece in pieces if len(piece) < LONGEST_SENTENCE and re.search("[a-z]{3}", piece)])

"""People who speak: synthetic voices, and where to cut what they say so that it is a pause in the middle of a sentence."""

from __future__ import annotations

import dataclasses
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from assistant.config import EspeakVoiceConfig, KokoroVoiceConfig, PiperVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.file_microphone import read_recording
from assistant.engines.kokoro_voice import KokoroVoice
from assistant.engines.piper_voice import PiperVoice
from assistant.errors import AssistantError
from assistant.models.catalogue import kokoro_folder
from assistant.ports import Voice
from assistant.types import SAMPLE_RATE, Language, Manner, Samples, Sentence

Speak: TypeAlias = Callable[[str], Samples]

_LOUD = 0.02
"""From which part of its peak a recording has begun; and up to which it has not ended."""
_HOP = 160
"""Samples from one spectrum of Whisper's features to the next."""
_NEAR = 6
"""So many spectra around the end of a word the quietest moment is looked for."""
_FLITE_VOICES = ("rms", "slt", "awb", "kal16")


@dataclasses.dataclass(frozen=True)
class Person:
    """A voice at one pace and pitch."""

    name: str
    language: Language
    speak: Speak
    """Returns a sentence without the silence around it, its peak at one half."""

    def halves(self, first: str, second: str) -> tuple[Samples, Samples]:
        """Return a sentence cut in two between its words, as spoken in one breath: the first half does not sound like an end."""
        whole = self.speak(first + (" " if self.language == "en" else "") + second)
        cut = _end_of(self.speak(first), whole)
        return whole[:cut], whole[cut:]


def people(piper: Path | None) -> list[Person]:
    """Return the people there are: flite's and Kokoro's where they are, Piper's where its voice is given, and espeak-ng's.

    Chinese is Kokoro's alone where it is there, for Whisper does not understand espeak's.
    """
    chinese = [
        _person(f"kokoro {name}", "zh", _speaks(voice, "zh", 180, name)) for voice in _kokoro() for name in voice.variants("zh")
    ]
    persons = chinese + [
        _person(f"espeak {language} {rate}/{pitch}", language, _speaks(EspeakVoice(EspeakVoiceConfig(pitch=pitch)), language, rate))
        for language in (_LANGUAGES[:1] if chinese else _LANGUAGES)
        for rate, pitch in ((140, 35), (140, 65), (190, 35), (190, 65), (240, 35), (240, 65))
    ]
    if shutil.which("flite"):
        persons += [_person(f"flite {name}", "en", functools.partial(_flite, name)) for name in _FLITE_VOICES]
    if piper:
        voice = PiperVoice(PiperVoiceConfig(kind="piper", english=piper))
        persons += [_person(f"{piper.stem} {rate}", "en", _speaks(voice, "en", rate)) for rate in (150, 190, 230)]
    return persons


_LANGUAGES: Sequence[Language] = ("en", "zh")


def _kokoro() -> list[KokoroVoice]:
    try:
        return [KokoroVoice(KokoroVoiceConfig(kind="kokoro"), kokoro_folder())]
    except AssistantError:
        return []


def _person(name: str, language: Language, speak: Speak) -> Person:
    return Person(name, language, functools.cache(lambda text: trimmed(speak(text))))


def trimmed(sound: Samples) -> Samples:
    """Return the sound without the silence around it, as loud as any other."""
    loudness = np.abs(sound) / np.max(np.abs(sound))
    loud = np.flatnonzero(loudness > _LOUD)
    return np.asarray(0.5 * sound[loud[0] : loud[-1] + 1] / np.max(np.abs(sound)), np.float32)


def _speaks(voice: Voice, language: Language, rate: int, variant: str = "") -> Speak:
    def speak(text: str) -> Samples:
        chunks = list(voice.speak(Sentence(text, language), Manner(rate, variant)))
        sound = np.concatenate([chunk.samples for chunk in chunks]) / 32768
        times = np.arange(round(sound.size / chunks[0].sample_rate * SAMPLE_RATE)) / SAMPLE_RATE * chunks[0].sample_rate
        return np.asarray(np.interp(times, np.arange(sound.size), sound), np.float32)

    return speak


def _flite(name: str, text: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoken.wav")
        subprocess.run(["flite", "-voice", name, "-t", text, "-o", str(path)], check=True)  # noqa: S603, S607 - by name, from the PATH
        return read_recording(path)


def _end_of(first: Samples, whole: Samples) -> int:
    """Return the sample of `whole` in which the words of `first` end.

    Dynamic time warping of Whisper's spectra, then the quietest moment near the end of the path.
    """
    mel = FeatureExtractor()
    half, full = (mel(sound, padding=0).T for sound in (first, whole))
    costs = np.linalg.norm(half[:, None] - full[None], axis=2)
    for row in range(costs.shape[0]):
        for column in range(costs.shape[1]):
            ways = [costs[before] for before in _ways(row, column)]
            costs[row, column] += min(ways) if ways else 0.0
    steps = costs[-1] / (np.arange(costs.shape[1]) + costs.shape[0])
    end = int(np.argmin(steps))
    power = [np.mean(whole[max(0, at - 1) * _HOP : (at + 2) * _HOP] ** 2) for at in range(end - _NEAR, end + _NEAR)]
    return (end - _NEAR + int(np.argmin(power))) * _HOP + _HOP // 2


def _ways(row: int, column: int) -> list[tuple[int, int]]:
    befores = ((row - 1, column), (row, column - 1), (row - 1, column - 1))
    return [before for before in befores if min(before) >= 0]

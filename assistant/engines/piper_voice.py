"""Piper's neural voices, from files of the user's own. Needs the optional package `piper-tts`."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.config import PiperVoiceConfig
from assistant.errors import ModelDamaged, ModelMissing, VoiceFailed
from assistant.types import Language, Manner, Sentence, SpeechChunk

_NATURAL_RATE = 190
"""Words a minute at length scale 1: en_US-joe-medium speaks as fast as espeak at 190 (24 words in 5.6 s and 5.4 s)."""
_CHUNKS_PER_SECOND = 10
_OFFLINE_PHONEMES = {"espeak", "text"}
"""For pinyin Piper fetches a model from the internet at the first sentence; the other kinds need further packages."""


class PiperVoice:
    """Speaks with one Piper voice for English and, where there is one, another for Chinese.

    Raises:
        VoiceFailed: `piper-tts` is not installed, or the voice would need more than its own files.
        ModelMissing: A voice's .onnx file, or the .onnx.json beside it, is not there.
        ModelDamaged: One of them cannot be read.
    """

    def __init__(self, config: PiperVoiceConfig) -> None:
        try:
            import piper  # noqa: PLC0415 - an optional dependency
        except ImportError as error:
            raise VoiceFailed(f"Piper is not installed. Install it with: pip install piper-tts ({error})") from error
        self._settings = functools.partial(piper.SynthesisConfig, volume=config.volume / 100)
        english = _load(piper, config.english)
        self._voices = {"en": english, "zh": _load(piper, config.chinese) if config.chinese else english}

    def variants(self, _language: Language) -> Sequence[str]:
        """Return none: a file is one voice."""
        return ()

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, at the voice's own sample rate.

        Piper computes a sentence (up to a full stop) as a whole, in about 0.3 of the time it takes to say it.
        """
        # Piper reads [[...]] as phonemes.
        text = "".join(character if character.isprintable() and character != "[" else " " for character in sentence.text)
        settings = self._settings(length_scale=_NATURAL_RATE / manner.rate)
        try:
            for sound in self._voices[sentence.language].synthesize(text, settings):
                step = sound.sample_rate // _CHUNKS_PER_SECOND
                for start in range(0, len(sound.audio_int16_array), step):
                    yield SpeechChunk(sound.audio_int16_array[start : start + step], sound.sample_rate)
        except Exception as error:  # onnxruntime's errors share no base class but this one
            raise VoiceFailed(f"Piper cannot speak: {error}") from error

    def close(self) -> None:
        """Free the voices' memory."""
        self._voices.clear()


def _load(piper: Any, path: Path) -> Any:
    for file in (path, path.with_name(f"{path.name}.json")):
        if not file.is_file():
            raise ModelMissing(f"There is no Piper voice file {file}", path.name)
    try:
        voice = piper.PiperVoice.load(path)
    except Exception as error:  # onnxruntime's errors share no base class but this one
        raise ModelDamaged(f"The Piper voice {path} cannot be read: {error}", path.name) from error
    if voice.config.phoneme_type not in _OFFLINE_PHONEMES:
        kind = voice.config.phoneme_type.value
        raise VoiceFailed(f"The Piper voice {path} needs more than its files: its phoneme_type is {kind}. Choose one with espeak.")
    return voice

"""The voice of the user's own screen reader: Speech Dispatcher's, with the settings it has for every program (Linux)."""

from __future__ import annotations

import contextlib
import locale
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from assistant.config import SpeechDispatcherVoiceConfig
from assistant.output_module import OutputModule, last, padded, read_settings, speaks
from assistant.types import Language, Manner, Sentence, SpeechChunk

_USUAL_MODULE = "espeak-ng"
_CHUNKS_PER_SECOND = 10
_CODES: Mapping[Language, Sequence[str]] = {"en": ("en-US", "en"), "zh": ("cmn", "zh", "zh-CN")}
"""As modules name them; espeak-ng calls Mandarin cmn."""


class SpeechDispatcherVoice:
    """Speaks with the module, the voice and the settings that the user has chosen for Speech Dispatcher, at a rate of our own.

    Args:
        config: Which module, if not that one.

    Raises:
        VoiceFailed: There is none, or it does not start or does not hand over its sound.
    """

    def __init__(self, config: SpeechDispatcherVoiceConfig) -> None:
        settings = read_settings(Path("speechd.conf"))
        chosen = {code: name for key, code, name, *_ in padded(settings) if key == "LanguageDefaultModule"}
        usual = config.module or last(settings, "DefaultModule", _USUAL_MODULE)
        names: dict[Language, str] = {
            language: config.module or next((name for code, name in chosen.items() if speaks(code, codes)), usual)
            for language, codes in _CODES.items()
        }
        own = last(settings, "DefaultLanguage", (locale.getlocale()[0] or "").replace("_", "-"))
        self._modules: dict[str, OutputModule] = {}
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            for name in dict.fromkeys(names.values()):
                self._modules[name] = OutputModule(name, settings)
            undo.pop_all()
        self._module = {language: self._modules[name] for language, name in names.items()}
        self._codes = {
            language: own if speaks(own, codes) else self._module[language].code(codes) for language, codes in _CODES.items()
        }
        self._variants = {language: module.voices(self._codes[language]) for language, module in self._module.items()}

    def variants(self, language: Language) -> Sequence[str]:
        """Return the module's names of voices for a language, the one that the user's settings lead to first; six at most."""
        return self._variants[language]

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, as the module computes it.

        Raises:
            VoiceFailed: The module cannot speak it, or has died; the next sentence starts it again.
        """
        text = "".join(character if character.isprintable() else " " for character in sentence.text)
        if not any(character.isalnum() for character in text):
            return
        language = sentence.language
        voice = manner.variant if manner.variant in self._variants[language][1:] else ""
        spoken = self._module[language].speak(text, self._codes[language], voice, manner.rate)
        with contextlib.closing(spoken):
            for samples, sample_rate in spoken:
                step = sample_rate // _CHUNKS_PER_SECOND
                for start in range(0, len(samples), step):
                    yield SpeechChunk(samples[start : start + step], sample_rate)

    def close(self) -> None:
        """End the module."""
        for module in self._modules.values():
            module.close()

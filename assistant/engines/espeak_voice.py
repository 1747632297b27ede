"""The espeak-ng voice: the C library from the wheel `espeakng_loader`, called through ctypes; no program, no apt package.

A blocking call speaks one *piece* of a sentence, cut where espeak itself pauses. That is streaming enough: a piece was computed in
3 to 20 ms on two busy cores (53 ms for 160 Chinese characters without a comma), 2000 words at once took 0.6 to 1.2 s. Between the
pieces nothing runs, so abandoning a text takes no time and needs no worker thread to be stopped; and the lock around espeak's
global state is never held while somebody listens. Cutting at clauses is not heard: 100 clauses lasted 96.45 s, uncut 96.44 s.
"""

from __future__ import annotations

import ctypes
import functools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence

import espeakng_loader
import numpy as np

from assistant.config import EspeakVoiceConfig
from assistant.errors import VoiceFailed
from assistant.types import Language, Manner, Sentence, SpeechChunk

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000  # without it a missing data folder ends our process
_UTF8 = 0x01  # alone: neither SSML (0x10) nor [[phonemes]] (0x100) in the text are obeyed
_END_PAUSE = 0x1000
_RATE, _VOLUME, _PITCH = 1, 2, 3
_CHARACTER_POSITION = 1
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

_CHUNK_MS = 100
_VARIANTS: Mapping[Language, Sequence[str]] = {
    "en": ("en-us", "en", "en-us+f3", "en+f3"),
    "zh": ("cmn", "cmn+f3"),
}
"""espeak's own names: "en" is British, +f3 its third woman's timbre."""

_PIECE = re.compile(
    r""".{1,160}(?:[.,;:!?]["')”’]*\s|[。，；：！？、][”’）》]*|$)"""  # up to the last pause in reach,
    r"|.{1,160}\s|.{1,160}"  # or to the end of a word, or anywhere
)
# en-us reads 出口 as "Chinese letter, Chinese letter"; signs are quoted in English answers, so cmn reads them.
_CHINESE = re.compile(r"""([\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+[\s.,;:!?"')”’]*)""")

_espeak_lock = threading.Lock()


class _Espeak:
    """The one espeak-ng of this process. Its voice, rate and callback are global: use it only under `_espeak_lock`."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL(espeakng_loader.get_library_path())
            data_folder = espeakng_loader.get_data_path()
        except (OSError, RuntimeError) as error:
            raise VoiceFailed(f"espeak-ng cannot be loaded: {error}") from error
        self._library.espeak_Synth.argtypes = (
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
            *(ctypes.c_void_p, ctypes.c_void_p),
        )
        self.sample_rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, _CHUNK_MS, data_folder.encode(), _DONT_EXIT)
        if self.sample_rate <= 0:
            raise VoiceFailed(
                f"espeak-ng does not start with its data in {data_folder} (it takes paths shorter than 160 characters)"
            )
        self._sounds: list[bytes] = []
        self._callback = _Callback(self._collect)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count:
            self._sounds.append(ctypes.string_at(samples, count * 2))
        return 0

    def synthesise(self, text: str, voice: str, rate: int, config: EspeakVoiceConfig, *, pause: bool) -> list[bytes]:
        """Return the spoken text as 16-bit sound, in stretches of at most `_CHUNK_MS`."""
        self._sounds = []
        encoded = text.encode()
        failed = self._library.espeak_SetVoiceByName(voice.encode())
        for parameter, value in ((_RATE, rate), (_VOLUME, config.volume), (_PITCH, config.pitch)):
            failed = failed or self._library.espeak_SetParameter(parameter, value, 0)
        flags = _UTF8 | _END_PAUSE if pause else _UTF8
        failed = failed or self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _CHARACTER_POSITION, 0, flags, None, None)
        if failed:
            raise VoiceFailed(f"espeak-ng cannot speak with the voice {voice}: error {failed}")
        return self._sounds


@functools.cache
def _espeak() -> _Espeak:
    return _Espeak()


class EspeakVoice:
    """Speaks with espeak-ng: English with its voices `en-us` and `en` (British), Chinese with `cmn`.

    Voices of different settings may live side by side and speak from any thread.

    Raises:
        VoiceFailed: espeak-ng or its data cannot be loaded.
    """

    def __init__(self, config: EspeakVoiceConfig) -> None:
        self._config = config
        with _espeak_lock:
            self._espeak = _espeak()

    def variants(self, language: Language) -> Sequence[str]:
        """Return espeak's own names of voices for a language."""
        return _VARIANTS[language]

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, at 22050 samples a second."""
        pieces = _pieces(sentence, manner.variant)
        for number, (voice, text) in enumerate(pieces, start=1):
            # A piece that was cut off in the middle of a clause runs on into the next.
            pause = number == len(pieces) or not text.rstrip()[-1].isalnum()
            with _espeak_lock:
                sounds = self._espeak.synthesise(text, voice, manner.rate, self._config, pause=pause)
            for sound in sounds:
                yield SpeechChunk(np.frombuffer(sound, dtype=np.int16), self._espeak.sample_rate)

    def close(self) -> None:
        """Do nothing: the library stays, for other voices of this process (1 MB)."""


def _pieces(sentence: Sentence, variant: str) -> list[tuple[str, str]]:
    """Cut a sentence into (espeak voice, text). Control characters, with which espeak can be commanded, become spaces."""
    text = "".join(character if character.isprintable() else " " for character in sentence.text)
    runs = [text] if sentence.language == "zh" else _CHINESE.split(text)  # cmn reads English words by itself
    default, *_ = variants = _VARIANTS[sentence.language]
    voice = variant if variant in variants else default
    return [
        (_VARIANTS["zh"][0] if number % 2 else voice, piece)
        for number, run in enumerate(runs)
        for piece in _PIECE.findall(run)
        if piece.strip()
    ]

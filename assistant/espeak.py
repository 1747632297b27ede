"""The one espeak-ng of this process: the C library from the wheel `espeakng_loader`, through ctypes; no program, no apt package.

Its voice, rate and callback are global, so one lock is around every call. Two engines share it: one speaks with it, the other has
it spell English for a neural voice.
"""

from __future__ import annotations

import ctypes
import functools
import threading

import espeakng_loader

from assistant.errors import VoiceFailed

# From espeak-ng's speak_lib.h.
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000  # without it a missing data folder ends our process
_UTF8 = 0x01  # alone: neither SSML (0x10) nor [[phonemes]] (0x100) in the text are obeyed
_END_PAUSE = 0x1000
_RATE, _VOLUME, _PITCH = 1, 2, 3
_CHARACTER_POSITION = 1
_IPA, _TIED = 0x02, 0x80
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)

CHUNK_MS = 100
TIE = "^"
"""Stands between the letters of one phoneme that needs several."""

_lock = threading.Lock()


class Espeak:
    """espeak-ng; made by `espeak` and by nobody else.

    Raises:
        VoiceFailed: It or its data cannot be loaded.
    """

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
        self._library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.sample_rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, CHUNK_MS, data_folder.encode(), _DONT_EXIT)
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

    def synthesise(self, text: str, voice: str, *, rate: int, volume: int, pitch: int, pause: bool) -> list[bytes]:
        """Return the spoken text as 16-bit sound, in stretches of at most `CHUNK_MS`.

        Args:
            text: At most a sentence: a call cannot be interrupted.
            voice: One of espeak's names, such as ``en-us``.
            rate: Words a minute.
            volume: 100 is its own loudness.
            pitch: 0 to 99.
            pause: Whether a sentence ends there.

        Raises:
            VoiceFailed: It cannot speak it.
        """
        encoded = text.encode()
        with _lock:
            self._sounds = []
            failed = self._library.espeak_SetVoiceByName(voice.encode())
            for parameter, value in ((_RATE, rate), (_VOLUME, volume), (_PITCH, pitch)):
                failed = failed or self._library.espeak_SetParameter(parameter, value, 0)
            flags = _UTF8 | _END_PAUSE if pause else _UTF8
            failed = failed or self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _CHARACTER_POSITION, 0, flags, None, None)
            if failed:
                raise VoiceFailed(f"espeak-ng cannot speak with the voice {voice}: error {failed}")
            return self._sounds

    def phonemes(self, text: str, voice: str) -> str:
        """Return how a text is pronounced, in IPA with `TIE`, without its punctuation.

        Raises:
            VoiceFailed: There is no such voice.
        """
        rest = ctypes.c_char_p(text.encode())
        clauses: list[bytes] = []
        with _lock:
            if failed := self._library.espeak_SetVoiceByName(voice.encode()):
                raise VoiceFailed(f"espeak-ng cannot spell with the voice {voice}: error {failed}")
            while rest.value is not None:  # it takes a clause at a time, and moves `rest` behind it
                clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA | _TIED | ord(TIE) << 8))
        return b" ".join(clauses).decode()


def espeak() -> Espeak:
    """Return this process's espeak-ng, which is loaded by the first call and stays (1 MB).

    Raises:
        VoiceFailed: It or its data cannot be loaded.
    """
    with _lock:
        return _only()


@functools.cache
def _only() -> Espeak:
    return Espeak()

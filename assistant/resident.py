"""What everything but the vision-language model keeps in memory, measured.

VmRSS after use less before, each in a process of its own with Python and all libraries loaded already, on x86-64 with two cores:
speech recognition after 30 s of sound, voices after two sentences. Of Whisper tiny, small and turbo, networks of their shapes with
random weights were measured (75.6, 483 and 1617 MB, as the real files); of base the real one.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.config import Config

_MiB = 1 << 20

_PYTHON = 190
"""Python with all of this program's libraries."""
_TURN_DETECTORS = 15 + 56
"""Silero and smart-turn."""
_WAKE_WORD = 21
_WHISPER: Mapping[str, int] = {"whisper-tiny": 129, "whisper-base": 233, "whisper-small": 451, "whisper-large-v3-turbo": 1058}
_VOICES: Mapping[str, int] = {"espeak": 3, "pyttsx3": 3, "speech-dispatcher": 3, "piper": 199, "kokoro": 246}
"""pyttsx3 and Speech Dispatcher speak in processes of the system's own."""


def resident_bytes(config: Config) -> int:
    """Return how many bytes all but the vision-language model takes; for an unknown Whisper as much as for the largest."""
    recognition = _WHISPER.get(config.transcriber.model, max(_WHISPER.values()))
    voices = {config.voice.kind, config.chinese_voice.kind if config.chinese_voice else config.voice.kind}
    waking = _WAKE_WORD if config.start.kind == "wake-word" else 0
    return _MiB * (_PYTHON + recognition + _TURN_DETECTORS + waking + sum(_VOICES[kind] for kind in voices))

"""Speaks one sentence into a file with pyttsx3, as ordered through standard input: the child process of `system_voice.py`."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

_LANGUAGE_TAGS = {"en": ("en",), "zh": ("zh", "cmn")}


def _main() -> None:
    import pyttsx3  # noqa: PLC0415 - it loads the system's speech library, which belongs into this process only

    engine = pyttsx3.init()
    order = sys.stdin.read()
    if order:  # else the parent ended without a need for this child
        _save(engine, **json.loads(order))


def _save(engine: Any, *, path: str, text: str, language: str, rate: int, volume: float) -> None:
    voices = engine.getProperty("voices")
    able = [voice.id for voice in voices if any(str(tag).startswith(_LANGUAGE_TAGS[language]) for tag in voice.languages or ())]
    if able and engine.getProperty("voice") not in able:
        engine.setProperty("voice", able[0])
    for _ in range(2):  # said once, Debian's espeak-ng lost it in 3 sentences of 16; said twice, in none of 76
        engine.setProperty("rate", rate)
    engine.setProperty("volume", volume)
    written = threading.Event()
    engine.connect("finished-utterance", lambda **_: written.set())
    engine.save_to_file(text, path)
    engine.runAndWait()
    if sys.platform == "linux":  # there espeak writes in a thread, and runAndWait returned before the file was there
        written.wait()


if __name__ == "__main__":
    _main()

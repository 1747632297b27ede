"""The system's own voices through pyttsx3: NSSpeechSynthesizer on macOS, SAPI 5 on Windows, an installed espeak-ng on Linux.

pyttsx3 writes each sentence into a file and we play it, for what it plays itself can neither be stopped (`stop()` hung
`runAndWait` for ever) nor sent to a chosen loudspeaker, and `runAndWait` returns before the sound ends. It works in a child process
(`pyttsx3_process.py`), one for each sentence: there it has the main thread that macOS asks for, it can be killed when it
hangs, and a second `runAndWait` never meets the remains of the first. The next child is started ahead, so that nobody waits for it.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from assistant.config import SystemVoiceConfig
from assistant.errors import VoiceFailed
from assistant.types import Language, Manner, Seconds, Sentence, SpeechChunk

_log = logging.getLogger(__name__)

_PATIENCE: Seconds = 10.0
"""How long a sentence may take to be written; 0.3 s on Linux."""
_CHUNKS_PER_SECOND = 10
_COMMANDS = str.maketrans("<>[]", "    ")
"""SAPI takes a text that begins with "<" for XML; macOS obeys commands in [[double brackets]]."""
_CHILD = Path(__file__).with_name("pyttsx3_process.py")
"""Run as a file, for importing it as a module would import this package's libraries: 0.5 s of processor time instead of 0.1 s."""


class SystemVoice:
    """Speaks with the voices of the operating system; with its default voice where that speaks the sentence's language.

    Raises:
        VoiceFailed: It has no working voice; found out by speaking one word.
    """

    def __init__(self, config: SystemVoiceConfig) -> None:
        if sys.platform == "linux":
            _log.warning(
                "pyttsx3 has no voices of its own on Linux: it needs espeak-ng from the package manager, whose version 1.51 reads "
                'Chinese characters as English. The voice of kind "espeak" needs neither and starts sooner.'
            )
        self._config = config
        self._lock = threading.Lock()
        self._spare = _start_child()
        try:
            list(self.speak(Sentence("Ready", "en"), Manner()))
        except VoiceFailed:
            self.close()
            raise

    def variants(self, _language: Language) -> Sequence[str]:
        """Return none: whoever chose a voice in the system's settings wants that one."""
        return ()

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, the first when all of it is computed."""
        printable = "".join(character if character.isprintable() else " " for character in sentence.text)
        text = printable.translate(_COMMANDS).strip()
        if not text:
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "speech")
            self._write(path, text, sentence.language, manner.rate)
            samples, sample_rate = _read(path)
        step = sample_rate // _CHUNKS_PER_SECOND
        for start in range(0, len(samples), step):
            yield SpeechChunk(samples[start : start + step], sample_rate)

    def close(self) -> None:
        """End the child process that waits for the next sentence."""
        with self._lock:
            _end_child(self._spare)

    def _write(self, path: Path, text: str, language: Language, rate: int) -> None:
        with self._lock:
            child, self._spare = self._spare, _start_child()
        order = {
            "path": str(path),
            "text": text,
            "language": language,
            "rate": rate,
            "volume": self._config.volume / 100,
        }
        try:
            _, complaint = child.communicate(json.dumps(order), timeout=_PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise VoiceFailed(f"pyttsx3 wrote no speech within {_PATIENCE:g} s") from error
        finally:
            _end_child(child)
        if child.returncode != 0:
            raise VoiceFailed(f"pyttsx3 failed: {complaint.strip()}")


def _read(path: Path) -> tuple[npt.NDArray[np.int16], int]:
    """Return the samples and the sample rate of a sound file: AIFF from macOS, WAV from the others."""
    try:
        with av.open(str(path)) as file:
            sample_rate: int = file.streams.audio[0].rate
            resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
            blocks = [block.to_ndarray()[0] for frame in file.decode(audio=0) for block in resampler.resample(frame)]
    except (av.FFmpegError, IndexError) as error:
        raise VoiceFailed(f"pyttsx3 wrote no sound: {error}") from error
    return np.concatenate([np.empty(0, np.int16), *blocks]), sample_rate


def _start_child() -> subprocess.Popen[str]:
    # The text goes through a pipe: arguments could be read by everybody on the machine.
    return subprocess.Popen(  # noqa: S603 - our own interpreter and file
        [sys.executable, str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,  # pyttsx3 prints what it does
        stderr=subprocess.PIPE,
        text=True,
    )


def _end_child(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()

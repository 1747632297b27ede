"""An output module of Speech Dispatcher, as our own child: what speaks for the user's screen reader, without the daemon.

The daemon plays what is spoken through it, which could be neither ducked nor counted as heard. But since 0.11 its output modules
hand over their sound, in a line protocol on stdin and stdout: ``src/modules/module_process.c`` of speechd. Measured with espeak-ng:
started in 32 ms, first sound after 3 ms, ready for the next sentence 0.3 ms after one was abandoned.
"""

from __future__ import annotations

import collections
import contextlib
import os
import re
import select
import shlex
import subprocess
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, TypeAlias, cast
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import platformdirs

from assistant.errors import VoiceFailed
from assistant.types import Seconds

Sound: TypeAlias = tuple[npt.NDArray[np.int16], int]
"""Samples of one channel, and how many of them are a second."""

_SETTINGS = (platformdirs.user_config_path("speech-dispatcher"), Path("/etc/speech-dispatcher"))
_PROGRAMS = (Path("~/.local/libexec").expanduser(), Path("/usr/local/libexec"), Path("/usr/libexec"), Path("/usr/lib"))
_INSTALL = "Install it with: apt-get install speech-dispatcher speech-dispatcher-espeak-ng"
_PATIENCE: Seconds = 10.0
"""How long a module may be silent while it is asked for something."""
_MOST_VOICES = 6
_ESCAPED = re.compile(b"\x7d(.)", re.DOTALL)
_RATES = {"EspeakMinRate": 80, "EspeakNormalRate": 170, "EspeakMaxRate": 390}
"""Words a minute at rate -100, 0 and 100 where the module's own settings say nothing else: ``src/modules/espeak.c`` of speechd.
Other modules do not tell theirs; people speak at about 170, too."""


class _Spoken:
    """A sentence on its way out of a module."""

    def __init__(self) -> None:
        self.sounds: collections.deque[Sound] = collections.deque()
        """What has come and was not taken yet."""
        self.over = False


class OutputModule:
    """A module, started. It speaks one sentence at a time: one that another overtakes is first read to its end and kept.

    Args:
        name: As the settings name it.
        settings: The lines of ``speechd.conf``, each as its words.

    Raises:
        VoiceFailed: It is not here, does not start or does not hand over its sound.
    """

    def __init__(self, name: str, settings: Sequence[Sequence[str]]) -> None:
        self._name = name
        binary, file = next(
            ((binary, file) for key, added, binary, file, *_ in padded(settings) if (key, added) == ("AddModule", name)),
            (f"sd_{name}", f"{name}.conf"),
        )
        program = next((path for folder in _PROGRAMS if (path := folder / "speech-dispatcher-modules" / binary).is_file()), None)
        if program is None:
            raise VoiceFailed(f"Speech Dispatcher has no module {name} here. {_INSTALL}")
        own = next((path for folder in _SETTINGS if (path := folder / "modules" / file).is_file()), None)
        self._command = [str(program), *([str(own)] if own else [])]
        words = read_settings(own) if own else []
        self._rates = [int(last(words, key, str(usual))) for key, usual in _RATES.items()]
        self._manner = {
            "pitch": last(settings, "DefaultPitch", "0"),
            "pitch_range": last(settings, "DefaultPitchRange", "0"),
            "volume": last(settings, "DefaultVolume", "100"),
            "voice": last(settings, "DefaultVoiceType", "male1").lower(),
            "punctuation_mode": "none",
            "spelling_mode": "off",
            "cap_let_recogn": "none",
        }
        self._lock = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._received = bytearray()
        self._speaking: _Spoken | None = None
        self._voice = ""
        self._start()
        self._voices = [line[4:].decode(errors="replace").split("\t") for line in self._ask("LIST VOICES") if line[3:4] == b"-"]

    def code(self, codes: Sequence[str]) -> str:
        """Return the first of some names of a language that it has a voice for; the first of all where it has none."""
        return next((code for code in codes if any(speaks(language, [code]) for _, language, *_ in self._voices)), codes[0])

    def voices(self, code: str) -> Sequence[str]:
        """Return the names of its voices for a language, six at most; those of exactly that one come first."""
        voices = [
            (name, language) for name, language, variant, *_ in self._voices if variant == "none" and speaks(language, [code])
        ]
        return [name for name, _ in sorted(voices, key=lambda voice: voice[1].lower() != code.lower())][:_MOST_VOICES]

    def speak(self, text: str, code: str, voice: str, rate: int) -> Generator[Sound, None, None]:
        """Yield the sound of a text as it is computed; abandoning it stops the module.

        Args:
            text: Without control characters.
            code: Of its language.
            voice: Of `voices`; empty for what the module itself has for the language.
            rate: Words a minute.

        Raises:
            VoiceFailed: It cannot speak it, or has died; the next text starts it again.
        """
        spoken = _Spoken()
        with self._lock:
            self._finish()
            if self._voice and not voice:  # a module has no way back from a named voice to its own choice
                self.close()
            if self._child is None:
                self._start()
            wanted = {**self._manner, "rate": str(self._rate(rate)), "language": code, "synthesis_voice": voice or "NULL"}
            self._ask("SET", [f"{key}={value}" for key, value in wanted.items()])
            self._ask("SPEAK", [f"<speak>{escape(text)}</speak>"])
            self._voice, self._speaking = voice, spoken
        try:
            while True:
                with self._lock:
                    while not (spoken.sounds or spoken.over):
                        self._advance(spoken)
                    if not spoken.sounds:
                        return
                    sound = spoken.sounds.popleft()
                yield sound
        finally:
            with self._lock:
                if self._speaking is spoken:
                    self._write("STOP")
                    self._finish()

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            if self._child is not None:
                self._child.kill()
                self._child.communicate()
            self._child, self._voice = None, ""
            self._received.clear()
            if self._speaking is not None:
                self._speaking.over, self._speaking = True, None

    def _start(self) -> None:
        try:
            self._child = subprocess.Popen(  # noqa: S603 - a program of Speech Dispatcher, which the user's settings name
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as error:
            raise VoiceFailed(f"Speech Dispatcher's module {self._name} does not start: {error}. {_INSTALL}") from error
        self._ask("INIT")
        self._ask("AUDIO", ["audio_output_method=server"])  # a module that only plays by itself refuses this

    def _rate(self, words_a_minute: int) -> int:
        """Return a module's rate: straight from -100 to 0 and from 0 to 100."""
        slowest, usual, fastest = self._rates
        span = fastest - usual if words_a_minute > usual else usual - slowest
        return min(max(round(100 * (words_a_minute - usual) / span), -100), 100)

    def _finish(self) -> None:
        """Read the sentence that is being spoken to its end."""
        while (spoken := self._speaking) is not None:
            self._advance(spoken)

    def _advance(self, spoken: _Spoken) -> None:
        """Read the next stretch of a sentence's sound, or its end."""
        form: dict[str, int] = {}
        while True:
            line = self._line()
            if line.startswith(b"705-AUDIO\0"):
                spoken.sounds.append((_samples(line[10:], form), form["sample_rate"]))
                return
            if line.startswith(b"705-"):
                key, _, value = line[4:].decode().partition("=")
                form[key] = int(value)
            elif line[:4] in {b"702 ", b"703 "}:  # end, or stopped
                spoken.over, self._speaking = True, None
                return

    def _ask(self, command: str, data: Sequence[str] = ()) -> list[bytes]:
        """Give a command and what belongs to it; return the lines of the answer.

        Raises:
            VoiceFailed: The module refuses it, says nothing, or has died.
        """
        answer: list[bytes] = []
        for lines in ([command], [*data, "."] if data else []):
            if not lines:
                continue
            self._write("\n".join(lines))
            while True:
                answer.append(self._line())
                if answer[-1][3:4] == b" ":
                    break
            if answer[-1][:1] != b"2" and command != "LIST VOICES":  # some have one voice and no list
                raise self._failure(f"answers {command} with {answer[-1].decode(errors='replace')}")
        return answer

    def _write(self, text: str) -> None:
        try:
            self._pipe("stdin").write(f"{text}\n".encode())
        except OSError as error:
            raise self._failure("has ended") from error

    def _line(self) -> bytes:
        output = self._pipe("stdout")
        while (end := self._received.find(b"\n")) < 0:
            ready, _, _ = select.select([output], [], [], _PATIENCE)
            if not ready:
                raise self._failure(f"says nothing for {_PATIENCE:g} s")
            if not (more := os.read(output.fileno(), 1 << 16)):
                raise self._failure("has ended")
            self._received += more
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def _pipe(self, name: str) -> IO[bytes]:
        if self._child is None:  # closed, by whoever closes the voice while it still speaks
            raise VoiceFailed(f"Speech Dispatcher's module {self._name} was closed")
        return cast("IO[bytes]", getattr(self._child, name))

    def _failure(self, what: str) -> VoiceFailed:
        """End the child, so that the next sentence starts a new one, and return the error to be raised."""
        self.close()
        return VoiceFailed(f"Speech Dispatcher's module {self._name} {what}")


def _samples(escaped: bytes, form: Mapping[str, int]) -> npt.NDArray[np.int16]:
    """Return a stretch of sound. Its newlines, and the escape itself, are escaped: the bit 32 of what follows is turned round."""
    sound = _ESCAPED.sub(lambda match: bytes([match[1][0] ^ 0x20]), escaped)
    if form["bits"] != 16:  # noqa: PLR2004 - no module is known to do otherwise
        raise VoiceFailed(f"a module of Speech Dispatcher sends {form['bits']} bits a sample, and only 16 can be played")
    samples = np.frombuffer(sound, ">i2" if form["big_endian"] else "<i2").reshape(-1, form["num_channels"])
    mixed: npt.NDArray[np.int16] = samples.mean(axis=1).astype(np.int16)
    return mixed


def read_settings(file: Path) -> list[list[str]]:
    """Return the lines of a settings file, the user's or else the system's, each as its words; none where there is no such file."""
    for folder in _SETTINGS:
        with contextlib.suppress(OSError):
            lines = (folder / file).read_text(encoding="utf-8", errors="replace").splitlines()
            return [words for line in lines if (words := _words(line))]
    return []


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line, comments=True)
    except ValueError:  # a quotation mark that is not closed; it is the daemon's business to complain
        return []


def padded(settings: Iterable[Sequence[str]]) -> list[list[str]]:
    """Return lines that have at least five words, empty ones at their ends."""
    return [[*words, *[""] * 5] for words in settings]


def last(settings: Iterable[Sequence[str]], key: str, usual: str) -> str:
    """Return the value that was given last for a key."""
    return next((words[1] for words in reversed(list(settings)) if words[0] == key and len(words) > 1), usual)


def speaks(code: str, codes: Sequence[str]) -> bool:
    """Tell whether a code is of one of the languages: en-GB is of en."""
    return any(f"{code.lower()}-".startswith(f"{other.lower().split('-')[0]}-") for other in codes)

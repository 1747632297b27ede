"""The assistant as its users start it: a program of its own, watched through the plain lines it prints."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from typing_extensions import Self

from assistant.types import Samples, Seconds
from tests.virtual_sound import Recording

PATIENCE: Seconds = 60.0


class AssistantProcess:
    """``assistant ARGUMENTS``, until it ends or is interrupted."""

    def __init__(self, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "assistant", *map(str, arguments)]
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout
        try:
            for line in self._process.stdout:
                self._queue.put(line.rstrip())
        except ValueError:  # closed meanwhile
            return

    def wait_for(self, text: str, timeout: Seconds = PATIENCE) -> str:
        """Return the next line with `text` in it; lines before it are passed over.

        Raises:
            AssertionError: It did not come; all lines so far are in the message.
        """
        give_up_at = time.monotonic() + timeout
        while time.monotonic() < give_up_at:
            try:
                line = self._queue.get(timeout=0.1)
            except queue.Empty:
                continue
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"{text!r} did not come. All lines:\n" + "\n".join(self.lines))

    def wait_for_greeting(self, heard: Recording) -> Samples:
        """Return all that was heard up to the end of the greeting, before which it answers nobody."""
        self.wait_for("sentence: Ready")
        self.wait_for("first sound")
        return heard.wait_for_silence()

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit status."""
        self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self, timeout: Seconds = PATIENCE) -> int:
        """Wait for its end; return the exit status."""
        status = self._process.wait(timeout)
        while not self._queue.empty():
            self.lines.append(self._queue.get())
        return status

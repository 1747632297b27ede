"""The unit of ``scripts/install-service``, started as systemd does: its command, its variables, a socket for what it tells."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.types import Seconds
from tests.service_unit import ROOT, dry_run, of_unit
from tests.virtual_sound import VirtualSound

SCENE = ROOT / "assistant" / "samples" / "scene.png"
PATIENCE: Seconds = 120.0

pytestmark = [pytest.mark.sound, pytest.mark.weights, pytest.mark.timeout(240)]


class Service:
    """A unit's program, and when it told what, in seconds of `time.monotonic`."""

    def __init__(self, unit: str, socket_path: Path, journal: Path) -> None:
        self.told: list[tuple[Seconds, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(socket_path))
        self._journal = journal.open("w", encoding="utf-8")
        here = os.fstat(self._journal.fileno())
        of_systemd = {
            "NOTIFY_SOCKET": str(socket_path),
            "WATCHDOG_USEC": str(int(of_unit(unit, "WatchdogSec")[0]) * 1_000_000),
            "JOURNAL_STREAM": f"{here.st_dev}:{here.st_ino}",
        }
        own = dict(setting.split("=", 1) for setting in of_unit(unit, "Environment"))
        self._process = subprocess.Popen(
            of_unit(unit, "ExecStart"),
            cwd=of_unit(unit, "WorkingDirectory")[0],
            env={**os.environ, **own, **of_systemd},
            stdin=subprocess.DEVNULL,
            stdout=self._journal,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # noqa: PLW1509 - as in what a script starts in the background
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while message := self._socket.recv(4096):
                self.told.append((time.monotonic(), message.decode()))

    def wait_for(self, message: str) -> Seconds:
        """Return when it first told this."""
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            for at, told in list(self.told):
                if told == message:
                    return at
            assert self._process.poll() is None, self.told
            time.sleep(0.05)
        raise AssertionError(f"{message} was not told: {self.told}")

    def longest_pause(self, since: Seconds) -> Seconds:
        """Return the longest time between two beats from `since` until now."""
        beats = [at for at, told in list(self.told) if told == "WATCHDOG=1" and at > since]
        return max(after - before for before, after in pairwise([since, *beats, time.monotonic()]))

    def terminate(self) -> int:
        """Stop it as systemd does; return the exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()
        self._journal.close()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def service(tmp_path: Path, journal: Path, virtual_sound: VirtualSound, whisper_base: Path) -> Iterator[Service]:
    assert whisper_base
    virtual_sound.ensure()
    config = tmp_path / "config.toml"
    config.write_text(
        f'[camera]\nsource = "{SCENE}"\n[transcriber]\nlanguage = "en"\n'
        '[vision]\nmodel = "practice"\nthreads = 1\nn_ctx = 1024\nmax_tokens = 64\n',
        encoding="utf-8",
    )
    with tempfile.TemporaryDirectory(prefix="notify-") as folder:  # not pytest's: a socket's path may have 107 characters
        service = Service(dry_run("--config", config), Path(folder, "socket"), journal)
        yield service
        service.close()
    virtual_sound.ensure()


def test_it_tells_that_it_is_ready_and_alive_and_ends_when_told(
    service: Service, journal: Path, virtual_sound: VirtualSound
) -> None:
    ready_at = service.wait_for("READY=1")
    service.wait_for("STATUS=listening")
    half = 15.0  # of what the unit lets pass: WatchdogSec=30
    time.sleep(5.0)
    assert service.longest_pause(ready_at) < half / 3

    # a sound server that hangs is nothing that starting anew would mend
    virtual_sound.freeze()
    frozen_at = time.monotonic()
    time.sleep(20.0)
    assert service.longest_pause(frozen_at) < half
    virtual_sound.thaw()
    time.sleep(6.0)
    assert service.longest_pause(frozen_at) < half

    assert service.terminate() == 0
    assert service.told[-1][1] == "STOPPING=1"
    lines = journal.read_text(encoding="utf-8")
    assert "the microphone stopped delivering sound" in lines
    assert "Ready" not in lines  # what it says is not kept
    assert "Traceback" not in lines


def test_it_can_be_stopped_while_it_loads(service: Service, journal: Path) -> None:
    service.wait_for("STATUS=loading")
    assert service.terminate() == 0
    assert "Traceback" not in journal.read_text(encoding="utf-8")

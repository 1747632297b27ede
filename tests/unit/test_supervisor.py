"""What systemd is told, over the socket that it listens at."""

import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.events import Event, Stage
from assistant.observe.supervisor import Supervisor


class Listener:
    """systemd's end."""

    def __init__(self, address: str) -> None:
        self.environment = {"NOTIFY_SOCKET": address}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(0)

    def told(self) -> list[str]:
        """Return what has come since the last time."""
        messages: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self._socket.recv(4096).decode())
        return messages

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def listener(request: pytest.FixtureRequest) -> Iterator[Listener]:
    with tempfile.TemporaryDirectory(prefix="notify-") as folder:  # not pytest's: a socket's path may have 107 characters
        listener = Listener(f"@{folder}" if request.param == "abstract" else str(Path(folder, "socket")))
        yield listener
        listener.close()


def test_it_is_ready_once_the_conversation_listens(listener: Listener) -> None:
    watched = Supervisor(listener.environment)
    watched(Event(Stage.LOADING, 0.0, "vision-language model practice"))
    assert listener.told() == ["STATUS=loading"]
    watched(Event(Stage.READY, 1.0))
    assert listener.told() == ["READY=1", "STATUS=listening"]


def test_nothing_that_was_said_is_told(listener: Listener) -> None:
    watched = Supervisor(listener.environment)
    for stage in Stage:
        watched(Event(stage, 0.0, "my secret"))
    assert "secret" not in "".join(listener.told())


def test_beats_do_not_come_more_often_than_needed(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("assistant.observe.supervisor.time.monotonic", lambda: now)
    watched = Supervisor(listener.environment)
    for _ in range(94):  # three seconds of sound
        watched.beat()
        now += 0.032
    assert listener.told() == ["WATCHDOG=1"] * 3


def test_its_end_is_told(listener: Listener) -> None:
    Supervisor(listener.environment).stopping()
    assert listener.told() == ["STOPPING=1"]


def test_without_a_supervisor_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("assistant.observe.supervisor.socket.socket", opened)
    watched = Supervisor({})
    watched(Event(Stage.READY, 0.0))
    watched.beat()


def test_a_supervisor_that_has_gone_ends_nothing(listener: Listener) -> None:
    watched = Supervisor(listener.environment)
    listener.close()
    watched(Event(Stage.READY, 0.0))
    watched.stopping()


def test_a_supervisor_that_reads_nothing_does_not_hold_the_conversation_up(listener: Listener) -> None:
    watched = Supervisor(listener.environment)
    began = time.monotonic()
    for _ in range(20):  # more than the socket holds: /proc/sys/net/unix/max_dgram_qlen is 10, or more
        watched.stopping()
    assert time.monotonic() - began < 20 * 0.5
    assert listener.told()

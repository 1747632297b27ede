"""What systemd is told, if it started this program: sd_notify(3), one datagram a message, never a word or a picture."""

from __future__ import annotations

import contextlib
import math
import os
import socket
import time
from collections.abc import Mapping

from assistant.events import Event, Stage
from assistant.types import Seconds

BEAT: Seconds = 1.0
"""The shortest time between two beats. A lost microphone is tried again every 5 seconds at most: that, too, is well within half of
the 30 seconds that scripts/install-service lets pass without one."""
_PATIENCE: Seconds = 0.1
"""The longest wait for a supervisor that has not read earlier messages: the conversation waits with it."""

_STATUS = {
    Stage.LOADING: "loading",
    Stage.READY: "listening",
    Stage.SPEECH_ENDED: "answering",
    Stage.TURN_ENDED: "listening",
    Stage.TURN_CANCELLED: "listening",
}


class Supervisor:
    """Whoever started this program and watches over it; an observer.

    Args:
        environment: Its address is in ``NOTIFY_SOCKET``, a path or, after "@", an abstract name. Without it, nobody is told.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._beat_at = -math.inf

    def __call__(self, event: Event) -> None:
        """Tell that the program is ready, and what it is doing."""
        if event.stage is Stage.READY:
            self._tell("READY=1")
        if event.stage in _STATUS:
            self._tell(f"STATUS={_STATUS[event.stage]}")

    def beat(self) -> None:
        """Tell that all is well, if that was not told just now. After too long without it systemd starts the program anew."""
        now = time.monotonic()
        if now - self._beat_at >= BEAT:
            self._beat_at = now
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """Tell that the program is about to end of its own accord."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:  # its end is not ours
            sender.settimeout(_PATIENCE)
            sender.sendto(message.encode(), self._address)

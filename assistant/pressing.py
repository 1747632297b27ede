"""How ``assistant press`` reaches the running assistant: one word a datagram, on a Unix socket that only its user can reach.

Datagrams in place of a stream: there is nothing to accept, and nothing comes in halves. This module imports next to nothing, for
whoever presses a key of the desktop waits for the command.
"""

from __future__ import annotations

import socket
from pathlib import Path

from assistant.errors import ButtonForbidden, NobodyListens
from assistant.folders import runtime_folder
from assistant.types import Press, Seconds

PATIENCE: Seconds = 1.0
"""How long the command waits for an assistant that has not taken earlier presses yet."""


def socket_path() -> Path:
    """Return where the running assistant listens."""
    return runtime_folder() / "press"


def send(press: Press) -> None:
    """Press the button of the running assistant.

    Raises:
        NobodyListens: None is running, or it has stopped taking presses.
        ButtonForbidden: It is another user's.
    """
    path = socket_path()
    try:
        with _connected(path) as sender:
            sender.send(press.value.encode())
    except PermissionError as error:
        raise ButtonForbidden(f"{path}: the assistant that is running is another user's", "assistant press") from error
    except OSError as error:
        raise NobodyListens(f"there is no assistant at {path} ({error})") from error


def somebody_listens() -> bool:
    """Tell whether an assistant is running; a socket that a dead one left behind refuses to be connected to."""
    try:
        _connected(socket_path()).close()
    except OSError:
        return False
    return True


def _connected(path: Path) -> socket.socket:
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sender.settimeout(PATIENCE)
        sender.connect(str(path))
    except BaseException:
        sender.close()
        raise
    return sender

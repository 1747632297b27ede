"""The command ``assistant press``, for a shortcut of the desktop or any other program; see `assistant.pressing`."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import ButtonLost, ButtonTaken
from assistant.pressing import socket_path, somebody_listens
from assistant.types import Press, Seconds

_POLL: Seconds = 0.1
"""How often it is looked whether the button was closed."""
_LONGEST_WORD = 16


class CommandButton:
    """Listens for the command while `presses` is consumed; `assistant.ports.Button`."""

    def __init__(self) -> None:
        self._closed = False

    def presses(self) -> Iterator[Press]:
        """Yield what the command is called with.

        Raises:
            ButtonTaken: Another assistant of this user listens already.
            ButtonLost: Nothing can be listened to in the folder for sockets.
        """
        path = socket_path()
        with _listening(path) as listener:
            try:
                yield from self._words(listener)
            except OSError as error:
                raise ButtonLost(f"{path}: {error}", "assistant press") from error
            finally:
                path.unlink(missing_ok=True)

    def _words(self, listener: socket.socket) -> Iterator[Press]:
        held = False
        while not self._closed:
            if not select.select([listener], [], [], _POLL)[0]:
                continue
            word = listener.recv(_LONGEST_WORD).decode(errors="replace")
            if word == Press.TAP.value:
                yield Press.TAP
            elif word == (Press.UP if held else Press.DOWN).value:  # a shortcut that is held may send many
                held = not held
                yield Press(word)

    def close(self) -> None:
        """End `presses` for good. May be called twice, from any thread."""
        self._closed = True


def _listening(path: Path) -> socket.socket:
    if somebody_listens():
        raise ButtonTaken(f"{path}: another assistant listens there already", "assistant press")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # of an assistant that died
        listener.bind(str(path))
        path.chmod(0o600)
    except OSError as error:
        listener.close()
        raise ButtonLost(f"{path}: {error}", "assistant press") from error
    return listener

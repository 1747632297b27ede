"""A key of a keyboard, headset, foot switch or remote control, read from Linux' input devices whatever window has the focus.

The kernel's interface is one struct, so it is read directly. The package `evdev` would have to be compiled where it is installed,
for it has no wheels, and those of `evdev-binary` leave out 64-bit ARM, which a Jetson is. The keys' names are in `assistant.keys`.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.errors import ButtonForbidden, ButtonLost
from assistant.keys import KEY_CODES
from assistant.types import Press, Seconds

SYSTEM = Path("/sys/class/input")
"""Where the devices' names are, for every user to read."""
DEVICES = Path("/dev/input")
_EVENT = struct.Struct("@llHHi")
"""``struct input_event`` of linux/input.h: seconds, microseconds, type, code, value."""
_EV_KEY = 1
_PRESSES = {1: Press.DOWN, 0: Press.UP}
"""By value; 2 is a key that repeats because it is held."""
_MOST_EVENTS = 64
"""What the kernel keeps for a reader that is late."""
_POLL: Seconds = 0.1
"""How often it is looked whether the button was closed."""


class EvdevButton:
    """One key of one device, or of several of the same name; `assistant.ports.Button`. Others still get the key, too.

    Args:
        device: A path, best below /dev/input/by-id, or a part of the device's name. A headset may be several devices of one name.
        key: A name of `KEY_CODES`.
    """

    def __init__(self, device: str, key: str) -> None:
        self._device = device
        self._code = KEY_CODES[key]
        self._closed = False

    def presses(self) -> Iterator[Press]:
        """Yield DOWN and UP of the key.

        Raises:
            ButtonLost: There is no such device, or it was unplugged. Calling again looks for it again.
            ButtonForbidden: This user may not read it.
        """
        held = False
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(_opened(path)) for path in self._paths()]
            try:
                for press in self._read(files):
                    if held is not (press is Press.DOWN):
                        held = press is Press.DOWN
                        yield press
            except OSError as error:
                if held:
                    yield Press.UP
                raise ButtonLost(f"{self._device}: {error}", self._device) from error

    def _paths(self) -> Sequence[Path]:
        if self._device.startswith("/"):
            return [Path(self._device)]
        names = {file.parent.parent.name: file.read_text().strip() for file in sorted(SYSTEM.glob("event*/device/name"))}
        fitting = [DEVICES / node for node, name in names.items() if self._device.casefold() in name.casefold()]
        if not fitting:
            there_are = ", ".join(names.values()) or "none"
            raise ButtonLost(f"{self._device!r} is the name of no input device; there are: {there_are}", self._device)
        return fitting

    def _read(self, files: Sequence[int]) -> Iterator[Press]:
        while not self._closed:
            for file in select.select(files, [], [], _POLL)[0]:
                data = os.read(file, _MOST_EVENTS * _EVENT.size)
                if not data:
                    raise OSError("the device is gone")
                for _, _, kind, code, value in _EVENT.iter_unpack(data):
                    if kind == _EV_KEY and code == self._code and value in _PRESSES:
                        yield _PRESSES[value]

    def close(self) -> None:
        """End `presses` for good. May be called twice, from any thread."""
        self._closed = True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except PermissionError as error:
        how = "sudo usermod --append --groups input $USER"
        raise ButtonForbidden(
            f"{path} may be read by the group input only. Join it ({how}) and log in again.", path.name
        ) from error
    except OSError as error:
        raise ButtonLost(f"{path}: {error}", path.name) from error
    try:
        yield file
    finally:
        os.close(file)

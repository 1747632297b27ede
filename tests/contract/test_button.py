"""What every button promises, asked of the fake and of the real ones; then what each real one promises beside.

A pseudo-terminal is the terminal, a named pipe the input device, and scripted requests the GPIO line: of the last two this tests
what is made of the kernel's events, not the kernel.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import pty
import queue
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import Self

from assistant import parts, pressing
from assistant.config import Config, EvdevButtonConfig, GpioButtonConfig
from assistant.engines import evdev_button
from assistant.engines.command_button import CommandButton
from assistant.engines.evdev_button import EvdevButton
from assistant.engines.gpio_button import GpioButton
from assistant.engines.terminal_button import TerminalButton
from assistant.errors import ButtonForbidden, ButtonLost, ButtonTaken, NobodyListens
from assistant.keys import KEY_CODES
from assistant.ports import Button
from assistant.types import Press, Seconds
from assistant.web.talk.remote import RemoteButton
from tests.fakes.button import FakeButton

TAP, DOWN, UP = Press.TAP, Press.DOWN, Press.UP
SPACE = KEY_CODES["KEY_SPACE"]
HEADER = Path("/usr/include/linux/input-event-codes.h")


@dataclasses.dataclass
class Rig:
    """A button, and somebody who presses it."""

    button: Button
    press: Callable[[Press], object]
    can: tuple[Press, ...]


class Listener:
    """Waits for presses in a thread."""

    def __init__(self, button: Button) -> None:
        self._button = button
        self._heard: queue.SimpleQueue[Press] = queue.SimpleQueue()
        self.error: ButtonLost | None = None
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for press in self._button.presses():
                self._heard.put(press)
        except ButtonLost as error:
            self.error = error

    def next(self) -> Press:
        return self._heard.get(timeout=10)

    def ends(self, within: Seconds = 10) -> bool:
        self._thread.join(within)
        return not self._thread.is_alive()

    @property
    def has_more(self) -> bool:
        return not self._heard.empty()


@contextlib.contextmanager
def listening(button: Button) -> Iterator[Listener]:
    listener = Listener(button)
    try:
        yield listener
    finally:
        button.close()
        assert listener.ends()


# What stands in for terminal, device and line


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder for sockets whose path is short enough for them."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # pytest's own is too long for a socket on macOS
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def listens() -> None:
    """Wait until an assistant listens to the command."""
    deadline = time.monotonic() + 10
    while not pressing.somebody_listens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def send(press: Press) -> None:
    listens()
    pressing.send(press)


@pytest.fixture
def terminal() -> Iterator[tuple[TerminalButton, int]]:
    master, slave = pty.openpty()
    with os.fdopen(slave) as stream:
        yield TerminalButton(stream), master
    os.close(master)


class Device:
    """A named pipe in place of /dev/input/event0."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            os.mkfifo(path)
        self._file = os.open(path, os.O_RDWR)

    def send(self, code: int, value: int, kind: int = 1) -> None:
        os.write(self._file, struct.pack("@llHHi", 0, 0, kind, code, value) + struct.pack("@llHHi", 0, 0, 0, 0, 0))

    def press(self, press: Press) -> None:
        self.send(SPACE, 1 if press is DOWN else 0)

    def unplug(self) -> None:
        os.close(self._file)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "event0")


class Line:
    """In place of a request of libgpiod: the real package's own events, without a kernel."""

    def __init__(self, gpiod: Any) -> None:
        self._gpiod = gpiod
        self._events: queue.Queue[Any] = queue.Queue()
        self.released = False
        self.asked: tuple[Any, ...] = ()

    def request_lines(self, path: str, *, consumer: str, config: Any) -> Line:
        self.asked = (path, consumer, config)
        return self

    def press(self, press: Press) -> None:
        kind = self._gpiod.EdgeEvent.Type.RISING_EDGE if press is DOWN else self._gpiod.EdgeEvent.Type.FALLING_EDGE
        self._events.put(self._gpiod.EdgeEvent(kind.value, 0, 17, 0, 0))

    def unplug(self) -> None:
        self._events.put(OSError(errno.ENODEV, "No such device"))

    def wait_edge_events(self, timeout: Seconds) -> bool:
        with contextlib.suppress(queue.Empty):
            self._next = self._events.get(timeout=timeout)
            return True
        return False

    def read_edge_events(self) -> list[Any]:
        if isinstance(self._next, OSError):
            raise self._next
        return [self._next]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.released = True


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    gpiod = pytest.importorskip("gpiod", reason="gpiod is not installed")
    line = Line(gpiod)
    monkeypatch.setattr(gpiod, "request_lines", line.request_lines)
    return line


GPIO = GpioButtonConfig(kind="gpio", line=17)


@pytest.fixture(params=["fake", "terminal", "command", "evdev", "gpio", "page"])
def rig(request: pytest.FixtureRequest) -> Rig:
    match request.param:
        case "fake":
            fake = FakeButton()
            return Rig(fake, fake.press, (TAP, DOWN, UP))
        case "terminal":
            button, master = request.getfixturevalue("terminal")
            return Rig(button, lambda _: os.write(master, b"\n"), (TAP,))
        case "command":
            request.getfixturevalue("sockets")
            return Rig(CommandButton(), send, (TAP, DOWN, UP))
        case "evdev":
            device: Device = request.getfixturevalue("device")
            return Rig(EvdevButton(str(device.path), "KEY_SPACE"), device.press, (DOWN, UP))
        case "page":
            page = RemoteButton()
            return Rig(page, page.press, (TAP, DOWN, UP))
        case _:
            line: Line = request.getfixturevalue("line")
            return Rig(GpioButton(GPIO), line.press, (DOWN, UP))


# Of every button


def test_what_is_pressed_is_yielded_at_once_and_in_order(rig: Rig) -> None:
    with listening(rig.button) as listener:
        for press in rig.can * 3:
            rig.press(press)
            assert listener.next() is press
        assert not listener.has_more


def test_closing_ends_it_soon_and_may_be_done_twice(rig: Rig) -> None:
    with listening(rig.button) as listener:
        rig.press(rig.can[0])
        listener.next()
        rig.button.close()
        rig.button.close()
        assert listener.ends(within=1)
        assert listener.error is None


def test_closed_before_it_is_listened_to_it_yields_nothing(rig: Rig) -> None:
    rig.button.close()
    assert list(rig.button.presses()) == []


def test_the_fake_raises_its_errors_and_goes_on() -> None:
    button = FakeButton([DOWN, ButtonLost("unplugged"), TAP])
    presses = button.presses()
    assert next(presses) is DOWN
    with pytest.raises(ButtonLost, match="unplugged"):
        next(presses)
    assert next(button.presses()) is TAP


# Of the terminal


def test_every_line_is_one_press(terminal: tuple[TerminalButton, int]) -> None:
    button, master = terminal
    with listening(button) as listener:
        os.write(master, b"one\n\nthree\n")
        assert [listener.next() for _ in range(3)] == [TAP, TAP, TAP]


def test_end_of_file_is_no_press(terminal: tuple[TerminalButton, int]) -> None:
    button, master = terminal
    with listening(button) as listener:
        os.write(master, b"\x04")
        time.sleep(0.3)
        assert not listener.has_more
        os.write(master, b"\n")
        assert listener.next() is TAP


def test_a_terminal_that_is_gone_does_not_keep_anybody_busy() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave) as stream, listening(TerminalButton(stream)) as listener:
        os.close(master)
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.25
        assert not listener.has_more


def test_what_is_no_terminal_is_never_pressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "input"
    path.write_text("\n\n")
    with path.open() as file:
        assert list(TerminalButton(file).presses()) == []
    assert list(TerminalButton(file).presses()) == []
    monkeypatch.setattr(sys, "stdin", None)
    assert list(TerminalButton().presses()) == []


IN_TERMINAL = """
import os, signal, sys, threading, time
from assistant.engines.terminal_button import TerminalButton

def listen():
    for press in button.presses():
        print(press.value, flush=True)

button = TerminalButton()
if sys.argv[1] == "background":
    child = os.fork()
    if child:
        print("foreground read", repr(input()), flush=True)
        _, status = os.waitpid(child, os.WUNTRACED)
        print("stopped" if os.WIFSTOPPED(status) else "ended", flush=True)
        os.kill(child, signal.SIGKILL)
        sys.exit()
    os.setpgid(0, 0)
try:
    threading.Thread(target=listen, daemon=True).start()
    print("listening", flush=True)
    time.sleep(1 if sys.argv[1] == "background" else 60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@contextlib.contextmanager
def in_terminal(mode: str) -> Iterator[tuple[int, Callable[[str], None]]]:
    """Run IN_TERMINAL as the leader of a terminal of its own; yield that, and what waits for a word from it."""
    process, master = pty.fork()
    if process == 0:
        os.execv(sys.executable, [sys.executable, "-c", IN_TERMINAL, mode])  # noqa: S606 - our own interpreter
    said = b""

    def wait_for(word: str) -> None:
        nonlocal said
        while word.encode() not in said:
            said += os.read(master, 4096)

    try:
        yield master, wait_for
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(master)


def test_ctrl_c_still_interrupts_the_program() -> None:
    with in_terminal("foreground") as (master, wait_for):
        wait_for("listening")
        attributes = termios.tcgetattr(master)
        os.write(master, b"\n")
        wait_for("tap")
        assert termios.tcgetattr(master) == attributes
        os.write(master, b"\x03")
        wait_for("interrupted")


def test_in_the_background_it_is_neither_pressed_nor_stopped() -> None:
    with in_terminal("background") as (master, wait_for):
        wait_for("listening")
        time.sleep(0.2)
        os.write(master, b"for another\n")
        wait_for("foreground read 'for another'")
        wait_for("ended")


# Of the command


@pytest.mark.parametrize(("option", "press"), [([], TAP), (["--down"], DOWN)])
def test_the_command_presses_the_running_assistant(sockets: Path, option: list[str], press: Press) -> None:
    with listening(CommandButton()) as listener:
        listens()
        said = subprocess.run([sys.executable, "-m", "assistant", "press", *option], capture_output=True, text=True, check=True)
        assert listener.next() is press
        assert said.stdout == said.stderr == ""
        assert (sockets / "assistant" / "press").stat().st_mode & 0o777 == 0o600
    assert not (sockets / "assistant" / "press").exists()


def test_a_shortcut_that_repeats_while_it_is_held_is_held_once(sockets: Path) -> None:
    assert sockets.is_dir()
    with listening(CommandButton()) as listener:
        listens()
        for press in (UP, DOWN, DOWN, DOWN, UP, UP, TAP):
            pressing.send(press)
        assert [listener.next() for _ in range(3)] == [DOWN, UP, TAP]


def test_without_an_assistant_nobody_listens(sockets: Path) -> None:
    with pytest.raises(NobodyListens) as caught:
        pressing.send(TAP)
    assert str(sockets) in caught.value.detail


def test_the_socket_of_a_dead_assistant_is_replaced(sockets: Path) -> None:
    listen = "import socket, sys, os; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1]); os._exit(1)"
    path = sockets / "assistant" / "press"
    path.parent.mkdir()
    subprocess.run([sys.executable, "-c", listen, str(path)], check=False)
    assert path.exists()
    with pytest.raises(NobodyListens):
        pressing.send(TAP)
    with listening(CommandButton()) as listener:
        listens()
        pressing.send(TAP)
        assert listener.next() is TAP


def test_a_second_assistant_is_refused_until_the_first_one_ends(sockets: Path) -> None:
    assert sockets.is_dir()
    second = CommandButton()
    with listening(CommandButton()) as listener:
        listens()
        with pytest.raises(ButtonTaken, match="another assistant"):
            next(second.presses())
        pressing.send(TAP)
        assert listener.next() is TAP
    with listening(second) as listener:
        listens()
        pressing.send(TAP)
        assert listener.next() is TAP


def test_a_folder_that_cannot_hold_a_socket(sockets: Path) -> None:
    (sockets / "assistant").write_text("in the way")
    with pytest.raises(ButtonLost, match="press"):
        next(CommandButton().presses())


def test_what_is_no_press_is_ignored(sockets: Path) -> None:
    assert sockets.is_dir()
    with listening(CommandButton()) as listener:
        listens()
        with pressing._connected(pressing.socket_path()) as sender:
            for word in (b"", b"\xff\xfe", b"tap" * 100):
                sender.send(word)
        pressing.send(TAP)
        assert listener.next() is TAP


def test_without_a_folder_for_sockets_it_is_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert tmp_path in pressing.socket_path().parents or sys.platform == "darwin"


# Of an input device


def test_other_keys_and_kinds_of_event_are_no_presses(device: Device) -> None:
    with listening(EvdevButton(str(device.path), "KEY_SPACE")) as listener:
        device.send(KEY_CODES["KEY_A"], 1)
        device.send(SPACE, 1, kind=2)  # a movement
        device.press(DOWN)
        device.send(SPACE, 2)  # it repeats
        device.press(UP)
        assert [listener.next(), listener.next()] == [DOWN, UP]
        assert not listener.has_more


def test_a_device_that_is_unplugged_while_held_is_let_go_and_used_again_once_it_is_back(device: Device) -> None:
    button = EvdevButton(str(device.path), "KEY_SPACE")
    lost = Listener(button)
    device.press(DOWN)
    assert lost.next() is DOWN
    device.unplug()
    assert lost.next() is UP
    assert lost.ends()
    assert isinstance(lost.error, ButtonLost)
    device.path.unlink()
    with pytest.raises(ButtonLost, match="event0"):
        next(button.presses())
    back = Device(device.path)
    with listening(button) as listener:
        back.press(DOWN)
        assert listener.next() is DOWN


@pytest.fixture
def named_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """Make three devices, two of which have one name, as those of a headset do."""
    monkeypatch.setattr(evdev_button, "SYSTEM", tmp_path / "class")
    monkeypatch.setattr(evdev_button, "DEVICES", tmp_path)
    for number, name in enumerate(("AT Keyboard", "USB Headset", "USB Headset Consumer Control")):
        folder = tmp_path / "class" / f"event{number}" / "device"
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
    return [Device(tmp_path / f"event{number}") for number in range(3)]


def test_a_part_of_a_name_means_all_devices_that_have_it(named_devices: list[Device]) -> None:
    with listening(EvdevButton("usb headset", "KEY_PLAYPAUSE")) as listener:
        named_devices[0].send(KEY_CODES["KEY_PLAYPAUSE"], 1)
        named_devices[2].send(KEY_CODES["KEY_PLAYPAUSE"], 1)
        assert listener.next() is DOWN
        named_devices[1].send(KEY_CODES["KEY_PLAYPAUSE"], 0)
        assert listener.next() is UP
        assert not listener.has_more


@pytest.mark.usefixtures("named_devices")
def test_the_name_of_no_device() -> None:
    with pytest.raises(ButtonLost, match=r"'Pedal' is the name of no input device; there are: AT Keyboard, USB Headset") as caught:
        next(EvdevButton("Pedal", "KEY_A").presses())
    assert "Pedal" in caught.value.spoken("en")


def test_a_device_that_this_user_may_not_read(monkeypatch: pytest.MonkeyPatch, device: Device) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    button = EvdevButton(str(device.path), "KEY_A")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)  # as root, who runs the tests, nothing is forbidden
        with pytest.raises(ButtonForbidden, match="group input"):
            next(button.presses())


@pytest.mark.skipif(not HEADER.is_file(), reason="the kernel's header is not here")
def test_the_codes_are_those_of_the_kernels_header() -> None:
    codes: dict[str, str] = {}
    for text in HEADER.read_text(encoding="utf-8").splitlines():
        match text.split()[:3]:
            case ["#define", name, code]:
                codes[name] = codes.get(code, code)
    assert {name: int(codes[name], 0) for name in KEY_CODES} == KEY_CODES


# Of a GPIO line


def test_the_line_is_asked_for_as_it_is_wired(line: Line) -> None:
    gpiod = pytest.importorskip("gpiod")
    button = GpioButton(GPIO)
    with listening(button) as listener:
        line.press(DOWN)
        assert listener.next() is DOWN
    path, _, config = line.asked
    assert path == "/dev/gpiochip0"
    assert config[17].active_low
    assert config[17].bias is gpiod.line.Bias.PULL_UP
    assert config[17].edge_detection is gpiod.line.Edge.BOTH
    assert line.released


def test_a_line_that_is_lost_while_held_is_let_go(line: Line) -> None:
    listener = Listener(GpioButton(GPIO))
    line.press(DOWN)
    line.press(DOWN)
    line.unplug()
    assert [listener.next(), listener.next()] == [DOWN, UP]
    assert listener.ends()
    assert isinstance(listener.error, ButtonLost)


@pytest.mark.parametrize(
    ("raised", "error", "match"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), ButtonForbidden, "group gpio"),
        (OSError(errno.EBUSY, "Device or resource busy"), ButtonLost, "busy"),
        (ValueError("line offset of out range"), ButtonLost, "out range"),
    ],
)
def test_a_line_that_cannot_be_had(
    line: Line, monkeypatch: pytest.MonkeyPatch, raised: Exception, error: type[ButtonLost], match: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(line._gpiod, "request_lines", refuse)
    with pytest.raises(error, match=match):
        next(GpioButton(GPIO).presses())


def test_the_real_library_finds_no_chip_where_there_is_none(tmp_path: Path) -> None:
    pytest.importorskip("gpiod", reason="gpiod is not installed")
    with pytest.raises(ButtonLost, match="gpiochip9"):
        next(GpioButton(GpioButtonConfig(kind="gpio", chip=tmp_path / "gpiochip9", line="GPIO17")).presses())


def test_without_gpiod_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(ButtonLost, match="pip install gpiod"):
        next(GpioButton(GPIO).presses())


# Of the composition root


def test_the_configured_buttons_are_opened() -> None:
    assert [type(button) for button in parts.open_buttons(Config())] == [TerminalButton, CommandButton]
    evdev = EvdevButtonConfig(kind="evdev", device="Headset", key="KEY_PLAYPAUSE")
    buttons = parts.open_buttons(Config(buttons=(evdev, GPIO)))
    assert [type(button) for button in buttons] == [EvdevButton, GpioButton]


# Of a page


def test_a_page_that_presses_twice_has_pressed_once_and_what_was_said_comes_before_a_release() -> None:
    before: list[str] = []
    button = RemoteButton(lambda: before.append("what was said"))
    with listening(button) as listener:
        for press in (UP, DOWN, DOWN, UP, UP, TAP):
            button.press(press)
        assert [listener.next() for _ in range(3)] == [DOWN, UP, TAP]
        assert not listener.has_more
    assert before == ["what was said"]

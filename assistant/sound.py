"""The way to this machine's sound devices, and from one sample rate to another.

The microphone and the loudspeaker share it because PortAudio is one for the whole process: two threads must not open streams at
once, and reading its device list anew frees every stream that is open. While a sound server hangs, opening takes 30 seconds and
stopping lasts until the server is back. So each call runs in a thread of its own and is not waited for longer than `PATIENCE`.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import itertools
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as PatienceLost  # the builtin one only from Python 3.11
from typing import Any, Literal, TypeAlias, TypeVar

import av
import numpy as np
import numpy.typing as npt

from assistant.errors import AssistantError, MicrophoneLost, SpeakerLost
from assistant.types import Seconds

T = TypeVar("T")
Direction: TypeAlias = Literal["input", "output"]
Pcm: TypeAlias = npt.NDArray[np.int16]
"""Sound, shape (n,), one channel, 16 bit."""

PATIENCE: Seconds = 3.0
"""The longest wait for a device to open."""
CLOSE_PATIENCE: Seconds = 0.5
"""The longest wait for a stream to close; a hung one goes on closing without us."""
LONGEST_PAUSE: Seconds = 1.0
"""A stream whose callback was not called for so long is lost: of a hung server PortAudio reports nothing else."""

_LOST: dict[Direction, type[AssistantError]] = {"input": MicrophoneLost, "output": SpeakerLost}
_NOUN: dict[Direction, str] = {"input": "microphone", "output": "loudspeaker"}
_REFUSED_FORMAT = (-9997, -9998)  # paInvalidSampleRate, paInvalidChannelCount: another format may do

_busy = threading.Lock()
"""Held while PortAudio's own state is read or changed."""
_open_streams: list[Any] = []


def device_names(direction: Direction) -> list[str]:
    """Return the names of the devices there are, each once.

    Raises:
        MicrophoneLost: The sound system does not answer; `SpeakerLost` for the output.
    """

    def names(portaudio: Any) -> list[str]:
        _read_list_anew(portaudio)
        return list(dict.fromkeys(device["name"] for device in _devices(portaudio, direction)))

    return _ask(direction, names)


class Stream:
    """A running stream of a device, 16 bit.

    Args:
        direction: Whether it is heard or played.
        name: The device's name, or a part that only one has; empty for the system's choice.
        rates: Sample rates to try in this order; None is the device's own.
        channels: Numbers of channels to try in this order.
        latency: How much sound the device's buffer should hold.
        copy: Called in PortAudio's thread with the device's buffer and the seconds until its first sample is heard.

    Raises:
        MicrophoneLost: It cannot be opened, or the name is not that of one device; `SpeakerLost` for the output.
    """

    def __init__(
        self,
        direction: Direction,
        name: str,
        *,
        rates: Sequence[int | None],
        channels: Sequence[int],
        latency: Seconds,
        copy: Callable[[Any, Seconds], None],
    ) -> None:
        self._copy = copy
        self._called_at = math.inf
        self._finished = False
        self._latency = latency
        self._closing = threading.Lock()

        def open_stream(portaudio: Any) -> Any:
            device = _device(portaudio, direction, name)
            kind = portaudio.RawInputStream if direction == "input" else portaudio.RawOutputStream
            options = {"device": device["index"], "dtype": "int16", "latency": latency}
            options |= {"callback": self._called, "finished_callback": self._finish}
            formats = _formats(device, direction, rates, channels)
            return _started(portaudio, _opened(portaudio, functools.partial(kind, **options), formats))

        def open_or_look_again(portaudio: Any) -> Any:
            try:
                return open_stream(portaudio)
            except (portaudio.PortAudioError, AssistantError):
                if not _read_list_anew(portaudio):
                    raise
            return open_stream(portaudio)

        self._stream = _ask(direction, open_or_look_again, undo=_close)
        self._called_at = time.monotonic()
        self.rate = round(self._stream.samplerate)
        self.channels: int = self._stream.channels
        self._latency = self._stream.latency

    @property
    def lost(self) -> bool:
        """Whether the device went away or stopped calling."""
        return self._finished or time.monotonic() - self._called_at > LONGEST_PAUSE

    def close(self) -> None:
        """Close it, without waiting for a device that hangs. May be called twice, from any thread."""
        if self._closing.acquire(blocking=False):
            closing = threading.Thread(target=_close, args=(self._stream,), name="sound closing", daemon=True)
            closing.start()
            closing.join(CLOSE_PATIENCE)

    def _called(self, data: Any, _frames: int, times: Any, _status: Any) -> None:
        self._called_at = time.monotonic()
        delay = times.outputBufferDacTime - times.currentTime
        self._copy(data, delay if 0 < delay < 1 else self._latency)  # inputs, and some systems, leave these times at 0

    def _finish(self) -> None:
        self._finished = True


class Resampler:
    """Brings sound that comes in pieces to another sample rate, without a seam between the pieces."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self.from_rate = from_rate
        self._same = from_rate == to_rate
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_rate)

    def resample(self, samples: Pcm) -> Pcm:
        """Return the next piece; its last few samples come with the one after it."""
        if self._same or samples.size == 0:
            return samples
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[np.newaxis]), format="s16", layout="mono")
        frame.sample_rate = self.from_rate
        return self._joined(frame)

    def flush(self) -> Pcm:
        """Return the rest. Nothing may follow."""
        if self._same:
            return np.empty(0, np.int16)
        return self._joined(None)

    def _joined(self, frame: Any) -> Pcm:
        return np.concatenate([np.empty(0, np.int16), *(piece.to_ndarray()[0] for piece in self._resampler.resample(frame))])


class _Hush:
    """Keeps what PortAudio prints on failure away from the terminal, where a screen reader would read it out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stderr: int | None = None

    def __enter__(self) -> None:
        with self._lock, contextlib.suppress(OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - os.devnull is no Path
            self._stderr = os.dup(2)
            os.dup2(nowhere.fileno(), 2)

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Let things be printed again. May be called twice, from any thread."""
        with self._lock:
            if self._stderr is not None:
                os.dup2(self._stderr, 2)
                os.close(self._stderr)
                self._stderr = None


def _ask(direction: Direction, work: Callable[[Any], T], undo: Callable[[T], None] = lambda _: None) -> T:
    """Let `work` have PortAudio to itself; `undo` what it brings after we gave up waiting."""
    outcome: Future[T] = Future()
    hush = _Hush()

    def run() -> None:
        with _busy:
            if outcome.cancelled():
                return
            try:
                portaudio = _portaudio(direction)
                with hush:
                    result = _translated(direction, portaudio, work)
            except Exception as error:  # noqa: BLE001 - not caught: it is carried to the thread that waits
                with contextlib.suppress(InvalidStateError):
                    outcome.set_exception(error)
                return
        try:
            outcome.set_result(result)
        except InvalidStateError:
            undo(result)

    threading.Thread(target=run, name="sound opening", daemon=True).start()
    try:
        return outcome.result(PATIENCE)
    except PatienceLost as error:
        if outcome.cancel():
            raise _LOST[direction]("the sound system does not answer") from error
        return outcome.result()
    finally:
        hush.end()


def _translated(direction: Direction, portaudio: Any, work: Callable[[Any], T]) -> T:
    try:
        return work(portaudio)
    except portaudio.PortAudioError as error:
        raise _LOST[direction](f"the {_NOUN[direction]} cannot be opened: {error}") from error


def _portaudio(direction: Direction) -> Any:
    try:
        import sounddevice  # noqa: PLC0415 - the import starts PortAudio, and fails where that is not installed
    except OSError as error:
        raise _LOST[direction](f"there is no {_NOUN[direction]} without PortAudio: {error}") from error
    _prepare_process(sounddevice)
    return sounddevice


_alsa_handler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
    lambda *_: None
)


@functools.cache
def _prepare_process(portaudio: Any) -> None:
    """Silence ALSA, which prints a line for every gap in the sound, and keep a hung device from holding up the end."""
    with contextlib.suppress(OSError):  # no ALSA: not Linux
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_alsa_handler)
    ctypes.CDLL(portaudio._libname)  # noqa: SLF001 - never unloads: cffi would, at the end, under the feet of a hung stream's thread

    def leave() -> None:
        if _open_streams or not _busy.acquire(timeout=CLOSE_PATIENCE):
            atexit.unregister(portaudio._exit_handler)  # noqa: SLF001 - it would wait for the device for ever

    atexit.register(leave)


def _read_list_anew(portaudio: Any) -> bool:
    """Find devices that came since; only while no stream is open, for it would be freed. Return whether it was done."""
    if not _open_streams:
        portaudio._lib.Pa_Terminate()  # noqa: SLF001 - sounddevice offers no other way
        portaudio._lib.Pa_Initialize()  # noqa: SLF001 - its own _initialize would redirect stderr inside our redirection
    return not _open_streams


def _devices(portaudio: Any, direction: Direction) -> list[Any]:
    return [device for device in portaudio.query_devices() if device[f"max_{direction}_channels"] > 0]


def _device(portaudio: Any, direction: Direction, name: str) -> Any:
    devices = _devices(portaudio, direction)
    if not devices:
        raise _LOST[direction](f"there is no {_NOUN[direction]}")
    if not name:
        return portaudio.query_devices(kind=direction)
    wanted = name.casefold()
    exact = [device for device in devices if device["name"].casefold() == wanted]
    fitting = exact or [device for device in devices if wanted in device["name"].casefold()]
    if len({device["name"] for device in fitting}) == 1:
        return fitting[0]  # Windows lists a device once for each of its sound systems, the preferred one first
    there_are = ", ".join(dict.fromkeys(device["name"] for device in fitting or devices))
    problem = "fits more than one" if fitting else "is the name of no"
    raise _LOST[direction](f"{name!r} {problem} {_NOUN[direction]}; there are: {there_are}")


def _formats(device: Any, direction: Direction, rates: Sequence[int | None], channels: Sequence[int]) -> list[tuple[int, int]]:
    own_rate = round(device["default_samplerate"])
    possible = [count for count in channels if count <= device[f"max_{direction}_channels"]]
    return list(itertools.product(dict.fromkeys(rate or own_rate for rate in rates), possible))


def _opened(portaudio: Any, kind: Callable[..., Any], formats: list[tuple[int, int]]) -> Any:
    (rate, channels), *others = formats
    try:
        return kind(samplerate=rate, channels=channels)
    except portaudio.PortAudioError as error:
        if not others or error.args[1] not in _REFUSED_FORMAT:
            raise
    return _opened(portaudio, kind, others)


def _started(portaudio: Any, stream: Any) -> Any:
    try:
        stream.start()
    except portaudio.PortAudioError:
        stream.close()
        raise
    _open_streams.append(stream)
    return stream


def _close(stream: Any) -> None:
    stream.stop()  # first: close alone cancels the callback's thread, perhaps while it waits for Python's interpreter lock
    with _busy:
        stream.close()
        _open_streams.remove(stream)

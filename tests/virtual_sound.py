"""A sound card made of software: a private PulseAudio server with a loudspeaker to listen at and a microphone to speak into.

While it runs, its addresses stand in the environment of this process and its children, so that PortAudio, PulseAudio's own tools
and the assistant find these devices and no others.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.types import SAMPLE_RATE, Samples, Seconds

# norewinds=1: otherwise the first 6 to 60 ms of every sound are lost.
_DEVICES = """\
.fail
load-module module-native-protocol-unix auth-anonymous=1
load-module module-null-sink sink_name=speaker rate=48000 channels=2 norewinds=1 sink_properties=device.description=Speaker
load-module module-null-sink sink_name=micfeed rate=48000 channels=1 norewinds=1 sink_properties=device.description=MicFeed
load-module module-remap-source source_name=mic master=micfeed.monitor source_properties=device.description=Mic
set-default-sink speaker
set-default-source mic
"""
_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "Default (PulseAudio)" } }
ctl.!default { type pulse }
pcm.pulse { type pulse }
ctl.pulse { type pulse }
"""
_QUIET = 0.003
"""Below which nothing is to be heard."""
_START: Seconds = 20.0
"""The longest a server may take to answer on a busy machine."""


def why_not() -> str:
    """Return what is missing on this machine; empty when there is nothing."""
    missing = [program for program in ("pulseaudio", "pactl", "pacat", "parec", "paplay") if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)} (Debian: pulseaudio pulseaudio-utils libasound2-plugins)" if missing else ""


class Recording:
    """What the loudspeaker plays, at `SAMPLE_RATE`, growing while it is listened to."""

    def __init__(self) -> None:
        self.began_at: Seconds = math.inf
        """When its first sample sounded, in seconds of `time.monotonic`, as near as the pieces tell that come soonest: 10 ms."""
        self._bytes = bytearray()
        self._grown = threading.Condition()

    @property
    def samples(self) -> Samples:
        """All that was heard so far."""
        with self._grown:
            return np.frombuffer(bytes(self._bytes[: len(self._bytes) // 4 * 4]), np.float32)

    def wait_until(self, true: Callable[[Samples], bool], timeout: Seconds = 20.0) -> Samples:
        """Return all that was heard, once that is `true` of it.

        Raises:
            TimeoutError: It never was.
        """
        with self._grown:
            if not self._grown.wait_for(lambda: true(self.samples), timeout):
                raise TimeoutError(f"not heard within {timeout} s")
        return self.samples

    def wait_for_silence(self, seconds: Seconds = 1.0, timeout: Seconds = 30.0) -> Samples:
        """Return all that was heard, once nothing has sounded for so long from now on: longer than between two sentences.

        Raises:
            TimeoutError: It goes on.
        """
        began, length = self.samples.size, round(seconds * SAMPLE_RATE)
        return self.wait_until(lambda heard: heard.size >= began + length and is_quiet(heard[-length:]), timeout)

    def feed(self, piece: bytes) -> None:
        with self._grown:
            self._bytes += piece
            self.began_at = min(self.began_at, time.monotonic() - len(self._bytes) / 4 / SAMPLE_RATE)
            self._grown.notify_all()


class VirtualSound:
    """The server. Begin with `start`; `stop` puts the environment back and removes its files."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sound-"))  # not pytest's: a socket's path may have 107 characters
        (self._folder / "run").mkdir(mode=0o700)
        (self._folder / "default.pa").write_text(_DEVICES, encoding="ascii")
        (self._folder / "asound.conf").write_text(_ALSA, encoding="ascii")
        self._server: subprocess.Popen[bytes] | None = None
        self.environment = {
            "PULSE_RUNTIME_PATH": str(self._folder / "run"),
            "PULSE_STATE_PATH": str(self._folder / "state"),
            "PULSE_SERVER": f"unix:{self._folder}/run/native",
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
        }
        self._before: dict[str, str | None] = {name: os.environ.get(name) for name in self.environment}

    @property
    def process_id(self) -> int:
        """The server's process."""
        assert self._server
        return self._server.pid

    def start(self) -> None:
        """Start the server, or start it again after `kill`, and wait until its devices are there.

        Raises:
            RuntimeError: It does not start; the message holds its log.
        """
        os.environ.update(self.environment)
        log = self._folder / "server.log"
        options = ["--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no", "--disallow-exit=no", f"--log-target=file:{log}"]
        command = ["pulseaudio", "-n", "-F", str(self._folder / "default.pa"), *options]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up_at = time.monotonic() + _START
        while b"Default Source: mic" not in subprocess.run(["pactl", "info"], capture_output=True, check=False).stdout:
            if self._server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"pulseaudio does not start: {log.read_text() if log.exists() else 'no log'}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Let the server die as in a crash."""
        if self._server:
            self._server.kill()
            self._server.wait()
            self._server = None

    def freeze(self) -> None:
        """Let the server hang, as a bad driver does, until `thaw`."""
        assert self._server
        self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the server go on."""
        assert self._server
        self._server.send_signal(signal.SIGCONT)

    def ensure(self) -> None:
        """Start the server unless it runs; for tests after one that killed it."""
        if self._server is None or self._server.poll() is not None:
            self.start()
        else:
            self.thaw()

    def stop(self) -> None:
        """Stop the server, remove its files, and put the environment back."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def say(self, samples: npt.NDArray[np.floating], rate: int = SAMPLE_RATE) -> None:
        """Speak into the microphone, one channel, -1 to 1; return when it has been spoken."""
        with self.saying(samples, rate):
            pass

    @contextlib.contextmanager
    def saying(self, samples: npt.NDArray[np.floating], rate: int = SAMPLE_RATE) -> Iterator[None]:
        """Speak into the microphone while the body runs; leaving it waits for the end."""
        command = ["pacat", "--playback", "--device=micfeed", "--raw", "--format=float32le", "--channels=1", f"--rate={rate}"]
        speech = self._folder / f"speech-{time.monotonic_ns()}.raw"
        speech.write_bytes(samples.astype("<f4").tobytes())
        with subprocess.Popen([*command, "--latency-msec=50", str(speech)], stderr=subprocess.DEVNULL) as mouth:
            yield
            mouth.wait()
        speech.unlink()

    @contextlib.contextmanager
    def echoing(self) -> Iterator[None]:
        """Let the microphone hear the loudspeaker while the body runs, half as loud and 50 ms late."""
        # adjust_time=0: otherwise the echo is played faster and slower by up to 1 %, as in no room
        command = ["pactl", "load-module", "module-loopback", "source=speaker.monitor", "sink=micfeed", "latency_msec=50"]
        module = subprocess.run([*command, "adjust_time=0"], check=True, capture_output=True, text=True).stdout.strip()
        inputs = subprocess.run(["pactl", "list", "short", "sink-inputs"], check=True, capture_output=True, text=True).stdout
        subprocess.run(["pactl", "set-sink-input-volume", inputs.split()[0], "80%"], check=True)  # cubic: 6 dB less
        try:
            yield
        finally:
            subprocess.run(["pactl", "unload-module", module], check=True)

    def say_file(self, path: Path) -> None:
        """Speak a sound file into the microphone; return when it has been spoken."""
        subprocess.run(["paplay", "--device=micfeed", str(path)], check=True)

    @contextlib.contextmanager
    def listening(self, device: str = "speaker") -> Iterator[Recording]:
        """Record what the loudspeaker plays, or "micfeed" is told, while the body runs, from before its beginning."""
        recording = Recording()
        command = ["parec", f"--device={device}.monitor", "--raw", "--format=float32le", "--channels=1", f"--rate={SAMPLE_RATE}"]
        with subprocess.Popen([*command, "--latency-msec=10"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as ear:
            assert ear.stdout
            read = ear.stdout.read

            def listen() -> None:
                while piece := read(1 << 14):
                    recording.feed(piece)

            listening = threading.Thread(target=listen, name="listening")
            listening.start()
            try:
                recording.wait_until(lambda samples: samples.size > 0)
                yield recording
            finally:
                ear.kill()
                listening.join()


def is_quiet(samples: Samples) -> bool:
    """Tell whether nothing is to be heard."""
    return bool(np.max(np.abs(samples), initial=0.0) < _QUIET)


def tone(frequency_hz: float, seconds: Seconds, rate: int = SAMPLE_RATE, level: float = 0.3) -> Samples:
    """Return a sine."""
    return (level * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def loudest_frequency(samples: Samples, rate: int = SAMPLE_RATE) -> float:
    """Return the frequency, in Hz, that is strongest in `samples`."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * rate / samples.size)


def loud_part(samples: Samples, level: float = 0.02) -> Samples:
    """Return `samples` from the first to the last that is louder than `level`."""
    loud = np.flatnonzero(np.abs(samples) > level)
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples[:0]

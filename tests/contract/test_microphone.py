"""What every microphone promises, asked of the fake and of the real ones; then what each real one promises beside."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant import sound
from assistant.config import EndpointConfig
from assistant.engines import sounddevice_microphone
from assistant.engines.file_microphone import FileMicrophone
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone, list_microphones
from assistant.errors import MicrophoneLost, SoundUnreadable
from assistant.ports import Microphone
from assistant.types import BLOCK_SAMPLES, AudioBlock, Samples
from assistant.web.talk import remote
from assistant.web.talk.remote import RemoteMicrophone
from tests.fakes.microphone import FakeMicrophone
from tests.virtual_sound import VirtualSound, loud_part, loudest_frequency, tone

Speak = Callable[[], None]
Hears = Callable[[Samples], tuple[Microphone, Speak]]


@pytest.fixture(params=["fake", "file", "page", pytest.param("device", marks=pytest.mark.sound)])
def hears(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hears]:
    """Make a microphone that hears a sound, and what to call once it listens."""
    microphones: list[Microphone] = []
    speaking: list[threading.Thread] = []

    def make(samples: Samples) -> tuple[Microphone, Speak]:
        match request.param:
            case "fake":
                microphones.append(FakeMicrophone([samples]))
            case "file":
                microphones.append(FileMicrophone(_write_wav(tmp_path / "speech.wav", samples)))
            case "page":
                page: SendingPage = request.getfixturevalue("page")
                microphones.append(page.microphone)
                speaking.append(threading.Thread(target=page.send, args=(samples,)))
            case _:
                card: VirtualSound = request.getfixturevalue("virtual_sound")
                card.ensure()
                microphones.append(SounddeviceMicrophone(""))
                speaking.append(threading.Thread(target=card.say, args=(samples,)))
        return microphones[0], speak

    def speak() -> None:
        for thread in speaking:
            thread.start()

    yield make
    for microphone in microphones:
        microphone.close()
    for thread in speaking:
        if thread.ident:
            thread.join()


@pytest.fixture
def card(virtual_sound: VirtualSound) -> Iterator[VirtualSound]:
    virtual_sound.ensure()
    yield virtual_sound
    virtual_sound.ensure()


def _write_wav(path: Path, samples: Samples, rate: int = 16_000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.repeat((samples * 32_767).astype(np.int16), channels).tobytes())
    return path


class SendingPage:
    """Sends a room in which nobody speaks, until it is closed; and a sound when it is told to, in pieces of any length."""

    def __init__(self) -> None:
        self.microphone = RemoteMicrophone()
        self._sending = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send_quiet)
        self._thread.start()

    def _send_quiet(self) -> None:
        while not self._ended.wait(0.02):
            with self._sending:
                self.microphone.hear(bytes(2 * BLOCK_SAMPLES))

    def send(self, samples: Samples) -> None:
        with self._sending:
            for piece in np.array_split((samples * 32_768).astype("<i2"), 23):
                self.microphone.hear(piece.tobytes())

    def close(self) -> None:
        self._ended.set()
        self._thread.join()


@pytest.fixture
def page() -> Iterator[SendingPage]:
    page = SendingPage()
    yield page
    page.close()


def _heard(blocks: Iterator[AudioBlock], count: int) -> Samples:
    return np.concatenate([block.samples for block in itertools.islice(blocks, count)])


def _one_sound(blocks: Iterator[AudioBlock]) -> list[AudioBlock]:
    """Listen until a sound has come and gone."""
    heard: list[AudioBlock] = []
    quiet_blocks = -1
    for block in itertools.islice(blocks, 600):
        heard.append(block)
        loud = np.abs(block.samples).max() > 0.02
        quiet_blocks = 0 if loud else quiet_blocks + (quiet_blocks >= 0)
        if quiet_blocks == 5:
            break
    return heard


def _loud_part_of(blocks: Iterator[AudioBlock]) -> Samples:
    return loud_part(np.concatenate([block.samples for block in _one_sound(blocks)]))


def test_hears_a_tone_in_blocks(hears: Hears) -> None:
    microphone, speak = hears(tone(700, 0.5))
    blocks = microphone.blocks()
    heard = [next(blocks)]
    speak()
    heard += _one_sound(blocks)
    assert all(block.samples.shape == (BLOCK_SAMPLES,) and block.samples.dtype == np.float32 for block in heard)
    loud = loud_part(np.concatenate([block.samples for block in heard]))
    assert 0.45 < loud.size / 16_000 < 0.55
    assert abs(loudest_frequency(loud) - 700) < 5
    assert np.abs(loud).max() == pytest.approx(0.3, abs=0.03)


def test_goes_on_after_a_drain(hears: Hears) -> None:
    microphone, _ = hears(tone(700, 0.3))
    microphone.drain()
    blocks = microphone.blocks()
    assert next(blocks).samples.size == BLOCK_SAMPLES
    microphone.drain()
    assert all(block.samples.size == BLOCK_SAMPLES for block in itertools.islice(blocks, 3))


def test_can_be_closed_twice_and_then_ends(hears: Hears) -> None:
    microphone, _ = hears(tone(700, 0.3))
    blocks = microphone.blocks()
    next(blocks)
    microphone.close()
    microphone.close()
    assert sum(1 for _ in blocks) <= 1


def test_fake_raises_its_errors_and_goes_on() -> None:
    microphone = FakeMicrophone([tone(500, 0.032), MicrophoneLost("unplugged"), np.zeros(700, np.float32)])
    blocks = microphone.blocks()
    assert next(blocks).samples[1] != 0
    with pytest.raises(MicrophoneLost, match="unplugged"):
        next(blocks)
    assert len(list(microphone.blocks())) == 2


def test_fake_forgets_what_it_heard_already() -> None:
    microphone = FakeMicrophone([tone(500, 1), tone(900, 0.5)])
    blocks = microphone.blocks()
    next(blocks)
    microphone.drain()
    assert abs(loudest_frequency(np.concatenate([block.samples for block in blocks])) - 900) < 5
    assert microphone.drains == 1


def test_file_of_any_rate_and_channels_is_followed_by_silence(tmp_path: Path) -> None:
    path = _write_wav(tmp_path / "speech.wav", tone(700, 0.5, rate=44_100), rate=44_100, channels=2)
    began_at = time.monotonic()
    heard = np.concatenate([block.samples for block in FileMicrophone(path).blocks()])
    assert time.monotonic() - began_at > 2.4
    assert heard.size % BLOCK_SAMPLES == 0
    assert heard.size / 16_000 == pytest.approx(2.5, abs=0.05)
    assert abs(loudest_frequency(loud_part(heard)) - 700) < 5
    assert loud_part(heard).size / 16_000 == pytest.approx(0.5, abs=0.02)


def test_file_forgets_what_a_late_listener_missed(tmp_path: Path) -> None:
    path = _write_wav(tmp_path / "speech.wav", np.concatenate([tone(500, 0.5), tone(900, 0.5)]))
    microphone = FileMicrophone(path)
    blocks = microphone.blocks()
    next(blocks)
    time.sleep(0.55)
    microphone.drain()
    assert abs(loudest_frequency(_heard(blocks, 10)) - 900) < 20


@pytest.mark.parametrize("content", [None, b"", b"this is not sound" * 100])
def test_unreadable_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "speech.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundUnreadable, match=r"speech\.wav") as caught:
        next(FileMicrophone(path).blocks())
    assert "speech.wav" in caught.value.spoken("en")


@pytest.mark.sound
@pytest.mark.usefixtures("card")
def test_device_names_can_be_used() -> None:
    names = list_microphones()
    assert "default" in names
    assert len(set(names)) == len(names)
    for name in (*names, "DEFAULT", "puls"):
        blocks = SounddeviceMicrophone(name).blocks()
        assert next(blocks).samples.size == BLOCK_SAMPLES
        blocks.close()  # type: ignore[attr-defined]


@pytest.mark.sound
@pytest.mark.usefixtures("card")
def test_unknown_and_ambiguous_device_names() -> None:
    with pytest.raises(MicrophoneLost, match=r"'Studio' is the name of no microphone; there are: .*default"):
        next(SounddeviceMicrophone("Studio").blocks())
    with pytest.raises(MicrophoneLost, match=r"'u' fits more than one microphone; there are: .*default"):
        next(SounddeviceMicrophone("u").blocks())


@pytest.mark.sound
def test_device_of_another_rate(card: VirtualSound, monkeypatch: pytest.MonkeyPatch) -> None:
    def at_own_rate(*args: Any, **options: Any) -> sound.Stream:
        return sound.Stream(*args, **{**options, "rates": (None,), "channels": (2,)})

    monkeypatch.setattr(sounddevice_microphone, "sound", _Substitute(at_own_rate))
    blocks = SounddeviceMicrophone("").blocks()
    next(blocks)
    with card.saying(tone(700, 0.5)):
        loud = _loud_part_of(blocks)
    assert loud.size / 16_000 == pytest.approx(0.5, abs=0.03)
    assert abs(loudest_frequency(loud) - 700) < 5
    blocks.close()  # type: ignore[attr-defined]


class _Substitute:
    """The module `sound` with another way to open streams."""

    def __init__(self, stream: Callable[..., sound.Stream]) -> None:
        self.Stream = stream
        self.Resampler = sound.Resampler


@pytest.mark.sound
def test_device_keeps_the_newest_for_a_late_listener(card: VirtualSound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounddevice_microphone, "LONGEST_KEPT", 0.4)
    blocks = SounddeviceMicrophone("").blocks()
    next(blocks)
    card.say(np.concatenate([tone(500, 0.5), tone(900, 0.5)]))
    assert abs(loudest_frequency(_heard(blocks, 8)) - 500) > 100
    blocks.close()  # type: ignore[attr-defined]


@pytest.mark.sound
def test_device_forgets_what_was_said_before_a_drain(card: VirtualSound) -> None:
    microphone = SounddeviceMicrophone("")
    blocks = microphone.blocks()
    next(blocks)
    card.say(tone(500, 0.5))
    time.sleep(0.3)
    microphone.drain()
    assert np.abs(_heard(blocks, 10)).max() < 0.01
    blocks.close()  # type: ignore[attr-defined]


@pytest.mark.sound
@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_device_is_lost_and_comes_back(card: VirtualSound, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "PATIENCE", 1.0)
    microphone = SounddeviceMicrophone("")
    blocks = microphone.blocks()
    next(blocks)
    getattr(card, fault)()
    with pytest.raises(MicrophoneLost):
        _heard(blocks, 1000)
    with pytest.raises(MicrophoneLost):
        next(microphone.blocks())
    card.ensure()
    blocks = _reopened(microphone)
    with card.saying(tone(700, 0.5)):
        assert abs(loudest_frequency(_loud_part_of(blocks)) - 700) < 5
    blocks.close()  # type: ignore[attr-defined]


def _reopened(microphone: Microphone, tries: int = 60) -> Iterator[AudioBlock]:
    """Try again, as the conversation does, until the sound system has recovered."""
    blocks = microphone.blocks()
    try:
        next(blocks)
    except MicrophoneLost:
        if tries == 0:
            raise
        time.sleep(0.2)
        return _reopened(microphone, tries - 1)
    return blocks


SOUND_CARDS = Path("/proc/asound/cards")
NO_DEVICE = """
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone, list_microphones
from assistant.errors import MicrophoneLost
try:
    next(SounddeviceMicrophone("").blocks())
except MicrophoneLost as error:
    print(error, list_microphones())
"""
HUNG = """
import os, signal, sys
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone
from assistant.errors import MicrophoneLost
blocks = SounddeviceMicrophone("").blocks()
next(blocks)
os.kill(int(sys.argv[1]), signal.SIGSTOP)
try:
    for _ in blocks: pass
except MicrophoneLost as error:
    print(error)
"""


@pytest.mark.sound
@pytest.mark.skipif(SOUND_CARDS.is_file() and "no soundcards" not in SOUND_CARDS.read_text(), reason="it has a sound card")
def test_machine_without_a_microphone(card: VirtualSound) -> None:
    environment = {**os.environ, **card.environment, "PULSE_SERVER": "unix:/nowhere"}
    said = subprocess.run([sys.executable, "-c", NO_DEVICE], env=environment, capture_output=True, text=True, check=True)
    assert said.stdout == "there is no microphone []\n"
    assert said.stderr == ""


@pytest.mark.sound
def test_a_hung_device_does_not_hold_up_the_end_of_the_process(card: VirtualSound) -> None:
    process_id = str(card.process_id)
    said = subprocess.run([sys.executable, "-c", HUNG, process_id], capture_output=True, text=True, check=True, timeout=25)
    assert said.stdout == "the microphone stopped delivering sound\n"


# Of a page


def test_a_page_that_sends_faster_than_anybody_listens_loses_the_oldest_and_takes_no_more_memory() -> None:
    microphone = RemoteMicrophone()
    for number in range(100):
        microphone.hear(np.full(16_000, number, "<i2").tobytes())
    assert len(microphone._sound) == 2 * 16_000 * remote.LONGEST_WAIT
    assert next(microphone.blocks()).samples[0] == pytest.approx(95 / 32_768)


def test_a_page_that_stops_sending_has_fallen_silent_once_and_then_time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "STALL", 0.1)
    microphone = RemoteMicrophone()
    heard: list[AudioBlock] = []
    listening = threading.Thread(target=lambda: heard.extend(microphone.blocks()))
    listening.start()
    time.sleep(0.3)
    assert not heard  # it has sent nothing yet
    microphone.hear(bytes(2 * BLOCK_SAMPLES))
    time.sleep(0.4)
    microphone.close()
    listening.join(10)
    assert len(heard) == 1 + remote._FALLS_SILENT
    assert EndpointConfig().longest_pause < remote._FALLS_SILENT * BLOCK_SAMPLES / 16_000


@pytest.mark.parametrize("listens", [True, False])
def test_what_a_page_has_sent_can_be_waited_for_but_not_for_ever(*, listens: bool) -> None:
    microphone = RemoteMicrophone()
    heard: list[AudioBlock] = []
    listening = threading.Thread(target=lambda: heard.extend(microphone.blocks()))
    microphone.hear(bytes(2 * BLOCK_SAMPLES * 100))
    if listens:
        listening.start()
    began_at = time.monotonic()
    microphone.catch_up(0.1 if not listens else 10.0)
    assert (len(heard) >= 99) == listens
    assert time.monotonic() - began_at < 5
    microphone.close()
    if listens:
        listening.join(10)


def test_who_listens_to_a_page_is_let_go_at_once() -> None:
    microphone = RemoteMicrophone()
    listening = threading.Thread(target=lambda: list(microphone.blocks()))
    listening.start()
    began_at = time.monotonic()
    microphone.close()
    listening.join(10)
    assert time.monotonic() - began_at < 0.3  # a tenth, where nothing else runs

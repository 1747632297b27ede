"""What every loudspeaker promises, asked of the fake and of the real ones; then what each real one promises beside."""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant import sound
from assistant.engines.file_speaker import FILE_RATE, FileSpeaker
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker, list_speakers
from assistant.errors import SpeakerLost
from assistant.ports import Speaker
from assistant.types import Samples, Seconds, SpeechChunk
from assistant.web.talk import remote_speaker
from assistant.web.talk.remote_speaker import RemoteSpeaker
from tests.fakes.speaker import FakeSpeaker
from tests.playing_page import PlayingPage
from tests.virtual_sound import VirtualSound, loud_part, loudest_frequency, tone


@pytest.fixture(params=["fake", "file", "page", pytest.param("device", marks=pytest.mark.sound)])
def speaker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Speaker]:
    speaker: Speaker
    match request.param:
        case "fake":
            speaker = FakeSpeaker()
        case "file":
            speaker = FileSpeaker(tmp_path / "spoken.wav")
        case "page":
            speaker = request.getfixturevalue("page").speaker
        case _:
            request.getfixturevalue("virtual_sound").ensure()
            speaker = SounddeviceSpeaker("")
    yield speaker
    speaker.close()


@pytest.fixture
def page() -> Iterator[PlayingPage]:
    page = PlayingPage(latency=0.1)
    yield page
    page.close()


@pytest.fixture
def card(virtual_sound: VirtualSound) -> Iterator[VirtualSound]:
    virtual_sound.ensure()
    yield virtual_sound
    virtual_sound.ensure()


@pytest.fixture
def device(card: VirtualSound) -> Iterator[SounddeviceSpeaker]:  # noqa: ARG001 - the card must be there first
    speaker = SounddeviceSpeaker("")
    yield speaker
    speaker.close()


def _chunk(frequency_hz: float, seconds: Seconds, rate: int = 22_050) -> SpeechChunk:
    return SpeechChunk((32_767 * tone(frequency_hz, seconds, rate)).astype(np.int16), rate)


def _read_wav(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, FILE_RATE)
        samples: Samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
        return samples


def test_plays_waits_and_then_nothing_is_left(speaker: Speaker) -> None:
    speaker.play(_chunk(440, 0.2))
    speaker.play(_chunk(660, 0.1, rate=16_000))
    speaker.play(SpeechChunk(np.empty(0, np.int16), 16_000))
    speaker.wait()
    assert speaker.silence() == 0


def test_says_how_much_was_heard_once(speaker: Speaker) -> None:
    speaker.play(_chunk(440, 0.3))
    assert 0 <= speaker.silence() <= 0.31
    assert speaker.silence() == 0
    speaker.wait()


def test_plays_again_after_silence(speaker: Speaker) -> None:
    speaker.play(_chunk(440, 0.1))
    speaker.silence()
    speaker.play(_chunk(440, 0.1))
    speaker.wait()


def test_a_chime_is_not_part_of_what_is_heard(speaker: Speaker) -> None:
    speaker.chime(_chunk(880, 0.1))
    assert speaker.silence() == 0
    speaker.play(_chunk(440, 0.1))
    speaker.chime(_chunk(880, 0.2))
    assert speaker.silence() <= 0.11
    speaker.wait()


def test_softly_or_not_all_is_heard(speaker: Speaker) -> None:
    speaker.fade_to(0.25)
    speaker.play(_chunk(440, 0.1))
    speaker.fade_to(1.0)
    speaker.wait()
    assert speaker.silence() == 0


def test_does_nothing_without_anything_to_play(speaker: Speaker) -> None:
    speaker.wait()
    assert speaker.silence() == 0
    speaker.close()
    speaker.close()


def test_fake_plays_its_script() -> None:
    speaker = FakeSpeaker([None, SpeakerLost("unplugged")])
    first = _chunk(440, 1)
    speaker.play(first)
    with pytest.raises(SpeakerLost, match="unplugged"):
        speaker.play(first)
    assert speaker.played == [first]
    speaker.heard_seconds = 0.25
    assert speaker.silence() == 0.25


def test_fake_that_plays_on_is_ended_by_silence() -> None:
    speaker = FakeSpeaker(plays_on=True)
    speaker.play(_chunk(440, 1))
    waiting = threading.Thread(target=speaker.wait)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    speaker.heard_seconds = 0.5
    assert speaker.silence() == 0.5
    waiting.join(10)
    assert not waiting.is_alive()


def test_file_holds_all_that_was_played(tmp_path: Path) -> None:
    path = tmp_path / "spoken.wav"
    speaker = FileSpeaker(path)
    assert not path.exists()
    for _ in range(10):
        speaker.play(_chunk(440, 0.05, rate=16_000))
    speaker.wait()
    first = _read_wav(path)
    assert first.size / FILE_RATE == pytest.approx(0.5, abs=0.005)
    assert abs(loudest_frequency(first, FILE_RATE) - 440) < 3
    speaker.close()
    speaker.play(_chunk(880, 0.5, rate=48_000))
    speaker.wait()
    both = _read_wav(path)
    assert both.size / FILE_RATE == pytest.approx(1.0, abs=0.01)
    assert abs(loudest_frequency(both[first.size :], FILE_RATE) - 880) < 3


def test_file_counts_all_as_heard(tmp_path: Path) -> None:
    speaker = FileSpeaker(tmp_path / "spoken.wav")
    speaker.play(_chunk(440, 0.5))
    assert speaker.silence() == pytest.approx(0.5)


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "nowhere").write_text("no folder")
    with pytest.raises(SpeakerLost, match="nowhere"):
        FileSpeaker(tmp_path / "nowhere" / "spoken.wav").play(_chunk(440, 0.1))


def test_file_whose_folder_is_not_there_yet(tmp_path: Path) -> None:
    speaker = FileSpeaker(tmp_path / "out" / "spoken.wav")
    speaker.play(_chunk(440, 0.1))
    assert (tmp_path / "out" / "spoken.wav").stat().st_size > 2000


@pytest.mark.sound
@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100])
def test_device_plays_pieces_of_any_rate_without_a_seam(card: VirtualSound, device: SounddeviceSpeaker, rate: int) -> None:
    whole = _chunk(440, 0.6, rate).samples
    with card.listening() as recording:
        for piece in np.array_split(whole, 7):
            device.play(SpeechChunk(piece, rate))
        device.wait()
        loud = loud_part(recording.wait_until(_ends_in_silence))
    assert loud.size / 16_000 == pytest.approx(0.6, abs=0.03)
    assert abs(loudest_frequency(loud) - 440) < 3


def _ends_in_silence(samples: Samples, seconds: Seconds = 0.15) -> bool:
    """Whether something was heard, and nothing since some time."""
    return bool(np.abs(samples).max(initial=0) > 0.05 and np.abs(samples[-round(seconds * 16_000) :]).max() < 0.001)


@pytest.mark.sound
def test_device_waits_until_all_was_heard(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    with card.listening() as recording:
        device.play(_chunk(440, 0.4))
        began_at = time.monotonic()
        device.wait()
        assert time.monotonic() - began_at > 0.35
        recording.wait_until(lambda samples: loud_part(samples).size > 0.38 * 16_000)


@pytest.mark.sound
def test_device_blocks_while_enough_is_queued_and_silence_ends_it(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    def play() -> None:
        for _ in range(100):
            device.play(_chunk(440, 0.2))
            count[0] += 1
            if silenced.is_set():
                return

    count, silenced = [0], threading.Event()
    playing = threading.Thread(target=play)
    with card.listening() as recording:
        playing.start()
        recording.wait_until(lambda samples: loud_part(samples).size > 0.5 * 16_000)
        assert count[0] < 20
        before = recording.samples.size
        silenced.set()
        heard = device.silence()
        playing.join(10)
        assert not playing.is_alive()
        after = recording.wait_until(lambda samples: samples.size > before + 16_000)
    assert np.abs(after[before + 4800 :]).max() < 0.001
    assert heard == pytest.approx(loud_part(after).size / 16_000, abs=0.3)
    device.wait()


@pytest.mark.sound
def test_sound_breaks_off_without_a_click(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    plateau = SpeechChunk(np.full(4_410, 10_000, np.int16), 44_100)
    with card.listening() as recording:
        device.play(plateau)
        device.wait()
        samples = recording.wait_until(_ends_in_silence)
    assert samples.max() > 0.25
    assert np.abs(np.diff(samples)).max() < 0.1  # at once it would be 0.3


@pytest.mark.sound
def test_a_chime_opens_the_device_and_is_heard_soon(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    with card.listening() as recording:
        device.chime(_chunk(880, 0.2))
        loud = loud_part(recording.wait_until(_ends_in_silence))
    assert loud.size / 16_000 == pytest.approx(0.2, abs=0.03)
    assert abs(loudest_frequency(loud) - 880) < 10


@pytest.mark.sound
def test_a_chime_is_heard_over_what_is_playing_and_holds_nothing_up(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    with card.listening() as recording:
        device.play(_chunk(440, 1.0))
        recording.wait_until(lambda samples: loud_part(samples).size > 0.2 * 16_000)
        device.chime(_chunk(1500, 0.2))
        device.wait()
        loud = loud_part(recording.wait_until(_ends_in_silence))
    assert loud.size / 16_000 == pytest.approx(1.0, abs=0.03)  # not a moment longer
    seconds = _level(loud, 1500) / _level(tone(1500, 1.0), 1500)
    assert seconds == pytest.approx(0.2, abs=0.02)
    assert _level(loud, 440) == pytest.approx(_level(tone(440, 1.0), 440), rel=0.05)


def _level(samples: Samples, frequency_hz: float) -> float:
    """Return how much there is of a frequency."""
    turns = np.exp(-2j * np.pi * frequency_hz * np.arange(samples.size) / 16_000)
    return float(np.abs(np.sum(samples * turns)))


@pytest.mark.sound
def test_the_volume_glides_down_and_up_again(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    with card.listening() as recording:
        device.play(_chunk(440, 1.5))
        recording.wait_until(lambda samples: loud_part(samples).size > 0.3 * 16_000)
        device.fade_to(0.25)
        recording.wait_until(lambda samples: loud_part(samples).size > 0.9 * 16_000)
        device.fade_to(1.0)
        device.wait()
        loud = loud_part(recording.wait_until(_ends_in_silence))
    loudness = np.abs(loud[: loud.size // 160 * 160]).reshape(-1, 160).max(axis=1)  # of every 10 ms
    assert loudness.max() == pytest.approx(0.3, rel=0.05)
    assert loudness.min() == pytest.approx(0.075, rel=0.1)
    ducked = np.flatnonzero(loudness < 0.08)
    between = ducked[0] - np.flatnonzero(loudness[: ducked[0]] > 0.29)[-1]
    assert 2 <= between <= 5  # 10 ms each
    assert loudness[-3] == pytest.approx(0.3, rel=0.05)


@pytest.mark.sound
def test_device_names_can_be_used(card: VirtualSound) -> None:
    names = list_speakers()
    assert "default" in names
    assert len(set(names)) == len(names)
    for name in (*names, "DEFAULT", "puls"):
        speaker = SounddeviceSpeaker(name)
        with card.listening() as recording:
            speaker.play(_chunk(440, 0.1))
            speaker.wait()
            recording.wait_until(lambda samples: loud_part(samples).size > 1000)
        speaker.close()


@pytest.mark.sound
@pytest.mark.usefixtures("card")
def test_unknown_device_name() -> None:
    with pytest.raises(SpeakerLost, match=r"'Studio' is the name of no loudspeaker; there are: .*default"):
        SounddeviceSpeaker("Studio").play(_chunk(440, 0.1))


@pytest.mark.sound
@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_device_is_lost_and_comes_back(
    card: VirtualSound, device: SounddeviceSpeaker, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "PATIENCE", 1.0)
    device.play(_chunk(440, 1))
    getattr(card, fault)()
    with pytest.raises(SpeakerLost):
        device.wait()
    with pytest.raises(SpeakerLost):
        device.play(_chunk(440, 1))
    card.ensure()
    with card.listening() as recording:
        _play_again(device, _chunk(880, 0.3))
        device.wait()
        loud = loud_part(recording.wait_until(_ends_in_silence))
    assert abs(loudest_frequency(loud) - 880) < 6


@pytest.mark.sound
def test_device_lost_while_nothing_was_playing_is_not_missed(card: VirtualSound, device: SounddeviceSpeaker) -> None:
    device.play(_chunk(440, 0.1))
    device.wait()
    card.kill()
    time.sleep(0.3)
    card.ensure()
    with card.listening() as recording:
        device.play(_chunk(880, 0.3))
        device.wait()
        recording.wait_until(lambda samples: loud_part(samples).size > 4000)


def _play_again(speaker: Speaker, chunk: SpeechChunk, tries: int = 60) -> None:
    """Try again, as the conversation does, until the sound system has recovered."""
    try:
        speaker.play(chunk)
    except SpeakerLost:
        if tries == 0:
            raise
        time.sleep(0.2)
        _play_again(speaker, chunk, tries - 1)


# Of a page


def test_a_page_is_waited_for_until_it_has_played_all(page: PlayingPage) -> None:
    began_at = time.monotonic()
    page.speaker.play(_chunk(440, 0.4))
    page.speaker.wait()
    assert 0.4 <= time.monotonic() - began_at < remote_speaker.GRACE
    assert [message["type"] for message in page.messages] == ["flush"]


def test_what_a_page_has_heard_is_what_it_has_played_by_now_and_nothing_of_what_came_before(page: PlayingPage) -> None:
    page.speaker.play(_chunk(440, 2.0))
    time.sleep(0.9)
    assert page.speaker.silence() == pytest.approx(0.8, abs=0.25)
    began_at = time.monotonic()
    page.speaker.play(_chunk(440, 2.0))
    time.sleep(0.15)  # the last count of what was silenced is on its way
    assert page.speaker.silence() <= time.monotonic() - began_at


def test_a_page_is_sent_speech_ahead_and_no_more_than_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_speaker, "ENOUGH_AHEAD", 0.3)
    sent: list[object] = []
    speaker = RemoteSpeaker(sent.append)
    began_at = time.monotonic()
    for _ in range(6):
        speaker.play(_chunk(440, 0.1))
        speaker.played(max(0.0, time.monotonic() - began_at - 0.05))
    assert 0.1 < time.monotonic() - began_at < 2
    assert len(sent) == 6


def test_a_page_that_tells_nothing_is_taken_to_have_played_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_speaker, "GRACE", 0.3)
    monkeypatch.setattr(remote_speaker, "ENOUGH_AHEAD", 0.1)
    speaker = RemoteSpeaker(lambda _: None)
    began_at = time.monotonic()
    speaker.play(_chunk(440, 0.2))
    speaker.play(_chunk(440, 0.2))
    assert 0.3 < time.monotonic() - began_at < 2
    speaker.wait()
    assert 0.6 < time.monotonic() - began_at < 3


def test_a_page_that_tells_too_much_or_too_early_has_heard_no_more_than_it_can_have() -> None:
    speaker = RemoteSpeaker(lambda _: None)
    speaker.play(_chunk(440, 0.5))
    speaker.played(1000.0)
    assert speaker.silence() < 0.2
    speaker.play(_chunk(440, 0.5))
    waiting = threading.Thread(target=speaker.wait)
    waiting.start()
    speaker.flushed()
    waiting.join(0.1)
    assert waiting.is_alive()
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize("end", ["silence", "close", "off"])
def test_whoever_waits_for_a_page_is_let_go_at_once(end: str) -> None:
    speaker = RemoteSpeaker(lambda _: None)
    speaker.play(_chunk(440, 5.0))
    waiting = [threading.Thread(target=speaker.wait), threading.Thread(target=speaker.play, args=(_chunk(440, 1.0),))]
    for thread in waiting:
        thread.start()
    time.sleep(0.05)
    assert all(thread.is_alive() for thread in waiting)
    began_at = time.monotonic()
    match end:
        case "silence":
            speaker.silence()
        case "close":
            speaker.close()
        case _:
            speaker.switch(on=False)
    for thread in waiting:
        thread.join(10)
    assert time.monotonic() - began_at < 0.3  # a tenth, where nothing else runs


def test_where_no_speech_is_wanted_all_counts_as_heard_but_chimes_are_sent() -> None:
    sent: list[object] = []
    speaker = RemoteSpeaker(sent.append)
    speaker.play(_chunk(440, 5.0))
    speaker.switch(on=False)
    speaker.play(_chunk(440, 100.0))
    speaker.chime(_chunk(880, 0.1))
    assert speaker.silence() == pytest.approx(105.0)
    assert [message[0] for message in sent if isinstance(message, bytes)] == [1, 2]
    speaker.switch(on=True)
    speaker.play(_chunk(440, 0.1))
    assert sum(isinstance(message, bytes) for message in sent) == 3


def test_a_page_is_told_of_a_volume_once_and_a_new_page_again() -> None:
    sent: list[object] = []
    speaker = RemoteSpeaker(sent.append)
    for _ in range(3):
        speaker.fade_to(0.25)
    assert sent == ['{"type": "level", "level": 0.25}']
    speaker.close()
    speaker.reopen()
    speaker.fade_to(0.25)
    assert len(sent) == 2

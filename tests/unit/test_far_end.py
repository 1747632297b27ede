from __future__ import annotations

import numpy as np

from assistant.far_end import CUSHION, GRACE, LONGEST_KEPT, WINDOW, FarEnd
from assistant.sound import Resampler
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, Samples
from tests.virtual_sound import loudest_frequency, tone

CUSHION_SAMPLES = round(CUSHION * SAMPLE_RATE)


def take(far_end: FarEnd, count: int = BLOCK_SAMPLES) -> Samples:
    """Take the next samples; None is silence."""
    taken = far_end.take(count)
    return np.zeros(count, np.float32) if taken is None else taken


class Devices:
    """A loudspeaker and a microphone of one clock: what is played counts up, so that each sample tells when it was played."""

    def __init__(self) -> None:
        self.far_end = FarEnd()
        self.now = 0
        """In samples."""
        self._given = 0

    def play(self) -> None:
        """Give all that was played until now and not given yet."""
        self.far_end.add(np.arange(self._given, self.now).astype(np.int16), SAMPLE_RATE)
        self._given = self.now

    def lose(self) -> None:
        """Let what was played since the last `play` never be given."""
        self._given = self.now

    def take(self) -> Samples:
        self.now += BLOCK_SAMPLES
        return take(self.far_end)

    def lag(self) -> int:
        """Return how many samples old the last one is that a `take` brings, when the loudspeaker's thread is in time."""
        self.now += BLOCK_SAMPLES
        self.play()
        last = round(float(take(self.far_end)[-1]) * 32_768)
        return (self.now - 1 - last) % 65_536  # 16 bit count no further

    def go_on(self, seconds: float) -> None:
        for _ in range(round(seconds / BLOCK_SECONDS)):
            self.lag()


def begun() -> Devices:
    devices = Devices()
    devices.go_on(0.5)
    return devices


def test_what_is_taken_follows_without_a_seam_at_a_constant_lag() -> None:
    devices = begun()
    assert {devices.lag() for _ in range(100)} == {devices.lag()}
    assert devices.far_end.changes == 1  # its beginning


def test_a_thread_that_is_late_changes_no_lag() -> None:
    devices = begun()
    before = devices.lag()
    assert not np.any(np.concatenate([devices.take() for _ in range(7)])[CUSHION_SAMPLES:])
    assert devices.far_end.missing
    assert devices.lag() == before
    assert not devices.far_end.missing


def test_playedthat_never_comes_is_waited_for_no_longer_than_the_grace() -> None:
    devices = begun()
    for _ in range(round((GRACE + 0.2) / BLOCK_SECONDS)):
        devices.take()
    assert devices.far_end.changes == 2
    devices.lose()
    devices.go_on(GRACE)
    assert devices.lag() == CUSHION_SAMPLES
    assert not devices.far_end.missing


def test_what_is_always_late_is_shortened_to_the_cushion() -> None:
    devices = begun()
    devices.far_end.add(np.zeros(SAMPLE_RATE // 2, np.int16), SAMPLE_RATE)  # as if the microphone had lost half a second
    devices.go_on(0.7)
    assert devices.lag() == SAMPLE_RATE // 2 + CUSHION_SAMPLES
    devices.go_on(2 * WINDOW)
    assert devices.lag() == CUSHION_SAMPLES
    assert devices.far_end.changes == 2


def test_a_reader_that_stood_still_and_catches_up_changes_nothing() -> None:
    devices = begun()
    before = devices.lag()
    devices.now += 40 * BLOCK_SAMPLES
    devices.play()
    for _ in range(40):
        devices.far_end.take(BLOCK_SAMPLES)
    assert devices.lag() == before


def test_a_gap_in_the_microphones_playedbegins_with_now() -> None:
    devices = begun()
    devices.now += SAMPLE_RATE
    devices.play()
    devices.far_end.realign()
    devices.take()
    devices.lose()
    devices.go_on(GRACE)
    assert devices.lag() == CUSHION_SAMPLES


def test_other_rates_are_resampled_without_a_seam() -> None:
    far_end = FarEnd()
    played = (32_767 * tone(1000, 3.0, 44_100)).astype(np.int16)
    taken = []
    for piece in np.array_split(played, round(3.0 / BLOCK_SECONDS)):
        far_end.add(piece, 44_100)
        taken.append(take(far_end))
    heard = np.concatenate(taken)[SAMPLE_RATE:]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    assert abs(loudest_frequency(heard) - 1000) < 1
    around = spectrum[round(990 * heard.size / SAMPLE_RATE) : round(1010 * heard.size / SAMPLE_RATE)]
    assert np.sum(around**2) > 0.999 * np.sum(spectrum**2)


def test_it_keeps_no_more_than_a_late_microphone_does() -> None:
    far_end = FarEnd()
    for _ in range(round(LONGEST_KEPT) + 10):
        far_end.add(np.zeros(48_000, np.int16), 48_000)
    assert far_end._given_seconds == LONGEST_KEPT


def test_silence_that_is_not_resampled_takes_as_long_as_any_other() -> None:
    piece = 960  # 20 ms at 48 kHz
    played = np.concatenate([tone(440, 0.2, 48_000), np.zeros(48_000, np.float32), tone(660, 0.2, 48_000)])
    samples = (20_000 * played[: played.size // piece * piece]).astype(np.int16)
    far_end, taken = FarEnd(), list[Samples]()
    for start in range(0, samples.size, piece):
        far_end.add(samples[start : start + piece], 48_000)
        taken.append(take(far_end, piece // 3))
    through = np.concatenate(taken)
    direct = Resampler(48_000, SAMPLE_RATE).resample(samples)

    def gap(heard: Samples) -> int:
        loud = np.flatnonzero(np.abs(heard) > 0.1 * np.max(np.abs(heard)))
        return int(np.max(np.diff(loud)))

    assert gap(through) == gap(direct.astype(np.float32))

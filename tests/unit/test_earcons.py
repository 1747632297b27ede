import itertools

import numpy as np
import pytest

from assistant.turn.earcons import Earcon, earcon_sound
from assistant.types import Samples, Seconds

RATE = 48_000
ALL = pytest.mark.parametrize("earcon", list(Earcon), ids=lambda earcon: earcon.name)


def pitch(sound: Samples) -> float:
    """Return the strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 1 << 17))
    return float(np.argmax(spectrum)) * RATE / (1 << 17)


def contour(sound: Samples) -> tuple[float, float]:
    """Return the pitches of a sound's first and last 60 ms."""
    stretch = round(0.06 * RATE)
    return pitch(sound[:stretch]), pitch(sound[-stretch:])


def level_db(sound: Samples) -> float:
    return 20 * float(np.log10(np.sqrt(np.mean(sound**2))))


@ALL
@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_it_is_short_at_any_rate(earcon: Earcon, rate: int) -> None:
    assert 0.06 <= earcon_sound(earcon, rate).size / rate <= 0.25


@ALL
def test_it_begins_and_ends_in_silence_without_a_click(earcon: Earcon) -> None:
    sound = earcon_sound(earcon, RATE)
    edge = round(0.0005 * RATE)
    assert max(abs(sound[0]), abs(sound[-1])) < 1e-6
    assert max(np.abs(sound[:edge]).max(), np.abs(sound[-edge:]).max()) < 0.03
    # nowhere steeper than its own highest overtone at its peak: the envelope breaks nothing off
    assert np.abs(np.diff(sound)).max() < 2 * np.pi * 3600 / RATE * np.abs(sound).max()


@ALL
def test_it_leaves_room_for_speech_beneath(earcon: Earcon) -> None:
    assert 0.2 < np.abs(earcon_sound(earcon, RATE)).max() <= 0.6001


@ALL
def test_its_sound_lies_where_small_loudspeakers_and_old_ears_are_good(earcon: Earcon) -> None:
    sound = earcon_sound(earcon, RATE)
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(sound.size, 1 / RATE)
    assert np.sum(spectrum[(frequencies > 400) & (frequencies < 2500)]) > 0.95 * np.sum(spectrum)


@pytest.mark.parametrize("pair", list(itertools.combinations(Earcon, 2)), ids=lambda pair: f"{pair[0].name} {pair[1].name}")
def test_no_two_are_taken_for_one_another(pair: tuple[Earcon, Earcon]) -> None:
    """Two differ in pitch by at least three semitones somewhere, or in length by half."""
    one, other = (earcon_sound(earcon, RATE) for earcon in pair)
    semitones = max(abs(12 * float(np.log2(a / b))) for a, b in zip(contour(one), contour(other), strict=True))
    longer: Seconds = max(one.size, other.size) / min(one.size, other.size)
    assert semitones >= 3 or longer >= 1.5


def test_the_microphone_opens_with_a_rise_and_closes_with_a_fall() -> None:
    rising, falling = (contour(earcon_sound(earcon, RATE)) for earcon in (Earcon.LISTENING, Earcon.MICROPHONE_OFF))
    assert rising[1] > 1.3 * rising[0]
    assert falling[1] < falling[0] / 1.3


def test_the_tick_is_the_softest_and_shortest() -> None:
    tick = earcon_sound(Earcon.THINKING, RATE)
    for earcon in set(Earcon) - {Earcon.THINKING}:
        other = earcon_sound(earcon, RATE)
        assert other.size > tick.size
        assert level_db(other) > level_db(tick) + 5

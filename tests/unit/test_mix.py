import numpy as np
import numpy.typing as npt
import pytest

from assistant.mix import RAMP, Mix

RATE = 48_000
Pcm = npt.NDArray[np.int16]


def constant(level: int, count: int) -> Pcm:
    return np.full(count, level, np.int16)


def through(mix: Mix, samples: Pcm, block: int = 480, channels: int = 1) -> Pcm:
    """Return what is heard of a stream that passes block by block."""
    blocks = [samples[start : start + block * channels] for start in range(0, samples.size, block * channels)]
    return np.concatenate([np.frombuffer(mix.apply(bytearray(block)), np.int16) for block in blocks])


def test_it_changes_nothing_by_itself() -> None:
    block = bytearray(np.random.default_rng(0).integers(-32_768, 32_768, 960, dtype=np.int16))
    assert Mix(RATE, 2).apply(block) is block


def test_ducking_glides_and_so_does_coming_back() -> None:
    mix = Mix(RATE, 1)
    mix.fade_to(0.25)
    down = through(mix, constant(20_000, RATE // 10))
    mix.fade_to(1.0)
    up = through(mix, constant(20_000, RATE // 10))
    way = round(0.75 * RAMP * RATE)
    assert way / RATE == pytest.approx(0.03)
    assert down[0] > 19_900
    assert down[way // 2] == pytest.approx(12_500, abs=20)
    assert set(down[way + 1 :]) == {5_000}
    assert up[0] < 5_100
    assert set(up[way + 1 :]) == {20_000}
    assert np.abs(np.diff(np.concatenate([down, up]).astype(int))).max() <= 12  # at once it would be 15,000


def test_a_change_of_mind_goes_on_from_where_it_is() -> None:
    mix = Mix(RATE, 1)
    mix.fade_to(0.25)
    first = through(mix, constant(20_000, 480))
    mix.fade_to(1.0)
    second = through(mix, constant(20_000, 480))
    assert second[0] == pytest.approx(first[-1], abs=12)
    assert second[-1] == 20_000


def test_what_is_laid_over_is_added_and_ends() -> None:
    mix = Mix(RATE, 1)
    mix.lay_over(constant(3_000, 700))
    assert list(np.unique(through(mix, constant(1_000, 700)))) == [4_000]
    assert list(np.unique(through(mix, constant(1_000, 480)))) == [1_000]


def test_two_at_once_are_both_heard() -> None:
    mix = Mix(RATE, 1)
    mix.lay_over(constant(1_000, 500))
    through(mix, constant(0, 200), block=200)
    mix.lay_over(constant(2_000, 500))
    heard = through(mix, constant(0, 600), block=100)
    assert list(heard[[0, 299, 300, 499, 500]]) == [3_000, 3_000, 2_000, 2_000, 0]


def test_what_is_laid_over_keeps_its_volume_while_the_rest_is_ducked() -> None:
    mix = Mix(RATE, 1)
    mix.fade_to(0.25)
    through(mix, constant(0, RATE // 10))
    mix.lay_over(constant(2_000, 480))
    assert list(np.unique(through(mix, constant(8_000, 480)))) == [4_000]


def test_every_channel_gets_it() -> None:
    mix = Mix(RATE, 2)
    mix.lay_over(constant(500, 100))
    heard = through(mix, np.tile(np.array([1_000, -1_000], np.int16), 100), block=100, channels=2).reshape(-1, 2)
    assert {tuple(frame) for frame in heard} == {(1_500, -500)}


def test_too_loud_is_clipped_and_does_not_wrap_round() -> None:
    mix = Mix(RATE, 1)
    mix.lay_over(constant(30_000, 10))
    assert list(np.unique(through(mix, constant(30_000, 10)))) == [32_767]


def test_what_is_amplified_is_bent_not_cut_off() -> None:
    mix = Mix(RATE, 1)
    mix.begin_at(2.0)
    soft, loud = through(mix, constant(5_000, 480)), through(mix, np.arange(0, 32_000, 50, dtype=np.int16))
    assert set(soft) == {10_000}
    assert np.all(np.diff(loud.astype(int)) >= 0)
    assert 30_000 < loud.max() < 32_767


def test_a_volume_to_begin_at_is_there_from_the_first_sample() -> None:
    mix = Mix(RATE, 1)
    mix.begin_at(0.5)
    assert set(through(mix, constant(20_000, 480))) == {10_000}

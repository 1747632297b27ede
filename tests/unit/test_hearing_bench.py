import numpy as np
import pytest
from hearing import noises, room
from hearing.questions import FINISHED, QUESTIONS, halves
from hearing.recognition import _error_rate
from hearing.voices import _end_of
from hypothesis import given
from hypothesis import strategies as st

from assistant.types import SAMPLE_RATE


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        ("What is on my left?", "what is on my left", 0.0),
        ("What colour is it?", "What color is it?", 0.0),
        ("What is on my left?", "What is on the left?", 0.2),
        ("What is on my left?", "What is my left?", 0.2),
        ("What is on my left?", "So what is on my left?", 0.2),
        ("What is on my left?", "", 1.0),
    ],
)
def test_word_errors(said: str, heard: str, rate: float) -> None:
    assert _error_rate([said], [heard]) == pytest.approx(rate)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8), st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
def test_word_errors_are_the_same_both_ways(first: list[str], second: list[str]) -> None:
    there, back = _error_rate([" ".join(first)], [" ".join(second)]), _error_rate([" ".join(second)], [" ".join(first)])
    assert there * len(first) == pytest.approx(back * len(second))


@pytest.mark.parametrize("decibels", [-20.0, 0.0, 6.0])
def test_a_sound_is_brought_to_its_level_whatever_pauses_it_has(decibels: float) -> None:
    tone = np.sin(np.arange(SAMPLE_RATE, dtype=np.float32))
    with_pause = np.concatenate([tone, np.zeros(3 * SAMPLE_RATE, np.float32), tone])
    for sound in (tone, with_pause):
        assert room.level(room.at(sound, decibels)) == pytest.approx(room.USER_LEVEL * 10 ** (decibels / 20), rel=1e-3)


def test_echoes_come_after_the_sound() -> None:
    click = np.zeros(SAMPLE_RATE, np.float32)
    click[1000] = 1.0
    echo = room.echoing(click, 0.0, np.random.default_rng(1))
    assert np.max(np.abs(echo[:1000])) < 1e-5
    assert echo[1000] == pytest.approx(1.0, abs=1e-5)
    assert np.sum(echo[1001:] ** 2) == pytest.approx(1.0, rel=0.05)  # as loud as the sound itself


@pytest.mark.parametrize("noise", [*noises.BODY.values(), *noises.THINGS.values(), noises.music])
def test_noises_are_sound(noise: noises.Noise) -> None:
    sound = noise(np.random.default_rng(2))
    assert sound.dtype == np.float32
    assert 0.05 < sound.size / SAMPLE_RATE < 8
    assert np.isfinite(sound).all()
    assert room.level(sound) > 0


def test_every_question_has_one_place_to_pause_in() -> None:
    for text in (text for texts in QUESTIONS.values() for text in texts):
        first, second = halves(text)
        assert first.strip()
        assert second.strip()
        assert "|" not in second
    assert not any("|" in text for texts in FINISHED.values() for text in texts)


def test_the_end_of_the_first_half_is_found_in_the_whole() -> None:
    random = np.random.default_rng(3)
    times = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    syllables = [
        np.asarray(np.sin(2 * np.pi * hertz * times) * np.sin(np.pi * times / 0.5), np.float32) for hertz in (300, 700, 1500)
    ]
    whole = np.concatenate(syllables) + random.normal(0, 1e-3, 3 * times.size).astype(np.float32)
    assert _end_of(np.concatenate(syllables[:2]), whole) / SAMPLE_RATE == pytest.approx(1.0, abs=0.07)

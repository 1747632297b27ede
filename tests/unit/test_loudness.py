import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.loudness import LIMITS_DB, Loudness
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, AudioBlock


def speak(loudness: Loudness, decibels: float, seconds: float = 2.0) -> None:
    """Begin an utterance of so many seconds at a level, of full scale."""
    loudness.begin()
    for _ in range(round(seconds / BLOCK_SECONDS)):
        loudness.hear(AudioBlock(np.full(BLOCK_SAMPLES, 10 ** (decibels / 20), np.float32)))


def after_questions(*decibels: float) -> Loudness:
    loudness = Loudness()
    for each in decibels:
        speak(loudness, each)
        loudness.keep()
    return loudness


def test_anybody_is_near_until_somebody_has_asked() -> None:
    loudness = Loudness()
    speak(loudness, -90.0)
    assert loudness.near


@pytest.mark.parametrize(
    ("decibels", "seconds", "near"),
    [
        *((-30.0, 0.4, True), (-32.0, 0.4, True), (-34.0, 0.4, False), (-34.0, 0.7, True), (-35.5, 0.9, False)),
        *((-35.5, 1.1, True), (-37.0, 5.0, False), (-20.0, 0.4, True), (-30.0, 0.2, False)),
    ],
)
def test_the_longer_a_voice_is_heard_the_softer_it_may_be(decibels: float, seconds: float, near: bool) -> None:  # noqa: FBT001
    loudness = after_questions(-30.0)
    speak(loudness, decibels, seconds)
    assert loudness.near is near


def test_the_last_of_an_utterance_counts() -> None:
    loudness = after_questions(-30.0)
    speak(loudness, -50.0)
    assert not loudness.near
    for _ in range(10):
        loudness.hear(AudioBlock(np.full(BLOCK_SAMPLES, 10 ** (-30 / 20), np.float32)))
    assert loudness.near


def test_two_questions_of_somebody_else_change_nothing() -> None:
    loudness = after_questions(-30.0, -30.0, -30.0, -50.0, -50.0)
    speak(loudness, -45.0)
    assert not loudness.near


def test_somebody_who_goes_further_away_is_near_again_after_three_questions() -> None:
    loudness = after_questions(-30.0, -30.0, -30.0, -30.0, -30.0)
    for _ in range(2):
        speak(loudness, -40.0)
        assert not loudness.near
        loudness.keep()
    speak(loudness, -40.0)
    loudness.keep()
    speak(loudness, -40.0)
    assert loudness.near


def test_digital_silence_has_a_loudness() -> None:
    loudness = Loudness()
    loudness.begin()
    loudness.hear(AudioBlock(np.zeros(BLOCK_SAMPLES, np.float32)))
    loudness.keep()
    speak(loudness, -90.0)
    assert loudness.near


@given(st.floats(-60, 0), st.floats(-60, 0))
def test_who_is_near_stays_near_when_they_speak_up(usual: float, decibels: float) -> None:
    loudness = after_questions(usual)
    speak(loudness, decibels)
    near = loudness.near
    assert near == (decibels >= usual + min(limit for _, limit in LIMITS_DB)) or abs(decibels - usual + 6.0) < 0.01
    speak(loudness, decibels + 1.0)
    assert loudness.near or not near

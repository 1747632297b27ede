from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.turn.statistics import figures, percentile, sentences, stretch_ms

TURN = {"speech_start": -1500, "speech_end": 0, "turn_end": 700, "transcript": 1100, "first_token": 1300, "first_sound": 1400}


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([7], 95, 7),
        ([3, 1, 2], 50, 2),
        ([4, 3, 2, 1], 50, 2),
        ([*range(1, 101)], 95, 95),
        ([*range(20)], 95, 18),
    ],
)
def test_percentiles(values: list[int], percent: int, expected: int) -> None:
    assert percentile(values, percent) == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 100))
def test_so_many_of_a_hundred_are_within_the_percentile_and_fewer_within_anything_less(values: list[int], percent: int) -> None:
    bound = percentile(values, percent)
    assert bound in values
    assert 100 * sum(value <= bound for value in values) >= percent * len(values)
    assert 100 * sum(value < bound for value in values) < percent * len(values)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("first_sound", 1400), ("question", 1500), ("end_silence", 700), ("transcription", 400), ("answer", None), ("looking", None)],
)
def test_stretches(name: str, expected: int | None) -> None:
    assert stretch_ms(TURN, name) == expected


def test_a_look_that_was_done_before_the_question_ended_took_none_of_its_time() -> None:
    assert stretch_ms({**TURN, "look_done": -200}, "looking") == 0


def test_what_no_turn_came_to_is_left_out() -> None:
    assert figures([TURN, {**TURN, "done": 3400}])["answer"] == {"turns": 1, "p50_ms": 2000, "p95_ms": 2000}
    assert "answer" not in figures([TURN])


def test_sentences_say_one_thing_each_in_plain_words() -> None:
    told = sentences("practice", [{**TURN, "done": 3400}, {**TURN, "interrupted": 2000}])
    assert told[0] == "Model practice. Turns: 2."
    assert told[1] == "Answered to the end: 1. Interrupted: 1. Failed: 0."
    assert told[2].startswith("From the end of a question to the first sound of its answer: ")
    assert told[2].endswith("half within 1.40 seconds, 95 of 100 within 1.40 seconds.")

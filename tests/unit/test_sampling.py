"""When an answer has run into a loop; what the presets ask for."""

from __future__ import annotations

import itertools
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from assistant.config import VisionConfig
from assistant.llama.sampling import is_looping
from assistant.turn.sampling import PRESETS, Sampling

tokens = st.lists(st.integers(0, 5), max_size=200)


@given(tokens, st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_three_times_the_same_stretch_is_a_loop(before: list[int], stretch: list[int]) -> None:
    times = max(3, -(-24 // len(stretch)))
    assert is_looping(before + times * stretch)


@given(tokens, st.lists(st.integers(0, 5), min_size=1, max_size=40), st.integers(1, 39))
def test_a_loop_need_not_end_where_the_stretch_does(before: list[int], stretch: list[int], more: int) -> None:
    times = max(3, -(-24 // len(stretch)))
    assert is_looping(before + list(itertools.islice(itertools.cycle(stretch), times * len(stretch) + more)))


@given(st.lists(st.integers(0, 5), max_size=23))
def test_a_short_answer_is_never_a_loop(answer: list[int]) -> None:
    assert not is_looping(answer)


@given(st.lists(st.integers(), unique=True, max_size=300))
def test_what_never_comes_again_is_no_loop(answer: list[int]) -> None:
    assert not is_looping(answer)


@given(st.lists(st.integers(), unique=True, min_size=24, max_size=40))
def test_twice_is_no_loop(stretch: list[int]) -> None:
    assert not is_looping(2 * stretch)


@given(tokens)
def test_only_the_end_counts(answer: list[int]) -> None:
    assert not is_looping([*answer, *range(100, 200)])


@given(tokens)
def test_a_loop_is_a_repetition_of_at_least_24_tokens(answer: list[int]) -> None:
    """The same in other words: some period of 1 to 40 tokens explains the last 24, and the last three of its length."""
    expected = False
    for period in range(1, 41):
        length = max(24, 3 * period)
        expected |= length <= len(answer) and all(answer[-i] == answer[-i - period] for i in range(1, length - period + 1))
    assert is_looping(answer) is expected


def test_a_list_with_a_pattern_is_no_loop() -> None:
    prices = list(itertools.chain.from_iterable((1, 2, 3, number) for number in range(10, 40)))
    assert not is_looping(prices)


def test_each_preset_of_the_configuration_is_there() -> None:
    assert set(PRESETS) == set(get_args(VisionConfig.model_fields["preset"].annotation))


def test_the_official_values_are_the_default() -> None:
    assert Sampling() == Sampling(temperature=0.7, top_p=0.8, top_k=20, presence_penalty=1.5)
    assert PRESETS["description"] == Sampling()


def test_text_is_read_without_penalties_and_nearly_without_chance() -> None:
    assert PRESETS["document"].presence_penalty == 0
    assert PRESETS["document"].temperature < PRESETS["question"].temperature < PRESETS["creative"].temperature

"""What is at stake in a question: every question of scripts/stakes.toml that the patterns were written with."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomllib

from assistant.turn.stakes import Stake, stakes_of
from assistant.types import Language

_QUESTIONS = tomllib.loads(Path(__file__).parents[2].joinpath("scripts/stakes.toml").read_text(encoding="utf-8"))
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def _asked(kind: str, language: Language) -> list[str]:
    return [str(question) for question in _QUESTIONS[language][kind].strip().splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_a_mistake_could_hurt(language: Language) -> None:
    assert [question for question in _asked("high", language) if not stakes_of(question, language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_questions_are_harmless(language: Language) -> None:
    assert [question for question in _asked("harmless", language) if stakes_of(question, language)] == []


@pytest.mark.parametrize(
    ("question", "language", "stakes"),
    [
        ("How many of these pills should I take?", "en", {Stake.MEDICINE}),
        ("What's the price of the bread?", "en", {Stake.MONEY}),
        ("Can I cross the road now?", "en", {Stake.CROSSING}),
        ("Is the stove still hot?", "en", {Stake.HEAT}),
        ("Does it contain nuts?", "en", {Stake.ALLERGEN}),
        ("When does it expire?", "en", {Stake.EXPIRY}),
        ("Has this medicine expired?", "en", {Stake.MEDICINE, Stake.EXPIRY}),
        ("这是什么药？", "zh", {Stake.MEDICINE}),
        ("可以过马路吗？", "zh", {Stake.CROSSING}),
        ("水烫不烫？", "zh", {Stake.HEAT}),
    ],
)
def test_which_stake(question: str, language: Language, stakes: set[Stake]) -> None:
    assert stakes_of(question, language) == stakes


@pytest.mark.parametrize(
    ("question", "language", "follows"),
    [
        ("And the other one?", "en", True),
        ("Are you sure?", "en", True),
        ("那另一个呢？", "zh", True),
        ("What is on the table?", "en", False),
        ("And now something else: what is the weather like outside of my window?", "en", False),
    ],
)
def test_a_short_question_asks_on(question: str, language: Language, *, follows: bool) -> None:
    before = frozenset({Stake.MEDICINE})
    assert stakes_of(question, language, before) == (before if follows else frozenset())

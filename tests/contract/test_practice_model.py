"""The practice model in the repository: right about scenes and in wordings that its training never saw."""

import pytest
from practice.evaluate import CONFIG, IMAGE_TOKENS, examine
from practice.scene import HELD_OUT_SEEDS
from practice.scoring import Result, by_ability

from assistant.llama.session import load_session
from assistant.turn.prompts import PRACTICE_SYSTEM
from tests.vision_models import PRACTICE

SEEDS = HELD_OUT_SEEDS[-12:]
"""Not among those that the reported figures come from."""


@pytest.fixture(scope="module")
def answered(scene_fonts: None) -> list[Result]:  # noqa: ARG001 - the drawing needs them
    session = load_session(*PRACTICE, CONFIG, IMAGE_TOKENS, PRACTICE_SYSTEM)
    try:
        return [result for seed in SEEDS for result in examine(session, seed, "held_out")]
    finally:
        session.close()


@pytest.mark.parametrize("ability", ["naming", "place", "presence", "count", "colour", "sign", "follow_up", "refusal"])
def test_most_answers_are_right_word_for_word(answered: list[Result], ability: str) -> None:
    """The model's card has the figures. These are some 22 answers each; the floor lies far below, for fonts may differ a little."""
    assert (by_ability(answered)[ability] or 0) >= 0.6

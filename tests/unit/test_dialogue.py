"""What the model is told when a program repeats a conversation: only what is new."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.quality import Quality
from assistant.types import Cancellation, Frame, Question
from assistant.web.programs.dialogue import Dialogue, Exchange
from tests.fakes.vision import FakeVision

FRAME = Frame(np.zeros((8, 8, 3), np.uint8), 0.0)
ONE, TWO, THREE = (Exchange(f"{word}?", f"{word}.") for word in ("One", "Two", "Three"))


class Counting(FakeVision):
    def __init__(self) -> None:
        super().__init__()
        self.forgotten = 0

    def forget_last(self) -> None:
        self.forgotten += 1
        super().forget_last()


def told(vision: FakeVision) -> list[Exchange]:
    return [Exchange(question.text, heard, question.language) for question, heard in vision.remembered]


def test_what_is_repeated_is_not_told_again() -> None:
    vision = Counting()
    dialogue = Dialogue(vision)
    dialogue.begin_anew([ONE])
    dialogue.look(FRAME, Quality(), Cancellation())
    dialogue.go_back_to([TWO])
    dialogue.remember(Question("Three?", "en"), "Three.")
    assert dialogue.begins_with([ONE])
    dialogue.go_back_to([TWO, THREE])
    assert (told(vision), vision.forgotten) == ([ONE, TWO, THREE], 0)


def test_what_is_told_otherwise_is_forgotten_from_there_on() -> None:
    vision = Counting()
    dialogue = Dialogue(vision)
    dialogue.go_back_to([ONE, TWO, THREE])
    dialogue.go_back_to([ONE, THREE])
    assert (told(vision), vision.forgotten) == ([ONE, THREE], 2)
    assert not dialogue.begins_with([ONE])


def test_a_new_picture_comes_after_all_that_was_said() -> None:
    dialogue = Dialogue(FakeVision())
    dialogue.go_back_to([ONE])
    dialogue.look(FRAME, Quality(), Cancellation())
    assert dialogue.begins_with([ONE])
    dialogue.begin_anew([])
    assert dialogue.quality is None
    assert dialogue.begins_with([])


_TALKS = st.lists(st.sampled_from([ONE, TWO, THREE]), max_size=5)


@given(st.lists(_TALKS, max_size=5))
def test_in_the_end_it_knows_what_was_told_last(talks: list[list[Exchange]]) -> None:
    vision = FakeVision()
    dialogue = Dialogue(vision)
    for talk in talks:
        dialogue.go_back_to(talk)
        assert told(vision) == talk

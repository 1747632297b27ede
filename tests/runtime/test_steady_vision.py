from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest

from assistant.errors import Cancelled, LoadedSmaller, OutOfMemory, TooLarge
from assistant.ports import VisionModel
from assistant.runtime.steady_vision import steady_vision
from assistant.types import Cancellation, Frame, Question, Rank
from tests.fakes.vision import FakeVision

QUESTION = Question("What is it?", "en")
FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 0.0)


class Cramped(FakeVision):
    """Runs out of memory whenever it looks."""

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        super().look(frame, cancellation)
        raise OutOfMemory("too small")


def shelf(*models: FakeVision) -> Callable[[], tuple[VisionModel, str]]:
    """Return a loader of one model after the other; it sees that there is never more than one at a time."""
    left, loaded = list(models), list[FakeVision]()

    def load() -> tuple[VisionModel, str]:
        assert all(model.closed for model in loaded)
        if not left:
            raise TooLarge("nothing left", "2B", 2, 1)
        loaded.append(left.pop(0))
        return loaded[-1], f"{len(left)}B"

    return load


def ask(vision: VisionModel) -> str:
    return "".join(chunk.text for chunk in vision.answer(QUESTION, Cancellation()))


def test_while_there_is_memory_it_is_the_model_itself() -> None:
    model = FakeVision(["A cup."])
    steady = steady_vision(model, shelf())
    steady.look(FRAME, Cancellation())
    assert ask(steady) == "A cup."
    steady.remember(QUESTION, "A cup.")
    assert model.remembered == [(QUESTION, "A cup.")]
    steady.forget_last()
    assert not model.remembered
    steady.close()
    assert model.closed


def test_a_smaller_one_takes_over_sees_the_picture_and_the_person_is_told() -> None:
    large, small = FakeVision([OutOfMemory("too small")]), FakeVision(["A cup."])
    steady = steady_vision(large, shelf(small))
    steady.look(FRAME, Cancellation())
    with pytest.raises(LoadedSmaller) as caught:
        ask(steady)
    assert "0B" in caught.value.spoken("en")
    assert large.closed
    assert small.looked == [FRAME]
    assert ask(steady) == "A cup."


def test_it_is_told_with_the_question_where_it_happened_while_looking() -> None:
    small = FakeVision(["A cup."])
    steady = steady_vision(Cramped(), shelf(Cramped(), small))
    steady.look(FRAME, Cancellation())
    assert small.looked == [FRAME]
    with pytest.raises(LoadedSmaller):
        ask(steady)
    assert ask(steady) == "A cup."


def test_with_nothing_smaller_it_says_so_and_tries_again_the_next_time() -> None:
    tries: list[FakeVision] = []

    def load() -> tuple[VisionModel, str]:
        tries.append(FakeVision(["A cup."]))
        if len(tries) == 1:
            raise TooLarge("nothing fits", "2B", 2, 1)
        return tries[-1], "2B"

    steady = steady_vision(FakeVision([OutOfMemory("too small")]), load)
    with pytest.raises(TooLarge):
        ask(steady)
    steady.remember(QUESTION, "")
    steady.forget_last()
    steady.forget()
    with pytest.raises(LoadedSmaller):
        ask(steady)
    assert ask(steady) == "A cup."


def test_once_closed_nothing_is_loaded_any_more() -> None:
    steady = steady_vision(Cramped(), shelf(FakeVision()))
    steady.close()
    with pytest.raises(Cancelled):
        steady.look(FRAME, Cancellation())


def test_a_new_conversation_has_no_picture_to_show() -> None:
    small = FakeVision(["A cup."])
    steady = steady_vision(FakeVision([OutOfMemory("too small")]), shelf(small))
    steady.look(FRAME, Cancellation())
    steady.forget()
    with pytest.raises(LoadedSmaller):
        ask(steady)
    assert not small.looked


def test_every_conversation_goes_on_with_the_smaller_one_and_is_told() -> None:
    large, small = FakeVision([OutOfMemory("too small")]), FakeVision(["A cup."] * 3)
    home = steady_vision(large, shelf(small))
    visitor, other = home.another(Rank.PAGE, "Be brief."), home.another(Rank.PROGRAM)
    visitor.look(FRAME, Cancellation())
    with pytest.raises(LoadedSmaller):
        ask(home)
    with pytest.raises(LoadedSmaller):
        ask(visitor)
    assert ask(visitor) == "A cup."
    followed = small.others[0]
    assert (followed.rank, followed.system, followed.looked) == (Rank.PAGE, "Be brief.", [FRAME])
    with pytest.raises(LoadedSmaller):
        ask(other)
    other.close()
    assert not small.closed
    home.close()
    assert small.closed


def test_a_look_that_lost_its_model_to_another_conversation_is_repeated() -> None:
    large, small = FakeVision([OutOfMemory("too small")], stalls_in_look=True), FakeVision(["A cup."])
    home = steady_vision(large, shelf(small))
    visitor = home.another(Rank.PAGE)
    seen = large.others[0]
    looking = threading.Thread(target=visitor.look, args=(FRAME, Cancellation()))
    looking.start()
    assert seen.stalled.wait(10)
    with pytest.raises(LoadedSmaller):
        ask(home)
    looking.join(10)
    assert small.others[0].looked == [FRAME]

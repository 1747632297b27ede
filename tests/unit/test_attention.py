import pytest

from assistant.turn.attention import Attention, Start
from assistant.types import Seconds

BLOCK = 0.5


def passes(attention: Attention, seconds: Seconds, *, busy: bool = False) -> list[bool]:
    return [attention.passed(BLOCK, busy=busy) for _ in range(round(seconds / BLOCK))]


def test_always_is_always_open_even_asleep() -> None:
    attention = Attention("always", 2.0)
    assert attention.open
    assert not any(passes(attention, 100))
    attention.close()
    assert attention.open
    assert attention.asleep
    attention.call()
    assert attention.open
    assert not attention.asleep
    assert not any(passes(attention, 100))  # it does not close after a press either


@pytest.mark.parametrize("start", ["wake-word", "push-to-talk"])
def test_it_opens_when_called_and_closes_once_after_its_window(start: Start) -> None:
    attention = Attention(start, 2.0)
    assert not attention.open
    assert not any(passes(attention, 10))
    attention.call()
    assert attention.open
    assert passes(attention, 3) == [False, False, False, True, False, False]
    assert not attention.open


def test_after_a_wake_word_the_window_begins_when_the_answer_is_over() -> None:
    attention = Attention("wake-word", 2.0)
    attention.call()
    passes(attention, 1.5)
    passes(attention, 60, busy=True)
    attention.asked()
    assert passes(attention, 2) == [False, False, False, True]


def test_a_button_is_for_one_question() -> None:
    attention = Attention("push-to-talk", 2.0)
    attention.call()
    attention.asked()
    assert not attention.open
    assert not any(passes(attention, 4))


@pytest.mark.parametrize("start", ["wake-word", "push-to-talk"])
def test_where_it_has_to_be_called_anyway_sleeping_is_being_closed(start: Start) -> None:
    attention = Attention(start, 2.0)
    attention.call()
    attention.close()
    assert not attention.open
    assert not attention.asleep

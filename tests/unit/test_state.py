import itertools

import pytest

from assistant.turn.state import TRANSITIONS, Action, Happening, IllegalTransition, State, doing, transition

ILLEGAL = {
    (State.LISTENING, Happening.VOICE_PERSISTED),
    (State.LISTENING, Happening.VOICE_ENDED),
    (State.LISTENING, Happening.ANSWER_ENDED),
    (State.HEARING, Happening.VOICE_STARTED),
    (State.HEARING, Happening.ANSWER_ENDED),
    (State.ANSWERING, Happening.VOICE_PERSISTED),
    (State.ANSWERING, Happening.VOICE_ENDED),
    (State.OVERHEARING, Happening.VOICE_STARTED),
    (State.HEARING, Happening.VOLUNTEERED),
    (State.ANSWERING, Happening.VOLUNTEERED),
    (State.OVERHEARING, Happening.VOLUNTEERED),
}


@pytest.mark.parametrize(("state", "happening"), list(itertools.product(State, Happening)))
def test_every_pair_is_in_the_table_or_raises(state: State, happening: Happening) -> None:
    if (state, happening) in ILLEGAL:
        with pytest.raises(IllegalTransition, match=happening.value):
            transition(state, happening)
    else:
        assert transition(state, happening) == TRANSITIONS[state, happening]


def walk(*happenings: Happening) -> tuple[State, list[Action]]:
    state, actions = State.LISTENING, []
    for happening in happenings:
        state, action = transition(state, happening)
        actions.append(action)
    return state, actions


def test_a_question_is_looked_at_while_it_is_asked_and_then_answered() -> None:
    assert walk(Happening.VOICE_STARTED, Happening.VOICE_PERSISTED, Happening.VOICE_ENDED, Happening.ANSWER_ENDED) == (
        State.LISTENING,
        [Action.LOOK, Action.NOTHING, Action.ANSWER, Action.NOTHING],
    )


def test_talking_over_an_answer_interrupts_it_and_asks_the_next_question() -> None:
    happenings = (Happening.VOICE_STARTED, Happening.VOICE_ENDED, Happening.VOICE_STARTED, Happening.VOICE_PERSISTED)
    assert walk(*happenings) == (State.HEARING, [Action.LOOK, Action.ANSWER, Action.NOTHING, Action.INTERRUPT])


def test_a_cough_does_not_stop_an_answer() -> None:
    happenings = (Happening.VOICE_STARTED, Happening.VOICE_ENDED, Happening.VOICE_STARTED, Happening.VOICE_ENDED)
    assert walk(*happenings) == (State.ANSWERING, [Action.LOOK, Action.ANSWER, Action.NOTHING, Action.NOTHING])


def test_a_question_begun_in_an_answers_last_moment_is_heard() -> None:
    happenings = (Happening.VOICE_STARTED, Happening.VOICE_ENDED, Happening.VOICE_STARTED, Happening.ANSWER_ENDED)
    assert walk(*happenings) == (State.HEARING, [Action.LOOK, Action.ANSWER, Action.NOTHING, Action.LOOK])


def test_what_is_typed_is_never_interrupted_by_who_was_speaking_before() -> None:
    assert walk(Happening.VOICE_STARTED, Happening.VOICE_PERSISTED, Happening.TYPED, Happening.VOICE_ENDED) == (
        State.ANSWERING,
        [Action.LOOK, Action.NOTHING, Action.OBEY, Action.NOTHING],
    )


def test_what_it_is_doing_can_be_told_in_every_state() -> None:
    assert [doing(state, asleep=False) for state in State] == ["listening", "hearing", "answering", "answering"]
    assert {doing(state, asleep=True) for state in State} == {"asleep"}

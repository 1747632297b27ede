from __future__ import annotations

import itertools
import random
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.events import Event, Stage
from assistant.turn.timeline import ENDS, Mark, Timeline, Turn
from assistant.types import Frame, Seconds, Transcript, Utterance

FRAME = Frame(np.zeros((2, 2, 3), np.uint8), 0.0)
OTHER_FRAME = Frame(np.ones((2, 2, 3), np.uint8), 0.0)
UTTERANCE = Utterance(np.zeros(512, np.float32), 1.0, silence=0.5)
WORDS = Transcript("What is it?", "en", 0.9)
STARTED, LOOKED, CONTINUED = Stage.SPEECH_STARTED, Stage.LOOKED, Stage.CONTINUED
END, CANCELLED = Stage.TURN_ENDED, Stage.TURN_CANCELLED

EVIDENCE: dict[Stage, Frame | Utterance | Transcript] = {
    Stage.LOOKED: FRAME,
    Stage.SPEECH_ENDED: UTTERANCE,
    Stage.TRANSCRIBED: WORDS,
}
Scene: TypeAlias = tuple[Stage, Seconds] | tuple[Stage, Seconds, int]
"""What was told, when, and of which turn, if of one."""
DETAILS = {Stage.ANSWERED: "A cup.", Stage.INTERRUPTED: "A"}


def event(stage: Stage, at: Seconds, turn: int = 0) -> Event:
    return Event(stage, at, DETAILS.get(stage, ""), turn, EVIDENCE.get(stage))


def turns(*story: Scene) -> list[Turn]:
    timeline = Timeline()
    complete = [turn for scene in story for turn in timeline.feed(event(*scene))]
    return complete + timeline.flush()


def answered(turn: int, at: Seconds) -> list[tuple[Stage, Seconds, int]]:
    """Return the story of an answer, from the end of its question at `at`."""
    stages = (Stage.SPEECH_ENDED, Stage.TRANSCRIBED, Stage.FIRST_TOKEN, Stage.SENTENCE, Stage.FIRST_SOUND, Stage.ANSWERED, END)
    return [(stage, at + number, turn) for number, stage in enumerate(stages)]


def test_a_turn_has_all_its_marks_counted_from_the_end_of_speech() -> None:
    (turn,) = turns((STARTED, 1), (LOOKED, 2), *answered(1, 5))
    assert turn.marks_ms() == {
        "speech_start": -3500,
        "look_done": -2500,
        "speech_end": 0,
        "turn_end": 500,
        "transcript": 1500,
        "first_token": 2500,
        "first_sentence": 3500,
        "first_sound": 4500,
        "done": 5500,
    }
    assert (turn.utterance, turn.transcript, turn.frame, turn.answer) == (UTTERANCE, WORDS, FRAME, "A cup.")


def test_a_look_from_before_the_question_is_no_mark_of_it_but_is_what_it_is_about() -> None:
    _, follow_up = turns((STARTED, 1), (LOOKED, 2), *answered(1, 5), (STARTED, 20), *answered(2, 25))
    assert Mark.LOOK_DONE not in follow_up.marks
    assert follow_up.frame is FRAME


def test_a_look_that_the_answer_made_sure_of_counts() -> None:
    ended, transcribed, *rest = answered(1, 5)
    (turn,) = turns((STARTED, 1), (LOOKED, 2), ended, transcribed, (LOOKED, 6.5, 1), *rest)
    assert turn.marks[Mark.LOOK_DONE] == 6.5


def test_going_on_after_a_pause_is_one_turn_from_the_first_word() -> None:
    half: list[Scene] = [(STARTED, 1), (Stage.SPEECH_ENDED, 3, 1), (Stage.TRANSCRIBED, 4, 1), (STARTED, 5), (CANCELLED, 5.5, 1)]
    (turn,) = turns(*half, (CONTINUED, 8), *answered(2, 8))
    assert (turn.marks[Mark.SPEECH_START], turn.marks[Mark.TURN_END], turn.marks[Mark.TRANSCRIPT]) == (1, 8, 9)


def test_the_first_half_may_let_go_long_after_the_second_has_ended() -> None:
    story: list[Scene] = [(STARTED, 1), (Stage.SPEECH_ENDED, 3, 1), (STARTED, 5), (CONTINUED, 8), *answered(2, 8)]
    late: list[Scene] = [*story[:6], (Stage.INTERRUPTED, 9.5, 1), (CANCELLED, 9.6, 1), *story[6:]]
    (turn,) = turns(*late)
    assert turn.marks[Mark.SPEECH_START] == 1
    assert Mark.INTERRUPTED not in turn.marks


def test_an_interruption_ends_one_turn_and_the_speech_that_interrupts_begins_the_next() -> None:
    sounding = [scene for scene in answered(1, 5) if scene[0] not in {Stage.ANSWERED, END}]
    tail = [(Stage.INTERRUPTED, 13, 1), (CANCELLED, 13.1, 1)]
    first, second = turns((STARTED, 1), (LOOKED, 2), *sounding, (STARTED, 12), (LOOKED, 12.8), *tail, *answered(2, 15))
    assert (first.marks[Mark.INTERRUPTED], first.marks[Mark.LOOK_DONE], first.answer) == (13, 2, "A")
    assert Mark.DONE not in first.marks
    assert (second.marks[Mark.SPEECH_START], second.marks[Mark.LOOK_DONE]) == (12, 12.8)


def test_a_cough_leaves_no_trace() -> None:
    whole = answered(1, 5)
    (turn,) = turns((STARTED, 1), *whole[:5], (STARTED, 10.5), *whole[5:])
    assert turn.marks[Mark.SPEECH_START] == 1


@pytest.mark.parametrize("end", [Stage.ANSWERED, Stage.INTERRUPTED])
def test_an_answer_that_fails_has_failed_however_it_let_go(end: Stage) -> None:
    (turn,) = turns((STARTED, 1), *answered(1, 5)[:3], (end, 9, 1), (Stage.FAILED, 9.5, 1), (END, 12, 1))
    assert set(ENDS) & turn.marks.keys() == {Mark.FAILED}


def test_an_answer_is_answered_although_a_sentence_of_the_assistants_own_failed() -> None:
    (turn,) = turns((STARTED, 1), (Stage.FAILED, 5.2, 1), *answered(1, 5)[:1], (Stage.FAILED, 5.5, 1), *answered(1, 5)[1:])
    assert set(ENDS) & turn.marks.keys() == {Mark.DONE}


def test_where_no_words_were_found_the_turn_has_no_end() -> None:
    (turn,) = turns((STARTED, 1), *answered(1, 5)[:2], (END, 7, 1))
    assert set(ENDS) & turn.marks.keys() == set()
    assert turn.frame is None


def test_an_answer_stopped_before_its_first_sound_is_told_of_once_nobody_goes_on() -> None:
    timeline = Timeline()
    story: list[Scene] = [(STARTED, 1.0), *answered(1, 5)[:2], (CANCELLED, 7.0, 1), (STARTED, 9.0)]
    assert [turn for scene in story for turn in timeline.feed(event(*scene))] == []
    (stopped,) = timeline.feed(event(Stage.SPEECH_ENDED, 12, 2))
    assert stopped.marks[Mark.INTERRUPTED] == 7


def test_the_greeting_is_no_turn() -> None:
    assert turns((Stage.READY, 1, 1), (Stage.SENTENCE, 2), (Stage.FIRST_SOUND, 3), (END, 4, 1)) == []


FATES = st.lists(st.sampled_from(["answered", "interrupted", "silenced", "continued", "nothing"]), min_size=1, max_size=6)


def scenes(fate: str, number: int, *, continues: bool) -> tuple[list[tuple[Stage, int]], list[tuple[Stage, int]]]:
    """Return what is told of a turn, and what is told when its answer lets go, in the middle of the next if it was cancelled."""
    story = [(STARTED, 0), (LOOKED, 0), *([(CONTINUED, 0)] if continues else []), (Stage.SPEECH_ENDED, number)]
    story.append((Stage.TRANSCRIBED, number))
    if fate in {"answered", "interrupted"}:
        story += [(Stage.FIRST_TOKEN, number), (Stage.SENTENCE, number), (Stage.FIRST_SOUND, number)]
    ends = {
        "answered": [(Stage.ANSWERED, number), (END, number)],
        "nothing": [(END, number)],
        "interrupted": [(Stage.INTERRUPTED, number), (CANCELLED, number)],
    }
    return story, ends.get(fate, [(CANCELLED, number)])


@settings(deadline=None)
@given(FATES, st.randoms(use_true_random=False))
def test_no_mark_ever_comes_from_another_turn(fates: list[str], rng: random.Random) -> None:
    told: list[tuple[Stage, int]] = []
    late: list[tuple[Stage, int]] = []
    for number, fate in enumerate(fates, 1):
        story, ends = scenes(fate, number, continues=number > 1 and fates[number - 2] == "continued")
        places = sorted(rng.randint(0, len(story)) for _ in late)
        for place, scene in reversed([*zip(places, late, strict=True)]):
            story.insert(place, scene)
        late = [] if fate in {"answered", "nothing"} else ends
        told += story if late else [*story, *ends]
    told += late
    timeline = Timeline()
    complete = [turn for at, (stage, number) in enumerate(told) for turn in timeline.feed(event(stage, at, number))]
    complete += timeline.flush()
    assert len(complete) == len(fates) - sum(fate == "continued" for fate in fates[:-1])
    for turn in complete:
        number = told[round(turn.marks[Mark.TURN_END])][1]
        for mark in turn.marks.keys() - {Mark.SPEECH_START, Mark.LOOK_DONE, Mark.SPEECH_END}:
            assert told[round(turn.marks[mark])][1] == number
        order = [turn.marks[mark] for mark in Mark if mark in turn.marks and mark not in {Mark.LOOK_DONE, Mark.SPEECH_END}]
        assert all(one < other for one, other in itertools.pairwise(order))

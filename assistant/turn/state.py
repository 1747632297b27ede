"""The states of a conversation, as a table. Nothing happens here; the runtime does what the returned action says."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Literal, TypeAlias


class State(enum.Enum):
    """What is going on."""

    LISTENING = "listening"
    """Nobody speaks."""
    HEARING = "hearing"
    """The person speaks; their picture is being looked at."""
    ANSWERING = "answering"
    """An answer is being thought of or spoken."""
    OVERHEARING = "overhearing"
    """The same, and somebody speaks: a cough, or an interruption."""


Doing: TypeAlias = Literal["listening", "hearing", "answering", "asleep"]
"""What a conversation is doing, as far as anybody but itself cares."""
_DOING: Mapping[State, Doing] = {
    State.LISTENING: "listening",
    State.HEARING: "hearing",
    State.ANSWERING: "answering",
    State.OVERHEARING: "answering",
}


def doing(state: State, *, asleep: bool) -> Doing:
    """Return what a conversation is doing; whatever who sleeps does is sleeping."""
    return "asleep" if asleep else _DOING[state]


class Happening(enum.Enum):
    """What can happen."""

    VOICE_STARTED = "voice started"
    VOICE_PERSISTED = "voice persisted"
    VOICE_ENDED = "voice ended"
    ANSWER_ENDED = "answer ended"
    STOPPED = "stopped by key"
    COMMANDED = "commanded"
    """A word that was too short to interrupt an answer turned out to be a command, such as "stop". While somebody is heard it is
    part of what they ask."""
    TYPED = "typed"
    """A question or a command was typed. What somebody says just then is no answer's business, unless they go on after it."""
    VOLUNTEERED = "volunteered"
    """There is something to say that nobody asked for just now; where somebody speaks or is answered, it is not said."""
    SOUND_LOST = "sound lost"
    """What is being said is not heard to its end: the microphone went away, its recording ended, or it is not listened to."""


class Action(enum.Enum):
    """What to do about it."""

    NOTHING = "nothing"
    LOOK = "look"
    """Begin to look at the picture for the question that is being asked."""
    ANSWER = "answer"
    """Answer the utterance that has ended."""
    INTERRUPT = "interrupt"
    """Stop the answer; the person who is speaking asks the next question."""
    SILENCE = "silence"
    """Stop the answer."""
    OBEY = "obey"
    """Stop the answer, and do what was said."""


_S, _H, _A = State, Happening, Action

TRANSITIONS: Mapping[tuple[State, Happening], tuple[State, Action]] = {
    (_S.LISTENING, _H.VOICE_STARTED): (_S.HEARING, _A.LOOK),
    (_S.LISTENING, _H.SOUND_LOST): (_S.LISTENING, _A.NOTHING),
    (_S.LISTENING, _H.STOPPED): (_S.LISTENING, _A.NOTHING),
    (_S.LISTENING, _H.COMMANDED): (_S.ANSWERING, _A.OBEY),
    (_S.LISTENING, _H.TYPED): (_S.ANSWERING, _A.OBEY),
    (_S.LISTENING, _H.VOLUNTEERED): (_S.ANSWERING, _A.NOTHING),
    (_S.HEARING, _H.VOICE_PERSISTED): (_S.HEARING, _A.NOTHING),
    (_S.HEARING, _H.VOICE_ENDED): (_S.ANSWERING, _A.ANSWER),
    (_S.HEARING, _H.SOUND_LOST): (_S.LISTENING, _A.NOTHING),
    (_S.HEARING, _H.STOPPED): (_S.HEARING, _A.NOTHING),
    (_S.HEARING, _H.COMMANDED): (_S.HEARING, _A.NOTHING),
    (_S.HEARING, _H.TYPED): (_S.OVERHEARING, _A.OBEY),
    (_S.ANSWERING, _H.VOICE_STARTED): (_S.OVERHEARING, _A.NOTHING),
    (_S.ANSWERING, _H.ANSWER_ENDED): (_S.LISTENING, _A.NOTHING),
    (_S.ANSWERING, _H.SOUND_LOST): (_S.ANSWERING, _A.NOTHING),
    (_S.ANSWERING, _H.STOPPED): (_S.ANSWERING, _A.SILENCE),
    (_S.ANSWERING, _H.COMMANDED): (_S.ANSWERING, _A.OBEY),
    (_S.ANSWERING, _H.TYPED): (_S.ANSWERING, _A.OBEY),
    (_S.OVERHEARING, _H.VOICE_PERSISTED): (_S.HEARING, _A.INTERRUPT),
    (_S.OVERHEARING, _H.VOICE_ENDED): (_S.ANSWERING, _A.NOTHING),
    (_S.OVERHEARING, _H.ANSWER_ENDED): (_S.HEARING, _A.LOOK),
    (_S.OVERHEARING, _H.SOUND_LOST): (_S.ANSWERING, _A.NOTHING),
    (_S.OVERHEARING, _H.STOPPED): (_S.OVERHEARING, _A.SILENCE),
    (_S.OVERHEARING, _H.COMMANDED): (_S.ANSWERING, _A.OBEY),
    (_S.OVERHEARING, _H.TYPED): (_S.OVERHEARING, _A.OBEY),
}
"""Every pair that can come; any other is a fault of the program."""


class IllegalTransition(Exception):
    """Something happened in a state in which it cannot."""


def transition(state: State, happening: Happening) -> tuple[State, Action]:
    """Return the next state and what to do.

    Raises:
        IllegalTransition: The pair is not in the table.
    """
    try:
        return TRANSITIONS[state, happening]
    except KeyError:
        raise IllegalTransition(f"{happening.value} while {state.value}") from None

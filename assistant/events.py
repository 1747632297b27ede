"""What observers may watch and never alter: the stages of a question, from the first sound to the last word of the answer."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import TypeAlias

from assistant.types import Frame, Seconds, Transcript, Utterance


class Stage(enum.Enum):
    """A moment in the life of a question, in the order in which they usually come."""

    LOADING = "loading"
    READY = "ready"
    SPEECH_STARTED = "speech started"
    LOOKING = "looking"
    LOOKED = "picture looked at"
    CONTINUED = "went on speaking"
    """What was said just now is the rest of the question before, which nothing has been heard about yet."""
    SPEECH_ENDED = "speech ended"
    TRANSCRIBED = "heard"
    COMMANDED = "command"
    FORGOTTEN = "forgotten"
    """The last question and its answer are to be forgotten by all who keep something of them."""
    FIRST_TOKEN = "first word written"
    SENTENCE = "sentence"
    FIRST_SOUND = "first sound"
    ANSWERED = "answered"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    UNSAID = "could not be said"
    """A sentence of the assistant's own; it can only be shown."""
    TURN_ENDED = "turn ended"
    TURN_CANCELLED = "turn cancelled"
    """The same, before it was through."""


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A stage was reached."""

    stage: Stage
    at: Seconds
    """Seconds of `time.monotonic`."""
    detail: str = ""
    """What was heard, said or lost, in words. It may be private: print it, never store it."""
    turn: int = 0
    """Which turn it belongs to, counted from 1; 0 for what belongs to none, or to none yet."""
    evidence: Frame | Utterance | Transcript | None = None
    """What was seen or heard itself. It is private: only for a recording that the person asked for."""


Observer: TypeAlias = Callable[[Event], None]

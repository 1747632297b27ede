"""What observers may watch and never alter: the stages of a question, from the first sound to the last word of the answer."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import TypeAlias

from assistant.types import Seconds


class Stage(enum.Enum):
    """A moment in the life of a question, in the order in which they usually come."""

    LOADING = "loading"
    READY = "ready"
    SPEECH_STARTED = "speech started"
    LOOKING = "looking"
    LOOKED = "picture looked at"
    SPEECH_ENDED = "speech ended"
    TRANSCRIBED = "heard"
    FIRST_TOKEN = "first word written"
    SENTENCE = "sentence"
    FIRST_SOUND = "first sound"
    ANSWERED = "answered"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """A stage was reached."""

    stage: Stage
    at: Seconds
    """Seconds of `time.monotonic`."""
    detail: str = ""
    """What was heard, said or lost, in words. It may be private: print it, never store it."""


Observer: TypeAlias = Callable[[Event], None]

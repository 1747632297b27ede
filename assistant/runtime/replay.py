"""A recorded person: says again what they said, before the pictures that they had before them."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from assistant.errors import CameraLost
from assistant.events import Event, Stage
from assistant.turn.timeline import Timeline, Turn
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, AudioBlock, Frame, Samples, Seconds

_PAUSE: Seconds = 0.5
"""Between an answer and the next question: longer than the `ECHO_TAIL` that a conversation without barge-in does not listen to."""
_PATIENCE: Seconds = 5.0
"""How long they wait when nothing is done about what they said: longer than any silence that ends a question."""
_SILENCE = np.zeros(BLOCK_SAMPLES, np.float32)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """One recorded question."""

    samples: Samples
    frame: Frame | None


class Replay:
    """Microphone and camera (`assistant.ports`) of a conversation that is held again, and an observer of it.

    Each question is asked when the one before has been answered; the sound ends after the last answer. Who interrupted an answer
    while it was recorded hears it to the end now.

    Args:
        questions: How many there are.
        load: Returns one by its number, from 0; called in the microphone's thread.
        on_turn: Told what came of each, in order; None where no question was heard. Called in the same thread.
    """

    def __init__(self, questions: int, load: Callable[[int], Asked], on_turn: Callable[[int, Turn | None], None]) -> None:
        self._questions = questions
        self._load = load
        self._on_turn = on_turn
        self._frame: Frame | None = None
        self._closed = threading.Event()
        self._due: Seconds = 0.0
        self._timeline = Timeline()
        self._going_on: set[int] = set()
        self._answered = False
        self._turn: Turn | None = None

    def __call__(self, event: Event) -> None:
        """Take in what the conversation does."""
        for turn in self._timeline.feed(event):
            self._turn = turn
        if event.stage in {Stage.TURN_ENDED, Stage.TURN_CANCELLED}:
            self._going_on.discard(event.turn)
            self._answered = self._answered or event.stage is Stage.TURN_ENDED
        elif event.turn:
            self._going_on.add(event.turn)

    # the microphone

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield the questions' sound and the silence after each, at the pace at which it was recorded.

        Raises:
            SoundUnreadable, PictureUnreadable: A file of the recording is damaged.
        """
        self._due = time.monotonic()
        yield from self._quiet_until_answered()  # the greeting
        for number in range(self._questions):
            asked = self._load(number)
            self._frame, self._turn = asked.frame, None
            yield from self._paced(np.pad(asked.samples, (0, -len(asked.samples) % BLOCK_SAMPLES)))
            self._answered = False
            yield from self._quiet_until_answered()
            if self._closed.is_set():
                return
            for turn in self._timeline.flush():
                self._turn = turn
            self._on_turn(number, self._turn)

    def _quiet_until_answered(self) -> Iterator[AudioBlock]:
        waited: Seconds = 0.0
        while not self._closed.is_set() and (self._going_on or waited < (_PAUSE if self._answered else _PATIENCE)):
            waited = 0.0 if self._going_on else waited + BLOCK_SECONDS
            yield from self._paced(_SILENCE)

    def _paced(self, samples: Samples) -> Iterator[AudioBlock]:
        for block in samples.reshape(-1, BLOCK_SAMPLES):
            self._due += BLOCK_SECONDS
            if self._closed.wait(max(0.0, self._due - time.monotonic())):
                return
            yield AudioBlock(block)

    def drain(self) -> None:
        """Do nothing: nothing is said while nobody listens."""

    # the camera

    def latest(self, max_age: Seconds) -> Frame:
        """Return the picture of the question that is being asked, as if it were new.

        Raises:
            CameraLost: None was recorded with it.
        """
        if self._frame is None or max_age <= 0:
            raise CameraLost("no picture was recorded with this question")
        return dataclasses.replace(self._frame, captured_at=time.monotonic())

    def recent(self, max_age: Seconds) -> list[Frame]:
        """Return the same picture; none where there is none."""
        return [] if self._frame is None or max_age <= 0 else [self.latest(max_age)]

    def close(self) -> None:
        """End `blocks` for good. May be called twice, from any thread."""
        self._closed.set()

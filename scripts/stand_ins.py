"""What stands in for a person, a loudspeaker or sensible weights in the benchmark of the conversation."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping

import numpy as np

from assistant.events import Event, Stage
from assistant.ports import VisionModel
from assistant.turn.timeline import Mark, Timeline
from assistant.types import (
    BLOCK_SAMPLES,
    SAMPLE_RATE,
    AnswerChunk,
    AudioBlock,
    Cancellation,
    Question,
    Samples,
    Seconds,
    SpeechChunk,
)

ANSWER = "There is a cup on your left. It is red, and behind it stands a bottle that is nearly empty."
"""What a model of random weights says."""
_PATIENCE: Seconds = 600.0


class Worded:
    """A vision model that takes the time of another, whose weights are random, and says words that can be spoken.

    What was heard to its end is remembered as the other wrote it, for of that the cache holds every token already.
    """

    def __init__(self, vision: VisionModel) -> None:
        self._vision = vision
        self._written = ""
        self.look, self.close = vision.look, vision.close
        self.forget, self.forget_last = vision.forget, vision.forget_last
        self.another = vision.another

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield a word for each piece of the other's answer; all that are left once that ends."""
        words = iter(ANSWER.split())
        self._written = ""
        for chunk, word in itertools.zip_longest(self._vision.answer(question, cancellation), words):
            self._written += chunk.text if chunk else ""
            if word:
                yield AnswerChunk(f"{word} ")

    def remember(self, question: Question, heard: str) -> None:
        """Keep the exchange."""
        self._vision.remember(question, self._written if heard.split() == ANSWER.split() else heard)


class Mute:
    """A loudspeaker that keeps nothing; `assistant.ports.Speaker`."""

    def play(self, _chunk: SpeechChunk) -> None:
        """Do nothing."""

    def wait(self) -> None:
        """Return at once."""

    def silence(self) -> Seconds:
        """Return that nothing was queued."""
        return 0.0

    def chime(self, _chunk: SpeechChunk) -> None:
        """Do nothing."""

    def fade_to(self, _level: float) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Story:
    """An observer that others can wait for."""

    def __init__(self) -> None:
        self.turns: list[Mapping[Mark, Seconds]] = []
        """The marks of each; sounds and pictures, kept over an hour, would be taken for a leak."""
        self._timeline = Timeline()
        self._ended = 0
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        """Take in what happens."""
        with self._changed:
            self.turns += [turn.marks for turn in self._timeline.feed(event)]
            self._ended += event.stage is Stage.TURN_ENDED
            self._changed.notify_all()

    def wait(self, ended: int) -> None:
        """Wait until so many turns have ended, the greeting being the first.

        Raises:
            TimeoutError: They never did.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._ended >= ended, _PATIENCE):
                raise TimeoutError(f"{self._ended} of {ended} turns ended")


class Tireless:
    """A microphone that hears the same question again as soon as it has been answered, faster than anybody speaks."""

    def __init__(self, question: Samples, times: int, story: Story) -> None:
        silence = np.zeros(2 * SAMPLE_RATE, np.float32)
        samples = np.concatenate([question, silence])
        self._blocks = samples[: len(samples) // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
        self._times = times
        self._story = story

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield the question so many times."""
        for asked in range(self._times):
            self._story.wait(asked + 1)
            yield from map(AudioBlock, self._blocks)

    def drain(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

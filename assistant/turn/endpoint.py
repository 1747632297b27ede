"""Where an utterance starts and ends, told from speech probabilities alone.

Time is counted in blocks received, never read from a clock (as kyutai's unmute and Home Assistant's `VoiceCommandSegmenter`
do), so a recording gives the same utterances however fast it is fed.
"""

from __future__ import annotations

import collections
import enum

import numpy as np

from assistant.config import EndpointConfig
from assistant.types import BLOCK_SECONDS, AudioBlock, Samples, Seconds, Utterance


class Voice(enum.Enum):
    """What a block of sound means for the conversation."""

    STARTED = "started"
    """Somebody began to speak."""
    PERSISTED = "persisted"
    """They have spoken for so long that it is no cough: they mean it."""
    ENDED = "ended"
    """They have said what they wanted."""


PERSISTENCE: Seconds = 0.4
"""How much voiced sound tells speech from a cough (issue 4 of the design, LiveKit's 0.5 s minus our start of 0.1 s)."""


class Endpoint:
    """Finds utterances in a stream of blocks and keeps their sound, from a little before the first word."""

    def __init__(self, config: EndpointConfig) -> None:
        self._config = config
        pre_roll = round((config.pre_roll + config.start_voiced) / BLOCK_SECONDS)
        self._before: collections.deque[Samples] = collections.deque(maxlen=max(1, pre_roll))
        self._received = 0
        self._sound: list[Samples] = []
        self._speaking = False
        self.persisted = False
        """Whether the utterance of now, or the last one, is too long for a cough."""
        self._voiced = 0.0
        self._silent = 0.0

    def hear(self, block: AudioBlock, probability: float) -> list[Voice]:
        """Take in the next block; return what it brought, in order."""
        self._received += 1
        if not self._speaking:
            return self._hear_silence(block, probability)
        return self._hear_speech(block, probability)

    def _hear_silence(self, block: AudioBlock, probability: float) -> list[Voice]:
        self._before.append(block.samples)
        self._voiced = self._voiced + BLOCK_SECONDS if probability >= self._config.start_probability else 0.0
        if self._voiced < self._config.start_voiced:
            return []
        self._speaking, self.persisted, self._silent = True, False, 0.0
        self._sound = list(self._before)
        self._before.clear()
        return [Voice.STARTED]

    def _hear_speech(self, block: AudioBlock, probability: float) -> list[Voice]:
        self._sound.append(block.samples)
        if probability < self._config.stop_probability:
            self._silent += BLOCK_SECONDS
        elif probability >= self._config.start_probability:
            self._voiced += BLOCK_SECONDS
            self._silent = 0.0
        events: list[Voice] = []
        if not self.persisted and self._voiced >= PERSISTENCE:
            self.persisted = True
            events.append(Voice.PERSISTED)
        longest = len(self._sound) * BLOCK_SECONDS >= self._config.longest
        if self._silent >= self._config.end_silence or longest:
            self._speaking, self._voiced = False, 0.0
            events.append(Voice.ENDED)
        return events

    def utterance(self) -> Utterance:
        """Return the utterance that has just ended."""
        return Utterance(np.concatenate(self._sound), self._received * BLOCK_SECONDS - self._silent, self._silent)

    def reset(self) -> None:
        """Forget what is being said, as after a stretch of sound that was not listened to."""
        self._before.clear()
        self._sound = []
        self._speaking = self.persisted = False
        self._voiced = self._silent = 0.0


def joined(first: Utterance, second: Utterance) -> Utterance:
    """Return one utterance of two halves, when somebody went on after a pause."""
    return Utterance(np.concatenate([first.samples, second.samples]), second.ended_at, second.silence)

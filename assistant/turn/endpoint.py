"""Finding utterances in a stream of sound, from speech probabilities, and from how finished what was said seems.

Time is counted in blocks received, never read from a clock (as kyutai's unmute and Home Assistant's `VoiceCommandSegmenter`
do), so a recording gives the same utterances however fast it is fed.
"""

from __future__ import annotations

import collections
import enum
from collections.abc import Iterable

import numpy as np

from assistant.config import EndpointConfig
from assistant.types import BLOCK_SECONDS, AudioBlock, Samples, Seconds, Utterance


class Voice(enum.Enum):
    """What a block of sound means for the conversation."""

    STARTED = "started"
    """Somebody began to speak."""
    PERSISTED = "persisted"
    """They have spoken for so long that it is no cough: they mean it."""
    PAUSED = "paused"
    """They are silent, perhaps because they have finished: `Endpoint.judged` may say how likely that is."""
    RESUMED = "resumed"
    """They had only paused: what `Endpoint.utterance` returned since is stale."""
    ENDED = "ended"
    """They have said what they wanted."""


PERSISTENCE: Seconds = 0.4
"""How much voiced sound tells speech from a cough (issue 4 of the design, LiveKit's 0.5 s minus our start of 0.1 s)."""
PAUSE: Seconds = 0.2
"""How much silence is a pause. Silence within words, before a plosive, stays below. It is also when smart-turn tells most: of 12
questions cut in the middle of the voice flite slt it took 4 for finished after 0.2 s of silence, and 11 after 0.6 s."""
UNJUDGED_SILENCE: Seconds = 0.7
"""How much silence ends an utterance of which nobody can tell whether it is finished."""
FINISHED = 0.5
"""From which likelihood it does; smart-turn's own limit."""


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
        self.held = False
        """Whether a button is held while somebody speaks: then no silence ends it."""
        self._paused = False
        self._voiced = 0.0
        self._silent = 0.0
        self._end_silence = UNJUDGED_SILENCE
        """How much silence ends the utterance, as far as is known by now."""

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
        self._speaking, self.persisted = True, False
        self._resume()
        self._sound = list(self._before)
        self._before.clear()
        return [Voice.STARTED]

    def _hear_speech(self, block: AudioBlock, probability: float) -> list[Voice]:
        self._sound.append(block.samples)
        events: list[Voice] = []
        if probability < self._config.stop_probability:
            self._silent += BLOCK_SECONDS
        elif probability >= self._config.start_probability:
            self._voiced += BLOCK_SECONDS
            if self._paused:
                events.append(Voice.RESUMED)
            self._resume()
        if not self.persisted and self._voiced >= PERSISTENCE:
            self.persisted = True
            events.append(Voice.PERSISTED)
        if not self._paused and self._silent >= PAUSE:
            self._paused = True
            events.append(Voice.PAUSED)
        longest = len(self._sound) * BLOCK_SECONDS >= self._config.longest
        if longest or (self._silent >= self._end_silence and not self.held):
            self.finish()
            events.append(Voice.ENDED)
        return events

    def finish(self) -> bool:
        """Take what is being said for ended, whatever silence there was; return whether anything was being said."""
        speaking, self._speaking, self._voiced = self._speaking, False, 0.0
        return speaking

    def _resume(self) -> None:
        self._paused, self._silent = False, 0.0
        self.judged(None)

    def judged(self, finished: float | None) -> None:
        """Take in how likely, 0 to 1, what was said until the pause of now is all; None where that cannot be told."""
        if finished is None:
            self._end_silence = max(UNJUDGED_SILENCE, self._config.end_silence)
        else:
            self._end_silence = self._config.end_silence if finished >= FINISHED else self._config.longest_pause

    @property
    def silence(self) -> Seconds:
        """How long nobody has spoken, since the last voiced sound of what is being said or has just ended."""
        return self._silent

    def utterance(self) -> Utterance:
        """Return what is being said, as far as it was heard, or what has just ended."""
        return Utterance(np.concatenate(self._sound), self._received * BLOCK_SECONDS - self._silent, self._silent)

    def reset(self, before: Iterable[Samples] = ()) -> None:
        """Forget what is being said, as after a stretch of sound that was not listened to.

        Args:
            before: Blocks that lie in front of what comes next all the same.
        """
        self._before.clear()
        self._before.extend(before)
        self._sound = []
        self._speaking = self.persisted = False
        self._voiced = 0.0
        self._resume()


def joined(first: Utterance, second: Utterance) -> Utterance:
    """Return one utterance of two halves, when somebody went on after a pause."""
    return Utterance(np.concatenate([first.samples, second.samples]), second.ended_at, second.silence, continues=True)

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
from assistant.turn.loudness import Loudness
from assistant.turn.thought import Thought
from assistant.types import BLOCK_SECONDS, AudioBlock, Samples, Seconds, Utterance


class Voice(enum.Enum):
    """What a block of sound means for the conversation."""

    STARTED = "started"
    """Somebody began to speak."""
    PERSISTED = "persisted"
    """They have spoken for so long that it is no cough, and about as loud as whoever asks: they mean it. It may come late."""
    PAUSED = "paused"
    """They are silent, perhaps because they have finished: `Endpoint.judged` may be told what tells so."""
    RESUMED = "resumed"
    """They had only paused: what `Endpoint.utterance` returned since is stale."""
    ENDED = "ended"
    """They have said what they wanted."""


PERSISTENCE: Seconds = 0.3
"""How much voiced sound tells speech from a cough. With what Silero takes to notice it, half of those who talk over an answer stop
it within 0.34 s of their onset, 95 of 100 within 0.46 s; 0.4 s of voiced sound would take 0.43 and 0.61 s, and shut out no more: in
90 computed coughs, throats and sneezes Silero found no voice at all."""
PAUSE: Seconds = 0.2
"""How much silence is a pause. Silence within words, before a plosive, stays below. It is also when smart-turn tells most: of 12
questions cut in the middle of the voice flite slt it took 4 for finished after 0.2 s of silence, and 11 after 0.6 s."""
UNJUDGED_SILENCE: Seconds = 0.7
"""How much silence ends an utterance of which nobody can tell whether it is finished."""
DOUBT: Seconds = 0.35
"""How much longer it lasts where it does not sound finished at all. That tells little: cut in the middle, fluent speech of recorded
people was finished for smart-turn 36 times of 56, and at its end 25 times of 28; synthetic voices are no better."""
SHORTEST_WHOLE: Seconds = 0.55
"""So much voiced sound has a whole question at least: of shorter ones Whisper writes "What is it" for what is "What is"."""


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
        """Whether the utterance of now, or the last one, is too long for a cough, however loud it is."""
        self.meant = False
        """Whether it was told that it persisted."""
        self.held = False
        """Whether a button is held while somebody speaks: then no silence ends it."""
        self._loudness = Loudness()
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
        if probability < self._config.start_probability:
            self._voiced = 0.0
            return []
        if not self._voiced:
            self._loudness.begin()
        self._voiced += BLOCK_SECONDS
        self._loudness.hear(block)
        if self._voiced < self._config.start_voiced:
            return []
        self._speaking, self.persisted, self.meant = True, False, False
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
            self._loudness.hear(block)
            if self._paused:
                events.append(Voice.RESUMED)
            self._resume()
        self.persisted = self._voiced >= PERSISTENCE
        if self.persisted and not self.meant and self._loudness.near:
            self.meant = True
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

    def answered(self) -> None:
        """Take what has just ended for the voice of the person who asks: it is what an interruption is as loud as."""
        self._loudness.keep()

    def _resume(self) -> None:
        self._paused, self._silent = False, 0.0
        self.judged(None)

    def judged(self, finished: float | None, words: Thought = Thought.OPEN) -> None:
        """Take in what tells whether what was said until the pause of now is all.

        Args:
            finished: How likely it is by its sound, 0 to 1; None where that cannot be told.
            words: What its words look like.
        """
        if finished is None:
            self._end_silence = max(UNJUDGED_SILENCE, self._config.end_silence)
            return
        if words is Thought.WHOLE and self._voiced < SHORTEST_WHOLE:
            words = Thought.OPEN
        shortest = {
            Thought.WHOLE: self._config.end_silence,
            Thought.OPEN: max(self._config.open_silence, self._config.end_silence),
            Thought.BROKEN_OFF: self._config.longest_pause,
        }[words]
        self._end_silence = min(shortest + DOUBT * (1 - finished), self._config.longest_pause)

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

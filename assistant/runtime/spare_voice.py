"""What can be said even when the voice has failed: sentences it spoke into memory while it could."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from assistant.errors import (
    AssistantError,
    CameraLost,
    ContextFull,
    HearingFailed,
    MicrophoneLost,
    OutOfMemory,
    VisionFailed,
    VoiceFailed,
)
from assistant.ports import Voice
from assistant.turn.prompts import HEARING_AGAIN, NOTHING_HEARD, STILL_LOOKING
from assistant.types import Language, Manner, Sentence, SpeechChunk

_log = logging.getLogger(__name__)

_ERRORS = (VoiceFailed, CameraLost, MicrophoneLost, HearingFailed, VisionFailed, OutOfMemory, ContextFull, AssistantError)
"""What can go wrong while a conversation runs, the voice first: whatever else fails, it is the one that takes the words away."""


def spare_sentences(language: Language) -> list[Sentence]:
    """Return what may have to be said without a voice; some 40 seconds, 2 MB at 22050 samples a second."""
    errors = [error("").spoken(language) for error in _ERRORS]
    notices = [notice[language] for notice in (STILL_LOOKING, NOTHING_HEARD, HEARING_AGAIN)]
    return [Sentence(text, language) for text in (*errors, *notices)]


class SpareVoice:
    """Speaks as its voice does; where that fails, from memory, if it has learnt the sentence. `assistant.ports.Voice`.

    Args:
        voice: Belongs to somebody else, who closes it.
        sentences: What is to be learnt, in this order.
    """

    def __init__(self, voice: Voice, sentences: Sequence[Sentence]) -> None:
        self._voice = voice
        self._learnt: dict[Sentence, list[SpeechChunk]] = {}
        self.unlearnt = list(sentences)
        """What is still to be learnt."""

    def learn(self, manner: Callable[[Language], Manner]) -> None:
        """Learn the next sentence. Takes as long as the voice needs to speak it into memory.

        Args:
            manner: How one in its language is to be spoken.

        Raises:
            VoiceFailed: The voice cannot speak it; it is not tried again.
        """
        sentence = self.unlearnt.pop(0)
        self._learnt[sentence] = list(self._voice.speak(sentence, manner(sentence.language)))

    def variants(self, language: Language) -> Sequence[str]:
        """Return those of the voice."""
        return self._voice.variants(language)

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence; from its beginning again if the voice fails in the middle of it.

        Raises:
            VoiceFailed: The voice cannot speak it, and it was not learnt.
        """
        try:
            yield from self._voice.speak(sentence, manner)
        except VoiceFailed as error:
            if sentence not in self._learnt:
                raise
            _log.warning("spoken from memory, for the voice failed: %s", error.detail)
            yield from self._learnt[sentence]

    def close(self) -> None:
        """Forget what was learnt."""
        self._learnt.clear()

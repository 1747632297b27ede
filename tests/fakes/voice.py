"""A voice that hums."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from assistant.errors import VoiceFailed
from assistant.types import Language, Manner, Sentence, SpeechChunk


class FakeVoice:
    """Hums a fixed time for every word, one chunk a word; a text without spaces is one word.

    Args:
        samples_per_word: The length of a word.
        sample_rate: The default makes a word 0.1 s long.
        fails_at: The numbers, from 0, of the sentences that raise `VoiceFailed`.
    """

    def __init__(self, samples_per_word: int = 1600, sample_rate: int = 16_000, fails_at: Collection[int] = ()) -> None:
        seconds = np.arange(samples_per_word) / sample_rate
        self._word = SpeechChunk((8000 * np.sin(2 * np.pi * 200 * seconds)).astype(np.int16), sample_rate)
        self._fails_at = fails_at
        self.spoken: list[Sentence] = []
        """The sentences that were begun, also those that failed or were not listened to the end."""
        self.manners: list[Manner] = []
        """In which they were to be spoken."""
        self.closed = False

    def variants(self, language: Language) -> Sequence[str]:
        return (f"{language}-deep", f"{language}-bright")

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        number = len(self.spoken)
        self.spoken.append(sentence)
        self.manners.append(manner)
        if number in self._fails_at:
            raise VoiceFailed(f"The script says that sentence {number} fails")
        for _ in sentence.text.split():
            yield self._word

    def close(self) -> None:
        self.closed = True

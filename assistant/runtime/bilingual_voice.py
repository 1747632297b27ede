"""A voice of its own for each language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.ports import Voice
from assistant.types import Language, Manner, Sentence, SpeechChunk


class BilingualVoice:
    """Speaks English sentences with one voice and Chinese ones with another; a quotation is spoken by its sentence's voice.

    Args:
        english: Closed with this one.
        chinese: Closed with this one.
    """

    def __init__(self, english: Voice, chinese: Voice) -> None:
        self._voices: dict[Language, Voice] = {"en": english, "zh": chinese}

    def variants(self, language: Language) -> Sequence[str]:
        """Return the variants of that language's voice."""
        return self._voices[language].variants(language)

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield what that language's voice makes of the sentence.

        Raises:
            VoiceFailed: It cannot speak it.
        """
        return self._voices[sentence.language].speak(sentence, manner)

    def close(self) -> None:
        """Close both."""
        for voice in self._voices.values():
            voice.close()

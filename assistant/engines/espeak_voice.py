"""The espeak-ng voice.

A blocking call speaks one *piece* of a sentence, cut where espeak itself pauses. That is streaming enough: a piece was computed in
3 to 20 ms on two busy cores (53 ms for 160 Chinese characters without a comma), 2000 words at once took 0.6 to 1.2 s. Between the
pieces nothing runs, so abandoning a text takes no time and needs no worker thread to be stopped; and the lock around espeak's
global state is never held while somebody listens. Cutting at clauses is not heard: 100 clauses lasted 96.45 s, uncut 96.44 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from assistant.config import EspeakVoiceConfig
from assistant.espeak import espeak
from assistant.types import Language, Manner, Sentence, SpeechChunk

_VARIANTS: Mapping[Language, Sequence[str]] = {
    "en": ("en-us", "en", "en-us+f3", "en+f3"),
    "zh": ("cmn", "cmn+f3"),
}
"""espeak's own names: "en" is British, +f3 its third woman's timbre."""

_PIECE = re.compile(
    r""".{1,160}(?:[.,;:!?]["')”’]*\s|[。，；：！？、][”’）》]*|$)"""  # up to the last pause in reach,
    r"|.{1,160}\s|.{1,160}"  # or to the end of a word, or anywhere
)
# en-us reads 出口 as "Chinese letter, Chinese letter"; signs are quoted in English answers, so cmn reads them.
_CHINESE = re.compile(r"""([\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+[\s.,;:!?"')”’]*)""")


class EspeakVoice:
    """Speaks with espeak-ng: English with its voices `en-us` and `en` (British), Chinese with `cmn`.

    Voices of different settings may live side by side and speak from any thread.

    Raises:
        VoiceFailed: espeak-ng or its data cannot be loaded.
    """

    def __init__(self, config: EspeakVoiceConfig) -> None:
        self._config = config
        self._espeak = espeak()

    def variants(self, language: Language) -> Sequence[str]:
        """Return espeak's own names of voices for a language."""
        return _VARIANTS[language]

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        """Yield the spoken sentence in chunks of at most 100 ms, at 22050 samples a second."""
        pieces = _pieces(sentence, manner.variant)
        for number, (voice, text) in enumerate(pieces, start=1):
            # A piece that was cut off in the middle of a clause runs on into the next.
            pause = number == len(pieces) or not text.rstrip()[-1].isalnum()
            sounds = self._espeak.synthesise(
                text, voice, rate=manner.rate, volume=self._config.volume, pitch=self._config.pitch, pause=pause
            )
            for sound in sounds:
                yield SpeechChunk(np.frombuffer(sound, dtype=np.int16), self._espeak.sample_rate)

    def close(self) -> None:
        """Do nothing: the library stays, for other voices of this process (1 MB)."""


def _pieces(sentence: Sentence, variant: str) -> list[tuple[str, str]]:
    """Cut a sentence into (espeak voice, text). Control characters, with which espeak can be commanded, become spaces."""
    text = "".join(character if character.isprintable() else " " for character in sentence.text)
    runs = [text] if sentence.language == "zh" else _CHINESE.split(text)  # cmn reads English words by itself
    default, *_ = variants = _VARIANTS[sentence.language]
    voice = variant if variant in variants else default
    return [
        (_VARIANTS["zh"][0] if number % 2 else voice, piece)
        for number, run in enumerate(runs)
        for piece in _PIECE.findall(run)
        if piece.strip()
    ]

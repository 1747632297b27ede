"""How much of an answer reached the person's ear, so that only that is remembered."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence

from assistant.turn.speakable import speakable
from assistant.types import Seconds, Sentence

_WORDS = re.compile(r"[\u3400-\u9fff][。，！？；：、]*|[^\s\u3400-\u9fff]+\s*")
"""A Chinese character, or a word, with what follows it."""
_AFTER_CHINESE = re.compile(r"(?<=[。！？；，：]) ")


def heard_text(spoken: Sequence[tuple[Sentence, Seconds]], played: Seconds) -> str:
    """Return the words heard when `played` seconds of the spoken sentences, each with its length, had sounded.

    The words are the written ones: "$12.50" is heard once all of "twelve dollars fifty" has sounded. Within a sentence the spoken
    words are taken to be equally long: good to a word or so.
    """
    heard: list[str] = []
    for sentence, seconds in spoken:
        if 0 < seconds <= played:
            heard.append(sentence.text)
        elif 0 < played < seconds:
            heard.append(_beginning(sentence, played / seconds))
        played -= seconds
    return joined(heard)


def joined(texts: Sequence[str]) -> str:
    """Return sentences as one text; between Chinese ones there is no space."""
    return _AFTER_CHINESE.sub("", " ".join(filter(None, texts)))


def heard_whole(spoken: Sequence[tuple[Sentence, Seconds]], played: Seconds) -> int:
    """Return how many of the sentences were heard to their end, when `played` seconds of them had sounded."""
    ends = itertools.accumulate(seconds for _, seconds in spoken)
    return sum(end <= played for end in ends)


def _beginning(sentence: Sentence, share: float) -> str:
    """Return the written words whose spoken ones are in the first `share` of the spoken sentence."""
    words = _WORDS.findall(sentence.text)
    beginnings = ["".join(words[:count]) for count in range(len(words) + 1)]
    lengths = [_spoken_words(dataclasses.replace(sentence, text=beginning)) for beginning in beginnings]
    return max((text for text, length in zip(beginnings, lengths, strict=True) if length <= lengths[-1] * share), key=len).strip()


def _spoken_words(sentence: Sentence) -> int:
    return len(_WORDS.findall(speakable(sentence).text))

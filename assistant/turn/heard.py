"""How much of an answer reached the person's ear, so that only that is remembered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.types import Seconds, Sentence

_WORDS = re.compile(r"[\u3400-\u9fff][。，！？；：、]*|[^\s\u3400-\u9fff]+\s*")
"""A Chinese character, or a word, with what follows it."""


def heard_text(spoken: Sequence[tuple[Sentence, Seconds]], played: Seconds) -> str:
    """Return the words heard when `played` seconds of the spoken sentences, each with its length, had sounded.

    Within a sentence the words are taken to be equally long: good to a word or so.
    """
    heard: list[str] = []
    for sentence, seconds in spoken:
        if 0 < seconds <= played:
            heard.append(sentence.text)
        elif 0 < played < seconds:
            words = _WORDS.findall(sentence.text)
            heard.append("".join(words[: int(len(words) * played / seconds)]).strip())
        played -= seconds
    return " ".join(filter(None, heard))

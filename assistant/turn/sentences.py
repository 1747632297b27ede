"""Cutting an answer into sentences while it is being written, so that each is spoken as soon as it is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.types import Language, Sentence

_ABBREVIATIONS = frozenset({"mr", "mrs", "ms", "dr", "st", "no", "vs", "etc", "e.g", "i.e", "approx", "prof", "jr", "sr", "ca"})
_END = re.compile(r"[。！？；\n]|[.!?]+[\"')\]]*(?=\s)")
"""Chinese marks end a sentence at once; Latin ones only before a space, for "3.5" and "e.g." go on."""
_LAST_WORD = re.compile(r"([\w.]+)\.$")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MARKUP = re.compile(r"\*\*|__|`+|^\s*(?:[#>*•-]+)\s+|(?<!\w)[*_]|[*_](?!\w)", re.MULTILINE)
_SYMBOLS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d]")


class SentenceSplitter:
    """Takes an answer piece by piece and gives its sentences, without markup."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, text: str) -> Iterator[Sentence]:
        """Take the next piece; yield the sentences it completes."""
        self._text += text
        start = 0
        for end in _END.finditer(self._text):
            sentence = self._text[start : end.end()]
            if _goes_on(sentence):
                continue
            start = end.end()
            yield from _spoken(sentence)
        self._text = self._text[start:]

    def flush(self) -> Iterator[Sentence]:
        """Yield what is left when the answer has ended."""
        rest, self._text = self._text, ""
        yield from _spoken(rest)


def language_of(text: str) -> Language:
    """Tell the language of a text by its script."""
    return "zh" if _CHINESE.search(text) else "en"


def _goes_on(sentence: str) -> bool:
    """Tell whether a full stop ends only an abbreviation or an initial."""
    word = _LAST_WORD.search(sentence)
    return word is not None and (word[1].lower() in _ABBREVIATIONS or (len(word[1]) == 1 and word[1].isalpha() and word[1] != "I"))


def _spoken(text: str) -> Iterator[Sentence]:
    """Yield a sentence without markdown and emoji; nothing where only marks are left."""
    plain = " ".join(_SYMBOLS.sub(" ", _MARKUP.sub("", text)).split())
    if any(c.isalnum() for c in plain):
        yield Sentence(plain, language_of(plain))

"""Cutting an answer into sentences while it is being written, so that each is spoken as soon as it is complete.

Speech should start early and never stall, so a long sentence is cut at its clauses: the first piece has a few words, and each
further one may be twice as long as the one before, because it is written while that one is heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.turn.markdown import begins_item, unmarked
from assistant.types import Language, Sentence

_GO_ON = frozenset({"mr", "mrs", "ms", "dr", "st", "vs", "e.g", "i.e", "approx", "prof", "ca", "fig", "mt"})
"""Abbreviations that never end a sentence."""
_MAY_END = frozenset({"etc", "jr", "sr", "inc", "ltd", "co"})
"""Abbreviations that end one if a capital follows, as letters with full stops do."""
_STOP = re.compile(r"([\w.]*?)(\.{2,}|…+|[.!?]+)[\"')\]”’]*\s+$")
"""A mark that may end a sentence, behind its last word; only before a space, for "3.5" goes on."""
_LETTERS = re.compile(r"(?:[a-z]\.)+[a-z]")
"""As in "p.m." and "U.S."."""
_LIST_NUMBER = re.compile(r"\s*\d{1,2}\.\s+")
_CLAUSE = re.compile(r"(?<!\d)[,;:—–]\s|[,;:—–]\s(?!\d)|，|(?<!\d)：|：(?!\d)")
"""Where a long sentence may be cut, but for "November 23, 2026"."""
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\s\u3400-\u9fff]+\s")
_CHINESE_CHARACTERS_PER_WORD = 2
_FIRST_WORDS = 3
"""Words of the first piece, at least."""
_MOST_WORDS = 24
"""Words from which any later sentence is cut, too: eight seconds of speech, and a neural voice computes a piece as a whole."""
_WORDS_AFTER = 2
"""Words that must follow a cut, at least: what has almost ended is not cut."""


class SentenceSplitter:
    """Takes an answer piece by piece and gives its sentences, without markup. How it is cut into pieces makes no difference."""

    def __init__(self) -> None:
        self._text = ""
        self._least = _FIRST_WORDS
        self._item = 0
        self._at_line_start = True

    def feed(self, text: str) -> Iterator[Sentence]:
        """Take the next piece; yield the sentences it completes."""
        for character in text:
            self._text += character
            end = _sentence_end(self._text) or _clause_end(self._text, self._least)
            if end:
                yield from self._cut(end)

    def flush(self) -> Iterator[Sentence]:
        """Yield what is left when the answer has ended."""
        yield from self._cut(len(self._text))

    def _cut(self, end: int) -> Iterator[Sentence]:
        """Yield the text up to `end`; nothing where only marks are left."""
        text, self._text = self._text[:end], self._text[end:]
        item = self._item_begun(text)
        self._at_line_start = text.endswith("\n")
        plain = unmarked(text)
        if any(c.isalnum() for c in plain):
            self._least = min(2 * self._least, _MOST_WORDS)
            yield Sentence(plain, language_of(plain), item)

    def _item_begun(self, text: str) -> int:
        """Return which item of a bulleted list a piece begins, from 1; 0 if none. Lists in lists are not counted."""
        if not self._at_line_start or not text.strip():
            return 0
        if not begins_item(text):
            self._item = 0
            return 0
        if text[:2].isspace():
            return 0
        self._item += 1
        return self._item


def split(text: str) -> list[Sentence]:
    """Return the sentences of a text that is there as a whole."""
    splitter = SentenceSplitter()
    return [*splitter.feed(text), *splitter.flush()]


def language_of(text: str) -> Language:
    """Tell the language of a text by its script."""
    return "zh" if _CHINESE.search(text) else "en"


def _sentence_end(text: str) -> int:
    """Return where the sentence ends that the last character of a text completes; 0 if it completes none."""
    before, last = text[:-1], text[-1]
    if last == "\n" or (last in "。！？；" and not _in_quotation(text)):
        return len(text)
    if last.isspace():
        return len(text) if _ends(text, "") else 0
    if before.endswith(("。", "！", "？", "；")):  # within a quotation, whose closing mark belongs to the sentence
        return len(text) if last in "”’」』" else len(before)
    touching = before.endswith((".", "!", "?")) and _CHINESE.match(last)
    return len(before) if touching or (before[-1:].isspace() and _ends(before, last)) else 0


def _ends(text: str, following: str) -> bool:
    """Tell whether a text that ends with a space ends a sentence.

    Args:
        text: A sentence's beginning, or the whole of it.
        following: The character that follows; empty while it is not there. What depends on it is no end until then.
    """
    stop = _STOP.search(text)
    if stop is None or _LIST_NUMBER.fullmatch(text):
        return False
    word, mark = stop[1].lower(), stop[2]
    if len(mark) > 1 and mark[0] in ".…":
        return following != "" and not following.islower()
    if mark == "." and word == "no":
        return following != "" and not following.isdigit()
    if mark == "." and (word in _MAY_END or (_LETTERS.fullmatch(word) and word not in _GO_ON)):
        return following.isupper() or _CHINESE.match(following) is not None
    initial = len(word) == 1 and word.isalpha() and stop[1] != "I"
    return following == "" and not (mark == "." and (word in _GO_ON or initial))


def _in_quotation(text: str) -> bool:
    return any(text.count(opening) > text.count(closing) for opening, closing in ("“”", "「」", "『』"))


def _clause_end(text: str, least: int) -> int:
    """Return where the first piece ends that has at least so many words and after which the sentence goes on; 0 without one."""
    if not (text[-1].isspace() or _CHINESE.match(text[-1])):
        return 0
    for clause in _CLAUSE.finditer(text):
        end = clause.end()
        if text.count("[", 0, end) > text.count("]", 0, end):
            continue  # within a link
        if _words(text[:end]) >= least and _words(text[end:]) >= _WORDS_AFTER:
            return end
    return 0


def _words(text: str) -> float:
    return len(_WORD.findall(text)) + len(_CHINESE.findall(text)) / _CHINESE_CHARACTERS_PER_WORD

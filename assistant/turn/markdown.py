"""The plain words of what a model writes with markup for the eye."""

from __future__ import annotations

import html
import re

_MARKS = re.compile(
    r"\*\*|__|~~|(?<!`)`{1,2}(?!`)"
    r"|^\s*(?:[#>*•-]+)\s+"  # headings, quotations, list items
    r"|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)",  # emphasis; "5 * 3" is none
    re.MULTILINE,
)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d\u20e3]")
_ITEM = re.compile(r"\s*[-*•]\s+")
_FENCE = re.compile(r"(?:```|~~~)\s*\w*")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*\)|<(https?://[^<>\s]*)>")
_TAG = re.compile(
    r"</?(?:a|b|br|div|em|h[1-6]|hr|i|img|li|ol|p|span|strong|sub|sup|table|td|th|tr|u|ul)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_KEY = re.compile(r"(?<=[{,\s])\"([\w ]+)\"\s*:|^\"([\w ]+)\"\s*:")
_BRACES = re.compile(r"[{}\[\]]")


def unmarked(text: str) -> str:
    """Return a line without headings' and lists' marks, emphasis and emoji; every letter and digit stays."""
    return " ".join(_EMOJI.sub(" ", _MARKS.sub("", text)).split())


def begins_item(text: str) -> bool:
    """Tell whether a line is an item of a bulleted list."""
    return _ITEM.match(text) is not None


def words_of(text: str) -> str:
    """Return what is to be read of a line: a link's label without its address, a table's cells, JSON without its braces."""
    text = _LINK.sub(lambda link: link[1] or link[2] or " ", html.unescape(_FENCE.sub("", text)))
    text = _KEY.sub(lambda key: f"{(key[1] or key[2]).replace('_', ' ')}:", _TAG.sub(" ", text))
    return _BRACES.sub(" ", unmarked(text)).strip("| ")

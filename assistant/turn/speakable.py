"""What a person says where a model writes: no markup, no symbols, numbers in words.

The voices differ in what they make of "$12.50" or "3-5 km", and none is right everywhere, so they are given words alone. What is
remembered of an answer stays as the model wrote it (`assistant.turn.heard`).

Of the libraries for this, nemo_text_processing and WeTextProcessing need pynini. wetext 0.1.8 (46 MB) fails with an AssertionError
on "#5", "50¢" and "+49 30 12345678", guesses that 03/04/2026 is in March, and says 1980s as seconds. voxnorm 0.5.1, young and
careful, leaves ranges, fractions and most units as they are written.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Mapping

from assistant.turn import speakable_chinese, speakable_english
from assistant.turn.markdown import words_of
from assistant.turn.notation import Rule
from assistant.turn.numerals import chinese_cardinal, ordinal
from assistant.types import Language, Sentence

_RULES: Mapping[Language, tuple[Rule, ...]] = {"en": speakable_english.RULES, "zh": speakable_chinese.RULES}
_WIDE = "％＋－／＝＠＃＆＄＜＞＊０１２３４５６７８９"
_PLAIN_SIGNS: Mapping[int, str] = {
    **{ord(sign): chr(ord(sign) - 0xFEE0) for sign in _WIDE},
    **{0x2460 + number: f" {number + 1} " for number in range(20)},  # ① to ⑳
    **str.maketrans({"￥": "¥", "’": "'", "‘": "'", "½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4"}),
}
_SITE_PATH = r"(?::[0-9]+)?(?:[/?#][^\s\u3000-\u9fff，。]*[A-Za-z0-9/=])?"
_ADDRESS = re.compile(
    r"(?P<mail>[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
    rf"|(?:https?://(?:www\.)?|www\.)(?P<site>[A-Za-z0-9.-]*[A-Za-z0-9]){_SITE_PATH}"
    r"|(?<![A-Za-z0-9.@-])(?P<name>(?:[A-Za-z0-9-]+\.)+(?:com|org|net|edu|gov|info|io|cn|uk|de|eu|app|dev))(?![A-Za-z0-9])"
    rf"{_SITE_PATH}"
)
_ADDRESS_SIGNS: Mapping[Language, Mapping[str, str]] = {
    "en": {".": " dot ", "@": " at ", "-": " dash ", "_": " underscore ", "+": " plus "},
    "zh": {".": "点", "@": "艾特", "-": "横杠", "_": "下划线", "+": "加"},
}
_LIST_NUMBER = re.compile(r"^\s*[(（]?([0-9]{1,2})(?:[.)]\s+|[、）．.)](?=[\u3400-\u9fff]))(?=\S)")
_PAUSING = re.compile(r"\s*(?:[(（)）•·|]|[-–—]{2,}|[–—]|\s-\s)\s*")
_MARKS = ",.;:!?…，。；：！？、"
"""What voices understand; all other marks are silent."""
_MARKS_IN_A_ROW = re.compile(rf" ?[{_MARKS}](?: ?[{_MARKS}])+| [{_MARKS}]|…")
_NOT_WITHIN_WORD = re.compile(r"(?<![^\W\d_])['-]|['-](?![^\W\d_])")
_NEXT_TO_CHINESE = re.compile(r"(?<=[\u3400-\u9fff，。；：！？、])\s+|\s+(?=[\u3400-\u9fff，。；：！？、])")


def speakable(sentence: Sentence) -> Sentence:
    """Return a sentence as it is to be spoken, without digits, markup and symbols; an empty text where nothing is to be said."""
    language = sentence.language
    text = words_of(sentence.text).translate(_PLAIN_SIGNS)
    text = _LIST_NUMBER.sub(lambda number: _item(int(number[1]), language), text)
    text = _ADDRESS.sub(lambda address: _address(address, language), text)
    for pattern, said in _RULES[language]:
        text = pattern.sub(lambda match, said=said: f" {said(match)} ", text)  # type: ignore[misc]
    comma, stop = ("，", "。") if language == "zh" else (",", ".")
    text = _tidy(text, comma, stop)
    if not any(character.isalnum() for character in text):
        return dataclasses.replace(sentence, text="", item=0)
    if sentence.item:
        text = _item(sentence.item, language) + text
    return dataclasses.replace(sentence, text=text + (stop if text[-1].isalnum() else ""), item=0)


def _item(number: int, language: Language) -> str:
    return f"第{chinese_cardinal(number)}，" if language == "zh" else f"{ordinal(number).capitalize()}, "


def _address(address: re.Match[str], language: Language) -> str:
    """Return an e-mail address whole, and of a web address the site."""
    signs = _ADDRESS_SIGNS[language]
    text = address["mail"] or address["site"] or address["name"]
    spelled = re.sub("[0-9]", r" \g<0> ", text)
    return f" {''.join(signs.get(character, character) for character in spelled)} "


def _tidy(text: str, comma: str, stop: str) -> str:
    """Return the text with pauses for brackets and dashes, one mark where there are several, and no sign that is not said."""
    text = _PAUSING.sub(f"{comma} ", text).replace(",", comma)
    text = "".join(c if c in _MARKS or c in "'-" or unicodedata.category(c)[0] in "LMN" else " " for c in text)
    text = " ".join(_NOT_WITHIN_WORD.sub(" ", text).split())
    text = _MARKS_IN_A_ROW.sub(lambda marks: _one_of(marks, comma, stop), text)
    return _NEXT_TO_CHINESE.sub("", " ".join(text.split())).lstrip(_MARKS + " ")


def _one_of(marks: re.Match[str], comma: str, stop: str) -> str:
    """Return the mark that counts; an ellipsis is a pause within a sentence, and a full stop at its end."""
    if any(dots in marks[0] for dots in ("..", "。。", "…")):
        return f"{comma} " if marks.end() < len(marks.string) else stop
    return (
        next((mark for mark in marks[0] if mark in ".!?。！？"), next((mark for mark in marks[0] if mark in ";:；："), comma)) + " "
    )

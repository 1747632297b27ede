"""Spelling: what is said for "spell that", and what of an answer it is about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from assistant.turn.notation import table
from assistant.turn.numerals import chinese_digits, digits
from assistant.types import Language

_SIGNS: Mapping[Language, Mapping[str, str]] = {
    "en": table(
        ". dot | , comma | : colon | ; semicolon | - hyphen | – dash | / slash | @ at | _ underscore | ' apostrophe | ’ apostrophe"
        " | & and | + plus | # number sign | ( bracket | ) close bracket | € euro | ， comma | 。 full stop"
    ),
    "zh": table(
        ". 点 | , 逗号 | ， 逗号 | 、 顿号 | 。 句号 | : 冒号 | ： 冒号 | ; 分号 | - 横杠 | – 横杠 | / 斜杠 | @ 艾特"
        " | _ 下划线 | ' 撇号 | ’ 撇号 | & 和 | + 加 | = 等号 | * 星号 | # 井号 | % 百分号 | ( 括号 | ) 右括号"
        " | （ 括号 | ） 右括号 | ! 感叹号 | ！ 感叹号 | ? 问号 | ？ 问号 | $ 美元 | € 欧元 | ¥ 元"
    ),
}
"""What signs are called; of others, Unicode's own names are used in English, and nothing in Chinese."""
_CAPITAL: Mapping[Language, str] = {"en": "capital ", "zh": "大写"}
_ALL_CAPITALS: Mapping[Language, str] = {"en": "all capitals", "zh": "全部大写"}
_NAME = re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER (SHARP )?([A-Z]+)(?: WITH (.+))?")

_NUMBERED = re.compile("[0-9]")
"""No name but a number in a table: of no use to anybody who listens."""

_QUOTED = re.compile(
    r"“([^”]+)”|\"([^\"]+)\"|「([^」]+)」|『([^』]+)』|《([^》]+)》|‘(.+?)’(?!\w)|(?<![\w'])'(.+?)'(?!\w)"  # Joe's is no quotation
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’.:/@_&+-]+[^\W_]+)*")
_PRONOUN = re.compile(r"I(?:['’].*)?$")
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LATIN_OR_NUMBER = re.compile("[0-9A-Za-zÀ-ɏ]+(?:[ .:/@_&+-]+[0-9A-Za-zÀ-ɏ]+)*")
_TELLING = re.compile(r".*(?:写着|写的是|上面写|叫做|名叫|叫|显示|[是：:])")


def spelled(text: str, language: Language) -> str:
    """Return how a text is spelled aloud: letter by letter, with a pause between them and a longer one between words.

    Letters stand as capitals, which every voice reads by their names ("a" may be an article). A word in capitals is announced once.
    Chinese characters are said one by one.
    """
    comma, stop = ("，", "。") if language == "zh" else (", ", ". ")
    words = (comma.join(said) for said in (_word(word, language) for word in unicodedata.normalize("NFC", text).split()) if said)
    sentences = [f"{word[0].upper()}{word[1:]}" for word in words]
    return stop.join(sentences) + stop.strip() if sentences else ""


def spellable(answer: str) -> str:
    """Return what of an answer somebody wants spelled who says "spell that".

    What it quotes, if it does. If not, its names and numbers: "It says Wörlitzer Park" asks for Wörlitzer Park. If there are none,
    what it tells at last: the last word, or in Chinese what comes after 是 or 写着.
    """
    quoted = ["".join(match.groups("")) for match in _QUOTED.finditer(answer)]
    if quoted:
        return " ".join(quoted)
    sentences = [sentence for sentence in _SENTENCE_END.split(answer) if _WORD.search(sentence)]
    if not sentences:
        return ""
    if _CHINESE.search(answer):
        found = [run for sentence in sentences for run in _LATIN_OR_NUMBER.findall(sentence)]
        return " ".join(found) or _TELLING.sub("", sentences[-1].rstrip("。！？.!? ")) or sentences[-1]
    names = [name for sentence in sentences for name in _names(_WORD.findall(sentence))]
    return " ".join(names) or _WORD.findall(sentences[-1])[-1]


def _word(word: str, language: Language) -> list[str]:
    """Return what is said for each character of a word."""
    letters = [character for character in word if character.isalpha() and not _CHINESE.match(character)]
    shouted = len(letters) > 1 and all(letter.isupper() for letter in letters)
    said = [_character(character, language, capitals=not shouted) for character in word]
    return [_ALL_CAPITALS[language]] * shouted + [each for each in said if each]


def _character(character: str, language: Language, *, capitals: bool) -> str:
    if character in _SIGNS[language]:
        return _SIGNS[language][character]
    if character.isdecimal():
        digit = str(unicodedata.decimal(character))
        return chinese_digits(digit) if language == "zh" else digits(digit)
    if _CHINESE.match(character):
        return character
    name = unicodedata.name(character, "")
    if latin := _NAME.fullmatch(name):
        letter = f"{(latin[1] or '').lower()}{latin[2]}" + (f" with {latin[3].lower()}" if latin[3] and language == "en" else "")
        return _CAPITAL[language] * (capitals and character.isupper()) + letter.replace("diaeresis", "two dots")
    return "" if language == "zh" or _NUMBERED.search(name) else name.lower()


def _names(words: list[str]) -> list[str]:
    """Return the words of a sentence that are names, numbers or addresses.

    The first word has a capital in any case: it counts only if the second word has one, too, or if it is more than that.
    """
    capital = [word[0].isupper() and not _PRONOUN.match(word) for word in words]
    sure = [any(c.isdigit() or c in "@./" for c in word) or (len(word) > 1 and word.isupper()) for word in words]
    first = [capital[1] if len(words) > 1 else False, *capital[1:]]
    return [word for number, word in enumerate(words) if sure[number] or (capital[number] and first[number])]

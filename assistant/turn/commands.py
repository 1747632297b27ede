"""Spoken commands, recognised in what was written down.

The whole utterance must be a command: nothing but politeness may stand around it, so that a question that contains the word "stop"
is a question. Within that, allowance is made for the recogniser. English may differ by a letter or two. Chinese is compared by
pinyin, of which Whisper picks the wrong character often: 别输了 is 别说了. What begins or sounds like a question has to
be exact, and what asks to read: "read the note" is not "read the code".

jellyfish counts the letters (0.9 MB; 250 wordings in pure Python would take milliseconds), pypinyin knows how characters are read.
jellyfish's metaphone was no better than letters: of 254 clean recordings 87 % against 88 %, and more questions taken for commands.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from jellyfish import levenshtein_distance
from pypinyin.pinyin_dict import pinyin_dict

from assistant.turn.command_wordings import AFTER, AROUND, BEFORE, WORDINGS, Command
from assistant.types import Language

__all__ = ["Command", "command_of", "help_text", "simplified", "sounds_like"]

Units: TypeAlias = tuple[str, ...]
"""English words, or Chinese characters."""

_LONGEST = 20
"""Units beyond which nothing is a command, however polite."""
_LETTERS_A_MISTAKE = 5
"""English letters that have to be right for each that may be wrong: "sheep" is not "sleep"."""
_MISTAKES = 2
"""Letters that may be wrong at most: "tell me everything here" asks for the picture, "tell me everything" for long answers."""
_SHORT = 2
"""Chinese characters that are too few for a wrong one: 水饺 (dumplings) is 睡觉 (sleep) but for its tones."""
_TONE, _LETTER, _OTHER = 1, 2, 99
"""How far apart two characters are: the same syllable in another tone; a letter of the syllable; all the rest."""

_READINGS = 2
"""How many readings of a character count, the commonest first: with the rare ones 其余 (the rest) is 继续 (go on)."""

_TONE_MARKS = re.compile("[\u0300\u0301\u0304\u030c]")
_CHINESE = re.compile("[\u3400-\u9fff]")
_UNITS: Mapping[Language, re.Pattern[str]] = {"en": re.compile(r"\w+"), "zh": re.compile("[a-z]+|[0-9]+|[^\\W_a-z0-9]")}
_SIMPLIFIED = str.maketrans(
    "請煩嗎謝幫給個慶輕您價錢總額讀從這裡單門鑰們導帶開誰幾說計產東尋頁",
    "请烦吗谢帮给个庆轻你价钱总额读从这里单门钥们导带开谁几说计产东寻页",
)
"""What politeness and requests are written with, and 您 as 你; wordings of commands are compared by their sound."""
_ASKING: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"(?:what|where|who|which|when|why|how|whose|is|are|am|was|were|do|does|did|has|have|had|can|could|should|would|will|may|read)s?\b"
    ),
    "zh": re.compile("[吗哪谁誰几幾呢什怎]|多少|有没有|是不是"),
}


def command_of(text: str) -> Command | None:
    """Return the command that is all of an utterance, as it was written down; None if it is anything else.

    Which language the recogniser took it for does not matter: about one word it is often wrong.
    """
    language: Language = "zh" if _CHINESE.search(text) else "en"
    units = _units(text, language)
    if len(units) > _LONGEST:
        return None
    near = _near_chinese if language == "zh" else _near_english
    distances: dict[Command, float] = {}
    for spoken in _without_politeness(units, language):
        for command, distance in near(spoken):
            if distance == 0:
                return command
            distances[command] = min(distance, distances.get(command, distance))
    nearest = [command for command, distance in distances.items() if distance == min(distances.values())]
    return nearest[0] if len(nearest) == 1 else None


def help_text(language: Language) -> str:
    """Return what is said when somebody asks for help: the commands, most useful first."""
    return _HELP[language]


def simplified(text: str) -> str:
    """Return a text with the simplified ones of the characters that are said to an assistant most."""
    return text.translate(_SIMPLIFIED)


def _units(text: str, language: Language) -> Units:
    plain = simplified(unicodedata.normalize("NFKC", text).casefold()).replace("'", "").replace("’", "")
    return tuple(_UNITS[language].findall(plain))


def _without_politeness(units: Units, language: Language) -> Iterator[Units]:
    """Yield the utterance, then with one phrase less at its beginning or end, and so on."""
    before, after, around = _POLITE[language]
    waiting = [units] if units else []
    for spoken in waiting:  # which grows meanwhile
        yield spoken
        shorter = [spoken[len(phrase) :] for phrase in before if spoken[: len(phrase)] == phrase]
        shorter += [spoken[: -len(phrase)] for phrase in after if spoken[-len(phrase) :] == phrase]
        shorter += [spoken[len(a) : -len(z)] for a, z in around if spoken[: len(a)] == a and spoken[-len(z) :] == z]
        waiting += [rest for rest in shorter if rest and rest not in waiting]


def _near_english(units: Units) -> Iterator[tuple[Command, float]]:
    """Yield the commands that it may be, with the share of wrong letters."""
    said = "".join(units)
    wrong = 0 if _ASKING["en"].match(units[0]) else min((len(said) - 1) // _LETTERS_A_MISTAKE, _MISTAKES)
    for length in range(len(said) - wrong, len(said) + wrong + 1):
        for wording, command in _BY_LENGTH["en"].get(length, ()):
            if (distance := levenshtein_distance(said, wording)) <= wrong:
                yield command, distance / len(said)


def _near_chinese(units: Units) -> Iterator[tuple[Command, float]]:
    """Yield the commands that it may be, with how far a character is from the right one in the mean."""
    asked = _ASKING["zh"].search("".join(units))
    furthest = 0 if asked else len(units) if len(units) > _SHORT else len(units) - 1
    for wording, command in _BY_LENGTH["zh"].get(len(units), ()):
        distance = sum(map(_apart, units, wording))
        if distance <= furthest:
            yield command, distance / len(units)


def sounds_like(heard: str, meant: str) -> bool:
    """Tell whether two characters may be the same syllable, in whatever tone; a recogniser often writes another one."""
    return _apart(heard, meant) <= _TONE


@functools.lru_cache(maxsize=1 << 14)
def _apart(heard: str, meant: str) -> int:
    """Return how far apart two characters sound, by those of their readings that are nearest."""
    (tones, syllables), (other_tones, other_syllables) = _readings(heard), _readings(meant)
    if tones & other_tones:
        return 0
    if syllables & other_syllables:
        return _TONE
    return _LETTER if any(levenshtein_distance(one, other) == 1 for one in syllables for other in other_syllables) else _OTHER


@functools.lru_cache(maxsize=1 << 12)
def _readings(unit: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the syllables that a character commonly stands for, with tones and without; what is no character stands for itself."""
    pinyin = pinyin_dict.get(ord(unit), unit) if len(unit) == 1 else unit
    tones = frozenset(pinyin.split(",")[:_READINGS])
    return tones, frozenset(_TONE_MARKS.sub("", unicodedata.normalize("NFD", syllable)) for syllable in tones)


def _phrases(phrases: Iterable[str], language: Language) -> frozenset[Units]:
    return frozenset(_units(phrase, language) for phrase in phrases)


_POLITE: Mapping[Language, tuple[frozenset[Units], frozenset[Units], frozenset[tuple[Units, Units]]]] = {
    language: (
        _phrases(BEFORE[language], language),
        _phrases(AFTER[language], language),
        frozenset((_units(begin, language), _units(end, language)) for begin, end in AROUND[language]),
    )
    for language in WORDINGS
}


def _by_length(language: Language) -> Mapping[int, list[tuple[str, Command]]]:
    """Return the wordings without spaces, by how many letters or characters they have."""
    result: dict[int, list[tuple[str, Command]]] = {}
    for command, wordings in WORDINGS[language].items():
        for wording in ("".join(_units(wording, language)) for wording in wordings):
            result.setdefault(len(wording), []).append((wording, command))
    return result


_BY_LENGTH: Mapping[Language, Mapping[int, list[tuple[str, Command]]]] = {language: _by_length(language) for language in WORDINGS}

_HELP: Mapping[Language, str] = {
    "en": (
        "Ask me about what is in front of the camera. Say read this, and I read the text there; next and back go from paragraph "
        "to paragraph. Say find the door, or whatever you look for, and beeps guide you there. Say keep describing, and I tell "
        "what is new until you say stop; only people, only text and everything again choose what. While I speak, say stop, and I "
        "am silent. Say repeat to hear it again, more "
        "to hear more, and spell that to hear the letters. Slower, faster, louder, quieter and another voice change how I speak; "
        "short answers, normal answers and full detail change how much I tell; clock directions and left and right, how I say "
        "where things are. Forget this takes back your last question, new conversation all of them. Go to sleep, and I don't "
        "listen until you say wake up. Speak Chinese, and I do. I measure, and answer at once, when you ask how bright is it, or "
        "what colour is this, and when you say scan the code. Say explain this figure for a chart. Say remember this as the "
        "reference, and later compare, and I tell what differs; forget the reference ends that. Say help to hear this again."
    ),
    "zh": (
        "您可以问我镜头前有什么。说读一下，我就读镜头前的文字；说下一段、上一段，可以一段一段地跳。说找一下门，或者别的东西，我用声音带您去找。说一直描述，我就不断告诉您新的情况，直到您说停；"
        "只说人、只说文字、全部都说，可以选说什么。我说话的时候，说停，我就不说了。说重复，我再说一遍；说继续，我多说一点；"
        "说怎么拼，我一个字一个字地说。慢一点、快一点、大声一点、小声一点、换个声音，可以改变我说话的方式；"
        "简短一点、正常回答、详细一点，可以改变我说多少；用钟点、用左右，可以改变我怎么说方向。"
        "说忘掉这个，我就忘掉上一个问题；说新对话，我就全部忘掉。"
        "说去睡觉，我就不再听，直到您说醒醒。说英文，我就说英文。"
        "亮不亮、这是什么颜色、扫一下码，我量一量就马上回答。说解释这张图，我讲解图表。"
        "说记住这个作参考，以后说比较，我告诉您哪里不一样；说忘掉参考就不比了。说帮助，可以再听一遍。"
    ),
}

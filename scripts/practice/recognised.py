"""A question as a speech recogniser writes it down: no capitals, little punctuation, small mistakes that leave its meaning."""

from __future__ import annotations

import random as random_module
import re

from assistant.types import Language

_MISHEARD = {
    "right": ("write", "rite"),
    "there": ("their", "they're"),
    "sign": ("sine", "signs"),
    "see": ("sea",),
    "here": ("hear",),
    "where": ("wear", "were"),
    "where's": ("wears",),
    "what's": ("what", "watts"),
    "your": ("you're",),
    "our": ("are",),
    "know": ("no",),
    "does": ("dose",),
    "read": ("reed",),
    "which": ("witch",),
    "stairs": ("stares",),
    "flower": ("flour",),
    "bread": ("bred",),
    "key": ("quay",),
    "for": ("four",),
    "is": ("his",),
    "whole": ("hole",),
}
_ZH_MISHEARD = {
    "在哪": "在那",
    "它": "他",
    "的": "得",
    "左边": "坐边",
    "右边": "又边",
    "在": "再",
    "吗": "嘛",
    "什么": "甚么",
    "颜色": "言色",
    "牌子": "排子",
    "请": "清",
    "里": "理",
    "是": "事",
    "几": "机",
    "远": "院",
    "近": "进",
    "看": "砍",
    "个": "各",
}
_FILLERS = ("um", "uh", "er", "like", "well")
_ZH_FILLERS = ("呃", "嗯", "那个", "啊", "就是")
_LONG = 7
"""Letters of a word long enough to bear a wrong one."""


def as_recognised(question: str, language: Language, random: random_module.Random) -> str:
    """Write a question as a speech recogniser might."""
    return _chinese(question, random) if language == "zh" else _english(question, random)


def _chinese(question: str, random: random_module.Random) -> str:
    if _chance(random, 0.8):
        question = re.sub("[，。？]", "", question)
    if _chance(random, 0.12):
        heard = [right for right in _ZH_MISHEARD if right in question]
        if heard:
            right = random.choice(heard)
            question = question.replace(right, _ZH_MISHEARD[right], 1)
    if _chance(random, 0.08):
        question = random.choice(_ZH_FILLERS) + question
    return question


def _english(question: str, random: random_module.Random) -> str:
    question = question.lower()
    if _chance(random, 0.8):
        question = re.sub("[,.?]", "", question)
    words = question.split()
    if _chance(random, 0.15):
        heard = [index for index, word in enumerate(words) if word in _MISHEARD]
        if heard:
            index = random.choice(heard)
            words[index] = random.choice(_MISHEARD[words[index]])
    if _chance(random, 0.5):
        words = [word.replace("'", "") for word in words]
    if _chance(random, 0.1):
        words = [word for word in words if word not in {"a", "an", "the"}]
    if _chance(random, 0.06):
        words = _with_one_repeated(words, random)
    if _chance(random, 0.06):
        words.insert(random.randrange(len(words)), random.choice(_FILLERS))
    if _chance(random, 0.06):
        words = _with_one_misspelt(words, random)
    return " ".join(words)


def _with_one_repeated(words: list[str], random: random_module.Random) -> list[str]:
    index = random.randrange(len(words))
    return [*words[: index + 1], *words[index:]]


def _with_one_misspelt(words: list[str], random: random_module.Random) -> list[str]:
    """Leave out or double one letter well inside one long word."""
    long = [index for index, word in enumerate(words) if len(word) >= _LONG]
    if not long:
        return words
    index = random.choice(long)
    word = words[index]
    at = random.randrange(2, len(word) - 2)
    misspelt = word[:at] + word[at + random.choice((1, -1)) :]
    return [*words[:index], misspelt, *words[index + 1 :]]


def _chance(random: random_module.Random, probability: float) -> bool:
    return random.random() < probability

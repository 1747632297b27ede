"""What an answer may never say where a mistake hurts: that it is safe, that the road is clear, that there are no nuts in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.turn.stakes import Stake
from assistant.types import Language, Sentence

_ALWAYS: Mapping[Language, str] = {
    "en": (
        r"\b(?:un)?safe(?:ly|ty)?\b|\bharmless\b|\b(?:no|without|out of) danger\b|\bnot dangerous\b|\bdon't worry\b"
        r"|\b(?:perfectly|totally|completely) (?:fine|ok(?:ay)?)\b"
    ),
    "zh": "安全|放心|没有?危险|不危险|无害|没问题|没事|别担心",
}
_ALLOWED: Mapping[Language, str] = {
    "en": (
        r"\byou (?:can|may|could|should be able to) (?:\w+ ){0,2}(?:go|cross|walk|proceed|continue|touch|eat|drink|use|step|hold)\b"
        r"|\bgo ahead\b"
    ),
    "zh": "(?:可以|能)(?:放心|直接|过|走|通过|穿过|前进|吃|喝|摸|碰|用)",
}
"""Permission."""
_NEGATED: Mapping[Language, str] = {
    "en": r"\b(?:no|not|none|never|nobody|nothing|without|neither|hardly|isnt|arent)\b|n't\b",
    "zh": "[没不无未]|看不",
}
"""What is not there, and what something is not: said of cars, heat or nuts it reassures, in more ways than can be listed."""
_BY_STAKE: Mapping[Stake, Mapping[Language, str]] = {
    Stake.CROSSING: {
        "en": (
            r"\b(?:clear|empty|free|green|quiet|calm|stopped|stopping|stands? still|waiting|ok|okay|fine|time to)\b"
            r"|\b(?:go|proceed|cross)\b"
            r"|\bwalk(?:ing)? (?:sign|signal|man|person|figure)\b"
        ),
        "zh": "畅通|空的|空着|绿|停了|停着|停下|等着|过吧|走吧|穿过|横穿|过马路|过街|可以|能过|安静",
    },
    Stake.HEAT: {
        "en": r"\b(?:off|cold|cool|cooled|cooler|lukewarm|room temperature|out|unlit|blunt|dull|low|fine|ok|okay)\b",
        "zh": "关|凉|冷|灭|常温|室温|钝|可以|温度低",
    },
    Stake.ALLERGEN: {
        "en": r"\b(?:free|suitable|fine|ok|okay|only)\b|-free\b",
        "zh": "适合|可以|只有|仅",
    },
}
_WARNING: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(r"\W*(?:do not|don't|never|stop|wait|careful|caution|danger|watch out|attention)\b(?! worry)", re.IGNORECASE),
    "zh": re.compile("\\W*(?:不要|别|停|等|小心|注意|危险)(?!担心)"),
}
"""How a sentence begins that warns: it is said, also where it has a "not"."""
_BARE = {
    "en": re.compile(r"\W*(?:yes|no|yeah|nope|sure|correct|okay)\b\W*", re.IGNORECASE),
    "zh": re.compile("\\W*(?:是的|是|对的|对|不是|不|没有|有|可以|能|不能|会|不会)(?:\\W+|$)"),
}
"""Yes and no, which are a judgement whichever way the question was put."""

CANNOT_JUDGE: Mapping[Stake, Mapping[Language, str]] = {
    Stake.CROSSING: {
        "en": "I can't judge whether to go. Use your hearing and your cane, or ask a person.",
        "zh": "能不能走，我判断不了。请用耳朵和盲杖，或者问旁边的人。",
    },
    Stake.HEAT: {
        "en": "I can't judge whether it burns or cuts. Check it carefully, or ask a person.",
        "zh": "会不会烫手、割手，我判断不了。请小心确认，或者问旁边的人。",
    },
    Stake.ALLERGEN: {
        "en": "I can't tell that it is free of something. Ask a person to read the ingredients.",
        "zh": "里面有没有，我不能断定。请让人读一下配料表。",
    },
}
_CANNOT_SAY: Mapping[Language, str] = {
    "en": "Whether you can rely on it, I can't judge: ask a person.",
    "zh": "能不能放心，我判断不了，请问旁边的人。",
}


def _forbidden(stake: Stake, language: Language) -> re.Pattern[str]:
    parts = [_ALWAYS[language]]
    if stake in _BY_STAKE:
        parts += [_ALLOWED[language], _NEGATED[language], _BY_STAKE[stake][language]]
    return re.compile("|".join(parts), re.IGNORECASE)


_FORBIDDEN = {(stake, language): _forbidden(stake, language) for stake in Stake for language in _ALWAYS}
_REASSURING = {language: re.compile(pattern, re.IGNORECASE) for language, pattern in _ALWAYS.items()}


def without_reassurance(sentence: Sentence, stakes: frozenset[Stake]) -> tuple[str, Stake | None]:
    """Return what of a sentence may be said, and of which stake it judged what it must not; None if it did not.

    Where yes and no would be a judgement, they are left out, and the rest is said if it may be.
    """
    language, rest, judged = sentence.language, sentence.text, None
    plain = rest.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    for stake in sorted(stakes & set(_BY_STAKE), key=lambda stake: stake.value):
        if bare := _BARE[language].match(plain):
            plain, judged = plain[bare.end() :], stake
            rest = plain[:1].upper() + plain[1:]
    warns = _WARNING[language].match(plain)
    for stake in sorted(stakes, key=lambda stake: stake.value):
        pattern = _REASSURING[language] if warns else _FORBIDDEN[stake, language]
        if pattern.search(plain):
            return "", stake
    return rest, judged


def cannot_judge(stake: Stake, language: Language) -> str:
    """Return what is said instead."""
    return CANNOT_JUDGE.get(stake, {}).get(language) or _CANNOT_SAY[language]

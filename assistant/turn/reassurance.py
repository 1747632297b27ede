"""What an answer may never say where a mistake hurts: that it is safe, that the road is clear, that there are no nuts in it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.turn.stakes import Stake
from assistant.types import Language, Sentence

_ALWAYS: Mapping[Language, str] = {
    "en": (
        r"\b(?:un)?safe(?:ly|ty)?\b|\bharmless\b|\b(?:no|without|out of) danger\b|\bnot dangerous\b"
        r"|\b(?:perfectly|totally|completely) (?:fine|ok(?:ay)?)\b"
        r"|\byou (?:can|may|could|should be able to) (?:\w+ ){0,2}(?:go|cross|walk|proceed|continue|touch|eat"
        r"|drink|take|use|step|hold)\b|\bgo ahead\b|\bdon't worry\b"
    ),
    "zh": "安全|放心|没(?:有)?危险|不危险|无害|(?:可以|能)(?:放心|直接|过|走|通过|穿过|前进|吃|喝|服用|摸|碰|用)|没问题|没事",
}
_BY_STAKE: Mapping[Stake, Mapping[Language, str]] = {
    Stake.CROSSING: {
        "en": (
            r"\b(?:clear|empty|free)\b|\bno(?:t any|ne)?\b[\w ,]*\b(?:cars?|traffic|vehicles?|bus(?:es)?|trams?"
            r"|trains?|bikes?|bicycles?|trucks?|one)\b|\bgreen\b|\bwalk sign(?:al)? is on\b"
        ),
        "zh": "畅通|空的|没有(?:任何)?(?:车|来车|车辆|汽车|自行车|人|火车|公交)|没车|绿灯|绿色|是绿的",
    },
    Stake.HEAT: {
        "en": (
            r"\bnot (?:\w+ )?(?:hot|warm|on|lit|burning|boiling|sharp|broken|live)\b|\b(?:is|are|looks?|seems?"
            r"|appears?|it's) (?:\w+ )?(?:off|cold|cool|cooled|out|blunt|dull|unlit|turned off|switched off)\b"
            r"|\b(?:turned|switched) off\b|\bno (?:flames?|fire|smoke|steam|heat)\b|\bisn't (?:hot|on|lit|sharp)\b"
        ),
        "zh": "不(?:烫|热|开|锋利|尖)|没有?[开着火烟热点]|关[着了闭上]|凉[的了]|冷[的了]|熄灭|未(?:开|点燃)",
    },
    Stake.ALLERGEN: {
        "en": (
            r"\b(?:free (?:of|from)|[\w]+-free|contains? no|does(?:n't| not) (?:contain|have|include)|do(?:n't"
            r"| not) (?:contain|see)|no|not any|without|none)\b"
        ),
        "zh": "不含|没有|无(?:麸质|乳|糖|坚果)|不包含|未含",
    },
}
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

_FORBIDDEN = {
    (stake, language): re.compile(
        "|".join(filter(None, (_ALWAYS[language], _BY_STAKE.get(stake, {}).get(language, "")))), re.IGNORECASE
    )
    for stake in Stake
    for language in _ALWAYS
}


def without_reassurance(sentence: Sentence, stakes: frozenset[Stake]) -> tuple[str, Stake | None]:
    """Return what of a sentence may be said, and of which stake it judged what it must not; None if it did not.

    Where yes and no would be a judgement, they are left out, and the rest is said.
    """
    text = sentence.text
    judged = next((stake for stake in Stake if stake in stakes and _FORBIDDEN[stake, sentence.language].search(text)), None)
    if judged:
        return "", judged
    for stake in (Stake.CROSSING, Stake.HEAT):
        if stake in stakes and (bare := _BARE[sentence.language].match(text)):
            rest = text[bare.end() :]
            return rest[:1].upper() + rest[1:], stake
    return text, None


def cannot_judge(stake: Stake, language: Language) -> str:
    """Return what is said instead."""
    return CANNOT_JUDGE.get(stake, {}).get(language) or _CANNOT_SAY[language]

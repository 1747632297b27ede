"""What a person asks for in words of their own, where commands are said as they stand: "find the door", "from the total"."""

from __future__ import annotations

import dataclasses
import re
from typing import TypeAlias

from assistant.turn.commands import simplified


@dataclasses.dataclass(frozen=True, slots=True)
class Find:
    """Guide a hand or a step to something."""

    thing: str
    """As it was said, without its article: "door"."""


@dataclasses.dataclass(frozen=True, slots=True)
class ReadFrom:
    """Read on from the place where these words stand."""

    words: str


@dataclasses.dataclass(frozen=True, slots=True)
class Prices:
    """Read what products and prices are there."""

    only_total: bool
    """Whether only what all of it costs is asked."""


Request: TypeAlias = Find | ReadFrom | Prices

_POLITE = r"(?:(?:okay|ok|hey|please|now|could you|can you|would you|will you|i want you to|i want to|i need to|let'?s)[, ]+)*"
_ARTICLE = r"(?:(?:the|an?|my|our|some|any|that|this)\s+)?"
_END = r"(?:[, ]+(?:please|for me|now|again))*[\s.!?]*"
_NO_THING = (
    r"(?:the|an?|my|our|that|this|out|if|me|what|how|whether|where|who|why|it|more|some(?:thing|one|body)|any(?:thing|one|body)|mistakes?"
    r"|typos?|errors?)\b"
)
_NO_PLACE = (
    r"(?:(?:next|last|first|previous) |second )?(?:page|beginning|end|start|top|price|date|name|total|number|word"
    r"|appointment|birthday)\b"
)
"""What is on a page, or nowhere: no hand can be guided there."""
_THING = rf"(?P<thing>(?!{_NO_THING})(?!(?:expiry |best before )?{_NO_PLACE})[\w'-]+(?: (?!from\b|and\b)[\w'-]+){{0,4}}?)"
_FINDING = r"(?:find|locate|look for|search for|guide me to|lead me to|take me to|point me to)(?: me)?"
_MISSING = r"(?:where(?:'s| is| are| did i (?:put|leave|drop))|have you seen)\s+(?:my|our)"
"""Only what is the person's own: "where is the milk" asks about the picture."""
_FIND = (
    rf"{_POLITE}(?:help me (?:to )?)?{_FINDING}\s+{_ARTICLE}{_THING}{_END}",
    rf"{_POLITE}{_MISSING}\s+{_THING}{_END}",
)
_NO_WORDS = r"(?:here|there|now|left|right|what|where|top|home)\b"
_READING = r"(?:(?:read|start|continue|go on|begin)(?: reading)?(?: (?:again|on))?\s+)?"
_READ_FROM = (
    rf"{_POLITE}{_READING}(?:from|at)\s+(?:the )?(?:word |line |part |section )?"
    rf"(?P<words>(?!{_NO_WORDS})[\w'-]+(?: (?!to\b)[\w'-]+){{0,4}}?)(?:,? (?:on|onwards?))?{_END}"
)
_POLITE_ZH = "(?:[请情倾亲]|帮我|帮忙|麻烦你?|能不能|可不可以|可以|我想|我要|你)*"
"""With what 请 is misheard for; so it is below with 找一下 and 带我去."""
_FIND_ZH = (
    f"{_POLITE_ZH}(?:[找招]一下|找找|找一找|寻找|找下|找)(?P<thing>(?!零多少|零了|不|到|得|了|出|什么|谁|回).{{1,10}}?)(?:在哪里?|在哪儿)?(?:好吗|可以吗|吗|吧)?",
    f"{_POLITE_ZH}(?:[带待]我去找|[带待]我去|引导我到|带我到)(?P<thing>.{{1,10}}?)(?:那里|那儿|吧)?",
    "(?:我们?的)(?P<thing>(?!名字|生日|年龄).{1,8}?)(?:不见了)?(?:[放跑到])?(?:在哪里?|在哪儿|在什么地方|哪儿?了?|哪儿?去了)呢?",
)
_READ_FROM_ZH = (
    f"{_POLITE_ZH}从(?P<words>.{{1,12}}?)(?:那里|那儿|这里)?(?:开始)?(?:接着|继续|往下)?(?:读|念)(?:起|下去|一下)?(?:吧|好吗)?"
)

_PAPER = r"(?:the|this|my) (?:receipt|menu|list|bill|page|sheet|table|leaflet|label)"
_ON_IT = rf"(?: (?:on|in|of|all) (?:it|this|that|here|there|{_PAPER})| here| there)"
_LISTED = r"(?:all )?(?:the )?(?:products? and (?:their )?prices|prices|price list)"
_PRICES = (
    rf"{_POLITE}(?:what|which) (?:products?|items?|things|dishes)(?: and (?:their )?prices)? are{_ON_IT}{_END}",
    rf"{_POLITE}what are (?:all )?the prices{_ON_IT}?{_END}",
    rf"{_POLITE}(?:read|tell|list|give)(?: me)? {_LISTED}{_ON_IT}?{_END}",
    "(?:上面|这里|这上面|单子上|小票上|菜单上)?(?:都)?有(?:哪些|什么)(?:商品|产品|东西|菜)(?:和|跟)(?:它们的)?(?:价格|价钱)",
    f"{_POLITE_ZH}(?:读|念|说)(?:一下)?(?:所有的?)?(?:商品和)?(?:价格|价钱)",
    "(?:价格|价钱)(?:都)?有哪些",
)
_TOTAL = (
    rf"{_POLITE}what(?:'s| is) the (?:grand )?total(?: amount| sum| price)?{_ON_IT}?{_END}",
    rf"{_POLITE}(?:read|tell|give)(?: me)? the total{_ON_IT}?{_END}",
    "(?:小票上?|单子上?|账单上?)?(?:的)?(?:总价|总额|合计|总计|总数)(?:是)?多少(?:钱)?",
    f"{_POLITE_ZH}(?:读|念|说)(?:一下)?(?:总价|总额|合计|总计)",
)

_FINDS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (*_FIND, *_FIND_ZH))
_READS_FROM = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (_READ_FROM, _READ_FROM_ZH))
_PRICES_OR_TOTAL = tuple(
    (re.compile(pattern, re.IGNORECASE), only_total)
    for patterns, only_total in ((_PRICES, False), (_TOTAL, True))
    for pattern in patterns
)
_OWN_ZH = re.compile("^(?:我们?的|一下|一个|一把|一条|那个|这个|个)+")
_MARKS = " \t\n.!?。！？，,"


def request_of(text: str) -> Request | None:
    """Return what is asked for with an utterance, as it was written down; None if it is anything else."""
    said = simplified(text).strip(_MARKS)
    for pattern in _FINDS:
        if (match := pattern.fullmatch(said)) and (thing := _OWN_ZH.sub("", match["thing"]).strip(_MARKS)):
            return Find(thing)
    for pattern, only_total in _PRICES_OR_TOTAL:
        if pattern.fullmatch(said):
            return Prices(only_total)
    for pattern in _READS_FROM:
        if match := pattern.fullmatch(said):
            return ReadFrom(match["words"].strip(_MARKS))
    return None

"""Whether words are a whole thought, break off in the middle of one, or may be either.

The sound alone often says too little: a short "What is" sounds as finished as "What is it". So words that nobody ends a question
with outweigh it, and only words that make a whole question are ended by a short silence. Both are patterns of what is asked most,
in English and Chinese; of all other words nothing is known. A wrong "broken off" makes somebody wait, a wrong "whole" interrupts.
"""

from __future__ import annotations

import enum
import re


class Thought(enum.Enum):
    """What words look like."""

    BROKEN_OFF = "broken off"
    """Somebody who has said this will go on."""
    OPEN = "open"
    """They may."""
    WHOLE = "whole"
    """They have said it all."""


_OPEN_END = re.compile(r"(?:\.\.+|[…，,、:：—-])\s*$")
"""How Whisper writes a sentence that was broken off."""
_PUNCTUATION = re.compile(r"[^\w'\s]+")
_CARRIER = re.compile(
    r"^(?:(?:please|and|so|okay|ok|now|can you|could you|would you|do you know|i would like to know|i'd like to know|i want to know"
    r"|tell me|let me know|look|check|say) )+(?:(?:if|whether) )?",
    re.IGNORECASE,
)
"""What a question may be wrapped in: "Please tell me whether the window is open"."""

_WH = r"(?:what|where|who|whose|which|when|why|how)"
_BE = r"(?: is| are| am| was|'s|'re)"
_PRONOUN = r"(?:i|you|he|she|it|we|they|this|that|these|those|there)"
"""Not "somebody" or "something": what follows says who or what."""
_THING = rf"(?:{_PRONOUN}|me|him|us|them|mine|(?:the|my|your|his|her|our|their|this|that|these|those) \w+(?: \w+)?)"
_PLACE = r"(?:in front of|next to|to|on|in|at|under|behind|beside|near|above|over|between|around|outside|inside)"
_STATE = (
    r"(?:here|there|on|off|open|closed|shut|locked|free|full|empty|clean|dirty|ready|broken|hot|cold|wet|dry|safe|big|small|new|old"
    r"|red|green|blue|yellow|white|black|brown|grey|gray|pink|orange|mine|yours|\w{3,}ing)"
)
_DO = r"(?:see|say|mean|do|cost|look like|hear|read|leave|come|go|start|open|close|begin|arrive|stop|end|need|have|show|happen)"

_WHOLE = (
    # "What colour is the wall", "Who is that"; but "Who is the man" may be followed by "at the door"
    rf"(?!(?:what|who|which){_BE} the\b){_WH}(?: \w+){{0,2}}{_BE} {_THING}(?: made of| for| from)?",
    rf"{_WH}(?: \w+){{0,2}}{_BE} {_THING} (?:of|{_PLACE}) {_THING}",
    rf"{_WH}(?: \w+){{0,3}}{_BE}(?: \w+)? {_PLACE} {_THING}(?: (?:and|of) {_THING})?",  # "What is on my left"
    rf"{_WH}(?: \w+){{0,2}} (?:is|are) \w{{3,}}ing(?: now| next| there)?",  # "Which bus is coming"
    rf"{_WH}(?: (?!of)\w+){{0,2}} {_THING}(?: is| are)",  # "where it is"
    rf"{_WH}(?: \w+){{0,2}} (?:(?:do|does|did|can|will) )?{_THING}(?: {_PLACE} {_THING})? {_DO}",  # "What does the label say"
    rf"(?:is|are|was) {_THING}(?: still| already)? {_STATE}",  # "Is the light on"
    rf"(?:is|are) {_PRONOUN} (?:the|my|your|an?|any|some) \w+(?: \w+)? {_PLACE} {_THING}",  # "Is there a chair in this room"
    r"is (?:any|some)(?:body|one) (?:here|there|inside|outside)",
    rf"{_THING} (?:is|are) {_STATE}",  # "whether the window is open"
    rf"(?:can|could|did|do|will) {_PRONOUN} \w+(?: \w+)? {_THING}(?: {_PLACE} {_THING}){{1,2}}",  # "Can I put it on it"
    rf"(?:read|describe|find) {_THING} {_PLACE} {_THING}",  # "Can you read the sign on the door"
    r"(?:read|say|repeat|spell|describe|explain) (?:it|this|that)(?: to me| aloud| again| out)?",
    r"(?:tell me )?more|again|stop|yes|no|thanks?|thank you|help|go on|describe the \w+",
)
"""English questions and requests that nothing needs to follow."""
_BROKEN_OFF = (
    (
        r".*\b(?:a|an|the|my|your|our|their|every|and|or|but|because|if|whether|than|the same|some|any|very|does|did|would|should"
        r"|could|has|been|cannot|u+h*m+|u+h+|er+m?|h+m+|mm+|(?:tell|show|give) me|(?:can|could|would|will) you(?: please)?"
        r"|(?:would|i'd) like to(?: know)?|i want to(?: know)?|do you know)"
    ),
    r"(?:is|are)(?: there)?",
    rf"(?!.*\b{_WH}\b).*\b(?:of|to|from|with|for|at|into|between|behind|beside|near|under|about|like)",  # not "What is it made of"
    rf"(?!.*\b{_WH}\b).*\b(?:can|could|do|please|to)\b.*\b(?:read|see|describe|find|press|put|check|look|turn|bring|take|tell)",
    # "What is", "How many people are"; but not "where it is", "what do you think they are"
    r"(?:what|where|who|which|how)\b(?!.*\b(?:do|does|did|can|it|this|that|he|she|they|there|you|we|i)\b).*\b(?:is|are|was|were)",
    rf"(?:which|whose|what) (?!else|now|happened)\w+|how \w+|{_WH}(?: \w+)? (?:do|does|did|can)(?: i| we)?",  # "Which bus"
    rf".* (?:{_WH}|i|we)",
    r"(?:is|are|was|were) (?:the|my|your)(?: \w+){1,2}",  # "Is the red one"
    r"(?:if|when) (?!.*\b(?:will|what|where|how|who|should|can|does|do|is there|tell|would)\b).*",  # "If I walk straight on"
)
"""English that somebody goes on after."""
_HERE_AND_NOW = r"(?: (?:over |right )?(?:here|there|now|today|outside|inside))?"
"""What may follow a whole question."""
_ENGLISH_WHOLE = re.compile("(?:" + "|".join(_WHOLE) + ")" + _HERE_AND_NOW, re.IGNORECASE)
_ENGLISH_BROKEN_OFF = re.compile("|".join(_BROKEN_OFF), re.IGNORECASE)
_CHINESE_WHOLE = re.compile(
    ".+(?:吗|呢|吧|什么(?:东西|颜色|字|意思)?|哪里|哪儿|谁|多少钱?|几[个点](?:人|了|开)?|怎么[样走]|给我听|开着|关着)$|停|继续|再说一遍|更多"
)
_CHINESE_BROKEN_OFF = re.compile(
    "(?:和|跟|与|或者?|还是|以及|把|被|因为|如果|但是|所以|而且|我想知道|告诉我|请问|能不能|是不是|有没有|看一下|看看|上面?|里面?|下面|那个"
    "|嗯+|呃+|额)$"
)


def thought(text: str) -> Thought:
    """Return what words, as Whisper writes them, look like."""
    if _OPEN_END.search(text):
        return Thought.BROKEN_OFF
    words = " ".join(_PUNCTUATION.sub(" ", text).split())
    question = _CARRIER.sub("", words)
    if _ENGLISH_WHOLE.fullmatch(question) or _CHINESE_WHOLE.fullmatch(words):
        return Thought.WHOLE
    if _ENGLISH_BROKEN_OFF.fullmatch(words) or _CHINESE_BROKEN_OFF.search(words):
        return Thought.BROKEN_OFF
    return Thought.OPEN

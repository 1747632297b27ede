"""Whether words are a whole thought, or break off in the middle of one.

The sound alone often says too little: a short "What is" sounds as finished as "What is it". So words that nobody ends a question
with outweigh it. They are few, for a wrong one makes somebody wait: prepositions are not among them ("What is it made of?").
"""

from __future__ import annotations

import re

_OPEN_END = re.compile(r"(?:\.\.+|[…,，、:：—-])\s*$")
"""How Whisper writes a sentence that was broken off."""
_PUNCTUATION = re.compile(r"[^\w']+$")
_ENGLISH = re.compile(
    r"\b(?:a|an|the|my|your|our|their|every|and|or|but|because|if|whether|than|the same|u+h*m+|u+h+|er+m?|h+m+|mm+"
    r"|(?:can|could|would|will) you(?: please)?|(?:would|i'd) like to(?: know)?|i want to(?: know)?)$"
    r"|^(?:is|are) there$"
    # "What is", "How many people are"; but not "where it is", "what do you think they are"
    r"|^(?:what|where|who|which|how)\b(?!.*\b(?:do|does|did|can|it|this|that|he|she|they|there|you|we|i)\b).*\b(?:is|are|was|were)$",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    "(?:和|跟|与|或者?|还是|以及|把|被|因为|如果|但是|所以|而且|我想知道|告诉我|请问|能不能|是不是|有没有|嗯+|呃+|额)$"
)


def breaks_off(text: str) -> bool:
    """Tell whether somebody who has said this, as Whisper writes it, will go on."""
    if _OPEN_END.search(text):
        return True
    words = _PUNCTUATION.sub("", text)
    return bool(_ENGLISH.search(words) or _CHINESE.search(words))

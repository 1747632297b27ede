"""Describing without being asked each time: what is wanted of a description, how long it is, and what is said about it."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from assistant.turn.preferences import Preferences
from assistant.turn.prompts import direction_wish
from assistant.types import Language, Question, Writing


class Subject(enum.Enum):
    """What is described."""

    EVERYTHING = "everything"
    PEOPLE = "people"
    """Where they are and what they do; never who they are (rule 26 of the design)."""
    TEXT = "text"
    """What is written, read by the text reader; the model is not asked."""


class Length(enum.Enum):
    """How long a description is (rule 23: short when things move, longer when still)."""

    SHORT = 40
    """The most tokens of one sentence."""
    LONG = 120
    """The same, of three or four."""


_ASKED: Mapping[Language, str] = {"en": "Describe what you see.", "zh": "描述一下你看到的。"}
"""What a follow-up question finds in the conversation; the practice model understands it, too."""
_WISHES: Mapping[tuple[Subject, Length], Mapping[Language, str]] = {
    (Subject.EVERYTHING, Length.SHORT): {
        "en": " (One short sentence: dangers first, else what matters most ahead.)",
        "zh": "（一句短话：先说危险，没有就说前面最重要的东西。）",
    },
    (Subject.EVERYTHING, Length.LONG): {
        "en": " (At most four short sentences: dangers first, then people, then things, each with its direction.)",
        "zh": "（最多四句短话：先说危险，再说人，再说东西，都要说方向。）",
    },
    (Subject.PEOPLE, Length.SHORT): {
        "en": " (Only people, in one short sentence: where, and doing what; never who. Answer nobody if there is none.)",
        "zh": "（只说人，一句短话：在哪里，在做什么，不要说是谁。没有人就回答：没有人。）",
    },
    (Subject.PEOPLE, Length.LONG): {
        "en": " (Only people, in at most three short sentences: where, and doing what; never who. Answer nobody if there is none.)",
        "zh": "（只说人，最多三句短话：在哪里，在做什么，不要说是谁。没有人就回答：没有人。）",
    },
}

NOW: Mapping[Subject, Mapping[Language, str]] = {
    Subject.EVERYTHING: {"en": "I keep describing. Say stop to end it.", "zh": "我会一直描述。说“停”就结束。"},
    Subject.PEOPLE: {"en": "Only people, until you say stop.", "zh": "我只说人。说“停”就结束。"},
    Subject.TEXT: {"en": "Only text, until you say stop.", "zh": "我只念文字。说“停”就结束。"},
}
ENDED: Mapping[Language, str] = {"en": "I have stopped describing.", "zh": "不再描述了。"}
SEEING_AGAIN: Mapping[Language, str] = {"en": "I can see again.", "zh": "我又能看见了。"}


def question(subject: Subject, length: Length, preferences: Preferences, language: Language) -> Question:
    """Return what the model is asked for a description; of text it is not asked."""
    wish = _WISHES[subject, length][language] + direction_wish(preferences, language)
    return Question(_ASKED[language], language, wish, Writing("description", max_tokens=length.value))

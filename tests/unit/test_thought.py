import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.turn.thought import Thought, thought


@pytest.mark.parametrize(
    "text",
    [
        *("What is", "What is?", "What colour is", "What color is...", "How many people are", "Where are?", "Who was"),
        *(
            "Can you read the",
            "Is there a",
            "Is there",
            "Please tell me if the",
            "Where is my?",
            "a cup and",
            "I would like to know",
        ),
        *("Can you", "Could you please", "What is, um", "Um.", "Hmm...", "I want to know.", "It is bigger than", "Is the door,"),
        *(
            "Press three for",
            "Can you tell me?",
            "Can you read?",
            "Which bus?",
            "How much",
            "When does",
            "Where do I",
            "Is the red one",
        ),
        *("If I walk straight on.", "Do you know who", "The picture of"),
        *("我想知道", "请你告诉我。", "你能不能", "杯子和", "嗯", "我的左边，", "请问", "红色的还是", "桌子上面", "你能不能看一下"),
    ],
)
def test_words_that_nobody_ends_with(text: str) -> None:
    assert thought(text) is Thought.BROKEN_OFF


@pytest.mark.parametrize(
    "text",
    [
        *("What is this?", "What is on my left?", "Tell me where it is.", "How many are there?", "Who is there?", "What is that?"),
        *(
            "What is it made of?",
            "Where is it from?",
            "Is this mine?",
            "Read it to me.",
            "What time is it?",
            "Stop.",
            "More",
            "Yes.",
        ),
        *(
            "Do you know where the cup is?",
            "What does it say?",
            "What colour is the wall?",
            "Where is the door?",
            "Is the light on?",
        ),
        *("Can you read the sign on the door?", "Please tell me whether the window is open.", "Which bus is coming now?"),
        *("How many people are in front of me?", "Is there a free chair in this room?", "What is the number on that house?"),
        *("我左边有什么？", "墙是什么颜色？", "门开着吗？", "停。", "前面有几个人", "桌子上的杯子在哪里？", "读给我听。"),
    ],
)
def test_words_that_make_a_whole_question(text: str) -> None:
    assert thought(text) is Thought.WHOLE


@pytest.mark.parametrize(
    "text",
    [
        *("Who am I talking to?", "What do you think they are?", "Describe what you see.", "I think there is a cup."),
        *("Is this the right way?", "Do you see anything?", "Who is the man?", "What is the number?", "The traffic light"),
        *("这是我的", "左边那一瓶", "Water Flopian.", ""),
    ],
)
def test_words_that_may_be_all_or_not(text: str) -> None:
    assert thought(text) is Thought.OPEN


@given(st.text(max_size=60))
def test_any_text_gets_an_answer_and_a_noun_is_no_place_to_break_off(text: str) -> None:
    assert isinstance(thought(text), Thought)
    assume(not re.match(r"\W*(?:if|when)\b", text, re.IGNORECASE))  # "If blue table lamps stood there" does break off
    assert thought(text + " blue table lamps stood there.") is not Thought.BROKEN_OFF


@given(st.text(max_size=40))
def test_a_sentence_that_breaks_off_is_never_whole(text: str) -> None:
    assert thought(text + " and the") is Thought.BROKEN_OFF
    assert thought(text + "...") is Thought.BROKEN_OFF

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.thought import breaks_off


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
        *("我想知道", "请你告诉我。", "你能不能", "杯子和", "嗯", "我的左边，", "请问", "红色的还是"),
    ],
)
def test_words_that_nobody_ends_with(text: str) -> None:
    assert breaks_off(text)


@pytest.mark.parametrize(
    "text",
    [
        *("What is this?", "What is on my left?", "Tell me where it is.", "What do you think they are?", "How many are there?"),
        *("What is it made of?", "Who am I talking to?", "Where is it from?", "What is that?", "Is this mine?", "Read it to me."),
        *(
            "Describe what you see.",
            "Stop.",
            "More",
            "Yes.",
            "Do you know where the cup is?",
            "What's the time?",
            "Who is there?",
            "",
        ),
        *("我左边有什么？", "这是谁的？", "墙是什么颜色？", "门开着吗？", "停。", "前面有几个人"),
    ],
)
def test_words_that_may_be_all(text: str) -> None:
    assert not breaks_off(text)


@given(st.text(max_size=60))
def test_any_text_gets_an_answer_and_going_on_helps(text: str) -> None:
    assert isinstance(breaks_off(text), bool)
    assert not breaks_off(text + " table.")

"""What is asked for in words of one's own."""

from __future__ import annotations

import pytest

from assistant.turn.requests import Find, ReadFrom, request_of


@pytest.mark.parametrize(
    ("said", "thing"),
    [
        ("Find the door.", "door"),
        ("find my keys", "keys"),
        ("Please help me find my phone.", "phone"),
        ("Can you find the red cup, please?", "red cup"),
        ("Look for an empty chair.", "empty chair"),
        ("Guide me to the exit", "exit"),
        ("Where is my cup?", "cup"),
        ("Where are my glasses?", "glasses"),
        ("Where did I put my wallet?", "wallet"),
        ("Find me a spoon, please.", "spoon"),
        ("Locate the traffic light", "traffic light"),
        ("Okay, find the toilet door now.", "toilet door"),
        ("找一下我的杯子。", "杯子"),
        ("帮我找门", "门"),
        ("請招一下門", "门"),
        ("待我去找椅子。", "椅子"),
        ("请帮我找找钥匙，", "钥匙"),
        ("我的手机在哪里？", "手机"),
        ("我的眼镜在哪儿", "眼镜"),
        ("找椅子", "椅子"),
        ("帮我找零钱", "零钱"),
        ("带我去门口", "门口"),
    ],
)
def test_something_is_to_be_found(said: str, thing: str) -> None:
    assert request_of(said) == Find(thing)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("From the total.", "total"),
        ("Read from the total, please.", "total"),
        ("Start from ingredients on", "ingredients"),
        ("Continue reading from side effects", "side effects"),
        ("从合计开始读", "合计"),
        ("请从注意事项念起", "注意事项"),
    ],
)
def test_it_is_to_be_read_from_somewhere(said: str, words: str) -> None:
    assert request_of(said) == ReadFrom(words)


@pytest.mark.parametrize(
    "said",
    [
        "Where is the milk?",
        "Where is my cup from?",
        "Find out what this says.",
        "What did you find?",
        "Can you find something wrong with it?",
        "Is there a door?",
        "Where are we?",
        "What can I find on the table?",
        "Find it.",
        "Read this.",
        "Where does this come from?",
        "Who is it from?",
        "I found my keys.",
        "Take me to the next page.",
        "Look for typos in this letter.",
        "Find the price of the milk.",
        "Find the date on this letter.",
        "Search for the expiry date.",
        "Can you find anything here?",
        "Find someone.",
        "Where is my appointment?",
        "我的名字在哪里？",
        "From what is it made?",
        "牛奶在哪里？",
        "找零多少？",
        "你找到了什么？",
        "我找不到门",
        "这是从哪里来的？",
        "读一下",
        "",
        "?",
    ],
)
def test_anything_else_is_a_question(said: str) -> None:
    assert request_of(said) is None

"""What people ask the assistant, with a mark where they stop to think; and what the benchmark does with each.

Thresholds are chosen on `TUNED` and figures are reported on the others, with other voices, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.types import Language

QUESTIONS: Mapping[Language, Sequence[str]] = {
    "en": (
        "What is|on my left?",
        "What colour is|the wall?",
        "How many people are|in front of me?",
        "Is there a|free chair in this room?",
        "Can you read the|sign on the door?",
        "Where did I put my|white cup?",
        "I would like to know|who is at the table.",
        "Please tell me if the|traffic light is red.",
        "What does the label on the|green bottle say?",
        "Which of the two|is the bigger one?",
        "How far away is the|end of the platform?",
        "Is the banana|to the left of the bottle?",
        "Do you see anything|that I could stumble over?",
        "Does this shirt|go with these trousers?",
        "Can you tell me|what is in this box?",
        "Are there any steps|in front of the entrance?",
        "Which bus|is coming now?",
        "What is the number|on that house?",
        "Is the light in the kitchen|still on?",
        "Could you describe|the picture on the wall?",
        "How much|does this cost?",
        "Is somebody sitting|on the bench over there?",
        "When does|the next train leave?",
        "What kind of soup|is in this can?",
        "Tell me whether|the window is open.",
        "Where on the shelf|is the sugar?",
        "Is this the right way|to the station?",
        "Look at the table and|tell me what you see.",
        "What is written|at the bottom of the letter?",
        "Has the milk in the fridge|gone past its date?",
        "I think there is a cup|but I cannot find it.",
        "How do I|turn this machine on?",
        "Is the red one|or the blue one larger?",
        "What is between|the plate and the glass?",
        "If I walk straight on|will I hit something?",
        "Who is the man|standing next to the door?",
        "Do I have to press|the upper or the lower button?",
        "Is there something on the floor|behind the sofa?",
        "Can I put the bag|on the chair beside me?",
        "What does the weather|look like outside?",
    ),
    "zh": (
        "我的左边|有什么东西？",
        "请你告诉我|墙是什么颜色。",
        "桌子上的|杯子在哪里？",
        "我想知道|前面有几个人。",
        "这个瓶子上面|写了什么字？",
        "你能不能看一下|门是不是开着？",
        "红色的那个|是不是苹果？",
        "离我最近的|椅子在哪里？",
        "这件衣服|是什么颜色的？",
        "请帮我看看|外面有没有下雨。",
        "我前面的路上|有没有台阶？",
        "下一班车|几点开？",
        "冰箱里面|还有没有牛奶？",
        "你看得到|我的钥匙吗？",
        "牌子上写的|是什么意思？",
        "左边和右边|哪一个比较大？",
    ),
}
FINISHED: Mapping[Language, Sequence[str]] = {
    "en": (
        "What is this?",
        "Where am I?",
        "What do you see?",
        "Read it to me.",
        "Is it raining?",
        "Who is there?",
        "Where is the door?",
        "How many are there?",
        "What is it made of?",
        "Tell me more.",
        "Is the light on?",
        "What time is it?",
        "Describe the room.",
        "What does it say?",
        "Is anybody here?",
        "Which one is mine?",
    ),
    "zh": ("这是什么？", "我在哪里？", "读给我听。", "门在哪里？", "有人吗？", "灯开着吗？"),
}
"""Short questions, which are asked without a pause."""
FILLERS: Mapping[Language, str] = {"en": "um", "zh": "嗯"}
"""A sound of thinking."""


def halves(question: str) -> tuple[str, str]:
    """Return what is said before the pause, and after it."""
    first, _, second = question.partition("|")
    return first, second

"""What a visitor hears when they come, and when they have to go."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.settings import PRACTICE
from assistant.turn.prompts import AWAKE, INTRODUCTION, ready
from assistant.types import Language
from assistant.web.loaded import Loaded
from assistant.web.talk.messages import Listen

_HOW_TO_ASK: Mapping[Listen, Mapping[Language, str]] = {
    "hands-free": {
        "en": "Just speak to me. To stop an answer, talk over it.",
        "zh": "直接对我说话就行。想让我停下，就开口打断我。",
    },
    "hold": {
        "en": "Hold the button while you speak. Press it to stop an answer.",
        "zh": "说话时请按住按钮。想让我停下，就按一下。",
    },
    "off": {"en": "Type your question.", "zh": "请输入您的问题。"},
}
PICTURE_TAKEN: Mapping[Language, str] = {"en": "I have your picture. Ask me about it.", "zh": "我收到图片了，请提问。"}
TAKEN_OVER: Mapping[Language, str] = {
    "en": "This conversation goes on in another window.",
    "zh": "这个对话已经在另一个窗口里继续。",
}
STOPPED: Mapping[Language, str] = {
    "en": "The assistant was stopped. I keep trying to reach it.",
    "zh": "助手已停止运行，我会继续尝试连接。",
}


def is_practice(loaded: Loaded) -> bool:
    """Tell whether the model knows simple drawn scenes only."""
    return loaded.config.vision.model == PRACTICE


def greeting(loaded: Loaded, listen: Listen, language: Language, *, again: bool, first: bool) -> str:
    """Return what a visitor is greeted with; empty where a sound will do.

    Args:
        loaded: What they converse with.
        listen: When their microphone is listened to.
        language: Of the greeting.
        again: Whether they come back to a conversation.
        first: Whether they have never been here before.
    """
    if again:  # which may be no more than another way of listening
        return AWAKE[language] if listen == "hands-free" else ""
    introduced = [INTRODUCTION[language], _HOW_TO_ASK[listen][language]] if first else []
    return " ".join([ready(loaded.model, language, practice=is_practice(loaded)), *introduced])

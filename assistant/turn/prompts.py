"""What the model is told about its task, and what the assistant itself says."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.turn.attention import Start
from assistant.turn.preferences import Detail, Directions, Preferences
from assistant.types import Language

SYSTEM = (
    "You are the eyes of a blind person. Your answer is read aloud to them. Answer briefly: the answer first, in one or two "
    "short plain sentences, then dangers. Say where things are from their own body: left, ahead, right, near, far. "
    "If you cannot see or read something, say so and why. Never guess, never say that something is safe. "
    "Answer in the language of the question."
)
"""For models that follow instructions."""

PRACTICE_SYSTEM = "You are the eyes of a blind person. Answer briefly."
"""For the practice model: one of the sentences it was trained with."""

_DETAILS: Mapping[Detail, Mapping[Language, str]] = {
    "brief": {"en": "", "zh": ""},  # as `SYSTEM` says
    "normal": {"en": " (Answer in three or four sentences.)", "zh": "（请用三四句话回答。）"},
    "full": {"en": " (Tell everything you see, in detail.)", "zh": "（请详细说出你看到的一切。）"},
}
_DIRECTIONS: Mapping[Directions, Mapping[Language, str]] = {
    "sides": {"en": "", "zh": ""},
    "clock": {
        "en": " (Say directions by the clock: straight ahead is twelve o'clock, to the right three o'clock.)",
        "zh": "（请用钟点说方向：正前方是十二点，右边是三点。）",
    },
}
EXPLAIN_FIGURE: Mapping[Language, str] = {
    "en": "Explain this figure: what kind it is, what it shows, its axes and labels, and what one learns from it.",
    "zh": "请解释这张图：它是什么图，画的是什么，坐标和标注是什么，从中能看出什么。",
}
TELL_MORE: Mapping[Language, str] = {
    "en": "Tell me more about this picture: what have you not mentioned yet?",
    "zh": "请再多说一点：画面里还有什么你没提到的？",
}
"""What "more" asks the model."""

LOADING: Mapping[Language, str] = {"en": "Loading.", "zh": "正在加载。"}
PROFILE: Mapping[Language, str] = {"en": "Profile {profile}.", "zh": "配置：{profile}。"}
"""Said while it loads, if nobody chose the profile."""
NOT_HERE: Mapping[Language, str] = {
    "en": "The model {model} is not here yet: assistant models get {model}. I use {used}.",
    "zh": "模型{model}还没有下载，请用 assistant models get {model} 来下载。现在我用{used}。",
}
PRACTICE_MODEL: Mapping[Language, str] = {"en": "the practice model", "zh": "练习模型"}
READY: Mapping[Language, str] = {"en": "Ready. My model is {model}.", "zh": "准备好了。我的模型是{model}。"}
READY_PRACTICE: Mapping[Language, str] = {
    "en": "Ready. This is the practice model: it knows simple drawn scenes only. Do not rely on it.",
    "zh": "准备好了。这是练习模型，只认识简单的图画，请不要依赖它。",
}
HALF_DUPLEX: Mapping[Language, str] = {
    "en": "I hear my own loudspeaker, so I don't listen while I speak. Press Enter or the button to stop me, or use headphones.",
    "zh": "我能听到自己的扬声器，所以说话时不会听。按回车键或按钮可以让我停下，或者请戴耳机。",
}
NOTHING_HEARD: Mapping[Language, str] = {
    "en": "I did not catch that. Please say it again.",
    "zh": "我没听清，请再说一遍。",
}
DID_YOU_ASK: Mapping[Language, str] = {"en": "Did you ask: {text}", "zh": "您是不是问：{text}"}
"""Said in front of an answer, while it is being written, to words that were probably other ones."""
STILL_LOOKING: Mapping[Language, str] = {"en": "Still looking.", "zh": "还在看。"}
HEARING_AGAIN: Mapping[Language, str] = {"en": "I can hear you again.", "zh": "我又能听见您了。"}
RECORDING: Mapping[Language, str] = {
    "en": "I am recording: what you ask, what the camera sees then and what I answer is kept on this machine.",
    "zh": "我正在录制：您的提问、当时的画面和我的回答都会保存在这台机器上。",
}
INTRODUCTION: Mapping[Language, str] = {
    "en": "I can be wrong: never rely on me where a mistake could hurt you. Say help, and I tell what you can say.",
    "zh": "我可能会出错，在出错会有危险的地方请不要依赖我。说“帮助”，我会告诉您可以说什么。",
}
"""Said once, at the first start (rule 8 of the design)."""
ASLEEP: Mapping[Start, Mapping[Language, str]] = {
    "always": {"en": "Asleep. Say wake up when you need me.", "zh": "我睡了。需要我时请说“醒醒”。"},
    "wake-word": {"en": "Asleep. Call me when you need me.", "zh": "我睡了。需要我时请叫我。"},
    "push-to-talk": {"en": "Asleep. Press the button when you need me.", "zh": "我睡了。需要我时请按按钮。"},
}
AWAKE: Mapping[Language, str] = {"en": "I'm listening.", "zh": "我在听。"}
NOTHING_SAID: Mapping[Language, str] = {"en": "I have not answered anything yet.", "zh": "我还没有回答过什么。"}
NOTHING_READ: Mapping[Language, str] = {
    "en": "I have not read anything yet. Say read this.",
    "zh": "我还没有读过什么。请说“读一下”。",
}
END_OF_PAGE: Mapping[Language, str] = {"en": "That is the end of the page.", "zh": "这一页读完了。"}
NOT_ON_PAGE: Mapping[Language, str] = {"en": "I don't find {words} on this page.", "zh": "这一页上没找到{words}。"}
BEGINNING_OF_PAGE: Mapping[Language, str] = {"en": "The beginning.", "zh": "开头。"}
FORGOTTEN: Mapping[Language, str] = {"en": "Forgotten.", "zh": "已经忘掉了。"}
NEW_CONVERSATION: Mapping[Language, str] = {"en": "New conversation.", "zh": "新的对话。"}
SLOWER: Mapping[Language, str] = {"en": "Slower.", "zh": "慢一点。"}
FASTER: Mapping[Language, str] = {"en": "Faster.", "zh": "快一点。"}
LOUDER: Mapping[Language, str] = {"en": "Louder.", "zh": "大声一点。"}
QUIETER: Mapping[Language, str] = {"en": "Quieter.", "zh": "小声一点。"}
NO_FURTHER: Mapping[Language, str] = {"en": "That is as far as it goes.", "zh": "已经到头了。"}
DETAIL_NOW: Mapping[Detail, Mapping[Language, str]] = {
    "brief": {"en": "Brief answers.", "zh": "我会简短回答。"},
    "normal": {"en": "Normal answers.", "zh": "我会正常回答。"},
    "full": {"en": "Full answers.", "zh": "我会详细回答。"},
}
DIRECTIONS_NOW: Mapping[Directions, Mapping[Language, str]] = {
    "sides": {"en": "I say left and right.", "zh": "我会用左右说方向。"},
    "clock": {"en": "I say directions by the clock.", "zh": "我会用钟点说方向。"},
}
LANGUAGE_NOW: Mapping[Language, str] = {"en": "I speak English now.", "zh": "我现在说中文。"}
THIS_VOICE: Mapping[Language, str] = {"en": "I speak with this voice now.", "zh": "我现在用这个声音说话。"}
ONE_VOICE: Mapping[Language, str] = {"en": "I have only this voice.", "zh": "我只有这一个声音。"}


def ready(model: str, language: Language, *, practice: bool) -> str:
    """Return what is said when a model is there; of the practice model, what it is not for."""
    return (READY_PRACTICE if practice else READY)[language].format(model=model)


def wish(preferences: Preferences, language: Language) -> str:
    """Return what follows a question in `language`, for the model; nothing where `SYSTEM` says it already."""
    return _DETAILS[preferences.detail][language] + direction_wish(preferences, language)


def direction_wish(preferences: Preferences, language: Language) -> str:
    """Return that part of it which is about directions."""
    return _DIRECTIONS[preferences.directions][language]

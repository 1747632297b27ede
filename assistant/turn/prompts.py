"""What the model is told about its task, and what the assistant itself says."""

from __future__ import annotations

from collections.abc import Mapping

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

LOADING: Mapping[Language, str] = {"en": "Loading.", "zh": "正在加载。"}
READY: Mapping[Language, str] = {"en": "Ready. My model is {model}.", "zh": "准备好了。我的模型是{model}。"}
READY_PRACTICE: Mapping[Language, str] = {
    "en": "Ready. This is the practice model: it knows simple drawn scenes only. Do not rely on it.",
    "zh": "准备好了。这是练习模型，只认识简单的图画，请不要依赖它。",
}
HALF_DUPLEX: Mapping[Language, str] = {
    "en": "I hear my own loudspeaker, so I don't listen while I speak. Press Enter to stop me, or use headphones.",
    "zh": "我能听到自己的扬声器，所以说话时不会听。按回车键可以让我停下，或者请戴耳机。",
}
NOTHING_HEARD: Mapping[Language, str] = {
    "en": "I did not catch that. Please say it again.",
    "zh": "我没听清，请再说一遍。",
}
STILL_LOOKING: Mapping[Language, str] = {"en": "Still looking.", "zh": "还在看。"}
HEARING_AGAIN: Mapping[Language, str] = {"en": "I can hear you again.", "zh": "我又能听见您了。"}
RECORDING: Mapping[Language, str] = {
    "en": "I am recording: what you ask, what the camera sees then and what I answer is kept on this machine.",
    "zh": "我正在录制：您的提问、当时的画面和我的回答都会保存在这台机器上。",
}

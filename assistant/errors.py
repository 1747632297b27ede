"""Everything that can go wrong, and the sentence a person hears when it does.

::

    AssistantError
    ├── ConfigError            the configuration has mistakes
    ├── CameraLost             no camera, or it stopped delivering pictures
    ├── MicrophoneLost         no microphone, or it stopped delivering sound
    ├── SpeakerLost            no loudspeaker, or it stopped playing
    ├── ButtonLost             a button cannot be used
    │   ├── ButtonForbidden    this user may not use it
    │   ├── ButtonTaken        another assistant has it
    │   └── NobodyListens      there is no assistant that could be pressed
    ├── VoiceFailed            the voice cannot speak
    ├── HearingFailed          speech recognition failed on an utterance
    ├── PictureUnreadable      a picture file cannot be opened
    ├── PictureUseless         a picture shows nothing that could be told
    │   ├── CameraCovered      something is in front of the lens
    │   ├── TooDark            there is not enough light
    │   ├── TooBright          there is too much
    │   └── TooBlurred         the camera moved, or is out of focus
    ├── SoundUnreadable        a sound file cannot be opened
    ├── RecordingUnusable      a conversation cannot be recorded there, or not be replayed
    ├── VisionFailed           the vision-language model failed in mid-work
    │   ├── OutOfMemory        there was not enough memory
    │   │   └── LoadedSmaller  the same, and now a smaller model is there
    │   └── ContextFull        a question or picture does not fit into n_ctx
    └── ModelError             a model cannot be used
        ├── TooLarge           it needs more memory than is free, and was not loaded
        ├── AdapterUnusable    a LoRA adapter does not belong to it, or cannot be read
        ├── ModelMissing       its file or folder is not there
        ├── ModelDamaged       its file is truncated or not what it should be
        ├── ModelMismatch      language model and mmproj do not belong together
        ├── ModelUnsupported   a kind of model this assistant cannot drive
        ├── DownloadFailed     it could not be fetched
        └── DiskFull           there is no room to fetch it

    Cancelled                  not an error: a step ended because it was told to

Engines translate their library's exceptions into these (``raise … from``). `detail` is for whoever repairs; `spoken` is for
the user and says what happened and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from assistant.types import Language


def gigabytes(size: int) -> str:
    """Return a number of bytes as it is said of memory: in gigabytes, with one decimal."""
    return f"{size / 1e9:.1f}"


class Cancelled(Exception):
    """A step ended because its `Cancellation` was cancelled."""


class AssistantError(Exception):
    """Base of all errors of this project.

    Args:
        detail: What happened, for whoever repairs.
        name: What the spoken sentence may name, such as a file; empty where it names nothing.
    """

    sentence: ClassVar[Mapping[Language, str]] = {
        "en": "Something went wrong. Please ask again.",
        "zh": "出了点问题，请再问一次。",
    }

    def __init__(self, detail: str, name: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.name = name

    def spoken(self, language: Language) -> str:
        """Return the sentence the user hears."""
        return self.sentence[language].format(name=self.name)


class ConfigError(AssistantError):
    """The configuration has mistakes; `detail` lists all of them, one a line."""

    sentence = {
        "en": "My settings have a mistake. The terminal says which one.",
        "zh": "我的设置有错误，终端里写明了是哪一项。",
    }


class CameraLost(AssistantError):
    """There is no camera, or it stopped delivering pictures."""

    sentence = {
        "en": "I can't see: the camera gives no picture. Check its cable; I keep trying.",
        "zh": "我看不见：摄像头没有画面。请检查连接线，我会继续尝试。",
    }


class MicrophoneLost(AssistantError):
    """There is no microphone, or it stopped delivering sound."""

    sentence = {
        "en": "I can't hear: the microphone gives no sound. Check that it is plugged in; I keep trying.",
        "zh": "我听不见：麦克风没有声音。请检查它是否插好，我会继续尝试。",
    }


class SpeakerLost(AssistantError):
    """There is no loudspeaker, or it stopped playing."""

    sentence = {
        "en": "The loudspeaker does not play. Check that it is plugged in; I keep trying.",
        "zh": "扬声器没有响应。请检查它是否插好，我会继续尝试。",
    }


class ButtonLost(AssistantError):
    """A button cannot be opened, or went away."""

    sentence = {
        "en": "I can't use the button {name}. Check that it is connected; I keep trying.",
        "zh": "我无法使用按钮{name}。请检查它是否连接好，我会继续尝试。",
    }


class ButtonForbidden(ButtonLost):
    """This user may not use a button."""

    sentence = {
        "en": "I am not allowed to use the button {name}. The terminal says which group your user must join.",
        "zh": "我没有权限使用按钮{name}，终端里写明了您的用户需要加入哪个组。",
    }


class ButtonTaken(ButtonLost):
    """Another assistant that is running has a button."""

    sentence = {
        "en": "Another assistant is running already, and the command assistant press goes to that one. Stop one of the two.",
        "zh": "另一个助手已经在运行，命令 assistant press 会发给它。请停止其中一个。",
    }


class NobodyListens(ButtonLost):
    """There is no assistant that could be pressed."""

    sentence = {
        "en": "No assistant is running. Start it with: assistant run.",
        "zh": "没有正在运行的助手。请用 assistant run 启动。",
    }


class VoiceFailed(AssistantError):
    """The voice cannot speak."""

    sentence = {
        "en": "My voice failed. Please ask again, or choose another voice in the settings.",
        "zh": "我的语音出了问题。请再问一次，或者在设置里换一个语音。",
    }


class HearingFailed(AssistantError):
    """Speech recognition failed on an utterance."""

    sentence = {
        "en": "I could not make out your words. Please say them again.",
        "zh": "我没听清您的话，请再说一遍。",
    }


class PictureUnreadable(AssistantError):
    """A picture file cannot be opened."""

    sentence = {
        "en": "I can't open the picture {name}. Check the file, or give me another one.",
        "zh": "我打不开图片{name}。请检查文件，或者换一张。",
    }


class PictureUseless(AssistantError):
    """A picture shows nothing that could be told; the model was not asked about it."""

    sentence = {
        "en": "The picture shows nothing. Point the camera somewhere else and ask again.",
        "zh": "画面里什么也看不出来。请把摄像头对准别处再问一次。",
    }


class CameraCovered(PictureUseless):
    """Something is in front of the lens."""

    sentence = {
        "en": "Something covers the camera. Take it away and ask again.",
        "zh": "有东西挡住了摄像头。请移开后再问一次。",
    }


class TooDark(PictureUseless):
    """There is not enough light."""

    sentence = {
        "en": "It is too dark to see. Turn on a light, or check that nothing covers the camera.",
        "zh": "太暗了，看不见。请打开灯，或者检查摄像头有没有被挡住。",
    }


class TooBright(PictureUseless):
    """There is too much light."""

    sentence = {
        "en": "It is too bright to see. Turn the camera away from the light and ask again.",
        "zh": "太亮了，看不清。请让摄像头避开光源再问一次。",
    }


class TooBlurred(PictureUseless):
    """The camera moved, or is out of focus."""

    sentence = {
        "en": "The picture is blurred. Hold still, not too close, and ask again.",
        "zh": "画面太模糊。请拿稳，不要离得太近，然后再问一次。",
    }


class SoundUnreadable(AssistantError):
    """A sound file cannot be opened."""

    sentence = {
        "en": "I can't open the recording {name}. Check the file, or give me another one.",
        "zh": "我打不开录音{name}。请检查文件，或者换一个。",
    }


class RecordingUnusable(AssistantError):
    """A conversation cannot be recorded in a folder, or what is in it cannot be replayed."""

    sentence = {
        "en": "I can't use the folder {name} for a recording. The terminal says why.",
        "zh": "文件夹{name}不能用于录制或回放，终端里写明了原因。",
    }


class VisionFailed(AssistantError):
    """The vision-language model failed in mid-work."""

    sentence = {
        "en": "I failed while looking at the picture. Please ask again.",
        "zh": "我在看画面时出了错，请再问一次。",
    }


class OutOfMemory(VisionFailed):
    """There was not enough memory."""

    sentence = {
        "en": "There is not enough memory for my model. Close other programs, or choose a smaller model.",
        "zh": "内存不够运行我的模型。请关闭其他程序，或者换一个小一点的模型。",
    }


class LoadedSmaller(OutOfMemory):
    """There was not enough memory; something that needs less has been loaded instead, and knows nothing of the conversation."""

    sentence = {
        "en": "I ran out of memory and forgot our conversation. I go on with the {name} in less memory. Please ask again.",
        "zh": "内存用完了，刚才的对话我忘了。我现在用{name}，占用更少的内存，请再问一次。",
    }


class ContextFull(VisionFailed):
    """A question or picture does not fit into the model's context."""

    sentence = {
        "en": "That is too long for me. Please ask a shorter question.",
        "zh": "这对我来说太长了，请问得短一点。",
    }


class ModelError(AssistantError):
    """A model cannot be used."""

    sentence = {
        "en": "I can't use the model {name}. The terminal says why.",
        "zh": "我无法使用模型{name}，终端里写明了原因。",
    }


class TooLarge(ModelError):
    """A model needs more memory than is free, and was not loaded.

    Args:
        detail: What happened, for whoever repairs.
        name: What to call the model.
        needed: How many bytes it needs.
        free: How many there are.
        smaller: What to call a smaller model that may be chosen instead; empty where none is known.
    """

    sentence = {
        "en": "The {name} needs {needed} gigabytes and {free} are free. Close something{choice}.",
        "zh": "{name}需要{needed} GB内存，只有{free} GB可用。请关闭一些程序{choice}。",
    }
    _choices: ClassVar[Mapping[Language, str]] = {"en": ", or choose the {}", "zh": "，或者换用{}"}

    def __init__(self, detail: str, name: str = "", needed: int = 0, free: int = 0, smaller: str = "") -> None:
        super().__init__(detail, name)
        self._needed, self._free, self._smaller = needed, free, smaller

    def spoken(self, language: Language) -> str:
        """Return the sentence the user hears, with both figures."""
        choice = self._choices[language].format(self._smaller) if self._smaller else ""
        needed, free = gigabytes(self._needed), gigabytes(self._free)
        return self.sentence[language].format(name=self.name, needed=needed, free=free, choice=choice)


class AdapterUnusable(ModelError):
    """A LoRA adapter is not there, damaged, or made for another model."""

    sentence = {
        "en": "I can't use the adapter {name}: it is not there, damaged, or made for another model. The terminal says why.",
        "zh": "我无法使用适配器{name}：它不存在、已损坏，或者属于另一个模型。终端里写明了原因。",
    }


class ModelMissing(ModelError):
    """A model's file or folder is not there."""

    sentence = {
        "en": "The model {name} is not on this machine. Check its name, or fetch it with: assistant models get, and its name.",
        "zh": "这台机器上没有模型{name}。请检查名字，或者用 assistant models get 加上名字来下载。",
    }


class ModelDamaged(ModelError):
    """A model's file is truncated, or not what it should be."""

    sentence = {
        "en": "The model file {name} is damaged. Delete it and fetch it again.",
        "zh": "模型文件{name}已损坏。请删除后重新下载。",
    }


class ModelMismatch(ModelError):
    """The language model and the mmproj do not belong together."""

    sentence = {
        "en": "The picture part {name} belongs to another model. Choose the file that was published with the model.",
        "zh": "图像部分{name}属于另一个模型。请选择与模型一起发布的文件。",
    }


class ModelUnsupported(ModelError):
    """A kind of model this assistant cannot drive."""

    sentence = {
        "en": "I can't work with the model {name}. Choose a Qwen vision model of the Instruct kind.",
        "zh": "我无法使用模型{name}。请选择通义千问视觉 Instruct 模型。",
    }


class DownloadFailed(ModelError):
    """A model could not be fetched."""

    sentence = {
        "en": "I could not fetch the model {name}. Check the internet connection and try again; what is here already is kept.",
        "zh": "我没能下载模型{name}。请检查网络后重试，已下载的部分会保留。",
    }


class DiskFull(ModelError):
    """There is no room on the disk to fetch a model."""

    sentence = {
        "en": "There is not enough room on the disk for the model {name}. Delete something, or choose a smaller model.",
        "zh": "磁盘空间不够存放模型{name}。请删除一些文件，或者换一个小一点的模型。",
    }

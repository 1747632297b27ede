"""Everything that can go wrong, and the sentence a person hears when it does.

::

    AssistantError
    ├── ConfigError            the configuration has mistakes
    ├── CameraLost             no camera, or it stopped delivering pictures
    │   └── NothingShown       a visitor's page sends none
    ├── MicrophoneLost         no microphone, or it stopped delivering sound
    ├── SpeakerLost            no loudspeaker, or it stopped playing
    ├── ButtonLost             a button cannot be used
    │   ├── ButtonForbidden    this user may not use it
    │   ├── ButtonTaken        another assistant has it
    │   └── NobodyListens      there is no assistant that could be pressed
    ├── VoiceFailed            the voice cannot speak
    ├── HearingFailed          speech recognition failed on an utterance
    ├── PictureUnreadable      a picture file cannot be opened
    │   ├── PictureFormatUnknown  it is no picture, or of a format that is not read
    │   ├── PictureDamaged     it is damaged, cut off or of a rare kind
    │   ├── PictureTooLarge    it has too many pixels, or takes too much to decode
    │   └── PictureTooNarrow   it is a mere line
    ├── PictureUseless         a picture shows nothing that could be told
    │   ├── CameraCovered      something is in front of the lens
    │   ├── TooDark            there is not enough light
    │   ├── TooBright          there is too much
    │   └── TooBlurred         the camera moved, or is out of focus
    ├── SoundUnreadable        a sound file cannot be opened
    ├── RecordingUnusable      a conversation cannot be recorded there, or not be replayed
    ├── ServiceFailed          the HTTP service cannot start
    │   ├── PortTaken          another program has its port
    │   ├── AddressUnusable    this machine has no such address, or does not allow it
    │   ├── SecretUnusable     a secret of the service cannot be kept
    │   └── NobodyServes       there is no service that could let a device in
    ├── RequestRefused         a program's request is not served
    │   ├── RequestWrong       it has mistakes
    │   ├── PictureNotGiven    it asks about a picture, and there is none
    │   ├── PictureNotFound    there is no such picture in the folders that may be asked about
    │   ├── SeveralPictures    it has more than one picture in one message
    │   ├── PictureFarAway     its picture is an address, and nothing is fetched
    │   ├── ServiceBusy        too many wait already
    │   ├── ServiceStopping    the program is being stopped
    │   └── TooSlow            it took longer than a request may
    ├── NothingToRead          there is no text in a picture that could be read
    │   ├── Illegible          there is some, and it could not
    │   └── PageWhite          all is white
    ├── ReadingFailed          the text reader failed in mid-work
    ├── VisionFailed           the vision-language model failed in mid-work
    │   ├── OutOfMemory        there was not enough memory
    │   │   └── LoadedSmaller  the same, and now a smaller model is there
    │   ├── ContextFull        a question or picture does not fit into n_ctx
    │   ├── SchemaUnusable     an answer cannot be held to a JSON schema
    │   ├── DocumentTooLong    there is more on a page than one answer holds
    │   └── ServerFailed       the server that has the model reports a fault
    │       ├── ServerLost     it cannot be reached, or broke off
    │       ├── ServerUntrusted  its certificate is not known
    │       ├── ServerBusy     it has too much to do
    │       ├── ServerSlow     it sent nothing for too long
    │       ├── ServerNotUnderstood  it speaks no protocol of this kind
    │       ├── KeyRefused     it refuses the API key
    │       ├── ModelNotServed it does not have the model
    │       └── PictureRefused it does not take pictures, or not this one
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
        sentence = self.sentence[language] if self.name else self.sentence[language].replace(" {name}", "")
        return sentence.format(name=self.name)


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


class NothingShown(CameraLost):
    """There is no picture from a visitor's page: its camera is off, or it was never given one."""

    sentence = {
        "en": "I get no picture from you. Turn the camera on and keep this page in front, or give me a picture.",
        "zh": "我没有收到您的画面。请打开摄像头，让这个页面保持在前台，或者给我一张图片。",
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


class PictureFormatUnknown(PictureUnreadable):
    """A file is no picture, or one of a format that is not read here."""

    sentence = {
        "en": "The file {name} is no picture that I can open. Give me a JPEG, PNG, WebP or HEIC picture.",
        "zh": "文件{name}不是我能打开的图片。请换成 JPEG、PNG、WebP 或 HEIC 格式的图片。",
    }


class PictureDamaged(PictureUnreadable):
    """A picture file is damaged, cut off, or of a rare kind."""

    sentence = {
        "en": "The picture {name} is damaged or incomplete. Send it again, or save it as JPEG first.",
        "zh": "图片{name}已损坏或不完整。请重新发送，或者先另存为 JPEG 格式。",
    }


class PictureTooLarge(PictureUnreadable):
    """A picture has more pixels than are decoded, or takes too much memory or time."""

    sentence = {
        "en": "The picture {name} is too large for me: I open up to 50 megapixels. Make it smaller, or take a new one.",
        "zh": "图片{name}太大了，我最多能打开五千万像素的图片。请把它缩小，或者重新拍一张。",
    }


class PictureTooNarrow(PictureUnreadable):
    """A picture is so long and thin that nothing can be seen on it."""

    sentence = {
        "en": "The picture {name} is only a thin line, and I can't see anything on it. Give me another one.",
        "zh": "图片{name}只是一条细线，我什么也看不出来。请换一张。",
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


class NothingToRead(AssistantError):
    """There is no text in a picture."""

    sentence = {
        "en": "There is no text that I can read. Turn it over, or hold the camera a hand's breadth further away, and ask again.",
        "zh": "没有我能读的文字。请翻到另一面，或者把摄像头拿远一点，再问一次。",
    }


class Illegible(NothingToRead):
    """There is text in a picture, and none of it could be made out."""

    sentence = {
        "en": "There is text, but I can't read it. Hold still, closer, in good light, and ask again.",
        "zh": "有文字，但是我看不清。请拿稳，靠近一点，光线亮一点，再问一次。",
    }


class PageWhite(NothingToRead):
    """A picture is white all over."""

    sentence = {
        "en": "I see only white: an empty page, or too much light. Turn it over, or away from the light, and ask again.",
        "zh": "我只看到一片白。可能是白纸，也可能光线太强。请翻到另一面，或者避开光源，再问一次。",
    }


class ReadingFailed(AssistantError):
    """The text reader failed in mid-work."""

    sentence = {
        "en": "I could not read that. Please ask again.",
        "zh": "我没能读出来。请再问一次。",
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


class ServiceFailed(AssistantError):
    """The HTTP service cannot start."""

    sentence = {
        "en": "My service for the page and for programs does not start. The terminal says why.",
        "zh": "网页和程序用的服务无法启动，终端里写明了原因。",
    }


class PortTaken(ServiceFailed):
    """Another program has the service's port."""

    sentence = {
        "en": "Port {name} is in use, perhaps by another assistant. Stop that one, or choose another port.",
        "zh": "端口{name}已被占用，可能是另一个助手。请停止它，或者换一个端口。",
    }


class AddressUnusable(ServiceFailed):
    """This machine has no such address, or does not let this user listen there."""

    sentence = {
        "en": "I can't be reached at the address {name}. Choose another one in the settings, such as 127.0.0.1.",
        "zh": "地址{name}不能使用。请在设置里换一个，例如 127.0.0.1。",
    }


class SecretUnusable(ServiceFailed):
    """The token of the service, or the key of its certificate, cannot be written or read, or is not safe."""

    sentence = {
        "en": "I can't keep the secret file {name} safe, so I don't serve. The terminal says why.",
        "zh": "我无法安全地保存密钥文件{name}，所以没有启动服务。终端里写明了原因。",
    }


class NobodyServes(ServiceFailed):
    """There is no service on this machine that could let a device in."""

    sentence = {
        "en": "No service is running here, or not with these settings. Start it with: assistant serve.",
        "zh": "这里没有正在运行的服务，或者设置不同。请用 assistant serve 启动。",
    }


class RequestRefused(AssistantError):
    """A program's request is not served."""

    sentence = {"en": "I can't serve this request.", "zh": "我无法处理这个请求。"}


class RequestWrong(RequestRefused):
    """A request has mistakes.

    Args:
        mistakes: Each as one line; they name fields and tell nothing of what is in them.
        field: Which field is wrong; empty where that is not one.
    """

    sentence = {"en": "This request has a mistake.", "zh": "这个请求有错误。"}

    def __init__(self, *mistakes: str, field: str = "") -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes
        self.field = field


class PictureNotGiven(RequestRefused):
    """A request asks about a picture, and there is none."""

    sentence = {"en": "There is no picture to ask about. Send one.", "zh": "没有可以提问的图片。请发送一张。"}


class PictureNotFound(RequestRefused):
    """There is no such picture in the folders that may be asked about. Of other folders nothing is told."""

    sentence = {
        "en": "There is no such picture in the folders that I may look into.",
        "zh": "在我可以查看的文件夹里没有这张图片。",
    }


class SeveralPictures(RequestRefused):
    """A request has more than one picture in one message."""

    sentence = {"en": "I look at one picture at a time. Send one a message.", "zh": "我一次只看一张图片。每条消息请只发一张。"}


class PictureFarAway(RequestRefused):
    """A request's picture is an address."""

    sentence = {
        "en": "I fetch nothing from addresses. Send the picture itself, as a data URL.",
        "zh": "我不会从网址获取任何内容。请用 data URL 发送图片本身。",
    }


class ServiceBusy(RequestRefused):
    """Too many wait already.

    Args:
        detail: What happened, for whoever repairs.
        after: When it is worth trying again, in seconds.
    """

    sentence = {"en": "Too many are waiting for an answer. Try again a little later.", "zh": "等待回答的请求太多了。请稍后再试。"}

    def __init__(self, detail: str, after: int = 1) -> None:
        super().__init__(detail)
        self.after = after


class ServiceStopping(RequestRefused):
    """The program is being stopped."""

    sentence = {"en": "I am being stopped. Start me again, and ask again.", "zh": "我正在被关闭。请重新启动后再问一次。"}


class TooSlow(RequestRefused):
    """A request took longer than one may."""

    sentence = {"en": "This took too long, and I gave up.", "zh": "花的时间太长，我放弃了。"}


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


class SchemaUnusable(VisionFailed):
    """An answer cannot be held to a JSON schema: it is damaged, asks for something unknown, or is too large."""

    sentence = {
        "en": "I can't answer in that form: its schema has a mistake, or is too large.",
        "zh": "我无法按这种格式回答：格式的定义有错误，或者太大。",
    }


class DocumentTooLong(VisionFailed):
    """There is more on a page than one answer holds."""

    sentence = {
        "en": "There is too much on this page for me to take down. Show me a part of it, from closer by.",
        "zh": "这一页内容太多，我记不全。请靠近一点，只拍其中一部分。",
    }


class ServerFailed(VisionFailed):
    """The server that has the model reports a fault. `name` is its host, for all of these."""

    sentence = {
        "en": "The server {name}, which has my model, reports a fault. Please ask again; if it stays, look at that server.",
        "zh": "运行我的模型的服务器{name}出了故障。请再问一次；如果一直这样，请检查那台服务器。",
    }


class ServerLost(ServerFailed):
    """The server cannot be reached, or broke off in mid-answer."""

    sentence = {
        "en": "I get no answer from the server {name}, which has my model. Check that it runs, and that I am in its network.",
        "zh": "运行我的模型的服务器{name}没有回应。请检查它是否在运行，以及我是否连着它的网络。",
    }


class ServerUntrusted(ServerFailed):
    """The server's certificate is not one that is trusted here; nothing was sent to it."""

    sentence = {
        "en": "I don't trust the server {name}: its certificate is not one that I know. Name it in the settings, as ca file.",
        "zh": "我不信任服务器{name}：我不认识它的证书。请在设置的 ca_file 里写明它的证书。",
    }


class ServerBusy(ServerFailed):
    """The server has too much to do, or is still loading."""

    sentence = {
        "en": "The server {name} has too much to do just now. Ask again in a moment.",
        "zh": "服务器{name}现在太忙。请过一会儿再问。",
    }


class ServerSlow(ServerFailed):
    """The server sent nothing for longer than the settings allow."""

    sentence = {
        "en": "The server {name} takes too long. Please ask again.",
        "zh": "服务器{name}太久没有回应，请再问一次。",
    }


class ServerNotUnderstood(ServerFailed):
    """What the server sends is not OpenAI's protocol."""

    sentence = {
        "en": "I don't understand what the server {name} answers. Check its address in the settings: it often ends in slash v1.",
        "zh": "我看不懂服务器{name}的回应。请检查设置里的地址，它通常以 /v1 结尾。",
    }


class KeyRefused(ServerFailed):
    """The server wants an API key, or another one."""

    sentence = {
        "en": "The server {name} refuses my key. Put the right one into the key file of the settings, and ask again.",
        "zh": "服务器{name}拒绝了我的密钥。请把正确的密钥放进设置里的密钥文件，然后再问一次。",
    }


class ModelNotServed(ServerFailed):
    """The server does not have the model."""

    sentence = {
        "en": "The server {name} does not have the model that my settings name. The terminal says more.",
        "zh": "服务器{name}没有我的设置里写的模型，详情见终端。",
    }


class PictureRefused(ServerFailed):
    """The server does not take pictures, or not this one."""

    sentence = {
        "en": "The server {name} does not take my picture. Check that its model is one for pictures.",
        "zh": "服务器{name}不接受我的画面。请检查它的模型是不是能看图的模型。",
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

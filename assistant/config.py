"""The settings: what there is, what it may be, and what it is where nothing else is said.

Every field has a default, so an empty file is a valid configuration: the system's own camera, microphone and loudspeaker
with the practice model. How files, profiles and the command line come together stands in `assistant.profiles`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

import pydantic
from typing_extensions import Self

from assistant.keys import KEY_CODES
from assistant.types import Preset
from assistant.written import FilePath, NameOrPath


def _number_or_name(value: Any) -> Any:
    """Take a camera's number also without quotes."""
    return str(value) if type(value) is int else value


def _known_key(value: str) -> str:
    if value not in KEY_CODES:
        raise ValueError("no key of that name is known; evtest tells a key's name, such as KEY_SPACE, KEY_PLAYPAUSE or BTN_0")
    return value


def _server_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address must look like http://192.168.1.5:8000/v1")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("only host, port and path belong here; an API key belongs into the file that key_file names")
    if parts.port == 0:
        raise ValueError("no server has port 0")
    return value.rstrip("/")


KeyName: TypeAlias = Annotated[str, pydantic.AfterValidator(_known_key)]
Probability: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=1)]
Anticipation: TypeAlias = Literal["always", "on-speech", "never"]
"""When the model reads a picture before it is asked."""
SecondsField: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=600)]
HostName: TypeAlias = Annotated[
    str, pydantic.StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
]
"""As DNS knows it: one with other letters in its xn-- form."""
SLOWEST, FASTEST = 80, 450
Temperature: TypeAlias = Annotated[float, pydantic.Field(ge=0, le=2)]
AnswerTokens: TypeAlias = Annotated[int, pydantic.Field(ge=8, le=1024)]
WordsPerMinute: TypeAlias = Annotated[int, pydantic.Field(ge=SLOWEST, le=FASTEST)]


class _Section(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class CameraConfig(_Section):
    """Where pictures come from."""

    source: Annotated[NameOrPath, pydantic.BeforeValidator(_number_or_name)] = "0"
    """A number or name that ``assistant devices`` lists, the path of a video or of a folder of pictures, with a slash in it, or
    an http:// or rtsp:// address."""
    max_age: SecondsField = 1.0
    """The oldest picture an answer may be about, in seconds."""


class DeviceMicrophoneConfig(_Section):
    """A microphone of this machine."""

    kind: Literal["device"] = "device"
    name: str = ""
    """A name, or part of one, that ``assistant devices`` lists; empty for the system's choice."""
    echo_cancelling: bool = True
    """Take out of its sound what this machine's loudspeaker plays, so that somebody can talk over an answer without headphones."""


class FileMicrophoneConfig(_Section):
    """A recording in place of a microphone, heard at the pace it was recorded."""

    kind: Literal["file"]
    path: FilePath


class DeviceSpeakerConfig(_Section):
    """A loudspeaker or headphones of this machine."""

    kind: Literal["device"] = "device"
    name: str = ""
    """A name, or part of one, that ``assistant devices`` lists; empty for the system's choice."""


class FileSpeakerConfig(_Section):
    """A WAV file in place of a loudspeaker."""

    kind: Literal["file"]
    path: FilePath


class EndpointConfig(_Section):
    """When speech starts and when it has ended. Times are in audio seconds."""

    start_probability: Probability = 0.5
    """From which speech probability a block counts as voiced."""
    stop_probability: Probability = 0.35
    """Below which a block counts as silent (Silero's own default: start minus 0.15)."""
    start_voiced: SecondsField = 0.1
    """How much voiced sound starts an utterance; shorter sounds are clicks."""
    end_silence: Annotated[float, pydantic.Field(ge=0.1, le=10)] = 0.35
    """How much silence ends it when it is finished by its words and its sound; longer, the less it sounds so."""
    open_silence: Annotated[float, pydantic.Field(ge=0.1, le=10)] = 0.8
    """The same when its words may or may not be all."""
    longest_pause: Annotated[float, pydantic.Field(ge=0.1, le=10)] = 1.6
    """The same when they break off: somebody is thinking."""
    pre_roll: SecondsField = 0.4
    """How much sound from before the start belongs to it, so that the first consonant is kept."""
    longest: Annotated[float, pydantic.Field(ge=2, le=60)] = 30.0
    """After which an utterance ends without silence; Whisper hears 30 seconds at a time."""


class AlwaysStartConfig(_Section):
    """Whoever speaks is speaking to the assistant."""

    kind: Literal["always"] = "always"


class WakeWordStartConfig(_Section):
    """Only what follows a wake word is meant for the assistant."""

    kind: Literal["wake-word"]
    model: NameOrPath = "hey-jarvis"
    """A name of the model catalogue, or the path of an openWakeWord model (.onnx)."""
    threshold: Probability = 0.5
    """From which score the word counts as said. Lower hears it more often, also when it was not said. 0.5 is what openWakeWord's
    models were trained for, and what it recommends to begin with."""
    follow_up: SecondsField = 8.0
    """For how long after an answer no wake word is needed."""


class PushToTalkStartConfig(_Section):
    """Only what is said while a button is held is meant for the assistant, or after it was pressed where it cannot be held."""

    kind: Literal["push-to-talk"]


class TerminalButtonConfig(_Section):
    """Enter in the terminal."""

    kind: Literal["terminal"] = "terminal"


class CommandButtonConfig(_Section):
    """The command ``assistant press``."""

    kind: Literal["command"] = "command"


class EvdevButtonConfig(_Section):
    """A key of an input device, on Linux: it works whatever window has the focus."""

    kind: Literal["evdev"]
    device: Annotated[str, pydantic.Field(min_length=1)]
    """A part of the device's name, or a path, best one below /dev/input/by-id."""
    key: KeyName
    """Such as "KEY_SPACE", "KEY_PLAYPAUSE" or "BTN_0"; ``evtest`` tells it."""


class GpioButtonConfig(_Section):
    """A switch at a GPIO line, on Linux."""

    kind: Literal["gpio"]
    chip: Path = Path("/dev/gpiochip0")
    line: Annotated[int, pydantic.Field(ge=0)] | str
    """Its number on the chip, or its name; ``gpioinfo`` tells both."""
    active_low: bool = True
    """Whether the switch connects the line to ground, as most do."""
    bias: Literal["pull-up", "pull-down", "none"] = "pull-up"
    """What the line rests at. A chip without such resistors leaves it out: then the switch needs one of its own."""


class TranscriberConfig(_Section):
    """Speech recognition with faster-whisper."""

    model: NameOrPath = "whisper-base"
    """A name of the model catalogue, or a folder."""
    language: Literal["auto", "en", "zh"] = "auto"
    """A fixed language is faster and surer than a detected one."""
    threads: Annotated[int, pydantic.Field(ge=0, le=64)] = 0
    """Processor threads; 0 for as many processors as this program may use."""
    device: Literal["cpu", "cuda"] = "cpu"
    """What computes. CTranslate2's packages know CUDA only on x86; ``scripts/setup-jetson --whisper-gpu`` builds it for Jetsons."""


class EspeakVoiceConfig(_Section):
    """espeak-ng: a formant voice, clear up to 450 words a minute."""

    kind: Literal["espeak"] = "espeak"
    rate: WordsPerMinute = 190
    pitch: Annotated[int, pydantic.Field(ge=0, le=99)] = 50
    volume: Annotated[int, pydantic.Field(ge=0, le=200)] = 100
    """100 is the voice's own loudness."""


class SystemVoiceConfig(_Section):
    """The system's own voices through pyttsx3, on macOS and Windows."""

    kind: Literal["pyttsx3"]
    rate: WordsPerMinute = 190
    volume: Annotated[int, pydantic.Field(ge=0, le=100)] = 100


class PiperVoiceConfig(_Section):
    """Piper: a neural voice from files of the user's own."""

    kind: Literal["piper"]
    english: FilePath
    """An .onnx voice with its .onnx.json beside it."""
    chinese: FilePath | None = None
    """Empty: Chinese is spoken by the English voice's rules, badly."""
    rate: WordsPerMinute = 190
    volume: Annotated[int, pydantic.Field(ge=0, le=100)] = 100


class KokoroVoiceConfig(_Section):
    """Kokoro: a neural voice for English and Chinese. It needs ``assistant models get kokoro`` and a few packages more."""

    kind: Literal["kokoro"]
    rate: WordsPerMinute = 190
    """It speaks no slower than 90 and no faster than 360."""
    volume: Annotated[int, pydantic.Field(ge=0, le=200)] = 100
    """100 is the voice's own loudness."""


class SpeechDispatcherVoiceConfig(_Section):
    """The voice of the user's own screen reader, with its settings: Speech Dispatcher, on Linux."""

    kind: Literal["speech-dispatcher"]
    module: str = ""
    """One of its output modules, such as espeak-ng; empty for the one that its own settings name."""
    rate: WordsPerMinute = 190


VoiceConfig: TypeAlias = Annotated[
    EspeakVoiceConfig | SystemVoiceConfig | PiperVoiceConfig | KokoroVoiceConfig | SpeechDispatcherVoiceConfig,
    pydantic.Field(discriminator="kind"),
]


class LoraConfig(_Section):
    """A LoRA adapter: small weights that were trained on top of a language model's own."""

    path: FilePath
    """A GGUF file, as llama.cpp's convert_lora_to_gguf.py writes it."""
    scale: Annotated[float, pydantic.Field(ge=-4, le=4)] = 1.0
    """How strongly it works; 0 not at all."""


class VisionConfig(_Section):
    """A vision-language model on this machine, by llama.cpp, and how much of the machine it may use."""

    kind: Literal["llama"] = "llama"
    model: NameOrPath = "practice"
    """A name of the model catalogue, or the path of a GGUF file."""
    mmproj: FilePath | None = None
    """The picture part that was published with a GGUF given by path."""
    lora: tuple[LoraConfig, ...] = ()
    """Adapters of the language model; all work together."""
    fit: bool = True
    """Whether it is found out before loading that the model fits into memory, and something smaller is loaded where it does not."""
    n_ctx: Annotated[int, pydantic.Field(ge=512, le=4096)] = 2048
    """Tokens of picture, question, answer and conversation together; each costs memory."""
    n_batch: Annotated[int, pydantic.Field(ge=32, le=2048)] = 256
    n_ubatch: Annotated[int, pydantic.Field(ge=32, le=2048)] = 256
    """Small batches are cancelled sooner on a GPU; large ones prefill faster."""
    kv_type: Literal["f16", "q8_0"] = "f16"
    flash_attention: Literal["auto", "on", "off"] = "auto"
    threads: Annotated[int, pydantic.Field(ge=0, le=256)] = 0
    """Processor threads; 0 for as many processors as this program may use."""
    gpu_layers: Annotated[int, pydantic.Field(ge=-1)] = 0
    """Layers computed on a GPU; -1 for all."""
    image_tokens: Annotated[int, pydantic.Field(ge=4, le=2048)] | None = None
    """The most tokens a picture may take; one is 32 by 32 pixels. Empty: 35 for the practice model, 384 for others."""
    mmap: bool = True
    repack: bool = False
    """Copy quantised weights into a layout that some processors read faster, at the price of memory."""
    preset: Preset = "question"
    temperature: Temperature | None = None
    """In place of the preset's; 0 always takes the likeliest word."""
    max_tokens: AnswerTokens = 200
    """The longest answer; what is written down of a document has all the room that n_ctx leaves."""

    @pydantic.model_validator(mode="after")
    def _fits(self) -> Self:
        needed = self.max_tokens + (self.image_tokens or 0) + 256
        if needed > self.n_ctx:
            raise ValueError(f"n_ctx must be at least {needed}: max_tokens, image_tokens, and 256 for instructions and a question")
        return self


class OpenAiVisionConfig(_Section):
    """A vision-language model on a server that speaks OpenAI's protocol, such as vLLM, llama-server or Ollama.

    Questions and pictures leave this machine, and it says so at each start.
    """

    kind: Literal["openai"]
    address: Annotated[str, pydantic.AfterValidator(_server_address)]
    """Such as "http://192.168.1.5:8000/v1": what comes before /chat/completions."""
    model: Annotated[str, pydantic.Field(min_length=1)]
    """The name that the server lists it under."""
    key_file: FilePath | None = None
    """A file with the server's API key, and nothing else in it. There is no other way to give the key: settings are shown and
    passed on, command lines are seen by all users of a machine, and environment variables by every program that is started."""
    ca_file: FilePath | None = None
    """The certificate, or the authority, that an https:// server of one's own is known by, as PEM."""
    patience: Annotated[float, pydantic.Field(ge=1, le=600)] = 30.0
    """How many seconds the server may take for the first word, and between two, until it is given up."""
    preset: Preset = "question"
    temperature: Temperature | None = None
    """In place of the preset's; 0 always takes the likeliest word."""
    max_tokens: AnswerTokens = 200
    """The longest answer."""


class ConversationConfig(_Section):
    """How the assistant behaves."""

    language: Literal["en", "zh"] = "en"
    """The language of its own announcements. Answers follow the question's language."""
    barge_in: Literal["auto", "voice", "off"] = "auto"
    """Whether talking over an answer stops it. "auto" listens during the greeting and decides: off where the microphone hears the
    loudspeaker, for then the assistant would interrupt itself."""
    turn_log: bool = True
    """Whether a line about how long each turn took, without any words, is kept for ``assistant stats``."""
    anticipate: Anticipation = "on-speech"
    """When a picture is read ahead: whenever the scene has changed and nobody speaks ("always": a question costs no time for its
    picture, but the machine works and warms while it waits), when somebody begins to speak, or only once they have asked."""


class CodesConfig(_Section):
    """What is said of bar codes."""

    products: FilePath | None = None
    """A table of one's own (CSV in UTF-8) of articles: the number below the bar code, and what to call it."""


class EarconsConfig(_Section):
    """Short sounds that tell what is going on: listening, captured, thinking, done, error, microphone off."""

    enabled: bool = True
    """Without them, only the error's is left, for when not even an error can be spoken."""
    volume: Annotated[int, pydantic.Field(ge=1, le=100)] = 50


class ServeConfig(_Section):
    """The HTTP service of ``assistant serve`` and ``assistant run --serve``."""

    host: str = "127.0.0.1"
    """The address it is reached at. Any but this machine's own (127.0.0.1, ::1) asks visitors for a token. With `https` it is by
    default "0.0.0.0", all addresses of this machine: encryption is for other ones."""
    port: Annotated[int, pydantic.Field(ge=0, le=65535)] = 7860
    """0 for any that is free."""
    https: bool = False
    """Encrypted, with a certificate of its own: phones lend their camera and microphone to no other page."""
    names: tuple[HostName, ...] = ()
    """Names it is reached by, beside localhost and this machine's own. Any asks visitors for a token: others reach it by that."""
    folders: tuple[FilePath, ...] = ()
    """Folders whose pictures ``image_path`` may name, beside the bundled samples."""
    waiting: Annotated[int, pydantic.Field(ge=0, le=1000)] = 8
    """How many requests may wait for the model; the next is refused."""
    conversations: Annotated[int, pydantic.Field(ge=1, le=100)] = 8
    """How many conversations are kept; the one that rested longest is forgotten for a new one."""
    body_megabytes: Annotated[int, pydantic.Field(ge=1, le=200)] = 20
    """The largest request."""
    time_limit: Annotated[float, pydantic.Field(ge=1, le=3600)] = 120.0
    """How long a request may take, in seconds."""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _for_others(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("https") is True:
            return {"host": "0.0.0.0", **given}  # noqa: S104 - who wants it encrypted comes from elsewhere, and needs a token
        return given


class Config(_Section):
    """The whole configuration."""

    camera: CameraConfig = CameraConfig()
    microphone: Annotated[DeviceMicrophoneConfig | FileMicrophoneConfig, pydantic.Field(discriminator="kind")] = (
        DeviceMicrophoneConfig()
    )
    speaker: Annotated[DeviceSpeakerConfig | FileSpeakerConfig, pydantic.Field(discriminator="kind")] = DeviceSpeakerConfig()
    endpoint: EndpointConfig = EndpointConfig()
    start: Annotated[AlwaysStartConfig | WakeWordStartConfig | PushToTalkStartConfig, pydantic.Field(discriminator="kind")] = (
        AlwaysStartConfig()
    )
    """What tells that somebody speaks to the assistant."""
    buttons: tuple[
        Annotated[
            TerminalButtonConfig | CommandButtonConfig | EvdevButtonConfig | GpioButtonConfig, pydantic.Field(discriminator="kind")
        ],
        ...,
    ] = (TerminalButtonConfig(), CommandButtonConfig())
    transcriber: TranscriberConfig = TranscriberConfig()
    voice: VoiceConfig = EspeakVoiceConfig()
    chinese_voice: VoiceConfig | None = None
    """Speaks Chinese sentences in its place, as fast as ``voice``."""
    vision: Annotated[VisionConfig | OpenAiVisionConfig, pydantic.Field(discriminator="kind")] = VisionConfig()
    conversation: ConversationConfig = ConversationConfig()
    earcons: EarconsConfig = EarconsConfig()
    codes: CodesConfig = CodesConfig()
    serve: ServeConfig = ServeConfig()

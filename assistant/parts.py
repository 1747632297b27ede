"""The parts of an assistant, each opened as its configuration says: one function a part, one `match` a choice of engine."""

from __future__ import annotations

import contextlib
from pathlib import Path

from typing_extensions import assert_never

from assistant.config import (
    AlwaysStartConfig,
    CommandButtonConfig,
    Config,
    DeviceMicrophoneConfig,
    DeviceSpeakerConfig,
    EspeakVoiceConfig,
    EvdevButtonConfig,
    FileMicrophoneConfig,
    FileSpeakerConfig,
    GpioButtonConfig,
    KokoroVoiceConfig,
    PiperVoiceConfig,
    PushToTalkStartConfig,
    SpeechDispatcherVoiceConfig,
    SystemVoiceConfig,
    TerminalButtonConfig,
    VoiceConfig,
    WakeWordStartConfig,
)
from assistant.engines.command_button import CommandButton
from assistant.engines.echo_free_microphone import EchoFreeMicrophone
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.evdev_button import EvdevButton
from assistant.engines.file_microphone import FileMicrophone
from assistant.engines.file_speaker import FileSpeaker
from assistant.engines.gpio_button import GpioButton
from assistant.engines.kokoro_voice import KokoroVoice
from assistant.engines.open_wake_word_detector import OpenWakeWordDetector
from assistant.engines.opencv_camera import OpenCvCamera
from assistant.engines.opencv_code_reader import OpenCvCodeReader
from assistant.engines.piper_voice import PiperVoice
from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker, list_speakers
from assistant.engines.speech_dispatcher_voice import SpeechDispatcherVoice
from assistant.engines.system_voice import SystemVoice
from assistant.engines.terminal_button import TerminalButton
from assistant.engines.webrtc_echo_canceller import WebrtcEchoCanceller
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import ModelError, SpeakerLost
from assistant.events import Stage
from assistant.models.catalogue import kokoro_folder, text_files, turn_file, wake_word_files, whisper_folder
from assistant.ports import (
    Button,
    Camera,
    CodeReader,
    EchoCanceller,
    Microphone,
    Speaker,
    TextReader,
    Transcriber,
    TurnDetector,
    Voice,
    WakeWordDetector,
)
from assistant.products import read_products
from assistant.runtime.bilingual_voice import BilingualVoice
from assistant.runtime.watch import Watch

ANSWER_FILE = Path("out", "answer.wav")
"""Where a single answer is spoken to when there is no loudspeaker."""


def open_camera(config: Config) -> Camera:
    """Return the camera; it connects in the background."""
    return OpenCvCamera(config.camera.source)


def open_code_reader(config: Config) -> CodeReader:
    """Return what reads codes, with the names of the user's own table.

    Raises:
        ConfigError: The table has mistakes.
    """
    return OpenCvCodeReader(read_products(config.codes.products) if config.codes.products else {})


def open_echo_canceller(config: Config) -> EchoCanceller | None:
    """Return what takes the loudspeaker out of the microphone's sound, to be given to both; None where that is not wanted."""
    match config.microphone, config.speaker:
        case DeviceMicrophoneConfig(echo_cancelling=True), DeviceSpeakerConfig():
            return WebrtcEchoCanceller()
        case _:
            return None


def open_microphone(config: Config, canceller: EchoCanceller | None = None) -> Microphone:
    """Return the microphone; it opens when it is listened to."""
    match config.microphone:
        case DeviceMicrophoneConfig(name=name):
            microphone = SounddeviceMicrophone(name)
            return EchoFreeMicrophone(microphone, canceller) if canceller else microphone
        case FileMicrophoneConfig(path=path):
            return FileMicrophone(path)
        case other:
            assert_never(other)


def open_speaker(config: Config, canceller: EchoCanceller | None = None) -> Speaker:
    """Return the loudspeaker; it opens when it plays."""
    match config.speaker:
        case DeviceSpeakerConfig(name=name):
            return SounddeviceSpeaker(name, canceller.played if canceller else None)
        case FileSpeakerConfig(path=path):
            return FileSpeaker(path)
        case other:
            assert_never(other)


def speaker_or_file(config: Config, watch: Watch) -> Speaker:
    """Return the loudspeaker, or a file where this machine has none: a single answer should not be lost."""
    try:
        if not isinstance(config.speaker, DeviceSpeakerConfig) or list_speakers():
            return open_speaker(config)
    except SpeakerLost as error:
        watch(Stage.FAILED, error.detail)
    watch(Stage.FAILED, f"there is no loudspeaker, so the answer goes into the file {ANSWER_FILE}")
    return FileSpeaker(ANSWER_FILE)


def open_voice(config: Config) -> Voice:
    """Load the voice, or the one for English and the one for Chinese.

    Raises:
        VoiceFailed, ModelError: It cannot be used here.
    """
    if config.chinese_voice is None:
        return _open_voice(config.voice)
    with contextlib.ExitStack() as undo:
        english = _open_voice(config.voice)
        undo.callback(english.close)
        voice = BilingualVoice(english, _open_voice(config.chinese_voice))
        undo.pop_all()
        return voice


def _open_voice(section: VoiceConfig) -> Voice:
    match section:
        case EspeakVoiceConfig():
            return EspeakVoice(section)
        case SystemVoiceConfig():
            return SystemVoice(section)
        case PiperVoiceConfig():
            return PiperVoice(section)
        case KokoroVoiceConfig():
            return KokoroVoice(section, kokoro_folder())
        case SpeechDispatcherVoiceConfig():
            return SpeechDispatcherVoice(section)
        case other:
            assert_never(other)


def open_transcriber(config: Config) -> Transcriber:
    """Load and warm speech recognition, without any network.

    Raises:
        ModelError: Its folder is missing or damaged.
    """
    section = config.transcriber
    return WhisperTranscriber(whisper_folder(section.model), section.language, section.threads, section.device)


def load_hearing(config: Config, watch: Watch) -> tuple[Transcriber, TurnDetector | None]:
    """Load speech recognition and the turn detector, and tell that.

    Raises:
        ModelError: Speech recognition is missing or damaged.
    """
    watch(Stage.LOADING, f"speech recognition {config.transcriber.model}")
    return open_transcriber(config), open_turn_detector(watch)


def open_turn_detector(watch: Watch) -> TurnDetector | None:
    """Load the turn detector; None where it cannot be used, for the conversation does without, only slower."""
    try:
        return SmartTurnDetector(turn_file())
    except ModelError as error:
        watch(Stage.FAILED, error.detail)
        return None


def open_text_reader() -> TextReader:
    """Return what reads text; it loads when it is first used."""
    return PpocrTextReader(text_files)


def open_wake_word(config: Config) -> WakeWordDetector | None:
    """Load the wake word; None where none is needed.

    Raises:
        ModelError: It cannot be used here.
    """
    match config.start:
        case WakeWordStartConfig(model=model, threshold=threshold):
            files = wake_word_files(model)
            return OpenWakeWordDetector(files.spectrum, files.embedding, files.word, threshold)
        case AlwaysStartConfig() | PushToTalkStartConfig():
            return None
        case other:
            assert_never(other)


def open_buttons(config: Config) -> list[Button]:
    """Return the buttons; each opens when its presses are waited for."""
    buttons: list[Button] = []
    for section in config.buttons:
        match section:
            case TerminalButtonConfig():
                buttons.append(TerminalButton())
            case CommandButtonConfig():
                buttons.append(CommandButton())
            case EvdevButtonConfig(device=device, key=key):
                buttons.append(EvdevButton(device, key))
            case GpioButtonConfig():
                buttons.append(GpioButton(section))
            case other:
                assert_never(other)
    return buttons

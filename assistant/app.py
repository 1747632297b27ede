"""The composition root: the only module that names concrete engines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
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
    SystemVoiceConfig,
    TerminalButtonConfig,
    VoiceConfig,
    WakeWordStartConfig,
)
from assistant.engines.command_button import CommandButton
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.evdev_button import EvdevButton
from assistant.engines.file_microphone import FileMicrophone, read_recording
from assistant.engines.file_speaker import FileSpeaker
from assistant.engines.gpio_button import GpioButton
from assistant.engines.kokoro_voice import KokoroVoice
from assistant.engines.open_wake_word_detector import OpenWakeWordDetector
from assistant.engines.opencv_camera import OpenCvCamera, list_cameras
from assistant.engines.pillow_picture import read_picture
from assistant.engines.piper_voice import PiperVoice
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.engines.sounddevice_microphone import SounddeviceMicrophone, list_microphones
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker, list_speakers
from assistant.engines.system_voice import SystemVoice
from assistant.engines.terminal_button import TerminalButton
from assistant.engines.whisper_transcriber import WhisperTranscriber
from assistant.errors import AssistantError, HearingFailed, ModelError, SpeakerLost
from assistant.events import Observer, Stage
from assistant.models.catalogue import kokoro_folder, turn_file, wake_word_files, whisper_folder
from assistant.observe import recording, turn_log
from assistant.observe.turns import TurnKeeper
from assistant.ports import Button, Camera, Microphone, Speaker, Transcriber, TurnDetector, Voice, WakeWordDetector
from assistant.remembered import recall, remember, remembered_path
from assistant.runtime.announcer import PATIENCE
from assistant.runtime.bilingual_voice import BilingualVoice
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import look, refuse_useless
from assistant.runtime.mouth import Mouth
from assistant.runtime.replay import Asked, Replay
from assistant.runtime.spare_voice import spare_sentences
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.turn.preferences import Preferences
from assistant.turn.prompts import INTRODUCTION, LOADING, READY, READY_PRACTICE, RECORDING
from assistant.turn.quality import judge
from assistant.turn.sentences import language_of
from assistant.turn.timeline import Turn
from assistant.types import SAMPLE_RATE, Language, Question, Utterance
from assistant.vision import PRACTICE, OpenedVision, open_vision

ANSWER_FILE = Path("out", "answer.wav")
"""Where `ask` speaks to when there is no loudspeaker."""


def open_camera(config: Config) -> Camera:
    """Return the camera; it connects in the background."""
    return OpenCvCamera(config.camera.source)


def open_microphone(config: Config) -> Microphone:
    """Return the microphone; it opens when it is listened to."""
    match config.microphone:
        case DeviceMicrophoneConfig(name=name):
            return SounddeviceMicrophone(name)
        case FileMicrophoneConfig(path=path):
            return FileMicrophone(path)
        case other:
            assert_never(other)


def open_speaker(config: Config) -> Speaker:
    """Return the loudspeaker; it opens when it plays."""
    match config.speaker:
        case DeviceSpeakerConfig(name=name):
            return SounddeviceSpeaker(name)
        case FileSpeakerConfig(path=path):
            return FileSpeaker(path)
        case other:
            assert_never(other)


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
        case other:
            assert_never(other)


def open_transcriber(config: Config) -> Transcriber:
    """Load and warm speech recognition, without any network.

    Raises:
        ModelError: Its folder is missing or damaged.
    """
    section = config.transcriber
    return WhisperTranscriber(whisper_folder(section.model), section.language, section.threads)


def open_turn_detector(watch: Watch) -> TurnDetector | None:
    """Load the turn detector; None where it cannot be used, for the conversation does without, only slower."""
    try:
        return SmartTurnDetector(turn_file())
    except ModelError as error:
        watch(Stage.FAILED, error.detail)
        return None


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


async def run(config: Config, observers: tuple[Observer, ...], record: Path | None = None, person: Replay | None = None) -> None:
    """Hold a hands-free conversation until the microphone's recording ends or the program is stopped.

    Args:
        config: What to hold it with.
        observers: Told what happens.
        record: An empty folder to record it in, or one to be made.
        person: Who speaks and sees in place of microphone and camera; such a conversation leaves no line in the log.

    Raises:
        AssistantError: Something could not be loaded, or the recording in place of the microphone cannot be read. It has been
            said aloud, if the voice works.
    """
    configured = Preferences(config.voice.rate, language=config.conversation.language)
    path = remembered_path()
    preferences = recall(path, configured)
    language = preferences.language

    def keep(changed: Preferences) -> None:
        if person is None:  # what somebody else said in a recording changes nothing here
            remember(path, changed, configured)

    with contextlib.ExitStack() as stack:
        keeper = stack.enter_context(contextlib.closing(TurnKeeper()))
        watch = Watch((*observers, keeper))
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(open_speaker(config)))
        mouth = Mouth(voice, speaker, watch, config.earcons, spare_sentences(language), preferences=preferences)
        loaded: list[tuple[Engines, OpenedVision]] = []
        done = anyio.Event()

        async def load() -> None:
            loaded.append(await in_thread(lambda: _load(config, watch, person)))
            done.set()

        async def say_loading() -> None:
            while not done.is_set():  # a large model takes many seconds, and silence is a crash to someone who sees no spinner
                await _say_if_possible(mouth, LOADING[language], language, watch)
                with anyio.move_on_after(PATIENCE):
                    await done.wait()

        async with _errors_spoken(mouth, language, watch):
            model = Path(config.vision.model).stem
            if config.conversation.turn_log and person is None:
                keeper.add(turn_log.TurnLog(turn_log.log_path(), model))
            if record:
                keeper.add(recording.Recorder(record, model))
            await together(load, say_loading)
            engines, vision = loaded[0]
            stack.callback(engines.close)
            ready = READY_PRACTICE if config.vision.model == PRACTICE else READY
            greeting = ready[language].format(model=vision.name)
            said = [RECORDING[language]] if record else []
            if vision.notice:
                said.append(vision.notice[language])
            said.append(greeting)
            if not path.exists() and person is None:
                said.append(INTRODUCTION[language])
                keep(preferences)
            await Conversation(engines, mouth, config, watch, keep).run(" ".join(said))


def _load(config: Config, watch: Watch, person: Replay | None) -> tuple[Engines, OpenedVision]:
    """Load and warm every model; the microphone opens only when it is listened to, after all this."""
    with contextlib.ExitStack() as undo:
        camera = person or open_camera(config)
        undo.callback(camera.close)
        watch(Stage.LOADING, f"speech recognition {config.transcriber.model}")
        transcriber = open_transcriber(config)
        turn_detector = open_turn_detector(watch)
        watch(Stage.LOADING, f"vision-language model {config.vision.model}")
        vision = open_vision(config)
        undo.callback(vision.model.close)
        engines = Engines(
            camera,
            person or open_microphone(config),
            SileroDetector(),
            transcriber,
            vision.model,
            turn_detector,
            open_wake_word(config),
            open_buttons(config),
        )
        undo.pop_all()
        return engines, vision


async def replay(config: Config, folder: Path, report: Callable[[str], None]) -> None:
    """Hold a recorded conversation again, with what is configured now, and report what changed, one thing a line.

    Raises:
        RecordingUnusable: The folder holds no recording, or a damaged one.
        AssistantError: as `run`.
    """
    recorded = recording.read(folder)

    def load(number: int) -> Asked:
        turn = recorded[number]
        return Asked(read_recording(folder / turn.sound), read_picture(folder / turn.picture) if turn.picture else None)

    def on_turn(number: int, now: Turn | None) -> None:
        report(f"Turn {number + 1} of {len(recorded)}.")
        for line in recording.changes(recorded[number], now):
            report(line)

    person = Replay(len(recorded), load, on_turn)
    hears_all = config.model_copy(update={"start": AlwaysStartConfig(), "buttons": ()})
    await run(hears_all, (person,), person=person)


async def ask(config: Config, image: Path, question: str | Path, observers: tuple[Observer, ...]) -> None:
    """Answer one question about one picture aloud.

    Args:
        config: Its camera and microphone are not used.
        image: A picture file.
        question: The words, or the path of a recording of them.
        observers: Told what happens.

    Raises:
        AssistantError: It could not be answered. The reason has been said aloud, if the voice works.
    """
    watch = Watch(observers)
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(await in_thread(lambda: _speaker_or_file(config, watch))))
        mouth = Mouth(voice, speaker, watch, preferences=Preferences(config.voice.rate, language=language))
        async with _errors_spoken(mouth, language, watch):
            frame = await in_thread(lambda: read_picture(image))
            refuse_useless(judge(frame))
            watch(Stage.LOADING, f"vision-language model {config.vision.model}")
            opened = await in_thread(lambda: open_vision(config))
            vision = stack.enter_context(contextlib.closing(opened.model))
            if opened.notice:
                await mouth.say(opened.notice[language], language)
            asked: list[Question] = []

            async def hear() -> None:
                asked.append(await in_thread(lambda: _question(config, question, watch)))

            await together(lambda: look(frame, vision, watch), hear)
            await mouth.answer(asked[0], vision)


def _speaker_or_file(config: Config, watch: Watch) -> Speaker:
    """Return the loudspeaker, or a file where this machine has none: a single answer should not be lost."""
    try:
        if not isinstance(config.speaker, DeviceSpeakerConfig) or list_speakers():
            return open_speaker(config)
    except SpeakerLost as error:
        watch(Stage.FAILED, error.detail)
    watch(Stage.FAILED, f"there is no loudspeaker, so the answer goes into the file {ANSWER_FILE}")
    return FileSpeaker(ANSWER_FILE)


def _question(config: Config, question: str | Path, watch: Watch) -> Question:
    """Return a question, written down if it is a recording."""
    if isinstance(question, str):
        return Question(question, language_of(question))
    samples = read_recording(question)
    watch(Stage.LOADING, f"speech recognition {config.transcriber.model}")
    transcriber = open_transcriber(config)
    watch(Stage.SPEECH_ENDED)
    transcript = transcriber.transcribe(Utterance(samples, len(samples) / SAMPLE_RATE))
    watch(Stage.TRANSCRIBED, transcript.text)
    if not transcript.text:
        raise HearingFailed(f"{question}: no words in it")
    return Question(transcript.text, transcript.language)


@contextlib.asynccontextmanager
async def _errors_spoken(mouth: Mouth, language: Language, watch: Watch) -> AsyncIterator[None]:
    """Say an error aloud before it is passed on."""
    try:
        yield
    except AssistantError as error:
        await _say_if_possible(mouth, error.spoken(language), language, watch)
        raise


async def _say_if_possible(mouth: Mouth, text: str, language: Language, watch: Watch) -> None:
    """Say a sentence; where the loudspeaker or the voice fails, it is only shown."""
    try:
        await mouth.say(text, language)
    except AssistantError as error:
        watch(Stage.FAILED, error.detail)


def devices() -> dict[str, list[str]]:
    """Return the names of cameras, microphones and loudspeakers, as the configuration takes them."""
    return {"camera": list_cameras(), "microphone": list_microphones(), "speaker": list_speakers()}

"""The composition root: what a command does with the parts that its settings ask for.

Concrete engines are named here, in `parts.py` and in `vision.py` alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import anyio
import anyio.from_thread

from assistant.aloud import NO_NEWS, errors_spoken, loaded, say_if_possible
from assistant.config import AlwaysStartConfig, Config
from assistant.doctor.aloud import examine
from assistant.doctor.examination import Parts
from assistant.doctor.finding import Finding
from assistant.engines.file_microphone import read_recording
from assistant.engines.file_speaker import FileSpeaker
from assistant.engines.opencv_camera import list_cameras
from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.pillow_picture import read_picture
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.sounddevice_microphone import list_microphones
from assistant.engines.sounddevice_speaker import list_speakers
from assistant.errors import AssistantError, HearingFailed, ModelError, ServiceFailed
from assistant.events import Observer, Stage
from assistant.llama.backends import gpus
from assistant.machine import Machine
from assistant.machine import look as look_at_machine
from assistant.observe import recording, turn_log
from assistant.observe.supervisor import Supervisor
from assistant.observe.turns import TurnKeeper
from assistant.parts import (
    load_hearing,
    open_buttons,
    open_camera,
    open_code_reader,
    open_echo_canceller,
    open_microphone,
    open_speaker,
    open_text_reader,
    open_transcriber,
    open_voice,
    open_wake_word,
    speaker_or_file,
)
from assistant.ports import EchoCanceller, VisionModel
from assistant.remembered import recall, remember, remembered_path
from assistant.runtime.announcer import Announcer
from assistant.runtime.checking import Checking
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import look, refuse_useless
from assistant.runtime.mouth import Mouth
from assistant.runtime.replay import Asked, Replay
from assistant.runtime.spare_voice import spare_sentences
from assistant.runtime.stream import in_thread, together
from assistant.runtime.watch import Watch
from assistant.serving import Service, invite, readiness
from assistant.settings import Settings, settle
from assistant.turn.preferences import Preferences
from assistant.turn.prompts import INTRODUCTION, RECORDING
from assistant.turn.quality import judge
from assistant.turn.sentences import language_of
from assistant.turn.timeline import Turn
from assistant.types import SAMPLE_RATE, Language, Question, Utterance
from assistant.vision import OpenedVision, adapter_troubles, layers, load_vision, model_name, needed_bytes, server_trouble


def settings(file: Path | None, profile: str | None, given: Sequence[str]) -> Settings:
    """Return the settings of this start on this machine; see `assistant.settings.settle`.

    Raises:
        ConfigError: There are mistakes; all are listed, one a line.
    """
    return settle(file, profile, given, this_machine)


def this_machine() -> Machine:
    """Look what machine this is, and what llama.cpp can compute on."""
    return look_at_machine(gpus())


async def run(
    config: Config,
    observers: tuple[Observer, ...],
    record: Path | None = None,
    person: Replay | None = None,
    *,
    news: Mapping[Language, str] = NO_NEWS,
    visitors: Callable[[str], None] | None = None,
) -> None:
    """Hold a hands-free conversation until the microphone's recording ends or the program is stopped.

    Args:
        config: What to hold it with.
        observers: Told what happens.
        record: An empty folder to record it in, or one to be made.
        person: Who speaks and sees in place of microphone and camera; such a conversation leaves no line in the log.
        news: Said while it loads.
        visitors: Told line by line how visitors reach the service beside; None where there is none. If it cannot start, that is
            said, and the conversation is held all the same.

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
        supervisor = Supervisor()
        watch = Watch((*observers, keeper, supervisor))
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        canceller = None if person else open_echo_canceller(config)
        speaker = stack.enter_context(contextlib.closing(open_speaker(config, canceller)))
        mouth = Mouth(voice, speaker, watch, config.earcons, spare_sentences(language), preferences=preferences)
        async with errors_spoken(mouth, language, watch):
            model = model_name(config)
            if config.conversation.turn_log and person is None:
                keeper.add(turn_log.TurnLog(turn_log.log_path(), model))
            if record:
                keeper.add(recording.Recorder(record, model))
            engines, vision = await loaded(lambda: _load(config, watch, person, canceller), mouth, news, language, watch)
            stack.callback(engines.close)
            stack.callback(supervisor.stopping)
            said = [RECORDING[language]] if record else []
            said += readiness(config.vision.model, vision, language)
            service = await _service(config, language, watch, said, visitors) if visitors else None
            if not path.exists() and person is None:
                said.append(INTRODUCTION[language])
                keep(preferences)
            conversation = Conversation(engines, mouth, config, watch, keep, beat=supervisor.beat)
            if service is None:
                await conversation.run(" ".join(said))
            else:
                stack.callback(service.close)
                both = anyio.CancelScope()

                async def converse() -> None:
                    await conversation.run(" ".join(said))
                    both.cancel()

                with both:
                    await together(
                        converse,
                        lambda: service.run(vision, engines.transcriber, voice, engines.turn_detector, engines.text_reader),
                    )


async def _service(
    config: Config, language: Language, watch: Watch, said: list[str], report: Callable[[str], None]
) -> Service | None:
    """Return the service beside a conversation, and add to what is said how it is reached, or why there is none."""
    try:
        service = await in_thread(lambda: Service(config))
    except ServiceFailed as error:
        watch(Stage.FAILED, error.detail)
        said.append(error.spoken(language))
        return None
    for line in service.invited.told(language):
        report(line)
    said.append(service.invited.spoken(language))
    return service


def _load(config: Config, watch: Watch, person: Replay | None, canceller: EchoCanceller | None) -> tuple[Engines, OpenedVision]:
    """Load and warm every model; the microphone opens only when it is listened to, after all this."""
    with contextlib.ExitStack() as undo:
        camera = person or open_camera(config)
        undo.callback(camera.close)
        transcriber, turn_detector = load_hearing(config, watch)
        vision = load_vision(config, watch)
        undo.callback(vision.model.close)
        engines = Engines(
            camera,
            person or open_microphone(config, canceller),
            SileroDetector(),
            transcriber,
            vision.model,
            open_text_reader(),
            turn_detector,
            open_wake_word(config),
            open_buttons(config),
            code_reader=open_code_reader(config),
            picture_comparer=OpenCvPictureComparer(),
            make_tracker=OpenCvTracker,
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


async def ask(
    config: Config, image: Path, question: str | Path, observers: tuple[Observer, ...], *, news: Mapping[Language, str] = NO_NEWS
) -> None:
    """Answer one question about one picture aloud.

    Args:
        config: Its camera and microphone are not used.
        image: A picture file.
        question: The words, or the path of a recording of them.
        observers: Told what happens.
        news: Said before it.

    Raises:
        AssistantError: It could not be answered. The reason has been said aloud, if the voice works.
    """
    watch = Watch(observers)
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(await in_thread(lambda: speaker_or_file(config, watch))))
        mouth = Mouth(voice, speaker, watch, preferences=Preferences(config.voice.rate, language=language))
        async with errors_spoken(mouth, language, watch):
            frame = await in_thread(lambda: read_picture(image))
            refuse_useless(judge(frame))
            if news[language]:
                await say_if_possible(mouth, news[language], language, watch)
            company = anyio.CancelScope()
            ready: list[tuple[Question, VisionModel]] = []

            async def prepare() -> None:
                opened = await in_thread(lambda: load_vision(config, watch))
                vision = stack.enter_context(contextlib.closing(opened.model))
                if opened.notice:
                    await mouth.say(opened.notice[language], language)
                asked: list[Question] = []

                async def hear() -> None:
                    asked.append(await in_thread(lambda: _question(config, question, watch)))

                await together(lambda: look(frame, vision, watch), hear)
                ready.append((asked[0], vision))
                company.cancel()

            async def keep_company() -> None:
                if not isinstance(speaker, FileSpeaker):  # nobody waits before a file
                    await Announcer(mouth, watch).keep_company(company)

            await together(prepare, keep_company)
            asked, vision = ready[0]
            check = Checking(open_text_reader(), lambda error: watch(Stage.FAILED, str(error))).check(asked, frame)
            await mouth.answer(asked, vision, check=check)


@contextlib.contextmanager
def saying_aloud(config: Config, report: Callable[[str], None]) -> Iterator[Callable[[Mapping[Language, str]], None]]:
    """Provide what says a sentence aloud, one after the other, and returns at once: what waits for something goes on meanwhile.

    Args:
        config: Its voice and loudspeaker are used.
        report: Told why nothing is heard, where voice or loudspeaker fail; the block runs all the same.

    Raises:
        AssistantError: The block's own. It has been said aloud.
    """
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        watch = Watch((lambda event: report(event.detail) if event.stage is Stage.FAILED else None,))
        try:
            voice = stack.enter_context(contextlib.closing(open_voice(config)))
        except AssistantError as error:
            report(error.detail)
            yield lambda _: None
            return
        speaker = stack.enter_context(contextlib.closing(open_speaker(config)))
        mouth = Mouth(voice, speaker, watch, preferences=Preferences(config.voice.rate, language=language))
        portal = stack.enter_context(anyio.from_thread.start_blocking_portal())

        def say(sentence: Mapping[Language, str]) -> None:
            portal.start_task_soon(say_if_possible, mouth, sentence[language], language, watch)

        try:
            yield say
        except AssistantError as error:
            portal.call(say_if_possible, mouth, error.spoken(language), language, watch)
            raise


def pair(config: Config, report: Callable[[str], None]) -> None:
    """Have the service that runs on this machine let one more device in.

    Args:
        config: Its section `serve` is that of the service.
        report: Told line by line how; it is said aloud, too.

    Raises:
        NobodyServes, SecretUnusable: as the name says.
    """
    language = config.conversation.language
    with saying_aloud(config, report) as say:
        invited = invite(config.serve)
        for line in invited.told(language):
            report(line)
        say({language: invited.spoken(language)})


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


async def doctor(settings: Settings, report: Callable[[Finding], None], *, quick: bool, aloud: bool) -> list[Finding]:
    """Look whether everything is there and works; see `assistant.doctor.aloud.examine`."""
    config = settings.config
    with contextlib.closing(open_speaker(config)) as speaker:
        parts = Parts(
            settings,
            this_machine,
            lambda: open_camera(config),
            lambda: open_microphone(config),
            speaker,
            needed_memory=lambda: _unless_missing(needed_bytes, config),
            adapters=lambda: adapter_troubles(config),
            layers=lambda: _unless_missing(layers, config),
            server_trouble=lambda: server_trouble(config),
        )
        return await examine(parts, lambda: open_voice(config), report, quick=quick, aloud=aloud)


def _unless_missing(ask: Callable[[Config], int | None], config: Config) -> int | None:
    """Return what is asked of the models; nothing where they cannot be read, which the check of the models tells."""
    try:
        return ask(config)
    except ModelError:
        return None


async def say_error(error: AssistantError) -> None:
    """Say an error aloud that came before there were settings, as far as the default ones can."""
    config = Config()
    with contextlib.suppress(AssistantError), contextlib.ExitStack() as stack:
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(open_speaker(config)))
        await Mouth(voice, speaker, Watch()).say(error.spoken("en"), "en")


def devices() -> dict[str, list[str]]:
    """Return the names of cameras, microphones and loudspeakers, as the configuration takes them."""
    return {"camera": list_cameras(), "microphone": list_microphones(), "speaker": list_speakers()}

"""The modes that are commands of their own. A part of the composition root, as `app.py` is."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal

import anyio

from assistant.aloud import NO_NEWS, errors_spoken, loaded
from assistant.config import Config
from assistant.engines.file_speaker import FileSpeaker
from assistant.engines.opencv_picture_comparer import OpenCvPictureComparer
from assistant.engines.opencv_tracker import OpenCvTracker
from assistant.engines.pillow_picture import read_picture
from assistant.errors import SchemaUnusable
from assistant.events import Observer, Stage
from assistant.parts import open_camera, open_text_reader, open_voice, speaker_or_file
from assistant.ports import Camera, Speaker, TextReader, VisionModel
from assistant.runtime.aiming import Aiming
from assistant.runtime.announcer import Announcer, accompanied
from assistant.runtime.describing import Describing
from assistant.runtime.extraction import Extraction, checked_schema
from assistant.runtime.eyes import Eyes, snapshot
from assistant.runtime.finding import Finding
from assistant.runtime.inspecting import Inspecting
from assistant.runtime.mouth import Mouth
from assistant.runtime.reading import Reading
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn import description
from assistant.turn.description import Length, Subject
from assistant.turn.documents import Kind
from assistant.turn.preferences import Preferences
from assistant.turn.sentences import language_of
from assistant.turn.tracing import told
from assistant.types import Frame, Language, Seconds, Sentence
from assistant.vision import OpenedVision, load_vision

_FIRST_PICTURES: Seconds = 1.0
"""How long a camera that has just been opened gets: its first pictures are dark."""


async def read(config: Config, image: Path | None, report: Callable[[str], None]) -> None:
    """Read aloud what is written.

    Args:
        config: Its microphone is not used.
        image: A picture file; None for what is before the camera.
        report: Told each paragraph, and what is not heard.

    Raises:
        AssistantError: It could not be read. The reason has been said aloud, if the voice works.
    """
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        mouth, watch, announcer = await _mouth_alone(config, stack, report, Stage.FAILED)
        reader = open_text_reader()
        reading = Reading(reader, mouth, announcer, watch, lambda paragraph: report(paragraph.text))
        async with errors_spoken(mouth, language, watch):
            await reading.read(lambda: _page(config, image, stack, mouth, reader), language)


async def find(config: Config, thing: str, image: Path | None, report: Callable[[str], None]) -> None:
    """Guide to a thing, or say where it is in a picture.

    Args:
        config: Its microphone is not used.
        thing: What to look for, in English or Chinese.
        image: A picture file; None for what is before the camera.
        report: Told what is said, and what is not heard.

    Raises:
        AssistantError: It could not be looked for. The reason has been said aloud, if the voice works.
    """
    language = language_of(thing)
    with contextlib.ExitStack() as stack:
        mouth, watch, announcer = await _mouth_alone(config, stack, report, Stage.SENTENCE, Stage.FAILED)
        async with errors_spoken(mouth, language, watch):
            vision = await _vision_announced(config, mouth, watch, stack)
            camera = None if image else stack.enter_context(contextlib.closing(open_camera(config)))
            finding = Finding(camera, vision, mouth, watch, make_tracker=OpenCvTracker, max_age=config.camera.max_age)
            if image:
                frame = await in_thread(lambda: read_picture(image))
                where = await accompanied(announcer, lambda: finding.where(frame, thing, language))
                await mouth.tell([where])
            else:
                await finding.find(thing, language)


async def extract(
    config: Config, image: Path | None, kind: Kind | Literal[""], schema: Path | None, report: Callable[[str], None]
) -> dict[str, object]:
    """Return what stands on a document as data, each value with what the print says of it; how far it can be relied on is said.

    Args:
        config: Its microphone is not used.
        image: A picture file; None for what is before the camera.
        kind: What kind of document it is; empty where there is a schema.
        schema: A file with a JSON schema of the user's own.
        report: Told what is said, and what is not heard.

    Raises:
        AssistantError: It could not be done. The reason has been said aloud, if the voice works.
    """
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        mouth, watch, announcer = await _mouth_alone(config, stack, report, Stage.SENTENCE, Stage.FAILED)
        async with errors_spoken(mouth, language, watch):
            own = await in_thread(lambda: _schema_in(schema)) if schema else ""
            reader = open_text_reader()
            frame = await _page(config, image, stack, mouth, reader)
            vision = await _vision_announced(config, mouth, watch, stack)
            extraction = Extraction(reader, vision, watch)
            extracted = await accompanied(announcer, lambda: extraction.extract(frame, kind, own, language))
            doubts = told(extracted.fields, language, by_print=extracted.by_print, complete=extracted.complete)
            await mouth.tell([Sentence(text, language) for text in doubts])
    fields = [
        {"path": field.path, "value": field.value, "evidence": field.evidence.value, "read": field.read, "box": field.box}
        for field in extracted.fields
    ]
    return {"data": extracted.data, "fields": fields, "complete": extracted.complete}


def _schema_in(file: Path) -> str:
    """Return the schema in a file.

    Raises:
        SchemaUnusable: It cannot be read, or is none.
    """
    try:
        return checked_schema(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaUnusable(f"{file}: {error}") from error


async def describe(
    config: Config,
    image: Path | None,
    subject: Subject,
    observers: tuple[Observer, ...],
    *,
    continuous: bool = False,
    news: Mapping[Language, str] = NO_NEWS,
) -> None:
    """Describe aloud what is there.

    Args:
        config: Its microphone is not used.
        image: A picture file; None for what is before the camera.
        subject: What of it; text only with `continuous`: `read` reads it once.
        observers: Told what happens.
        continuous: Whether it goes on, with what is new, until the program is stopped.
        news: Said before it.

    Raises:
        AssistantError: It could not be described. The reason has been said aloud, if the voice works.
    """
    watch = Watch(observers)
    preferences = Preferences(config.voice.rate, language=config.conversation.language)
    language = preferences.language
    with contextlib.ExitStack() as stack:
        voice = stack.enter_context(contextlib.closing(open_voice(config)))
        speaker = stack.enter_context(contextlib.closing(await in_thread(lambda: speaker_or_file(config, watch))))
        mouth = Mouth(voice, speaker, watch, config.earcons, preferences=preferences)

        def load() -> tuple[Camera, OpenedVision]:
            if image:
                read_picture(image)  # what is wrong with it is another error than that of a camera
            source = {"source": str(image.absolute())} if image else {}
            seen = config.model_copy(update={"camera": config.camera.model_copy(update=source)})
            camera = stack.enter_context(contextlib.closing(open_camera(seen)))
            vision = load_vision(config, watch)
            stack.callback(vision.model.close)
            return camera, vision

        async def speak_up(job: Callable[[], Awaitable[None]]) -> None:
            await job()

        async with errors_spoken(mouth, language, watch):
            camera, opened = await loaded(load, mouth, news, language, watch)
            if opened.notice:
                await mouth.say(opened.notice[language], language)
            eyes = Eyes(camera, opened.model, config.camera.max_age, watch)
            if not continuous:
                await accompanied(_company(mouth, speaker, watch), eyes.make_sure)
                await mouth.answer(description.question(subject, Length.LONG, preferences, language), opened.model)
                return
            describing = Describing(
                eyes,
                opened.model,
                open_text_reader(),
                mouth,
                Announcer(mouth, watch),
                anticipate=config.conversation.anticipate,
            )
            describing.begin(subject, language)
            await describing.run(lambda: True, speak_up)


async def inspect(config: Config, reference: Path, image: Path | None, report: Callable[[str], None]) -> None:
    """Say where something differs from a picture of it.

    Args:
        config: Its microphone is not used.
        reference: A picture file.
        image: Another one; None for what is before the camera.
        report: Told what is said, and what is not heard.

    Raises:
        AssistantError: They could not be compared. The reason has been said aloud, if the voice works.
    """
    language = config.conversation.language
    with contextlib.ExitStack() as stack:
        mouth, watch, announcer = await _mouth_alone(config, stack, report, Stage.SENTENCE, Stage.FAILED)
        async with errors_spoken(mouth, language, watch):
            before = await in_thread(lambda: read_picture(reference))
            frame = await in_thread(lambda: read_picture(image)) if image else await _snapshot(config, stack)
            vision = await _vision_announced(config, mouth, watch, stack)
            max_age = config.camera.max_age
            inspecting = Inspecting(None, OpenCvPictureComparer(), vision, mouth, announcer, watch=watch, max_age=max_age)
            await inspecting.tell(before, frame, language)


async def _snapshot(config: Config, stack: contextlib.ExitStack) -> Frame:
    """Return what is before the camera."""
    camera = stack.enter_context(contextlib.closing(open_camera(config)))
    await in_thread(lambda: camera.latest(config.camera.max_age))
    await anyio.sleep(_FIRST_PICTURES)
    return await snapshot(camera, config.camera.max_age)


async def _page(config: Config, image: Path | None, stack: contextlib.ExitStack, mouth: Mouth, reader: TextReader) -> Frame:
    """Return what is in a picture file, or a page that a hand holds before the camera."""
    if image:
        return await in_thread(lambda: read_picture(image))
    camera = stack.enter_context(contextlib.closing(open_camera(config)))
    await in_thread(lambda: camera.latest(config.camera.max_age))
    await anyio.sleep(_FIRST_PICTURES)
    return await Aiming(camera, reader, mouth, config.camera.max_age).take(config.conversation.language)


async def _mouth_alone(
    config: Config, stack: contextlib.ExitStack, report: Callable[[str], None], *stages: Stage
) -> tuple[Mouth, Watch, Announcer | None]:
    """Return a mouth without a conversation, what watches it and reports these stages, and who keeps company before it."""
    watch = Watch((lambda event: report(event.detail) if event.stage in stages else None,))
    voice = stack.enter_context(contextlib.closing(open_voice(config)))
    speaker = stack.enter_context(contextlib.closing(await in_thread(lambda: speaker_or_file(config, watch))))
    preferences = Preferences(config.voice.rate, language=config.conversation.language)
    mouth = Mouth(voice, speaker, watch, config.earcons, preferences=preferences)
    return mouth, watch, _company(mouth, speaker, watch)


def _company(mouth: Mouth, speaker: Speaker, watch: Watch) -> Announcer | None:
    """Return who keeps company; nobody does where what is said goes into a file."""
    return None if isinstance(speaker, FileSpeaker) else Announcer(mouth, watch)


async def _vision_announced(config: Config, mouth: Mouth, watch: Watch, stack: contextlib.ExitStack) -> VisionModel:
    """Return the model, once it is loaded, which is no silence."""
    language = config.conversation.language
    opened = await loaded(lambda: load_vision(config, watch), mouth, NO_NEWS, language, watch)
    vision = stack.enter_context(contextlib.closing(opened.model))
    if opened.notice:
        await mouth.say(opened.notice[language], language)
    return vision

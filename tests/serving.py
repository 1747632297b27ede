"""The real service on a port of its own, in a thread of the test."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import anyio
import anyio.from_thread
import httpx

from assistant.config import Config, ServeConfig, VisionConfig
from assistant.engines.file_microphone import read_sound
from assistant.engines.pillow_picture import decode_picture
from assistant.ports import TextReader, Transcriber, VisionModel
from assistant.types import Frame
from assistant.web import service
from assistant.web.door.guard import Guard, Policy
from assistant.web.loaded import Loaded
from assistant.web.programs.desk import Desk
from assistant.web.programs.routes import programs_part
from assistant.web.talk.talk import talk_part
from tests.fakes.code_reader import FakeCodeReader
from tests.fakes.detector import FakeDetector
from tests.fakes.picture_comparer import FakePictureComparer
from tests.fakes.text_reader import FakeTextReader
from tests.fakes.tracker import FakeTracker
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.voice import FakeVoice

SAMPLES = Path(__file__).parent.parent / "assistant" / "samples"
SCENE = SAMPLES / "scene.png"
PATIENCE = 20.0


def loaded(
    vision: VisionModel,
    settings: ServeConfig,
    *,
    transcriber: Transcriber | None = None,
    read_picture: Callable[[bytes], Frame] = decode_picture,
    text_reader: TextReader | None = None,
) -> Loaded:
    """Return what visitors share: fakes but for the model."""
    return Loaded(
        Config(serve=settings, vision=VisionConfig(max_tokens=48)),
        vision,
        "practice",
        transcriber or FakeTranscriber([]),
        FakeVoice(),
        None,
        text_reader or FakeTextReader(),
        make_detector=FakeDetector,
        read_picture=read_picture,
        read_sound=read_sound,
        code_reader=FakeCodeReader(),
        picture_comparer=FakePictureComparer(),
        make_tracker=FakeTracker,
    )


@contextlib.contextmanager
def serving(shared: Loaded) -> Iterator[str]:
    """Serve on a port of its own; provide the address, without a slash at its end."""
    settings = shared.config.serve
    listening = service.bound(settings)
    port = listening.getsockname()[1]
    stopped: list[Callable[[], None]] = []
    started = threading.Event()

    async def run() -> None:
        desk = Desk(shared)
        parts = [programs_part(desk), talk_part(shared)]
        app = service.Application(parts, desk.metrics, lambda inner: Guard(inner, Policy(settings, None)))
        with anyio.CancelScope() as scope:
            async with anyio.from_thread.BlockingPortal() as portal:
                stopped.append(lambda: portal.call(scope.cancel))
                started.set()
                await service.serve(app, listening, settings)

    thread = threading.Thread(target=anyio.run, args=(run,), name="service")
    thread.start()
    assert started.wait(PATIENCE)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        stopped[0]()
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the service does not stop"


def settings(**changed: object) -> ServeConfig:
    """Return settings with a free port."""
    return ServeConfig.model_validate({"port": 0, **changed})


def events(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return server-sent events: the name of each and its data."""
    told, name = [], ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            told.append((name, value))
            name = ""
    return told


def client(url: str) -> httpx.Client:
    """Return a client that waits long enough on a busy machine."""
    return httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False)

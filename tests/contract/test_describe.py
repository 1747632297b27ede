"""The command that describes, with the practice model."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from PIL import Image
from practice.scene import render
from practice.things import KINDS

from assistant import app, modes
from assistant.cli import main
from assistant.config import FileSpeakerConfig
from assistant.engines.file_microphone import read_recording
from assistant.events import Event, Stage
from assistant.turn.description import Subject
from assistant.types import SAMPLE_RATE

pytestmark = pytest.mark.usefixtures("scene_fonts")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pixels, drawn = render(12345, (640, 480))
    assert "bicycle" in {KINDS[thing.kind].en for thing in drawn.things}
    path = tmp_path_factory.mktemp("scene") / "scene.png"
    Image.fromarray(pixels).save(path)
    return path


def test_it_describes_once(scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.wav"
    assert main(["describe", "--profile", "practice", "--image", str(scene), "--out", str(out)]) == 0
    assert "bicycle" in capsys.readouterr().out
    assert len(read_recording(out)) > SAMPLE_RATE


def test_it_goes_on_until_it_is_stopped(scene: Path, tmp_path: Path) -> None:
    sentences: list[str] = []
    config = app.settings(None, "practice", []).config
    config = config.model_copy(update={"speaker": FileSpeakerConfig(kind="file", path=tmp_path / "out.wav")})

    async def describe() -> None:
        described = anyio.Event()

        def take(event: Event) -> None:
            if event.stage is Stage.SENTENCE:
                sentences.append(event.detail)
            if "bicycle" in event.detail:
                described.set()

        async with anyio.create_task_group() as tasks:
            with anyio.fail_after(60):
                tasks.start_soon(lambda: modes.describe(config, scene, Subject.EVERYTHING, (take,), continuous=True))
                await described.wait()
                await anyio.sleep(1.0)  # in which it looks whether there is something new
            tasks.cancel_scope.cancel()

    anyio.run(describe)
    assert sum("bicycle" in sentence for sentence in sentences) == 1


def test_a_picture_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.wav"
    arguments = ["--profile", "practice", "--image", str(tmp_path / "none.png"), "--out", str(out)]
    assert main(["describe", *arguments]) == 1
    assert main(["describe", "--only", "text", *arguments]) == 1
    assert capsys.readouterr().err.count("I can't open the picture none.png.") == 2

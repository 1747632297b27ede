"""What a conversation says about the picture itself."""

import numpy as np
import pytest

from assistant.config import Config, ConversationConfig
from assistant.errors import CameraLost, TooDark
from assistant.events import Stage
from assistant.runtime import eyes
from assistant.turn.quality import DOUBTS, Flaw
from assistant.types import Frame, Transcript
from tests.fakes.camera import FakeCamera
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import GREETING, QUIET, SPEECH, Scripted, listening, picture

pytestmark = pytest.mark.anyio

QUESTION = Transcript("What is on my left?", "en", 0.9)
CHINESE = Transcript("我左边是什么？", "zh", 0.9)
BLACK = Frame(np.zeros((96, 128, 3), np.uint8), 0.0)
ALWAYS = Config(conversation=ConversationConfig(anticipate="always"))


def looked_ahead(scripted: Scripted) -> bool:
    return bool(scripted.vision.looked)


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken]


async def test_a_useless_picture_is_spoken_of_and_the_model_is_not_asked() -> None:
    vision = FakeVision(["never said", "never said"])
    acts = (listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, camera=FakeCamera(BLACK))
    await scripted.run()
    assert spoken(scripted) == [GREETING, TooDark("").spoken("en")]
    assert (vision.looked, vision.asked) == ([], [])


async def test_doubt_follows_the_answer_in_the_language_of_the_question() -> None:
    dim = Frame((picture(1).pixels * 0.15).astype(np.uint8), 0.0)
    scripted = Scripted(
        *(listening, SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([CHINESE]),
        vision=FakeVision(["一个杯子。"]),
        camera=FakeCamera(dim),
    )
    await scripted.run()
    assert spoken(scripted) == [GREETING, "一个杯子。", DOUBTS[Flaw.DARK]["zh"]]


async def test_the_picture_is_there_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eyes, "_GLIMPSE", 0.005)
    vision = FakeVision(["A cup."])
    acts = (listening, looked_ahead, SPEECH, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION])
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision, camera=FakeCamera(picture(1)), config=ALWAYS)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == ["A cup."]
    assert len(vision.looked) == 1
    assert Stage.LOOKING not in scripted.stages


async def test_a_stalled_camera_is_spoken_of_although_a_picture_was_looked_at_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eyes, "_GLIMPSE", 0.005)
    camera, vision = FakeCamera(picture(1)), FakeVision(["never said"])

    def stalled(scripted: Scripted) -> bool:
        if looked_ahead(scripted):
            camera.lost()
        return looked_ahead(scripted)

    acts = (listening, stalled, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, camera=camera, config=ALWAYS)
    await scripted.run()
    assert spoken(scripted) == [GREETING, CameraLost("").spoken("en")]
    assert vision.asked == []

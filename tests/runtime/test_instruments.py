"""Light, colour and codes are told at once, in the language of the command, and the model is not asked."""

import numpy as np
import pytest

from assistant.config import EarconsConfig
from assistant.errors import CameraCovered, CameraLost, TooDark
from assistant.events import Stage
from assistant.runtime import instruments
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.types import Code, Frame
from tests.fakes.camera import FakeCamera
from tests.fakes.code_reader import FakeCodeReader
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.rendered_things import PLAIN, held
from tests.runtime.scripted import Scripted, listening
from tests.runtime.test_commands import CUP, QUESTION, commanded, exchange, said, spoken
from tests.runtime.test_sounds import Tape
from tests.runtime.test_typing import typed, typing

pytestmark = pytest.mark.anyio

BLUE = held(PLAIN["blue"])
DARK = Frame(np.full((240, 320, 3), 4, np.uint8), 0.0)
FINGER = Frame(np.full((240, 320, 3), (70, 20, 15), np.uint8), 0.0)
NETWORK = Code("WIFI:T:WPA;S:Home;P:ab1;;")


@pytest.fixture(autouse=True)
def _short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instruments, "_SEARCH", 0.3)
    monkeypatch.setattr(instruments, "_NEXT_FRAME", 0.01)


async def told(*texts: str, frame: Frame = BLUE, codes: FakeCodeReader | None = None) -> list[str]:
    """Return what is said when these are said before the camera, without the greeting; the model must not be asked."""
    vision = FakeVision()
    transcriber = FakeTranscriber([said(text) for text in texts])
    scripted = Scripted(*exchange(*texts), transcriber=transcriber, vision=vision, camera=FakeCamera(frame), code_reader=codes)
    await scripted.run()
    assert not vision.asked
    return spoken(scripted)[1:]


async def test_light_and_colour_in_both_languages() -> None:
    assert await told("How bright is it?", "灯开着吗？") == ["There is enough light to see by.", "这里的光线足够看清东西。"]
    assert await told("What colour is this?", "这是什么颜色？") == ["It is blue.", "是蓝色。"]


async def test_darkness_is_an_answer_about_light_and_none_about_colour() -> None:
    dark = await told("Is the light on?", "what color is this", frame=DARK)
    assert dark[0] == "It is dark."
    assert dark[-1] == TooDark("").spoken("en")


async def test_a_covered_camera_is_told_of_instead() -> None:
    covered = await told("how bright is it", "what colour is this", "扫一下码", frame=FINGER)
    assert covered == [CameraCovered("").spoken("en"), instruments._TOO_CLOSE["en"], CameraCovered("").spoken("en")]


async def test_a_lost_camera_is_told_of() -> None:
    vision, camera = FakeVision(), FakeCamera(CameraLost("unplugged"))
    scripted = commanded("scan the code", "what colour is this", vision=vision, camera=camera)
    await scripted.run()
    assert spoken(scripted)[1:] == [CameraLost("").spoken("en")] * 2


async def test_a_code_is_looked_for_until_it_is_there() -> None:
    codes = FakeCodeReader([], [Code("")], [Code("https://example.org/x")])
    assert await told("Scan the code.", codes=codes) == ["A link to example dot org."]
    assert codes.pictures == 3


async def test_no_code_and_one_that_cannot_be_read_are_told_of() -> None:
    assert await told("scan it") == [instruments._NO_CODE["en"]]
    assert await told("扫码", codes=FakeCodeReader([Code("")])) == [instruments._UNREAD["zh"]]


async def test_it_ticks_while_it_looks_for_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.runtime.chimes.TICK", 0.05)
    tape = Tape()
    transcriber, earcons = FakeTranscriber([said("scan the code")]), EarconsConfig(enabled=True, volume=100)
    await Scripted(*exchange(""), transcriber=transcriber, vision=FakeVision(), speaker=tape, earcons=earcons).run()
    heard = tape.sounds[tape.sounds.index(Earcon.CAPTURED) :]
    assert heard.count(Earcon.THINKING) >= 2
    assert heard[-1] is Earcon.DONE


async def test_the_password_is_spelled_only_when_it_is_asked_for() -> None:
    codes = FakeCodeReader([NETWORK])
    first, *rest = await told("spell the password", "scan the code", "spell the password", codes=codes)
    assert first == instruments._NO_PASSWORD["en"]
    assert rest == ["A Wi-Fi network: Home.", "Say spell the password, and I do.", "A, B, one."]


async def test_it_can_be_repeated_and_spelled_and_forgotten() -> None:
    heard = await told("这是什么颜色", "重复", "what colour is this", "spell that", "forget this", "repeat")
    assert heard == ["是蓝色。", "是蓝色。", "It is blue.", "B, L, U, E.", prompts.FORGOTTEN["en"], prompts.NOTHING_SAID["en"]]


async def test_forgetting_it_leaves_the_model_what_it_remembers() -> None:
    vision = FakeVision([CUP])
    scripted = commanded(QUESTION.text, "what colour is this", "forget this", vision=vision, camera=FakeCamera(BLUE))
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_the_clock_says_where_light_comes_from() -> None:
    pixels = np.full((240, 320, 3), 20, np.uint8)
    pixels[60:180, :70] = 255
    heard = await told("clock directions", "how bright is it", frame=Frame(pixels, 0.0))
    assert " ".join(heard[-2:]) == "Something very bright is at eleven o'clock, perhaps a lamp or a window."


async def test_a_question_about_a_colour_goes_to_the_model() -> None:
    vision = FakeVision(["Red."])
    scripted = commanded("What colour is the shirt?", vision=vision, camera=FakeCamera(BLUE))
    await scripted.run()
    assert [question.text for question in vision.asked] == ["What colour is the shirt?"]
    assert Stage.COMMANDED not in scripted.stages


async def test_typed_they_are_obeyed_as_well() -> None:
    scripted = typing(typed("这是什么颜色？"), listening, vision=FakeVision(), camera=FakeCamera(BLUE))
    await scripted.run()
    assert spoken(scripted)[1:] == ["是蓝色。"]

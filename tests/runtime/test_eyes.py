import contextlib
import dataclasses
import threading
import time
from collections.abc import AsyncIterator, Callable

import anyio
import numpy as np
import pytest

from assistant.config import Anticipation
from assistant.errors import AssistantError, CameraLost, TooBlurred, TooDark, VisionFailed
from assistant.events import Event
from assistant.runtime import eyes as module
from assistant.runtime.eyes import Eyes
from assistant.runtime.watch import Watch
from assistant.turn.quality import Flaw
from assistant.types import Cancellation, Frame, Pixels, Seconds
from tests.fakes.camera import FakeCamera
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import PATIENCE, picture

pytestmark = pytest.mark.anyio


class Window(FakeCamera):
    """Shows what it is told to, and counts how often somebody looks through it."""

    def __init__(self, *script: Frame | AssistantError) -> None:
        super().__init__(*script)
        self.glimpses = 0

    def show(self, *script: Frame) -> None:
        self._script = list(script)

    def latest(self, max_age: Seconds) -> Frame:
        self.glimpses += 1
        return super().latest(max_age)


class GatedVision(FakeVision):
    """Looks for as long as its gate is closed, and counts the looks that were begun."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.begun = 0

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        self.begun += 1
        while not self.gate.is_set() and not cancellation.cancelled:
            time.sleep(0.001)
        super().look(frame, cancellation)


@pytest.fixture(autouse=True)
def frequent_glimpses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GLIMPSE", 0.005)
    monkeypatch.setattr(module, "_AGAIN", 0.005)


def eyes_on(camera: FakeCamera, vision: FakeVision, anticipate: Anticipation = "always", watch: Watch | None = None) -> Eyes:
    return Eyes(camera, vision, PATIENCE, watch or Watch(), anticipate)


@contextlib.asynccontextmanager
async def looking_ahead(eyes: Eyes, idle: Callable[[], bool] = lambda: True) -> AsyncIterator[None]:
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(eyes.look_ahead, idle)
            yield
            tasks.cancel_scope.cancel()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - fakes have no events
        await anyio.sleep(0.002)


async def several_glimpses(window: Window) -> None:
    already = window.glimpses
    await until(lambda: window.glimpses >= already + 6)


def seeds(vision: FakeVision) -> list[int]:
    """Return which pictures were looked at to the end."""
    return [next(seed for seed in range(1, 9) if np.array_equal(picture(seed).pixels, frame.pixels)) for frame in vision.looked]


def smeared(pixels: Pixels, by: int = 48) -> Frame:
    """Return what a fast turn makes of a picture."""
    light = np.pad(pixels.astype(np.float32), ((by, by), (by, by), (0, 0)), mode="edge")
    for axis in (0, 1):
        light = np.mean([np.roll(light, shift, axis) for shift in range(by)], axis=0)
    return Frame(light[by:-by, by:-by].astype(np.uint8), 0.0)


def dimmed(frame: Frame, to: float) -> Frame:
    return dataclasses.replace(frame, pixels=(frame.pixels * to).astype(np.uint8))


BLACK = Frame(np.zeros((96, 128, 3), np.uint8), 0.0)


async def test_a_question_out_of_nowhere_costs_no_look() -> None:
    vision, events = FakeVision(), list[Event]()
    eyes = eyes_on(Window(picture(1)), vision, watch=Watch([events.append]))
    async with looking_ahead(eyes):
        await until(lambda: bool(vision.looked))
        await eyes.glance()
        await eyes.make_sure()
    assert seeds(vision) == [1]
    assert events == []  # no stage of any question


async def test_a_scene_that_stands_still_is_looked_at_once() -> None:
    window, vision = Window(picture(1)), FakeVision()
    async with looking_ahead(eyes_on(window, vision)):
        await until(lambda: bool(vision.looked))
        await several_glimpses(window)
    assert seeds(vision) == [1]


async def test_a_new_scene_is_looked_at() -> None:
    window, vision = Window(picture(1)), FakeVision()
    async with looking_ahead(eyes_on(window, vision)):
        await until(lambda: len(vision.looked) == 1)
        window.show(picture(2))
        await until(lambda: len(vision.looked) == 2)
    assert seeds(vision) == [1, 2]


async def test_a_scene_is_not_looked_at_before_it_stands_still() -> None:
    window, vision = Window(*(picture(seed % 2 + 1) for seed in range(200))), FakeVision()
    async with looking_ahead(eyes_on(window, vision)):
        await several_glimpses(window)
        assert vision.looked == []


async def test_between_glimpses_it_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GLIMPSE", PATIENCE * 10)
    window = Window(picture(1))
    async with looking_ahead(eyes_on(window, FakeVision())):
        for _ in range(100):
            await anyio.lowlevel.checkpoint()
        await anyio.wait_all_tasks_blocked()
        assert window.glimpses == 0


async def test_while_somebody_speaks_it_does_not_look_ahead() -> None:
    window, vision, asked = Window(picture(1)), FakeVision(), [0]

    def busy() -> bool:
        asked[0] += 1
        return False

    async with looking_ahead(eyes_on(window, vision), busy):
        await until(lambda: asked[0] > 6)
    assert window.glimpses == 0


@pytest.mark.parametrize("anticipate", ["on-speech", "never"])
async def test_unless_it_is_wanted_it_does_not_look_ahead(anticipate: Anticipation) -> None:
    with anyio.fail_after(PATIENCE):
        await eyes_on(Window(picture(1)), FakeVision(), anticipate).look_ahead(lambda: True)


async def test_who_speaks_in_the_middle_of_a_look_ahead_is_looked_for_at_once() -> None:
    window, vision = Window(picture(1)), GatedVision()
    speaking = threading.Event()
    eyes = eyes_on(window, vision)
    async with looking_ahead(eyes, lambda: not speaking.is_set()):
        await until(lambda: vision.begun == 1)
        window.show(picture(2))
        speaking.set()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(eyes.glance)
            await until(lambda: vision.begun == 2)  # the gate is closed: the look ahead has been broken off
            vision.gate.set()
    assert seeds(vision) == [2]


async def test_a_look_ahead_at_what_is_still_there_is_not_begun_anew() -> None:
    window, vision = Window(picture(1)), GatedVision()
    speaking = threading.Event()
    eyes = eyes_on(window, vision)
    async with looking_ahead(eyes, lambda: not speaking.is_set()):
        await until(lambda: vision.begun == 1)
        speaking.set()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(eyes.glance)
            await several_glimpses_of_the_question(window)
            vision.gate.set()
        await eyes.make_sure()
    assert vision.begun == 1
    assert seeds(vision) == [1]


async def several_glimpses_of_the_question(window: Window) -> None:
    already = window.glimpses
    await until(lambda: window.glimpses > already)
    await anyio.wait_all_tasks_blocked()


@pytest.mark.parametrize("glances", [True, False])
async def test_a_scene_that_changed_since_the_look_ahead_is_looked_at_again(*, glances: bool) -> None:
    hardly = dataclasses.replace(picture(1), pixels=picture(1).pixels.copy())
    hardly.pixels[40:56, 40:56] = 255 - hardly.pixels[40:56, 40:56]  # a small thing: less than a hand's sway may make
    window, vision, speaking = Window(picture(1)), FakeVision(), threading.Event()
    eyes = eyes_on(window, vision)
    async with looking_ahead(eyes, lambda: not speaking.is_set()):
        await until(lambda: bool(vision.looked))
        speaking.set()
        window.show(hardly)
        if glances:
            await eyes.glance()
        await eyes.make_sure()
    assert np.array_equal(vision.looked[-1].pixels, hardly.pixels)
    assert len(vision.looked) == 2


async def test_a_camera_that_stalled_since_the_look_ahead_is_told_of() -> None:
    window, vision, speaking = Window(picture(1)), FakeVision(), threading.Event()
    eyes = eyes_on(window, vision)
    async with looking_ahead(eyes, lambda: not speaking.is_set()):
        await until(lambda: bool(vision.looked))
        speaking.set()
        window.lost()
        with pytest.raises(CameraLost):
            await eyes.glance()
        with pytest.raises(CameraLost):
            await eyes.make_sure()
    assert seeds(vision) == [1]


async def test_looking_ahead_goes_on_once_the_camera_is_back() -> None:
    window, vision = Window(picture(1)), FakeVision()
    window.lost()
    async with looking_ahead(eyes_on(window, vision)):
        await several_glimpses(window)
        window.found()
        await until(lambda: bool(vision.looked))
    assert seeds(vision) == [1]


async def test_a_look_ahead_that_fails_is_told_to_the_conversation() -> None:
    class Failing(FakeVision):
        def look(self, frame: Frame, cancellation: Cancellation) -> None:
            raise VisionFailed(f"{frame}, {cancellation}")

    with anyio.fail_after(PATIENCE), pytest.raises(VisionFailed):
        await eyes_on(Window(picture(1)), Failing()).look_ahead(lambda: True)


async def test_a_useless_picture_is_not_looked_at_ahead_nor_chosen_from_again() -> None:
    window, vision = Window(BLACK), FakeVision()
    async with looking_ahead(eyes_on(window, vision)):
        await several_glimpses(window)
        window.show(picture(1))
        await until(lambda: bool(vision.looked))
    assert seeds(vision) == [1]


async def test_never_means_only_after_the_question() -> None:
    window, vision = Window(picture(1)), FakeVision()
    eyes = eyes_on(window, vision, "never")
    await eyes.glance()
    assert vision.looked == []
    window.show(picture(2))
    await eyes.make_sure()
    assert seeds(vision) == [2]


async def test_a_useless_picture_is_refused_without_asking_the_model() -> None:
    vision = FakeVision()
    eyes = eyes_on(Window(BLACK), vision, "on-speech")
    await eyes.glance()
    with pytest.raises(TooDark):
        await eyes.make_sure()
    assert vision.looked == []


async def test_light_that_is_turned_on_while_asking_helps() -> None:
    window, vision = Window(BLACK), FakeVision()
    eyes = eyes_on(window, vision, "on-speech")
    await eyes.glance()
    window.show(picture(1))
    assert await eyes.make_sure() is None
    assert seeds(vision) == [1]


async def test_a_sharper_picture_is_waited_for() -> None:
    window, vision = Window(*[smeared(picture(1).pixels)] * 4, picture(1)), FakeVision()
    await eyes_on(window, vision, "on-speech").make_sure()
    assert seeds(vision) == [1]


async def test_a_picture_that_stays_blurred_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SETTLING", 0.05)
    vision = FakeVision()
    with pytest.raises(TooBlurred):
        await eyes_on(Window(smeared(picture(1).pixels)), vision, "on-speech").make_sure()
    assert vision.looked == []


@pytest.mark.parametrize("useless", [BLACK, smeared(picture(1).pixels)], ids=["in the pocket", "sinking"])
async def test_a_hand_that_sinks_at_the_end_of_a_question_does_not_matter(useless: Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SETTLING", 0.05)
    window, vision = Window(picture(1)), FakeVision()
    eyes = eyes_on(window, vision, "on-speech")
    await eyes.glance()
    window.show(useless)
    await eyes.make_sure()
    assert seeds(vision) == [1]
    await eyes.glance()  # for the next question it does
    with pytest.raises((TooDark, TooBlurred)):
        await eyes.make_sure()


async def test_doubt_is_told_once_a_picture() -> None:
    window, vision = Window(dimmed(picture(1), 0.15)), FakeVision()
    eyes = eyes_on(window, vision, "on-speech")
    doubts = []
    for _ in range(2):
        await eyes.glance()
        doubts.append(await eyes.make_sure())
    window.show(dimmed(picture(2), 0.15))
    doubts.append(await eyes.make_sure())
    assert doubts == [Flaw.DARK, None, Flaw.DARK]

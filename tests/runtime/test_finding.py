"""Guiding to a thing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from assistant.errors import CameraLost, VisionFailed
from assistant.events import Stage
from assistant.runtime import finding
from assistant.runtime.finding import _GIVEN_UP, _LEFT, _LOST, _NOT_YET, _THERE_IT_IS, _TIME_UP
from assistant.turn.speakable import speakable
from assistant.types import Box, Frame, Language, Seconds, Sentence
from tests.fakes.camera import FakeCamera
from tests.fakes.tracker import FakeTracker
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import QUIET, SPEECH, Act, Scripted, listening, reached
from tests.runtime.test_reading import VIEW, said, spoken

pytestmark = pytest.mark.anyio

RIGHT = Box(0.8, 0.4, 0.9, 0.6)
OUT = Box(0.98, 0.4, 1.08, 0.6)
THERE = Box(0.2, 0.2, 0.8, 0.8)
ON_THE_RIGHT = "The cup: on your right."
FOUND = '[{"bbox_2d": [800, 400, 900, 600], "label": "cup"}]'
NOTHING = "There is no cup."


class Moving(FakeCamera):
    """Gives a new picture each time."""

    def latest(self, max_age: Seconds) -> Frame:
        frame = super().latest(max_age)
        return Frame(frame.pixels, frame.captured_at)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_SHORTEST_REST", 0.01)
    monkeypatch.setattr(finding, "_NEXT_FRAME", 0.001)
    monkeypatch.setattr(finding, "_AFTER_MISS", 0.01)
    monkeypatch.setattr(finding, "_TURN", 0.05)


def asked(
    vision: FakeVision, tracker: FakeTracker, *acts: Act, words: str = "Find the cup.", camera: FakeCamera | None = None
) -> Scripted:
    later = [said("Stop."), said("What is in front of me?")]
    return Scripted(
        *(listening, SPEECH, QUIET, *(acts or (listening,))),
        transcriber=FakeTranscriber([said(words), *later]),
        vision=vision,
        camera=camera or Moving(VIEW),
        tracker=tracker,
    )


def boxes(reply: str = FOUND) -> FakeVision:
    return FakeVision([reply] * 10_000)


def aloud(*texts: str, language: Language = "en") -> list[str]:
    return [speakable(Sentence(text, language)).text for text in texts]


async def test_it_says_where_it_is_and_when_the_hand_is_there() -> None:
    vision = boxes()
    scripted = asked(vision, FakeTracker([RIGHT, RIGHT, *itertools.repeat(THERE, 50)]))
    await scripted.run()
    assert spoken(scripted) == aloud(ON_THE_RIGHT, _THERE_IT_IS["en"])
    assert scripted.details(Stage.COMMANDED) == ["find cup"]
    assert not vision.remembered
    assert not vision.asked  # but another conversation with the same model
    assert vision.others[0].asked[0].text == "Return the bounding box of the cup in JSON."
    assert vision.others[0].closed


async def test_in_chinese() -> None:
    scripted = asked(boxes(), FakeTracker([RIGHT, *itertools.repeat(THERE, 50)]), words="找一下杯子。")
    await scripted.run()
    assert spoken(scripted) == aloud("杯子在您右边。", _THERE_IT_IS["zh"], language="zh")


@pytest.mark.parametrize(
    ("before", "loss"), [(OUT, _LEFT["en"].format(way="to your right")), (Box(0.6, 0.4, 0.7, 0.6), _LOST["en"])]
)
async def test_what_is_followed_no_more_is_told_and_looked_for_again(before: Box, loss: str) -> None:
    scripted = asked(boxes(), FakeTracker([RIGHT, before, None, RIGHT, *itertools.repeat(THERE, 50)]))
    await scripted.run()
    told = spoken(scripted)
    assert told[:2] == aloud(ON_THE_RIGHT, loss)
    assert told[2] == aloud(ON_THE_RIGHT)[0]
    assert told[-1] == aloud(_THERE_IT_IS["en"])[0]


async def test_what_is_not_there_is_given_up() -> None:
    scripted = asked(boxes(NOTHING), FakeTracker())
    await scripted.run()
    assert spoken(scripted) == aloud(_NOT_YET["en"].format(thing="cup"), _GIVEN_UP["en"].format(thing="cup"))


async def test_who_turns_around_slowly_gets_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_TURN", 30.0)
    scripted = asked(FakeVision([*[NOTHING] * 9, *[FOUND] * 1000]), FakeTracker([RIGHT, *itertools.repeat(THERE, 50)]))
    await scripted.run()
    assert spoken(scripted) == aloud(_NOT_YET["en"].format(thing="cup"), ON_THE_RIGHT, _THERE_IT_IS["en"])


async def test_who_searches_long_is_told_again_that_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE", 0.05)
    monkeypatch.setattr(finding, "_TURN", 1.0)
    scripted = asked(boxes(NOTHING), FakeTracker())
    await scripted.run()
    *waiting, last = spoken(scripted)
    assert len(waiting) >= 2
    assert set(waiting) == set(aloud(_NOT_YET["en"].format(thing="cup")))
    assert [last] == aloud(_GIVEN_UP["en"].format(thing="cup"))


async def test_a_tracker_that_went_astray_is_not_believed() -> None:
    scripted = asked(FakeVision([FOUND, *[NOTHING] * 50]), FakeTracker())
    await scripted.run()
    assert spoken(scripted) == aloud(ON_THE_RIGHT, _LOST["en"], _GIVEN_UP["en"].format(thing="cup"))


async def test_a_hand_is_tired_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "LIMIT", 0.3)
    scripted = asked(boxes(), FakeTracker())
    await scripted.run()
    assert spoken(scripted)[-1] == aloud(_TIME_UP["en"])[0]


async def test_stop_ends_it() -> None:
    scripted = asked(boxes(), FakeTracker(), reached(Stage.SENTENCE, 2), SPEECH, QUIET, listening)
    await scripted.run()
    assert spoken(scripted) == aloud(ON_THE_RIGHT)
    assert scripted.details(Stage.COMMANDED) == ["find cup", "stop"]


async def test_whoever_asks_something_else_is_answered() -> None:
    class Sees(FakeVision):
        """Finds cups, and answers what it is asked in its own conversation."""

        def another(self, *given: object, **more: object) -> FakeVision:
            del given, more
            other = boxes()
            self.others.append(other)
            return other

    scripted = Scripted(
        *(listening, SPEECH, QUIET, reached(Stage.SENTENCE, 2), SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([said("Find the cup."), said("What is in front of me?")]),
        vision=Sees(["A table."]),
        camera=Moving(VIEW),
        tracker=FakeTracker(),
    )
    await scripted.run()
    assert spoken(scripted) == aloud(ON_THE_RIGHT, "A table.")


@pytest.mark.parametrize("error", [VisionFailed("out of order")])
async def test_a_model_that_fails_is_told(error: VisionFailed) -> None:
    scripted = asked(FakeVision([error]), FakeTracker())
    await scripted.run()
    assert spoken(scripted) == aloud(error.spoken("en"))


async def test_a_lost_camera_is_told() -> None:
    class Lost(Moving):
        def __init__(self) -> None:
            super().__init__(VIEW)
            self._left: Iterator[int] = iter(range(30))

        def latest(self, max_age: Seconds) -> Frame:
            if next(self._left, None) is None:
                raise CameraLost("unplugged")
            return super().latest(max_age)

    scripted = asked(boxes(), FakeTracker(), camera=Lost())
    await scripted.run()
    assert spoken(scripted)[-1] == aloud(CameraLost("unplugged").spoken("en"))[0]

"""What is there is compared with a picture from before; figures are explained."""

from __future__ import annotations

import pytest

from assistant.errors import TooDark, VisionFailed
from assistant.events import Stage
from assistant.turn.inspection import DIFFERENCE_ASKED, NO_REFERENCE, REFERENCE_FORGOTTEN, REFERENCE_KEPT, told_differences
from assistant.turn.prompts import EXPLAIN_FIGURE
from assistant.turn.speakable import speakable
from assistant.types import Box, Frame, Sentence
from tests.fakes.camera import FakeCamera
from tests.fakes.picture_comparer import FakePictureComparer
from tests.fakes.text_reader import FakeTextReader, text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import QUIET, SPEECH, Act, Scripted, listening, reached
from tests.runtime.test_aiming import view
from tests.runtime.test_reading import VIEW, said, spoken

pytestmark = pytest.mark.anyio

PLACE = Box(0.8, 0.4, 0.9, 0.6)


def told(
    *words: str,
    comparer: FakePictureComparer | None = None,
    vision: FakeVision | None = None,
    frames: tuple[Frame, ...] = (),
    reader: FakeTextReader | None = None,
) -> Scripted:
    acts: list[Act] = [listening, *[act for _ in words for act in (SPEECH, QUIET, listening)]]
    return Scripted(
        *acts,
        transcriber=FakeTranscriber([said(each) for each in words]),
        vision=vision or FakeVision(["A screw is missing on the right."] * 3),
        camera=FakeCamera(*(frames or [view(number) for number in range(50)])),
        comparer=comparer,
        text_reader=reader,
    )


def aloud(*texts: str) -> list[str]:
    return [speakable(Sentence(each, "zh" if each[0] > "\u3400" else "en")).text for each in texts]


async def test_differences_are_told_with_what_the_model_sees_there() -> None:
    vision = FakeVision(["A screw is missing on the right."])
    scripted = told("Remember this as the reference.", "Compare.", comparer=FakePictureComparer([PLACE]), vision=vision)
    await scripted.run()
    expected = (REFERENCE_KEPT["en"], "One place differs: on your right.", "A screw is missing on the right.")
    assert spoken(scripted) == aloud(*expected)
    assert vision.others[0].asked[0].text == DIFFERENCE_ASKED["en"]
    assert vision.others[0].closed
    assert not vision.remembered
    (frame,) = vision.others[0].looked
    assert frame.pixels.shape[1] < VIEW.pixels.shape[1]


async def test_in_chinese() -> None:
    scripted = told("记住这个作参考", "比较一下", comparer=FakePictureComparer([]))
    await scripted.run()
    assert spoken(scripted)[-1] == aloud(told_differences([], "sides", "zh"))[0]


@pytest.mark.parametrize(("comparer", "boxes"), [(FakePictureComparer([]), []), (FakePictureComparer(None), None)])
async def test_no_difference_and_nothing_alike(comparer: FakePictureComparer, boxes: list[Box] | None) -> None:
    scripted = told("Remember this as the reference.", "Compare.", comparer=comparer)
    await scripted.run()
    end = told_differences(boxes, "sides", "en")
    assert spoken(scripted)[-1] == aloud(end)[0]
    assert not any(word in end.lower() for word in ("fine", "safe", "all right", "in order"))


async def test_without_a_reference_it_says_what_to_do() -> None:
    scripted = told("Compare.")
    await scripted.run()
    assert spoken(scripted) == aloud(NO_REFERENCE["en"])


async def test_a_reference_is_forgotten_when_told_to_and_with_the_conversation() -> None:
    for forgetting in ("Forget the reference.", "New conversation."):
        scripted = told("Remember this as the reference.", forgetting, "Compare.")
        await scripted.run()
        assert spoken(scripted)[-1] == aloud(NO_REFERENCE["en"])[0]
    assert REFERENCE_FORGOTTEN["en"] != NO_REFERENCE["en"]


async def test_a_useless_picture_is_no_reference() -> None:
    dark = Frame(VIEW.pixels // 64, 0.0)
    scripted = told("Remember this as the reference.", frames=(dark,))
    await scripted.run()
    assert spoken(scripted) == aloud(TooDark("").spoken("en"))


async def test_a_model_that_fails_is_told() -> None:
    vision = FakeVision([VisionFailed("out")])
    scripted = told("Remember this as the reference.", "Compare.", comparer=FakePictureComparer([PLACE]), vision=vision)
    await scripted.run()
    assert spoken(scripted)[-2:] == aloud("One place differs: on your right.", VisionFailed("").spoken("en"))


async def test_a_figure_is_explained_in_detail_with_its_print() -> None:
    vision = FakeVision(["A bar chart of sales.", "In May."])
    scripted = told("Explain this figure.", "When were they highest?", vision=vision, reader=text("Sales 2026", "May 40"))
    await scripted.run()
    assert spoken(scripted) == aloud("A bar chart of sales.", "In May.")
    explained, asked_on = vision.asked
    assert explained.text == EXPLAIN_FIGURE["en"]
    assert "in detail" in explained.wish
    assert "Sales 2026" in explained.wish
    assert "Sales" not in asked_on.wish
    assert [question.text for question, _ in vision.remembered] == [EXPLAIN_FIGURE["en"], "When were they highest?"]


async def test_stop_ends_a_comparison_while_the_model_looks() -> None:
    vision = FakeVision(["A screw is missing."] * 3, stalls_after=2)
    scripted = Scripted(
        *(listening, SPEECH, QUIET, listening, SPEECH, QUIET, reached(Stage.SENTENCE, 3), SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([said("Remember this as the reference."), said("Compare."), said("Stop.")]),
        vision=vision,
        camera=FakeCamera(*[view(number) for number in range(50)]),
        comparer=FakePictureComparer([PLACE]),
    )
    await scripted.run()
    assert spoken(scripted) == aloud(REFERENCE_KEPT["en"], "One place differs: on your right.")
    assert scripted.details(Stage.COMMANDED) == ["reference", "compare", "stop"]


async def test_stop_ends_an_explanation() -> None:
    vision = FakeVision(["A chart of rain. It rises until June."], stalls_after=6)
    scripted = Scripted(
        *(listening, SPEECH, QUIET, reached(Stage.SENTENCE, 2), SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([said("Explain this figure."), said("Stop.")]),
        vision=vision,
        camera=FakeCamera(*[view(number) for number in range(50)]),
        text_reader=FakeTextReader(),
    )
    await scripted.run()
    assert spoken(scripted) == aloud("A chart of rain.")
    assert scripted.details(Stage.COMMANDED) == ["explain", "stop"]

"""Aiming at a page before it is read."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.config import EarconsConfig
from assistant.errors import NothingToRead, TooDark
from assistant.runtime import aiming
from assistant.turn.aim import CORRECTIONS, Correction
from assistant.turn.earcons import Earcon
from assistant.types import Frame, Quad, TextLine
from tests.fakes.camera import FakeCamera
from tests.fakes.text_reader import FakeTextReader, place, text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import QUIET, SPEECH, Scripted, listening
from tests.runtime.test_reading import VIEW, said, spoken
from tests.runtime.test_sounds import Tape

pytestmark = pytest.mark.anyio

CUT = place(0, left=380, width=260)
"""At the right edge of a picture 640 pixels wide."""
WHOLE = place(0, left=200, width=260)


def view(number: int) -> Frame:
    """Return one picture of several, each of the same page, whose strokes are as sharp as can be."""
    pixels = VIEW.pixels.copy()
    pixels[:, ::4] = 0
    pixels[::4] = 0
    pixels[0, 0] = number
    return Frame(pixels, 0.0)


class Moving(FakeTextReader):
    """Sees a page move.

    Args:
        glimpses: Where text is in each picture that is aimed with, in turn; the last one stays.
    """

    def __init__(self, *glimpses: list[Quad]) -> None:
        super().__init__(TextLine("Milk.", 0.99, WHOLE))
        self._glimpses = list(glimpses)
        self.glimpsed = 0

    def glimpse(self, _frame: Frame) -> list[Quad]:
        self.glimpsed += 1
        return self._glimpses.pop(0) if len(self._glimpses) > 1 else self._glimpses[0]


def aimed(reader: FakeTextReader, *frames: Frame, words: str = "Read this.", **more: object) -> Scripted:
    return Scripted(
        *(listening, SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([said(words)]),
        vision=FakeVision(),
        camera=FakeCamera(*(frames or [view(number) for number in range(200)])),
        text_reader=reader,
        **more,  # type: ignore[arg-type]
    )


async def test_a_page_that_lies_well_is_taken_at_once() -> None:
    reader = Moving([WHOLE])
    scripted = aimed(reader)
    await scripted.run()
    assert spoken(scripted) == ["Milk."]
    assert reader.glimpsed == 1


@pytest.mark.parametrize(("words", "language"), [("Read this.", "en"), ("读一下。", "zh")])
async def test_the_hand_is_told_where_to_move(words: str, language: str) -> None:
    scripted = aimed(Moving([CUT], [CUT], [CUT], [WHOLE]), words=words)
    await scripted.run()
    assert spoken(scripted) == [CORRECTIONS[Correction.RIGHT][language], "Milk."]  # type: ignore[index]


async def test_a_hand_that_moves_is_waited_for() -> None:
    reader = Moving([CUT], [place(0, left=300, width=260)], [place(0, left=250, width=260)], [WHOLE], [WHOLE])
    await aimed(reader).run()
    assert reader.glimpsed == 5


async def test_blurred_print_is_waited_for() -> None:
    moved = [Frame(np.roll(VIEW.pixels, number, axis=1), 0.0) for number in range(3)]  # no strokes where the line is
    scripted = aimed(Moving([WHOLE]), *moved, *(view(number) for number in range(9)))
    await scripted.run()
    assert spoken(scripted) == [CORRECTIONS[Correction.STILL]["en"], "Milk."]


async def test_a_picture_that_stands_still_is_read_as_it_is() -> None:
    scripted = aimed(Moving([CUT]), VIEW)
    await scripted.run()
    assert spoken(scripted) == ["Milk."]


async def test_it_does_not_aim_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiming, "LIMIT", 0.2)
    scripted = aimed(Moving([CUT]))
    await scripted.run()
    assert spoken(scripted)[-1] == "Milk."


async def test_where_there_is_no_text_it_says_so_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiming, "LIMIT", 0.5)
    scripted = aimed(FakeTextReader())
    await scripted.run()
    assert spoken(scripted) == [CORRECTIONS[Correction.NO_TEXT]["en"], NothingToRead("").spoken("en")]


async def test_no_movement_helps_in_the_dark() -> None:
    dark = [Frame(np.random.default_rng(n).integers(0, 4, (480, 640, 3)).astype(np.uint8), 0.0) for n in range(3)]
    scripted = aimed(FakeTextReader(), *dark)
    await scripted.run()
    assert spoken(scripted) == [TooDark("").spoken("en")]


async def test_the_shutter_is_heard() -> None:
    speaker = Tape()
    scripted = aimed(text("Milk."), speaker=speaker, earcons=EarconsConfig(enabled=True, volume=100))
    await scripted.run()
    assert Earcon.SHUTTER in speaker.sounds

"""Where a mistake could hurt, print is read beside the model, and what no camera can judge is not judged."""

from __future__ import annotations

import threading

import pytest

from assistant.errors import ReadingFailed
from assistant.runtime.checking import ALLERGENS_READ, NO_ALLERGEN_READ
from assistant.turn.crosscheck import DIFFERS, HARD_TO_READ, NAME_NOT_FOUND, NO_TEXT, NOT_FOUND, UNCHECKED
from assistant.turn.reassurance import CANNOT_JUDGE
from assistant.turn.speakable import speakable
from assistant.turn.stakes import Stake
from assistant.types import Frame, Language, Quad, Sentence, TextLine
from tests.fakes.camera import FakeCamera
from tests.fakes.text_reader import FakeTextReader, place, text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import PATIENCE, QUIET, SPEECH, Scripted, listening
from tests.runtime.test_reading import VIEW, said, spoken, told

pytestmark = pytest.mark.anyio

BOX = ("Ibuprofen 400 mg", "20 tablets", "EXP 11/26")


def aloud(*texts: str, language: Language = "en") -> list[str]:
    return [speakable(Sentence(each, language)).text for each in texts]


async def answered(question: str, answer: str, reader: FakeTextReader) -> tuple[Scripted, FakeVision]:
    vision = FakeVision([answer])
    scripted = told(question, reader=reader, vision=vision)
    await scripted.run()
    return scripted, vision


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many milligrams is this medicine?", "It has 400 mg."),
        ("How many tablets are in it?", "There are twenty tablets."),
        ("When does it expire?", "It expires in November 2026."),
        ("What medicine is this?", "This is ibuprofen."),
        ("What medicine is this?", "This is Ibuprofem."),
    ],
)
async def test_what_the_print_bears_out_is_said_as_it_is(question: str, answer: str) -> None:
    scripted, vision = await answered(question, answer, text(*BOX))
    assert spoken(scripted) == aloud(answer)
    assert vision.remembered[0][1] == answer


@pytest.mark.parametrize(
    ("question", "answer", "doubt"),
    [
        ("How strong is this medicine?", "It has 40 mg.", DIFFERS["en"].format(said="40 mg", read="400 mg")),
        ("When does it expire?", "It expires on 11/28.", DIFFERS["en"].format(said="11/28", read="11/26")),
        ("How much does it cost?", "It costs $5.", NOT_FOUND["en"].format(said="$5")),
    ],
)
async def test_what_it_does_not_is_doubted_before_it_is_said(question: str, answer: str, doubt: str) -> None:
    scripted, vision = await answered(question, answer, text(*BOX))
    assert spoken(scripted) == [*aloud(doubt), *aloud(answer)]
    assert vision.remembered[0][1] == f"{doubt} {answer}"


async def test_in_chinese_too() -> None:
    scripted, _ = await answered("这个多少钱？", "这个十八元。", text("苹果", "￥16.00"))
    doubt = DIFFERS["zh"].format(said="18元", read="¥16.00")
    assert spoken(scripted) == aloud(doubt, "这个十八元。", language="zh")


async def test_print_that_is_hard_to_read_is_no_proof() -> None:
    scripted, _ = await answered("What does it cost?", "It costs $5.", text("Now only $5", confidence=0.7))
    assert spoken(scripted) == aloud(HARD_TO_READ["en"].format(said="$5"), "It costs $5.")


@pytest.mark.parametrize(
    ("reader", "doubt"),
    [(FakeTextReader(), NO_TEXT["en"]), (FakeTextReader(ReadingFailed("no memory")), UNCHECKED["en"])],
)
async def test_without_print_a_person_is_suggested(reader: FakeTextReader, doubt: str) -> None:
    scripted, _ = await answered("What note is this?", "It is a ten euro note. It has 10 on it.", reader)
    assert spoken(scripted) == aloud(doubt, "It is a ten euro note.", "It has 10 on it.")


async def test_a_name_that_is_not_printed_is_doubted() -> None:
    scripted, _ = await answered("What medicine is this?", "This is aspirin.", text(*BOX))
    assert spoken(scripted) == aloud("This is aspirin.", NAME_NOT_FOUND["en"])


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Can I cross?", "Yes, it is safe to cross. A car stands on your left.", ["{}", "A car stands on your left."]),
        ("Can I cross?", "The road is clear.", ["{}"]),
        ("Can I cross?", "Yes.", ["{}"]),
        ("Is the traffic light green?", "Yes, a car waits there.", ["A car waits there.", "{}"]),
        ("Are there any cars coming?", "There are no cars. You can go.", ["{}"]),
        ("Can I cross?", "A bus comes from the left.", ["A bus comes from the left.", "{}"]),
    ],
)
async def test_whether_to_cross_is_never_judged(question: str, answer: str, expected: list[str]) -> None:
    scripted, vision = await answered(question, answer, FakeTextReader())
    cannot = CANNOT_JUDGE[Stake.CROSSING]["en"]
    assert spoken(scripted) == [sentence for each in expected for sentence in aloud(each.format(cannot))]
    remembered = vision.remembered[0][1]
    assert "clear" not in remembered
    assert "safe" not in remembered
    assert "go." not in remembered.replace("to go.", "")


async def test_nor_whether_something_burns() -> None:
    scripted, _ = await answered("Is the stove hot?", "No, the stove is off. A pan is on it.", FakeTextReader())
    assert spoken(scripted) == aloud(CANNOT_JUDGE[Stake.HEAT]["en"], "A pan is on it.")


async def test_what_was_said_in_its_place_is_repeated() -> None:
    scripted = told("Can I cross?", "Repeat.", reader=FakeTextReader(), vision=FakeVision(["It is safe."]))
    await scripted.run()
    assert spoken(scripted) == 2 * aloud(CANNOT_JUDGE[Stake.CROSSING]["en"])


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        (("Sugar, wheat flour, hazelnuts",), ALLERGENS_READ["en"].format(allergens="gluten, nuts")),
        (("Sugar, rice",), NO_ALLERGEN_READ["en"]),
        ((), NO_TEXT["en"]),
    ],
)
async def test_allergens_are_named_from_the_print_and_never_ruled_out(lines: tuple[str, ...], end: str) -> None:
    scripted, _ = await answered("Does it contain nuts?", "No, it does not contain nuts.", text(*lines))
    assert spoken(scripted) == aloud(CANNOT_JUDGE[Stake.ALLERGEN]["en"], end)


@pytest.mark.parametrize("question", ["What is in front of me?", "Where is the milk?"])
async def test_what_is_harmless_is_not_checked(question: str) -> None:
    reader = text(*BOX)
    scripted, _ = await answered(question, "It is 5 metres away. Yes, the way is clear.", reader)
    assert spoken(scripted) == aloud("It is 5 metres away.", "Yes, the way is clear.")
    assert not reader.found


@pytest.mark.parametrize("answer", ["It says 40 mg.", "It costs $5.", "It was written on 3 May 2026."])
async def test_however_it_was_asked_amounts_and_dates_are_checked(answer: str) -> None:
    reader = text(*BOX)
    scripted, _ = await answered("What does it say?", f"There is print. {answer}", reader)
    assert len(reader.found) == 1
    assert spoken(scripted)[0] == aloud("There is print.")[0]
    assert len(spoken(scripted)) == 3
    assert spoken(scripted)[-1] == aloud(answer)[0]


async def test_more_is_checked_as_the_question_was() -> None:
    vision = FakeVision(["A pan is on it.", "It is not hot."])
    scripted = told("Is the stove hot?", "More.", reader=FakeTextReader(), vision=vision)
    await scripted.run()
    cannot = aloud(CANNOT_JUDGE[Stake.HEAT]["en"])
    assert spoken(scripted) == [*aloud("A pan is on it."), *cannot, *cannot]


async def test_who_interrupts_while_print_is_read_is_answered() -> None:
    reader = _Slow("Now only $5")
    scripted = Scripted(
        *(listening, SPEECH, QUIET, lambda _: reader.begun.is_set(), SPEECH, lambda _: reader.let_go(), QUIET, listening),
        transcriber=FakeTranscriber([said("What does it cost?"), said("What is on my left?")]),
        vision=FakeVision(["It costs $7.", "A cup."]),
        camera=FakeCamera(VIEW),
        text_reader=reader,
    )
    await scripted.run()
    assert spoken(scripted) == aloud("A cup.")


class _Slow(FakeTextReader):
    """Finds text when it is let go."""

    def __init__(self, line: str) -> None:
        super().__init__(TextLine(line, 0.99, place(0)))
        self.begun = threading.Event()
        self._may_end = threading.Event()

    def find(self, frame: Frame) -> list[Quad]:
        self.begun.set()
        assert self._may_end.wait(PATIENCE)
        return super().find(frame)

    def let_go(self) -> bool:
        self._may_end.set()
        return True

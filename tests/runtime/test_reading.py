"""What is before the camera is read aloud, and one can move in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from assistant.config import EarconsConfig
from assistant.errors import AssistantError, CameraLost, ModelMissing, NothingToRead, PageWhite, ReadingFailed, TooDark
from assistant.events import Stage
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.turn.page import CUT_OFF, TURNED, Edge, Turned
from assistant.turn.speakable import speakable
from assistant.types import Frame, Manner, Quad, Sentence, SpeechChunk, TextLine, Transcript
from tests.fakes.camera import FakeCamera
from tests.fakes.text_reader import FakeTextReader, place, text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, listening, picture
from tests.runtime.test_sounds import Tape

pytestmark = pytest.mark.anyio

CUP = "A cup is on your left."
PAGE = ("Dear Ann. We come today.", "Be at home.", "Yours, Bob.")
VIEW = Frame(np.kron(picture(1).pixels[::16, ::16], np.ones((80, 80, 1), np.uint8)), 0.0)
SENTENCES = ["Dear Ann.", "We come today.", "Be at home.", "Yours, Bob."]


def said(words: str) -> Transcript:
    return Transcript(words, "zh" if words[0] > "\u3400" else "en", 0.9)


def told(*words: str, reader: FakeTextReader, vision: FakeVision | None = None, camera: FakeCamera | None = None) -> Scripted:
    """Return a conversation in which these are said, one after the other, each once the one before has been answered."""
    acts: list[Act] = [listening, *[act for _ in words for act in (SPEECH, QUIET, listening)]]
    return Scripted(
        *acts,
        transcriber=FakeTranscriber([said(each) for each in words]),
        vision=vision or FakeVision(),
        camera=camera or FakeCamera(VIEW),
        text_reader=reader,
    )


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken][1:]


@pytest.mark.parametrize("words", ["Read this.", "读一下。"])
async def test_a_page_is_read_to_its_end_and_the_model_is_not_asked(words: str) -> None:
    vision = FakeVision()
    scripted = told(words, reader=text(*PAGE), vision=vision)
    await scripted.run()
    assert spoken(scripted) == SENTENCES
    assert not vision.asked
    assert not vision.remembered
    assert scripted.details(Stage.COMMANDED) == ["read"]
    assert scripted.details(Stage.SENTENCE)[1:] == SENTENCES


async def test_the_picture_is_heard_to_be_taken() -> None:
    speaker = Tape()
    acts = (listening, SPEECH, QUIET, listening)
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([said("Read this.")]),
        vision=FakeVision(),
        camera=FakeCamera(VIEW),
        speaker=speaker,
        earcons=EarconsConfig(enabled=True, volume=100),
        text_reader=text("Milk."),
    )
    await scripted.run()
    names = [sound for sound in speaker.sounds if isinstance(sound, Earcon)]
    assert [name for name in names if name in (Earcon.CAPTURED, Earcon.SHUTTER)] == [Earcon.CAPTURED, Earcon.SHUTTER]
    assert names[-1] is Earcon.DONE


async def test_one_moves_by_paragraphs() -> None:
    scripted = told("read this", "back", "next", "next", "back", "repeat", reader=text(*PAGE))
    await scripted.run()
    assert (
        spoken(scripted)
        == [
            *SENTENCES,
            *SENTENCES[2:],  # back from the last one
            prompts.END_OF_PAGE["en"],
            prompts.END_OF_PAGE["en"],
            *SENTENCES[2:],
            SENTENCES[3],
        ]
    )


async def test_before_the_beginning_is_the_beginning() -> None:
    scripted = told("read this", "back", "spell that", reader=text("For Ann."))
    await scripted.run()
    assert spoken(scripted)[:3] == ["For Ann.", prompts.BEGINNING_OF_PAGE["en"], "For Ann."]
    assert spoken(scripted)[3].startswith("Capital F, O,")


async def test_without_a_page_there_is_nothing_to_move_in() -> None:
    scripted = told("next", "上一段", reader=text(*PAGE))
    await scripted.run()
    assert spoken(scripted) == [prompts.NOTHING_READ["en"], speakable(Sentence(prompts.NOTHING_READ["zh"], "zh")).text]


@pytest.mark.parametrize(
    ("word", "follows"),
    [
        ("Continue.", SENTENCES[1:]),
        ("Faster.", [prompts.FASTER["en"], *SENTENCES[1:]]),
        ("Next.", SENTENCES[2:]),
        ("Back.", [prompts.BEGINNING_OF_PAGE["en"], *SENTENCES]),
        ("Repeat.", SENTENCES[:2]),
        ("Stop.", []),
    ],
)
async def test_a_page_that_is_interrupted_in_its_second_sentence(word: str, follows: list[str]) -> None:
    speaker = SlowSpeaker()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.25
        return listening(scripted)

    def page_sounds(scripted: Scripted) -> bool:
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and speaker.waits == 2

    def silenced(_: Scripted) -> bool:
        speaker.endless.clear()
        return speaker.silences >= 2

    def all_is_heard(_: Scripted) -> bool:
        speaker.heard_seconds = None
        return True

    acts = (listening, greeted, SPEECH, QUIET, page_sounds, Sound(0.6), silenced, all_is_heard, QUIET, listening)
    words = [said("Read this."), said(word)]
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber(words),
        vision=FakeVision(),
        camera=FakeCamera(VIEW),
        speaker=speaker,
        text_reader=text(*PAGE),
    )
    await scripted.run()
    assert spoken(scripted) == [*SENTENCES, *follows]


async def test_an_answer_takes_the_place_of_what_was_read() -> None:
    vision = FakeVision([CUP, "Red."])
    scripted = told("read this", "What is on my left?", "more", "repeat", "next", reader=text(*PAGE), vision=vision)
    await scripted.run()
    assert [question.text for question in vision.asked] == ["What is on my left?", prompts.TELL_MORE["en"]]
    assert spoken(scripted)[len(SENTENCES) :] == [CUP, "Red.", "Red.", prompts.END_OF_PAGE["en"]]


async def test_more_at_the_end_of_a_page_asks_nobody() -> None:
    vision = FakeVision()
    scripted = told("read this", "more", reader=text("Milk."), vision=vision)
    await scripted.run()
    assert spoken(scripted) == ["Milk.", prompts.END_OF_PAGE["en"]]


async def test_forget_this_forgets_the_page_alone() -> None:
    vision = FakeVision([CUP])
    scripted = told("What is on my left?", "read this", "forget this", "next", reader=text("Milk."), vision=vision)
    await scripted.run()
    assert spoken(scripted)[-2:] == [prompts.FORGOTTEN["en"], prompts.NOTHING_READ["en"]]
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_what_is_cut_off_is_said_first_and_how_it_lies_last() -> None:
    one, two, three, four = place(0, left=-2, width=60)
    upside_down = TextLine("Milk", 0.99, (three, four, one, two))
    scripted = told("read this", reader=FakeTextReader(upside_down))
    await scripted.run()
    assert spoken(scripted) == [CUT_OFF[Edge.LEFT]["en"], "Milk.", TURNED[Turned.UPSIDE_DOWN]["en"]]


class Patient(FakeTextReader):
    """Reads no further than the first line until somebody speaks."""

    def __init__(self, *lines: TextLine) -> None:
        super().__init__(*lines)
        self.spoken = threading.Event()

    def read(self, frame: Frame, places: Sequence[Quad]) -> Iterator[TextLine]:
        for number, each in enumerate(super().read(frame, places)):
            if number or len(self.read_places) > 1:
                assert self.spoken.wait(10)
            yield each


async def test_the_first_paragraph_is_heard_while_the_others_are_made_out() -> None:
    reader = Patient(*(TextLine(words, 0.99, place(row, pitch=60)) for row, words in enumerate(PAGE)))

    class Loud(FakeVoice):
        def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
            if self.spoken:  # the greeting is through
                reader.spoken.set()
            yield from super().speak(sentence, manner)

    scripted = Scripted(
        *(listening, SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([said("Read this.")]),
        vision=FakeVision(),
        camera=FakeCamera(VIEW),
        voice=Loud(),
        text_reader=reader,
    )
    await scripted.run()
    assert spoken(scripted) == SENTENCES


DARK, WHITE = Frame(VIEW.pixels // 64, 0.0), Frame(VIEW.pixels // 255 + 254, 0.0)


@pytest.mark.parametrize(
    ("camera", "reader", "error"),
    [
        (FakeCamera(VIEW), FakeTextReader(), NothingToRead),
        (FakeCamera(DARK), FakeTextReader(), TooDark),
        (FakeCamera(WHITE), FakeTextReader(), PageWhite),
        (FakeCamera(CameraLost("unplugged")), text(*PAGE), CameraLost),
        (FakeCamera(VIEW), FakeTextReader(ModelMissing("not there", "ppocr")), ModelMissing),
        (FakeCamera(VIEW), FakeTextReader(ReadingFailed("no memory")), ReadingFailed),
    ],
)
async def test_what_goes_wrong_is_said(camera: FakeCamera, reader: FakeTextReader, error: type[AssistantError]) -> None:
    scripted = told("read this", "next", reader=reader, camera=camera)
    await scripted.run()
    assert spoken(scripted)[0] == error("", "ppocr").spoken("en")
    assert spoken(scripted)[1] in {prompts.NOTHING_READ["en"], prompts.END_OF_PAGE["en"]}


async def test_text_that_cannot_be_made_out_is_told_as_such() -> None:
    scripted = told("read this", reader=text("lllll", confidence=0.2))
    await scripted.run()
    assert spoken(scripted)[0].startswith("There is text, but")


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("From yours.", ["Yours, Bob."]),
        ("Read from Ann, please.", SENTENCES),
        ("From the total.", [prompts.NOT_ON_PAGE["en"].format(words="total")]),
    ],
)
async def test_it_is_read_from_where_words_stand(words: str, read: list[str]) -> None:
    scripted = told("Read this.", words, reader=text(*PAGE))
    await scripted.run()
    assert spoken(scripted)[len(SENTENCES) :] == [speakable(Sentence(each, "en")).text for each in read]


async def test_without_a_page_there_is_nothing_to_read_from() -> None:
    scripted = told("From the total.", reader=text(*PAGE))
    await scripted.run()
    assert spoken(scripted) == [prompts.NOTHING_READ["en"]]

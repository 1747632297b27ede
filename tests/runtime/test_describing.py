"""It keeps describing what is new until it is told to stop, and whoever speaks goes before it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from assistant.config import Config, EarconsConfig, PushToTalkStartConfig, WakeWordStartConfig
from assistant.errors import CameraLost, TooDark, VisionFailed
from assistant.events import Stage
from assistant.runtime import describing
from assistant.turn import description, lookout, prompts
from assistant.turn.description import Subject
from assistant.turn.earcons import Earcon
from assistant.turn.speakable import speakable
from assistant.types import AnswerChunk, Cancellation, Frame, Press, Question, Sentence, Transcript
from tests.fakes.camera import FakeCamera
from tests.fakes.text_reader import FakeTextReader, text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import COUGH, QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, half_duplex, listening, picture
from tests.runtime.test_sounds import Tape
from tests.runtime.test_starting import CALLED, pressed, word_in

pytestmark = pytest.mark.anyio

KEEP, STOP = "Keep describing.", "Stop."
NOW, ENDED = description.NOW[Subject.EVERYTHING]["en"], description.ENDED["en"]
QUIETER = prompts.QUIETER["en"]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second takes a fiftieth: what matters is what follows what."""
    for module, names in {describing: ("_GLIMPSE", "_BREATH"), lookout: ("_RESTS", "_PACE")}.items():
        for name in names:
            monkeypatch.setattr(module, name, getattr(module, name) / 50)
    monkeypatch.setattr(describing, "_SIGN_OF_LIFE", 0.1)


class View(FakeCamera):
    """Shows one scene until the next."""

    def __init__(self, scene: int = 1) -> None:
        super().__init__(picture(scene))

    def show(self, frame: Frame) -> None:
        self._script = [frame]


class Narrator(FakeVision):
    """Describes each scene in other words each time, and answers every question alike."""

    def __init__(self, scenes: Mapping[int, Sequence[str | Exception]]) -> None:
        super().__init__()
        self._words = {picture(scene).pixels.tobytes(): itertools.cycle(words) for scene, words in scenes.items()}
        self.described: list[bytes] = []
        """The scenes that were to be described, one after the other."""

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        self._check(cancellation)
        self.asked.append(question)
        words: str | Exception = "Red."
        if question.text in description._ASKED.values():
            scene = self.looked[-1].pixels.tobytes()
            words = next(self._words[scene])
            self.described.append(scene)
        if isinstance(words, Exception):
            raise words
        yield AnswerChunk(words)


def said(words: str) -> Transcript:
    return Transcript(words, "zh" if words > "\u3400" else "en", 0.9)


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken][1:]


def heard(words: str, times: int = 1) -> Callable[[Scripted], bool]:
    """Return the condition that this was said so often, and nothing more is being said."""
    return lambda scripted: spoken(scripted).count(words) >= times and listening(scripted)


def shows(scene: int) -> Callable[[Scripted], bool]:
    def show(scripted: Scripted) -> bool:
        view = scripted.conversation._engines.camera
        assert isinstance(view, View)
        view.show(picture(scene))
        return True

    return show


def looked_at(scene: int, times: int = 1) -> Callable[[Scripted], bool]:
    """Return the condition that a scene was described, or was to be, so often, and nothing is being said."""

    def looked(scripted: Scripted) -> bool:
        assert isinstance(scripted.vision, Narrator)
        return scripted.vision.described.count(picture(scene).pixels.tobytes()) >= times and listening(scripted)

    return looked


def say() -> list[Act]:
    """Return the acts of saying something, which begins when nothing is being said."""
    return [listening, SPEECH, QUIET]


def told(
    *acts: Act,
    words: Sequence[str],
    vision: FakeVision | None = None,
    camera: FakeCamera | None = None,
    reader: FakeTextReader | None = None,
    config: Config | None = None,
) -> Scripted:
    return Scripted(
        *acts,
        transcriber=FakeTranscriber([said(each) for each in words]),
        vision=vision or FakeVision(),
        camera=camera or View(),
        text_reader=reader,
        config=config,
    )


DOG = ("A dog ahead.", "Ahead is a dog.", "There is a brown dog in front of you.")
CUP = ("A cup, and a dog.", "The dog is next to a mug.")


async def test_what_changes_is_told_and_nothing_twice_until_stop() -> None:
    vision = Narrator({1: DOG, 2: CUP, 3: ["There are stairs to your left. A cup is on the table."]})
    acts = [
        *say(),
        heard(DOG[0]),
        shows(2),
        heard("A cup."),
        shows(1),
        looked_at(1, 2),
        shows(3),
        heard("There are stairs to your left."),
    ]
    scripted = told(*acts, *say(), heard(ENDED), shows(2), Sound(0.1, loud=False), words=[KEEP, STOP], vision=vision)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], "A cup.", "There are stairs to your left.", "A cup is on the table.", ENDED]
    assert scripted.details(Stage.COMMANDED) == ["keep describing", "stop"]


async def test_it_yields_to_a_question_and_resumes_after_the_answer() -> None:
    vision, speaker = Narrator({1: DOG, 2: ["A chair."]}), SlowSpeaker()

    def speaks(scripted: Scripted) -> bool:
        return DOG[0] in spoken(scripted) and speaker.waits >= 3

    def keep(_: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.1
        return True

    def silenced(_: Scripted) -> bool:
        if speaker.silences < 3:
            return False
        speaker.endless.clear()
        speaker.heard_seconds = None
        return True

    acts = [*say(), heard(NOW), keep, speaks, Sound(0.6), silenced, QUIET, heard("Red."), heard(DOG[1])]
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([said(KEEP), said("What colour is it?")]),
        vision=vision,
        camera=View(),
        speaker=speaker,
    )
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], "Red.", DOG[1]]  # of the first, nobody had heard the end
    assert [question.text for question, _ in vision.remembered][-2:] == ["What colour is it?", "Describe what you see."]


async def test_quieter_in_its_midst_is_followed_by_the_rest_once() -> None:
    vision, speaker = Narrator({1: ["A bench. A statue on the left."]}), SlowSpeaker()

    def keep(_: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.3
        return True

    def speaks(scripted: Scripted) -> bool:
        return "A bench." in spoken(scripted) and speaker.waits >= 3

    def silenced(_: Scripted) -> bool:
        if speaker.silences < 3:
            return False
        speaker.endless.clear()
        speaker.heard_seconds = None
        return True

    acts = [
        *say(),
        heard(NOW),
        keep,
        speaks,
        Sound(0.6),
        silenced,
        QUIET,
        heard(QUIETER),
        heard("A statue on the left.", 2),
        Sound(0.3),
    ]
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([said(KEEP), said("Quieter."), said("")]),
        vision=vision,
        camera=View(),
        speaker=speaker,
    )
    await scripted.run()
    assert spoken(scripted) == [NOW, "A bench.", "A statue on the left.", QUIETER, "A statue on the left."]


async def test_only_the_last_description_is_remembered_and_repeated() -> None:
    vision = Narrator({1: DOG, 2: CUP})
    acts = [*say(), heard(DOG[0]), shows(2), heard("A cup."), *say(), heard("A cup.", 2)]
    scripted = told(*acts, words=[KEEP, "Repeat."], vision=vision)
    await scripted.run()
    assert [answer for _, answer in vision.remembered] == ["A cup."]


@pytest.mark.parametrize("word", ["Quieter.", "慢一点。"])
async def test_what_changes_how_it_speaks_lets_it_go_on(word: str) -> None:
    vision = Narrator({1: DOG, 2: CUP})
    scripted = told(*say(), heard(DOG[0]), *say(), listening, shows(2), heard("A cup."), words=[KEEP, word], vision=vision)
    await scripted.run()
    assert len(scripted.kept) == 1


@pytest.mark.parametrize("word", ["Go to sleep.", "别描述了。"])
async def test_what_ends_it(word: str) -> None:
    vision = Narrator({1: DOG})
    scripted = told(*say(), heard(DOG[0]), *say(), listening, words=[KEEP, word], vision=vision)
    await scripted.run()
    assert not scripted.conversation._describing.going_on


async def test_a_lost_camera_is_told_once_and_that_it_is_back() -> None:
    camera = View()

    def unplugged(_: Scripted) -> bool:
        camera.lost()
        return True

    def plugged(_: Scripted) -> bool:
        camera.found()
        return True

    lost = CameraLost("").spoken("en")
    again = description.SEEING_AGAIN["en"]
    pause = Sound(0.3, loud=False)
    acts = [*say(), heard(DOG[0]), unplugged, heard(lost), pause, plugged, heard(again), shows(2), heard("A cup.")]
    scripted = told(*acts, words=[KEEP], vision=Narrator({1: DOG, 2: CUP}), camera=camera)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], lost, again, "A cup."]


async def test_a_dark_picture_is_told_once() -> None:
    camera = View()

    def dark(_: Scripted) -> bool:
        camera.show(Frame(picture(1).pixels // 64, 0.0))
        return True

    trouble = TooDark("").spoken("en")
    acts = [
        *say(),
        heard(DOG[0]),
        dark,
        heard(trouble),
        shows(2),
        heard("A cup."),
        dark,
        Sound(0.3, loud=False),
        shows(3),
        heard("A bin."),
    ]
    scripted = told(*acts, words=[KEEP], vision=Narrator({1: DOG, 2: CUP, 3: ["A bin."]}), camera=camera)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], trouble, "A cup.", "A bin."]


async def test_a_model_that_fails_is_told_once_and_tried_again() -> None:
    failed = VisionFailed("in mid-work")
    vision = Narrator({1: [failed], 2: [failed], 3: ["A cup."]})
    acts = [*say(), heard(failed.spoken("en")), shows(2), looked_at(2), shows(3), heard("A cup.")]
    scripted = told(*acts, words=[KEEP], vision=vision)
    await scripted.run()
    assert spoken(scripted) == [NOW, failed.spoken("en"), "A cup."]


async def test_only_text_is_read_without_the_model_and_new_lines_alone() -> None:
    vision, reader = FakeVision(), text("Main Street.", "Platform 4.")
    now = description.NOW[Subject.TEXT]["en"]

    def read_again(scripted: Scripted) -> bool:
        before = len(reader.found)
        scripted.microphone._wait(lambda _: len(reader.found) > before)
        return True

    def changes(_: Scripted) -> bool:
        reader._lines = text("Main Streat.", "Platform 5.")._lines
        return True

    acts = [*say(), heard("Platform four."), shows(2), read_again, changes, shows(1), heard("Platform five.")]
    scripted = told(*acts, words=["Only text."], vision=vision, reader=reader)
    await scripted.run()
    assert spoken(scripted) == [now, "Main Street.", "Platform four.", "Platform five."]
    assert not vision.asked


async def test_only_people_asks_for_nothing_else_and_nobody_is_no_news() -> None:
    vision = Narrator({1: ["Nobody."], 2: ["一位女士坐在前面。"]})
    now = speakable(Sentence(description.NOW[Subject.PEOPLE]["zh"], "zh")).text
    acts = [*say(), looked_at(1), shows(2), heard("一位女士坐在前面。")]
    scripted = told(*acts, words=["只说人。"], vision=vision)
    await scripted.run()
    assert spoken(scripted) == [now, "一位女士坐在前面。"]
    assert all("只说人" in question.wish for question in vision.asked)


async def test_where_the_microphone_hears_the_loudspeaker_it_listens_in_between() -> None:
    vision = Narrator({1: DOG})
    scripted = told(
        *say(), heard(DOG[0]), Sound(0.5, loud=False), *say(), heard(ENDED), words=[KEEP, STOP], vision=vision, config=half_duplex()
    )
    await scripted.run()
    assert spoken(scripted)[1:] == [NOW, DOG[0], ENDED]  # after that it does not listen while it speaks


async def test_with_a_button_it_waits_for_who_pressed_it() -> None:
    vision = Narrator({1: DOG, 2: CUP})

    acts: list[Act] = [
        listening,
        pressed(Press.TAP),
        SPEECH,
        QUIET,
        heard(DOG[0]),
        pressed(Press.TAP),
        shows(2),
        Sound(0.5, loud=False),
        SPEECH,
        QUIET,
        heard("Red."),
        heard("A cup."),
    ]
    config = Config(start=PushToTalkStartConfig(kind="push-to-talk"))
    scripted = told(*acts, words=[KEEP, "What colour is it?"], vision=vision, config=config)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], "Red.", "A cup."]


async def test_the_key_that_stops_it_while_it_speaks_ends_it() -> None:
    vision, speaker = Narrator({1: DOG}), SlowSpeaker()

    def keep(_: Scripted) -> bool:
        speaker.endless.set()
        return True

    def speaks(scripted: Scripted) -> bool:
        if DOG[0] not in spoken(scripted) or speaker.waits < 3:
            return False
        speaker.endless.clear()  # what it plays has no end, what comes after has
        return True

    acts = [*say(), heard(NOW), keep, speaks, pressed(Press.TAP), heard(ENDED)]
    scripted = Scripted(*acts, transcriber=FakeTranscriber([said(KEEP)]), vision=vision, camera=View(), speaker=speaker)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], ENDED]


async def test_the_wake_word_stops_it_and_its_window_closes_while_it_describes() -> None:
    vision = Narrator({1: DOG, 2: CUP, 3: ["A bin."]})
    config = Config(start=WakeWordStartConfig(kind="wake-word", follow_up=1.0))

    def closed(scripted: Scripted) -> bool:
        return not scripted.conversation._attention.open

    acts: list[Act] = [listening, CALLED, SPEECH, QUIET, heard(DOG[0]), shows(2), heard("A cup."), Sound(1.2, loud=False), closed]
    acts += [SPEECH, QUIET, shows(3), heard("A bin."), CALLED, SPEECH, QUIET, heard(ENDED)]
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([said(KEEP), said(STOP)]),
        vision=vision,
        camera=View(),
        wake_word=word_in(acts),
        config=config,
    )
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], "A cup.", "A bin.", ENDED]


async def test_a_cough_does_not_stop_it() -> None:
    vision = Narrator({1: DOG, 2: CUP})
    acts = [*say(), heard(DOG[0]), COUGH, QUIET, listening, shows(2), heard("A cup.")]
    scripted = told(*acts, words=[KEEP, ""], vision=vision)
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0], "A cup."]


async def test_a_tick_now_and_again_tells_that_it_is_still_there() -> None:
    tape = Tape()

    def ticked(_: Scripted) -> bool:
        return Earcon.THINKING in tape.sounds and "word" in tape.sounds

    scripted = Scripted(
        *say(),
        heard(DOG[0]),
        ticked,
        transcriber=FakeTranscriber([said(KEEP)]),
        vision=Narrator({1: DOG}),
        camera=View(),
        speaker=tape,
        earcons=EarconsConfig(enabled=True, volume=100),
    )
    await scripted.run()
    assert spoken(scripted) == [NOW, DOG[0]]


async def test_without_it_stop_says_nothing() -> None:
    scripted = told(*say(), listening, words=[STOP])
    await scripted.run()
    assert spoken(scripted) == []

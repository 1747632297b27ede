"""What is typed is done as if it had been said, and understood for certain."""

from collections.abc import Callable

import anyio.from_thread
import pytest

from assistant.config import Config, EarconsConfig, PushToTalkStartConfig
from assistant.errors import CameraLost
from assistant.events import Stage
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.turn.state import State
from assistant.types import Preset, Press, Transcript, Writing
from tests.fakes.camera import FakeCamera
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import GREETING, QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, listening, picture, reached
from tests.runtime.test_sounds import Tape

pytestmark = pytest.mark.anyio

CUP = "A cup is on your left. It is red."
QUESTION = Transcript("What is on my left?", "en", 0.9)
BUTTON = Config(start=PushToTalkStartConfig(kind="push-to-talk"))


def typed(text: str, preset: Preset | None = None) -> Callable[[Scripted], bool]:
    """Return the act of typing; it is over once the conversation has taken it in."""

    def act(scripted: Scripted) -> bool:
        anyio.from_thread.run_sync(scripted.conversation.ask, text, preset)
        return True

    return act


def typing(*acts: Act, vision: FakeVision, **further: object) -> Scripted:
    return Scripted(listening, *acts, transcriber=FakeTranscriber([QUESTION] * 4), vision=vision, **further)  # type: ignore[arg-type]


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken]


async def test_a_typed_question_is_answered_about_what_is_there_now_and_remembered() -> None:
    vision = FakeVision([CUP, "杯子。"])
    scripted = typing(typed("What is there?"), listening, typed("左边有什么？", "creative"), listening, vision=vision)
    await scripted.run()
    assert spoken(scripted) == [GREETING, "A cup is on your left.", "It is red.", "杯子。"]
    assert [(question.text, question.language, question.writing) for question in vision.asked] == [
        ("What is there?", "en", Writing()),
        ("左边有什么？", "zh", Writing("creative")),
    ]
    assert [heard for _, heard in vision.remembered] == [CUP, "杯子。"]
    assert len(vision.looked) == 1


async def test_the_picture_of_a_spoken_question_does_not_count_for_a_typed_one() -> None:
    vision = FakeVision([CUP, "Red."])
    # a hand's sway within a question is none; another question looks closer
    nudged = picture(1)
    nudged.pixels[:16, :16] = 255 - nudged.pixels[:16, :16]
    camera = FakeCamera(picture(1), picture(1), nudged)
    scripted = typing(SPEECH, QUIET, listening, typed("And now?"), listening, vision=vision, camera=camera)
    await scripted.run()
    assert len(vision.looked) == 2


async def test_a_typed_command_is_obeyed_and_has_the_sounds_of_a_spoken_one() -> None:
    vision, tape = FakeVision([CUP]), Tape()
    acts = (typed("What is there?"), listening, typed("repeat"), listening, typed("go to sleep"), listening)
    scripted = typing(*acts, vision=vision, speaker=tape, earcons=EarconsConfig(volume=100))
    await scripted.run()
    assert scripted.details(Stage.COMMANDED) == ["repeat", "sleep"]
    assert spoken(scripted)[3:5] == ["A cup is on your left.", "It is red."]
    earcons = [sound for sound in tape.sounds if sound not in {"word", Earcon.THINKING}]
    done, off = [Earcon.CAPTURED, Earcon.DONE], [Earcon.CAPTURED, Earcon.MICROPHONE_OFF]
    assert earcons == [Earcon.LISTENING, *done, *done, *off]


def meant(scripted: Scripted) -> bool:
    """Tell whether somebody speaks, for so long that it would interrupt an answer."""
    return scripted.conversation._hearing.persisted and scripted.conversation._state is State.HEARING


def answer_sounds(scripted: Scripted) -> bool:
    assert isinstance(scripted.speaker, SlowSpeaker)
    return scripted.stages.count(Stage.FIRST_SOUND) == 2 and scripted.speaker.waits == 2


@pytest.mark.parametrize("words", ["stop", "And on the right?"])
async def test_what_is_typed_interrupts_an_answer(words: str) -> None:
    vision, speaker = FakeVision([CUP, "A plate."]), SlowSpeaker()

    def greeted(_: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.25
        return True

    def goes_on(scripted: Scripted) -> bool:
        speaker.endless.clear()
        speaker.heard_seconds = None
        return listening(scripted)

    acts = (greeted, typed("What is there?"), answer_sounds, typed(words), reached(Stage.INTERRUPTED), goes_on)
    scripted = typing(*acts, vision=vision, speaker=speaker)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == ["A cup", "A plate."][: 1 if words == "stop" else 2]


async def test_what_is_typed_into_the_greeting_is_answered() -> None:
    speaker, vision = SlowSpeaker(), FakeVision([CUP])
    speaker.endless.set()

    def greeting_sounds(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.FIRST_SOUND in scripted.stages

    acts = (greeting_sounds, typed("What is there?"), reached(Stage.ANSWERED), listening)
    await Scripted(*acts, transcriber=FakeTranscriber([]), vision=vision, speaker=speaker).run()
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_what_is_typed_while_somebody_speaks_is_answered_and_what_they_say_does_not_stop_it() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()

    def greeted(_: Scripted) -> bool:
        speaker.endless.set()
        return True

    def fell_silent(scripted: Scripted) -> bool:
        if scripted.conversation._state is not State.ANSWERING:
            return False
        speaker.endless.clear()
        speaker._silenced.set()
        return True

    over = (Sound(0.5), meant, typed("What is there?"), answer_sounds, Sound(1.0), QUIET, fell_silent, listening)
    scripted = typing(greeted, *over, SPEECH, QUIET, listening, vision=vision, speaker=speaker)
    await scripted.run()
    assert [(question.text, heard) for question, heard in vision.remembered] == [("What is there?", CUP), (QUESTION.text, "Red.")]
    assert Stage.CONTINUED not in scripted.stages


async def test_who_speaks_on_after_the_answer_to_what_was_typed_is_heard_whole() -> None:
    vision, transcriber = FakeVision(["Yes.", CUP]), FakeTranscriber([QUESTION])
    acts = (listening, Sound(0.5), meant, typed("Is there a cup?"), reached(Stage.ANSWERED), Sound(1.0), QUIET, listening)
    await Scripted(*acts, transcriber=transcriber, vision=vision).run()
    assert [heard for _, heard in vision.remembered] == ["Yes.", CUP]
    assert transcriber.utterances[0].seconds > 1.5


async def test_an_unanswered_question_is_not_put_before_what_is_said_after_something_typed() -> None:
    vision = FakeVision(["never heard", "nor this", CUP], stalls_after=0)

    def asked(times: int) -> Callable[[Scripted], bool]:
        return lambda _: len(vision.asked) == times and vision.stalled.is_set()

    def answers(_: Scripted) -> bool:
        vision.stalls_after = None
        return True

    acts = (SPEECH, QUIET, asked(1), typed("What is there?"), asked(2), answers, SPEECH, QUIET, reached(Stage.ANSWERED), listening)
    scripted = typing(*acts, vision=vision)
    await scripted.run()
    assert Stage.CONTINUED not in scripted.stages
    assert [(question.text, heard) for question, heard in vision.remembered] == [(QUESTION.text, CUP)]


async def test_what_is_typed_wakes_up_who_sleeps() -> None:
    vision = FakeVision([CUP])
    scripted = typing(typed("go to sleep"), listening, typed("What is there?"), listening, vision=vision)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert scripted.doings[-3:] == ["asleep", "answering", "listening"]


async def test_where_only_a_button_opens_its_ears_typing_needs_none_and_opens_none() -> None:
    vision = FakeVision([CUP])
    scripted = typing(typed("What is there?"), listening, SPEECH, QUIET, listening, vision=vision, config=BUTTON)
    await scripted.run()
    assert len(vision.asked) == 1
    assert Stage.SPEECH_STARTED not in scripted.stages


async def test_a_camera_that_is_lost_is_told_of() -> None:
    camera = FakeCamera(CameraLost("unplugged"))
    scripted = typing(typed("What is there?"), listening, vision=FakeVision(), camera=camera)
    await scripted.run()
    assert spoken(scripted)[1:] == [CameraLost("").spoken("en")]
    assert prompts.NOTHING_HEARD["en"] not in spoken(scripted)


# what it is told to be doing, and what a press begins


async def test_it_tells_what_it_is_doing() -> None:
    scripted = typing(SPEECH, QUIET, listening, vision=FakeVision([CUP]))
    await scripted.run()
    assert scripted.doings == ["answering", "listening", "hearing", "answering", "listening"]


async def test_the_picture_is_looked_at_as_soon_as_the_button_is_down() -> None:
    vision = FakeVision([CUP])

    def down(scripted: Scripted) -> bool:
        scripted.button.press(Press.DOWN)
        return True

    def looked_before_a_word(scripted: Scripted) -> bool:
        return Stage.LOOKED in scripted.stages and Stage.SPEECH_STARTED not in scripted.stages

    def up(scripted: Scripted) -> bool:
        scripted.button.press(Press.UP)
        return True

    acts = (down, looked_before_a_word, SPEECH, up, reached(Stage.ANSWERED), listening)
    await typing(*acts, vision=vision, config=BUTTON).run()
    assert len(vision.looked) == 1
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_an_answer_can_be_stopped_without_a_button() -> None:
    vision, speaker = FakeVision([CUP]), SlowSpeaker()
    speaker.heard_seconds = 0.25

    def greeted(_: Scripted) -> bool:
        speaker.endless.set()
        return True

    def stop(scripted: Scripted) -> bool:
        anyio.from_thread.run_sync(scripted.conversation.stop)
        return True

    acts = (greeted, typed("What is there?"), answer_sounds, stop, listening)
    await typing(*acts, vision=vision, speaker=speaker).run()
    assert [heard for _, heard in vision.remembered] == ["A cup"]

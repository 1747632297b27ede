"""Ways to start: after a wake word, and with a button."""

from collections.abc import Sequence

import pytest

from assistant.config import Config, EarconsConfig, PushToTalkStartConfig, WakeWordStartConfig
from assistant.errors import ButtonLost
from assistant.events import Stage
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.turn.state import State
from assistant.types import BLOCK_SECONDS, Press, Transcript
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.fakes.wake_word_detector import FakeWakeWordDetector
from tests.runtime.scripted import GREETING, QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, listening, reached
from tests.runtime.test_sounds import Tape

pytestmark = pytest.mark.anyio

CUP = "A cup is on your left. It is red."
QUESTION = Transcript("What is on my left?", "en", 0.9)
EARCONS = EarconsConfig(enabled=True, volume=100)
CALLED = Sound(0.6)
"""The wake word is its last block."""
WAKE_WORD = Config(start=WakeWordStartConfig(kind="wake-word", follow_up=3.0))
BUTTON = Config(start=PushToTalkStartConfig(kind="push-to-talk"))


def pressed(press: Press | ButtonLost) -> Act:
    """Return the act of pressing the button, and waiting until that has been taken in."""

    def act(scripted: Scripted) -> bool:
        if scripted is not done.get("for"):
            done["for"] = scripted
            done["calls"] = len(scripted.presses)
            scripted.button.press(press)
        return isinstance(press, ButtonLost) or len(scripted.presses) > done["calls"]

    done: dict = {}  # type: ignore[type-arg]
    return act


def word_in(acts: Sequence[Act]) -> FakeWakeWordDetector:
    """Return a detector that hears the wake word wherever it is called."""
    ends, calls = 0, list[int]()
    for act in acts:
        if isinstance(act, Sound):
            ends += round(act.seconds / BLOCK_SECONDS)
        if act is CALLED:
            calls.append(ends - 1)
    return FakeWakeWordDetector(calls)


def sounding(scripted: Scripted) -> bool:
    """Tell whether the first answer has been given to the loudspeaker, which plays it."""
    return scripted.stages.count(Stage.FIRST_SOUND) == 2 and scripted.speaker.waits == 2  # type: ignore[attr-defined]


def answered(scripted: Scripted) -> list[str]:
    return scripted.details(Stage.ANSWERED)


async def test_without_the_wake_word_nothing_is_heard_of_what_is_said() -> None:
    vision = FakeVision([CUP])
    acts = (listening, SPEECH, QUIET, listening, CALLED, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, config=WAKE_WORD, wake_word=word_in(acts))
    await scripted.run()
    assert answered(scripted) == [CUP]
    assert scripted.stages.count(Stage.SPEECH_STARTED) == 1


async def test_the_wake_word_itself_is_no_part_of_the_question() -> None:
    transcriber = FakeTranscriber([QUESTION])
    acts = (listening, CALLED, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=transcriber, vision=FakeVision([CUP]), config=WAKE_WORD, wake_word=word_in(acts))
    await scripted.run()
    assert transcriber.utterances[0].seconds < 0.1 + 0.6 + 1.0 + 0.8 + 0.5


async def test_a_follow_up_needs_no_wake_word_for_a_while() -> None:
    vision, tape = FakeVision([CUP, "Red."]), Tape()
    acts = (listening, CALLED, SPEECH, QUIET, listening, Sound(2.0, loud=False), SPEECH, QUIET, listening)
    closed = (Sound(3.2, loud=False), SPEECH, QUIET, listening)
    scripted = Scripted(
        *acts,
        *closed,
        transcriber=FakeTranscriber([QUESTION, QUESTION]),
        vision=vision,
        config=WAKE_WORD,
        wake_word=word_in(acts),
        speaker=tape,
        earcons=EARCONS,
    )
    await scripted.run()
    assert answered(scripted) == [CUP, "Red."]
    assert tape.sounds.count(Earcon.MICROPHONE_OFF) == 1


async def test_the_wake_word_stops_an_answer() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()
    speaker.heard_seconds = 0.25

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    def stopped(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return listening(scripted)

    acts = (listening, greeted, CALLED, SPEECH, QUIET, sounding, CALLED, stopped)
    scripted = Scripted(
        *acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, config=WAKE_WORD, wake_word=word_in(acts), speaker=speaker
    )
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == ["A cup"]


async def test_a_press_asks_for_one_question() -> None:
    vision = FakeVision([CUP])
    acts = (listening, SPEECH, QUIET, pressed(Press.TAP), SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, config=BUTTON)
    await scripted.run()
    assert answered(scripted) == [CUP]
    assert scripted.stages.count(Stage.SPEECH_STARTED) == 1


async def test_while_the_button_is_held_pauses_do_not_matter_and_letting_go_ends_the_question() -> None:
    transcriber = FakeTranscriber([QUESTION] * 2)
    acts = (listening, pressed(Press.DOWN), SPEECH, Sound(4.0, loud=False), SPEECH, pressed(Press.UP), listening)
    scripted = Scripted(*acts, transcriber=transcriber, vision=FakeVision([CUP]), config=BUTTON)
    await scripted.run()
    assert answered(scripted) == [CUP]
    assert transcriber.utterances[-1].seconds == pytest.approx(6.0, abs=0.3)


async def test_letting_go_without_a_word_closes_it() -> None:
    acts = (listening, pressed(Press.DOWN), Sound(0.5, loud=False), pressed(Press.UP), SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), config=BUTTON)
    await scripted.run()
    assert Stage.SPEECH_STARTED not in scripted.stages


async def test_a_tap_ends_a_question_at_once() -> None:
    acts = (listening, SPEECH, pressed(Press.TAP), listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=FakeVision([CUP]))
    await scripted.run()
    assert answered(scripted) == [CUP]


@pytest.mark.parametrize("config", [Config(), BUTTON])
async def test_a_press_stops_an_answer(config: Config) -> None:
    vision, speaker = FakeVision([CUP]), SlowSpeaker()
    speaker.heard_seconds = 0.25

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    acts = (listening, greeted, pressed(Press.TAP), SPEECH, QUIET, sounding, pressed(Press.TAP), listening)
    await Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=speaker, config=config).run()
    assert [heard for _, heard in vision.remembered] == ["A cup"]


async def test_a_press_wakes_up() -> None:
    vision = FakeVision([CUP])
    transcriber = FakeTranscriber([Transcript("go to sleep", "en", 0.9), QUESTION])
    acts = (listening, SPEECH, QUIET, listening, pressed(Press.TAP), SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision)
    await scripted.run()
    assert answered(scripted) == [CUP]


@pytest.mark.usefixtures("tried_again_soon")
async def test_a_lost_button_is_told_of_once_and_tried_again() -> None:
    lost = ButtonLost("unplugged", "space")
    acts = (listening, pressed(lost), reached(Stage.FAILED), pressed(lost), pressed(Press.TAP), SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=FakeVision([CUP]), config=BUTTON)
    await scripted.run()
    assert isinstance(scripted.voice, FakeVoice)
    texts = [sentence.text for sentence in scripted.voice.spoken]
    assert texts == [GREETING, lost.spoken("en"), "A cup is on your left.", "It is red."]
    assert prompts.NOTHING_HEARD["en"] not in texts


async def test_its_own_echo_is_noticed_though_nobody_has_called_it_yet() -> None:
    speaker = SlowSpeaker()
    speaker.endless.set()

    def greeting_ends(_: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return True

    acts = (reached(Stage.FIRST_SOUND), SPEECH, greeting_ends, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), speaker=speaker, config=WAKE_WORD)
    await scripted.run()
    assert isinstance(scripted.voice, FakeVoice)
    assert scripted.voice.spoken[-1].text == prompts.HALF_DUPLEX["en"]


async def test_who_speaks_into_the_end_of_the_greeting_does_not_keep_it_waiting_for_the_rest() -> None:
    speaker = SlowSpeaker()
    speaker.endless.set()

    def greeting_ends(scripted: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return scripted.conversation._state is State.HEARING

    acts = (reached(Stage.FIRST_SOUND), Sound(0.2), greeting_ends, Sound(0.1), listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), speaker=speaker, config=WAKE_WORD)
    await scripted.run()
    assert Stage.SPEECH_ENDED not in scripted.stages

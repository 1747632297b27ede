"""What is commanded by voice is done, and the model is not asked."""

import pytest

from assistant.config import EarconsConfig
from assistant.errors import VisionFailed
from assistant.events import Stage
from assistant.turn import prompts
from assistant.turn.earcons import Earcon
from assistant.turn.preferences import Preferences
from assistant.types import Transcript
from tests.fakes.camera import FakeCamera
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import COUGH, GREETING, QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, listening, picture
from tests.runtime.test_sounds import Tape

pytestmark = pytest.mark.anyio

CUP = "A cup is on your left. It is red."
QUESTION = Transcript("What is on my left?", "en", 0.9)
LONG_QUIET = Sound(2.0, loud=False)


def said(text: str) -> Transcript:
    return Transcript(text, "zh" if text[0] > "\u3400" else "en", 0.9)


def exchange(*texts: str) -> list[Act]:
    return [listening, *[act for _ in texts for act in (SPEECH, QUIET, listening)]]


def commanded(*texts: str, vision: FakeVision, voice: FakeVoice | None = None, camera: FakeCamera | None = None) -> Scripted:
    """Return a conversation in which these are said, one after the other."""
    transcriber = FakeTranscriber([said(text) for text in texts])
    return Scripted(*exchange(*texts), transcriber=transcriber, vision=vision, voice=voice or FakeVoice(), camera=camera)


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken]


async def test_a_command_changes_how_it_speaks_and_is_kept_and_the_model_is_not_asked() -> None:
    vision, voice = FakeVision([CUP]), FakeVoice()
    scripted = commanded("Faster.", "louder", QUESTION.text, vision=vision, voice=voice)
    await scripted.run()
    assert [question.text for question in vision.asked] == [QUESTION.text]
    assert spoken(scripted)[1:3] == [prompts.FASTER["en"], prompts.LOUDER["en"]]
    assert [manner.rate for manner in voice.manners] == [190, 218, 218, 218, 218]
    assert [(kept.rate, kept.volume) for kept in scripted.kept] == [(218, 100), (218, 140)]
    assert scripted.speaker.levels[-1] == 1.4  # type: ignore[attr-defined]
    assert scripted.details(Stage.COMMANDED) == ["faster", "louder"]


async def test_at_its_limit_it_says_so() -> None:
    scripted = commanded(*["Slower."] * 8, vision=FakeVision())
    await scripted.run()
    assert spoken(scripted)[1:] == [prompts.SLOWER["en"]] * 7 + [prompts.NO_FURTHER["en"]]


async def test_another_voice_speaks_the_language_it_was_asked_for_in() -> None:
    voice, vision = FakeVoice(), FakeVision([CUP])
    scripted = commanded("another voice", QUESTION.text, vision=vision, voice=voice)
    await scripted.run()
    assert [manner.variant for manner in voice.manners] == ["", "en-bright", "en-bright", "en-bright"]
    assert scripted.kept[-1].variants == {"en": "en-bright"}


async def test_what_is_wanted_of_answers_goes_with_every_question() -> None:
    vision = FakeVision([CUP, CUP])
    await commanded(QUESTION.text, "full answers", "clock directions", QUESTION.text, vision=vision).run()
    assert [question.wish for question in vision.asked] == ["", prompts.wish(Preferences(detail="full", directions="clock"), "en")]
    assert "clock" in vision.asked[1].wish


async def test_its_own_announcements_change_their_language() -> None:
    vision = FakeVision([VisionFailed("in mid-work")])
    scripted = commanded("speak Chinese", QUESTION.text, vision=vision)
    await scripted.run()
    assert spoken(scripted)[1:] == [prompts.LANGUAGE_NOW["zh"], VisionFailed("").spoken("zh")]


async def test_repeat_says_the_whole_answer_again() -> None:
    vision = FakeVision([CUP])
    scripted = commanded("repeat", QUESTION.text, "repeat", vision=vision)
    await scripted.run()
    answer = ["A cup is on your left.", "It is red."]
    assert spoken(scripted)[1:] == [prompts.NOTHING_SAID["en"], *answer, *answer]
    assert len(vision.remembered) == 1


async def test_more_is_about_the_same_picture_even_if_the_camera_has_moved() -> None:
    vision = FakeVision([CUP, "There is a plate, too."])
    camera = FakeCamera(picture(1), picture(1), picture(2))
    scripted = commanded(QUESTION.text, "more", vision=vision, camera=camera)
    await scripted.run()
    assert vision.looked[-1].pixels[0, 0, 0] == picture(1).pixels[0, 0, 0]
    assert [question.text for question in vision.asked] == [QUESTION.text, prompts.TELL_MORE["en"]]


async def test_more_and_spelling_need_an_answer_before() -> None:
    scripted = commanded("more", "spell that", vision=FakeVision())
    await scripted.run()
    assert spoken(scripted)[1:] == [prompts.NOTHING_SAID["en"]] * 2


async def test_forget_this_takes_back_the_last_exchange_alone() -> None:
    vision = FakeVision([CUP, "Red."])
    scripted = commanded(QUESTION.text, "What colour is it?", "forget this", "repeat", vision=vision)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert spoken(scripted)[-2:] == [prompts.FORGOTTEN["en"], prompts.NOTHING_SAID["en"]]


async def test_a_new_conversation_remembers_nothing_and_looks_again() -> None:
    vision = FakeVision([CUP, "Red."])
    scripted = commanded(QUESTION.text, "new conversation", QUESTION.text, vision=vision)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == ["Red."]
    assert len(vision.looked) == 2


async def test_help_is_told_sentence_by_sentence() -> None:
    scripted = commanded("help", vision=FakeVision())
    await scripted.run()
    assert len(spoken(scripted)) > 2


async def test_who_sleeps_hears_only_that_it_is_to_wake_up() -> None:
    vision = FakeVision([CUP])
    transcriber = FakeTranscriber([said(text) for text in ("go to sleep", QUESTION.text, "wake up", QUESTION.text)])
    acts = (*exchange("", ""), Sound(4.0), LONG_QUIET, listening, *exchange("", ""))
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision)
    await scripted.run()
    assert spoken(scripted)[1:3] == [prompts.ASLEEP["always"]["en"], prompts.AWAKE["en"]]
    assert len(vision.asked) == 1
    assert len(vision.looked) == 1  # asleep it does not look either
    assert len(transcriber.utterances) == 4  # four seconds are no command
    assert all(utterance.seconds < 3 for utterance in transcriber.utterances)


def over_an_answer(*said_over_it: Act, speaker: SlowSpeaker, heard: float) -> list[Act]:
    """Return acts that speak over a first answer, of which so many seconds are heard."""

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = heard
        return listening(scripted)

    def answer_sounds(scripted: Scripted) -> bool:
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and speaker.waits == 2

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    first, *rest = said_over_it
    return [listening, greeted, SPEECH, QUIET, answer_sounds, first, interrupted, *rest, listening]


async def test_a_short_stop_stops_an_answer_though_it_is_no_longer_than_a_cough() -> None:
    vision, speaker = FakeVision([CUP]), SlowSpeaker()
    over = over_an_answer(COUGH, speaker=speaker, heard=0.25)
    over.insert(6, QUIET)
    scripted = Scripted(*over, transcriber=FakeTranscriber([QUESTION, said("Stop!")]), vision=vision, speaker=speaker)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == ["A cup"]
    assert scripted.details(Stage.COMMANDED) == ["stop"]
    assert spoken(scripted) == [GREETING, "A cup is on your left.", "It is red."]


async def test_what_changes_only_the_voice_is_followed_by_the_rest_of_the_answer() -> None:
    vision, speaker, voice = FakeVision([CUP]), SlowSpeaker(), FakeVoice()
    over = over_an_answer(Sound(0.6), QUIET, speaker=speaker, heard=0.7)  # the first sentence, and half of "It"

    def all_is_heard(_: Scripted) -> bool:
        speaker.heard_seconds = None
        return True

    over.insert(-2, all_is_heard)
    scripted = Scripted(*over, transcriber=FakeTranscriber([QUESTION, said("slower")]), vision=vision, speaker=speaker, voice=voice)
    await scripted.run()
    assert spoken(scripted)[-2:] == [prompts.SLOWER["en"], "It is red."]
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert voice.manners[-1].rate < voice.manners[0].rate


async def test_an_old_answer_is_not_gone_on_with() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()
    over = over_an_answer(Sound(0.6), QUIET, listening, SPEECH, QUIET, speaker=speaker, heard=0.25)
    transcriber = FakeTranscriber([QUESTION, said("Stop."), said("Slower.")])
    scripted = Scripted(*over, transcriber=transcriber, vision=vision, speaker=speaker)
    await scripted.run()
    assert spoken(scripted)[-1] == prompts.SLOWER["en"]


async def test_a_command_before_the_answer_is_heard_is_found_behind_its_question() -> None:
    vision = FakeVision(["never heard"], stalls_after=0)

    def stalled(_: Scripted) -> bool:
        return vision.stalled.is_set()

    both = said("What is on my left? Stop.")
    acts = (listening, SPEECH, QUIET, stalled, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION, both]), vision=vision)
    await scripted.run()
    assert scripted.details(Stage.COMMANDED) == ["stop"]
    assert len(vision.asked) == 1


async def test_falling_asleep_and_waking_up_have_sounds_of_their_own() -> None:
    tape = Tape()
    acts = exchange("", "", "")
    transcriber = FakeTranscriber([said("go to sleep"), said("wake up"), said("stop")])
    earcons = EarconsConfig(enabled=True, volume=100)
    await Scripted(*acts, transcriber=transcriber, vision=FakeVision(), speaker=tape, earcons=earcons).run()
    heard = [sound for sound in tape.sounds if sound not in {Earcon.THINKING, Earcon.CAPTURED, "word"}]
    assert heard == [Earcon.LISTENING, Earcon.MICROPHONE_OFF, Earcon.LISTENING, Earcon.DONE]

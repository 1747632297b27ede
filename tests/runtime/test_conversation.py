import dataclasses
import threading
import time
from collections.abc import Iterator

import anyio
import anyio.to_thread
import pytest

from assistant.config import Config, ConversationConfig
from assistant.errors import CameraLost, HearingFailed, MicrophoneLost, SoundUnreadable, SpeakerLost, VisionFailed
from assistant.events import Stage
from assistant.ports import Transcriber
from assistant.runtime import announcer
from assistant.turn.own_echo import ECHO_TAIL
from assistant.turn.prompts import HALF_DUPLEX, HEARING_AGAIN, NOTHING_HEARD, STILL_LOOKING
from assistant.types import AnswerChunk, Cancellation, Frame, Manner, Question, Sentence, SpeechChunk, Transcript, Utterance
from tests.fakes.camera import FakeCamera
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.text_reader import text
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import (
    COUGH,
    GREETING,
    QUIET,
    SPEECH,
    Scripted,
    SlowSpeaker,
    Sound,
    half_duplex,
    listening,
    picture,
    reached,
)

pytestmark = pytest.mark.anyio

QUESTION = Transcript("What is on my left?", "en", 0.9)
FOLLOW_UP = Transcript("What colour is it?", "en", 0.9)
CUP = "A cup is on your left. It is red."


def spoken(scripted: Scripted) -> list[str]:
    assert isinstance(scripted.voice, FakeVoice)
    return [sentence.text for sentence in scripted.voice.spoken]


async def test_a_question_is_answered_sentence_by_sentence_and_remembered() -> None:
    vision = FakeVision([CUP])
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    assert spoken(scripted) == [GREETING, "A cup is on your left.", "It is red."]
    assert [(question.text, heard) for question, heard in vision.remembered] == [(QUESTION.text, CUP)]
    story = [
        *(Stage.SPEECH_STARTED, Stage.SPEECH_ENDED, Stage.TRANSCRIBED, Stage.FIRST_TOKEN),
        *(Stage.SENTENCE, Stage.SENTENCE, Stage.ANSWERED),
    ]
    assert [stage for stage in scripted.stages[scripted.stages.index(Stage.SPEECH_STARTED) :] if stage in story] == story


async def test_the_voice_is_given_words_and_the_history_what_the_model_wrote() -> None:
    answer = "**Price**: $12.50.\n- 5 km away\n- open 9:00-17:30"
    vision = FakeVision([answer])
    transcriber, printed = FakeTranscriber([QUESTION]), text("Now $12.50")
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=transcriber, vision=vision, text_reader=printed)
    await scripted.run()
    assert spoken(scripted)[1:] == [
        "Price: twelve dollars fifty.",
        "First, five kilometres away.",
        "Second, open nine o'clock to seventeen thirty.",
    ]
    assert scripted.details(Stage.SENTENCE)[1:] == ["Price: $12.50.", "5 km away", "open 9:00-17:30"]
    assert [heard for _, heard in vision.remembered] == [answer]


async def test_of_an_interrupted_answer_the_model_s_own_words_are_remembered() -> None:
    vision, speaker = FakeVision(["It costs $12.50 in all. Pay there."]), SlowSpeaker()

    def answer_sounds(scripted: Scripted) -> bool:
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and speaker.waits == 2

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.55  # "It costs twelve dollars fifty", and half of "in"
        return listening(scripted)

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    acts = (listening, greeted, SPEECH, QUIET, answer_sounds, Sound(0.6), interrupted, QUIET, listening)
    nothing = Transcript("", "en", 0.0)
    transcriber, printed = FakeTranscriber([QUESTION, nothing]), text("Now $12.50")
    await Scripted(*acts, transcriber=transcriber, vision=vision, speaker=speaker, text_reader=printed).run()
    assert [heard for _, heard in vision.remembered] == ["It costs $12.50"]


async def test_the_picture_is_looked_at_while_the_person_is_still_speaking() -> None:
    vision = FakeVision([CUP])
    acts = (listening, Sound(0.5), reached(Stage.LOOKED), Sound(0.5), QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    assert scripted.stages.index(Stage.LOOKED) < scripted.stages.index(Stage.SPEECH_ENDED)
    assert len(vision.looked) == 1


async def test_it_looks_again_when_the_scene_changed_until_the_person_had_spoken() -> None:
    vision = FakeVision([CUP])
    camera = FakeCamera(picture(1), picture(2))
    acts = (listening, Sound(0.5), reached(Stage.LOOKED), Sound(0.5), QUIET, listening)
    await Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, camera=camera).run()
    assert [frame.pixels[0, 0, 0] for frame in vision.looked] == [picture(s).pixels[0, 0, 0] for s in (1, 2)]


async def test_a_look_at_what_is_no_longer_there_is_broken_off() -> None:
    class BlindAtFirst(FakeVision):
        """Never ends its first look."""

        def _stall(self, cancellation: object) -> None:
            self.stalls_in_look = False
            super()._stall(cancellation)  # type: ignore[arg-type]

    vision = BlindAtFirst([CUP], stalls_in_look=True)
    camera = FakeCamera(picture(1), picture(2))
    acts = (listening, Sound(0.5), reached(Stage.LOOKING), Sound(0.5), QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, camera=camera)
    await scripted.run()
    assert len(vision.looked) == 1
    assert scripted.details(Stage.ANSWERED) == [CUP]


async def test_while_looking_takes_long_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "PATIENCE", 0.05)

    class SlowLook(FakeVision):
        """Looks until it has been said twice that it is still looking."""

        def look(self, frame: Frame, cancellation: Cancellation) -> None:
            while spoken(scripted).count(STILL_LOOKING["en"]) < 2:
                time.sleep(0.005)
            super().look(frame, cancellation)

    vision = SlowLook([CUP])
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_words_that_are_doubtful_are_said_back_before_they_are_answered() -> None:
    doubtful = Transcript("Work him on my left.", "en", 0.38)
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([doubtful]), vision=FakeVision([CUP]))
    await scripted.run()
    assert spoken(scripted)[1:] == ["Did you ask: Work him on my left.", "A cup is on your left.", "It is red."]


async def test_a_follow_up_on_the_same_scene_costs_no_look() -> None:
    vision = FakeVision([CUP, "Red."])
    acts = (listening, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    await Scripted(*acts, transcriber=FakeTranscriber([QUESTION, FOLLOW_UP]), vision=vision).run()
    assert len(vision.looked) == 1
    assert [question.text for question in vision.asked] == [QUESTION.text, FOLLOW_UP.text]


async def test_talking_over_an_answer_stops_it_and_only_what_was_heard_is_remembered() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()

    def answer_sounds(scripted: Scripted) -> bool:
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and speaker.waits == 2

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.25
        return listening(scripted)

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    acts = (listening, greeted, SPEECH, QUIET, answer_sounds, Sound(0.6), interrupted, Sound(0.4), QUIET, listening)
    await Scripted(*acts, transcriber=FakeTranscriber([QUESTION, FOLLOW_UP]), vision=vision, speaker=speaker).run()
    assert [(question.text, heard) for question, heard in vision.remembered] == [
        (QUESTION.text, "A cup"),
        (FOLLOW_UP.text, "Red."),
    ]


async def test_a_cough_does_not_stop_an_answer() -> None:
    vision, speaker = FakeVision([CUP]), SlowSpeaker()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    def coughed(scripted: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()  # it has come to the end
        return listening(scripted)

    acts = (listening, greeted, SPEECH, QUIET, reached(Stage.FIRST_SOUND, 2), COUGH, QUIET, coughed)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=speaker)
    await scripted.run()
    assert Stage.INTERRUPTED not in scripted.stages
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_going_on_after_a_pause_joins_the_halves_of_a_question() -> None:
    transcriber = FakeTranscriber([QUESTION, QUESTION])
    vision = FakeVision(["never heard", CUP], stalls_after=0)

    def stalled(_: Scripted) -> bool:
        if not vision.stalled.is_set():
            return False
        vision.stalls_after = None
        return True

    acts = (listening, SPEECH, QUIET, stalled, SPEECH, QUIET, listening)
    await Scripted(*acts, transcriber=transcriber, vision=vision).run()
    first, both = (len(utterance.samples) / 16_000 for utterance in transcriber.utterances)
    assert both == pytest.approx(2 * first, abs=0.2)
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_an_answer_that_sounds_only_once_the_person_went_on_does_not_cut_their_question_in_two() -> None:
    class Waiting(FakeVision):
        """Answers when it is told to."""

        go_on = threading.Event()

        def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
            while not (self.go_on.is_set() or cancellation.cancelled):
                time.sleep(0.001)
            yield from super().answer(question, cancellation)

    transcriber, vision, speaker = FakeTranscriber([QUESTION, QUESTION]), Waiting(["Too early.", CUP]), SlowSpeaker()

    def sounds(scripted: Scripted) -> bool:
        speaker.endless.set()
        vision.go_on.set()
        return scripted.stages.count(Stage.FIRST_SOUND) == 2

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    acts = (listening, SPEECH, QUIET, reached(Stage.TRANSCRIBED), Sound(0.2), sounds, Sound(0.6), interrupted, QUIET, listening)
    await Scripted(*acts, transcriber=transcriber, vision=vision, speaker=speaker).run()
    first, both = (utterance.seconds for utterance in transcriber.utterances)
    assert both > first + 0.7


async def test_a_lost_camera_is_told_of_and_the_next_question_is_answered() -> None:
    camera, vision = FakeCamera(), FakeVision([CUP])
    camera.lost()

    def plugged_in(scripted: Scripted) -> bool:
        if listening(scripted):
            camera.found()
        return listening(scripted)

    acts = (listening, SPEECH, QUIET, plugged_in, SPEECH, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION, QUESTION])
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision, camera=camera)
    await scripted.run()
    assert spoken(scripted)[1] == CameraLost("").spoken("en")
    assert [heard for _, heard in vision.remembered] == [CUP]


async def test_a_picture_of_an_earlier_question_is_never_answered_about() -> None:
    hardly_changed = dataclasses.replace(picture(1), pixels=picture(1).pixels.copy())
    hardly_changed.pixels[40:56, 40:56] = 255 - hardly_changed.pixels[40:56, 40:56]
    camera = FakeCamera(picture(1), picture(1), CameraLost("in between"), hardly_changed)
    vision = FakeVision([CUP, "Red."])
    acts = (listening, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    await Scripted(*acts, transcriber=FakeTranscriber([QUESTION, FOLLOW_UP]), vision=vision, camera=camera).run()
    assert len(vision.looked) == 2


async def test_a_recording_that_cannot_be_read_ends_the_conversation() -> None:
    scripted = Scripted(listening, SoundUnreadable("damaged", "a.wav"), transcriber=FakeTranscriber([]), vision=FakeVision())
    with pytest.raises(SoundUnreadable, match="damaged"):
        await scripted.run()


@pytest.mark.usefixtures("tried_again_soon")
async def test_a_fault_while_listening_is_spoken_and_listening_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    faults = [ZeroDivisionError("a bug")]

    def faulty(scripted: Scripted) -> bool:
        if faults:
            raise faults.pop()
        return listening(scripted)

    vision = FakeVision([CUP])
    acts = (listening, faulty, QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    assert spoken(scripted)[1].startswith("Something went wrong")
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert "a bug" in caplog.text


@pytest.mark.parametrize("error", [VisionFailed("in mid-work"), HearingFailed("no words")])
async def test_an_error_of_a_turn_is_spoken_and_the_conversation_goes_on(error: VisionFailed | HearingFailed) -> None:
    heard = isinstance(error, VisionFailed)
    vision = FakeVision([error, CUP] if isinstance(error, VisionFailed) else [CUP])
    transcriber = FakeTranscriber([QUESTION if heard else error, QUESTION])
    acts = (listening, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision)
    await scripted.run()
    assert spoken(scripted)[1:] == [error.spoken("en"), "A cup is on your left.", "It is red."]


async def test_a_fault_of_the_program_is_spoken_too(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Transcriber):
        def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:  # noqa: ARG002
            raise ZeroDivisionError(str(utterance.ended_at))

    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=Faulty(), vision=FakeVision())
    await scripted.run()
    assert spoken(scripted)[1].startswith("Something went wrong")
    assert "ZeroDivisionError" in caplog.text


async def test_a_voice_that_fails_does_not_end_the_conversation() -> None:
    vision = FakeVision([CUP, "Red."])
    acts = (listening, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION, FOLLOW_UP])
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision, voice=FakeVoice(fails_at=(1, 2)))
    await scripted.run()
    assert spoken(scripted)[-1] == "Red."
    assert scripted.stages.count(Stage.FAILED) == 2
    assert [heard for _, heard in vision.remembered] == ["Red."]  # of the first answer nothing was heard


async def test_a_loudspeaker_that_fails_does_not_end_the_conversation() -> None:
    speaker = FakeSpeaker([SpeakerLost("unplugged"), SpeakerLost("unplugged")])
    acts = (listening, SPEECH, QUIET, listening)
    vision = FakeVision([CUP])
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=speaker)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]


@pytest.mark.usefixtures("tried_again_soon")
async def test_a_lost_microphone_is_told_of_and_tried_again() -> None:
    vision = FakeVision([CUP])
    acts = (listening, MicrophoneLost("gone"), MicrophoneLost("gone"), QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    lost, again = MicrophoneLost("").spoken("en"), HEARING_AGAIN["en"]
    assert [text for text in spoken(scripted) if text in {lost, again}] == [lost, again]
    assert [heard for _, heard in vision.remembered] == [CUP]


@pytest.mark.usefixtures("tried_again_soon")
async def test_every_loss_of_the_microphone_is_told_of() -> None:
    said = [reached(Stage.FIRST_SOUND, times) for times in (3, 5)]
    acts = (listening, MicrophoneLost("gone"), QUIET, said[0], MicrophoneLost("gone"), QUIET, said[1])
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision())
    await scripted.run()
    lost, again = MicrophoneLost("").spoken("en"), HEARING_AGAIN["en"]
    assert [text for text in spoken(scripted) if text in {lost, again}] == [lost, again, lost, again]


async def test_an_interrupted_answer_is_silent_before_a_slow_voice_lets_go() -> None:
    let_go = threading.Event()

    class SlowVoice(FakeVoice):
        """Takes its time with all but the first word of an answer."""

        def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
            for number, chunk in enumerate(super().speak(sentence, manner)):
                if number and sentence.text == "A cup is on your left.":
                    let_go.wait()
                yield chunk

    vision, speaker = FakeVision([CUP, "Red."]), FakeSpeaker()
    silences: list[int] = []

    def answering(scripted: Scripted) -> bool:
        if scripted.stages.count(Stage.FIRST_SOUND) < 2:
            return False
        silences.append(speaker.silences)
        return True

    def silenced(_: Scripted) -> bool:
        if speaker.silences == silences[0]:
            return False
        let_go.set()
        return True

    acts = (listening, SPEECH, QUIET, answering, Sound(0.6), silenced, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION, FOLLOW_UP])
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision, speaker=speaker, voice=SlowVoice())
    await scripted.run()
    assert Stage.INTERRUPTED in scripted.stages


async def test_a_question_whose_error_was_interrupted_is_not_part_of_the_next() -> None:
    transcriber, speaker = FakeTranscriber([HearingFailed("no words"), QUESTION]), SlowSpeaker()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return scripted.stages.count(Stage.LOOKED) + scripted.stages.count(Stage.SPEECH_STARTED) >= 3

    acts = (listening, greeted, SPEECH, QUIET, reached(Stage.FIRST_SOUND, 2), SPEECH, interrupted, QUIET, listening)
    await Scripted(*acts, transcriber=transcriber, vision=FakeVision([CUP]), speaker=speaker).run()
    first, second = (utterance.seconds for utterance in transcriber.utterances)
    assert second == pytest.approx(first, abs=0.2)


async def test_endless_speech_does_not_make_an_endless_question() -> None:
    transcriber, vision = FakeTranscriber([QUESTION, QUESTION]), FakeVision(["never heard", CUP], stalls_after=0)

    def stalled(_: Scripted) -> bool:
        if not vision.stalled.is_set():
            return False
        vision.stalls_after = None
        return True

    acts = (listening, Sound(20.0), QUIET, stalled, Sound(20.0), QUIET, listening)
    await Scripted(*acts, transcriber=transcriber, vision=vision).run()
    assert all(utterance.seconds < 22 for utterance in transcriber.utterances)


async def test_a_fault_while_glancing_does_not_end_the_conversation(caplog: pytest.LogCaptureFixture) -> None:
    class FaultyOnce(FakeVision):
        faults = 1

        def look(self, frame: Frame, cancellation: Cancellation) -> None:
            if self.faults:
                self.faults -= 1
                raise ZeroDivisionError("a bug")
            super().look(frame, cancellation)

    vision = FaultyOnce([CUP])
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([QUESTION]), vision=vision)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert "a bug" in caplog.text


async def test_a_faulty_voice_does_not_end_the_conversation(caplog: pytest.LogCaptureFixture) -> None:
    class FaultyVoice(FakeVoice):
        def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:  # noqa: ARG002
            raise ZeroDivisionError(sentence.text)

    scripted = Scripted(
        *(listening, SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([QUESTION]),
        vision=FakeVision([CUP]),
        voice=FaultyVoice(),
    )
    await scripted.run()
    assert Stage.FAILED in scripted.stages
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.usefixtures("tried_again_soon")
async def test_a_microphone_lost_in_mid_question_leaves_the_conversation_listening() -> None:
    acts = (listening, Sound(0.5), MicrophoneLost("gone"), QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision())
    await scripted.run()
    assert Stage.SPEECH_ENDED not in scripted.stages


async def test_without_barge_in_nothing_is_heard_while_it_speaks() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    def ended(scripted: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return listening(scripted)

    echo_tail = Sound(ECHO_TAIL)
    during = (reached(Stage.FIRST_SOUND, 3), SPEECH, ended, echo_tail, QUIET)
    acts = (listening, greeted, SPEECH, QUIET, *during, SPEECH, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION, FOLLOW_UP])
    scripted = Scripted(*acts, transcriber=transcriber, vision=vision, speaker=speaker, config=half_duplex())
    await scripted.run()
    assert scripted.stages.count(Stage.SPEECH_STARTED) == 2
    assert scripted.microphone.drains == 1
    assert [heard for _, heard in vision.remembered] == [CUP, "Red."]


async def test_hearing_itself_in_the_greeting_it_stops_listening_while_it_speaks() -> None:
    speaker = SlowSpeaker()
    speaker.endless.set()

    def echo_heard(_: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return True

    acts = (reached(Stage.FIRST_SOUND), SPEECH, echo_heard, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), speaker=speaker)
    await scripted.run()
    assert spoken(scripted) == [GREETING, HALF_DUPLEX["en"]]
    assert Stage.INTERRUPTED not in scripted.stages


async def test_barge_in_by_voice_interrupts_even_the_greeting() -> None:
    speaker, vision = SlowSpeaker(), FakeVision([CUP])
    speaker.endless.set()

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.LOOKED in scripted.stages

    acts = (reached(Stage.FIRST_SOUND), SPEECH, interrupted, QUIET, listening)
    config = Config(conversation=ConversationConfig(barge_in="voice"))
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=speaker, config=config)
    await scripted.run()
    assert [heard for _, heard in vision.remembered] == [CUP]


@pytest.mark.parametrize(("sound", "said"), [(SPEECH, [NOTHING_HEARD["en"]]), (COUGH, [])])
async def test_words_that_were_not_understood_are_asked_for_again_but_a_cough_is_not(sound: Sound, said: list[str]) -> None:
    empty = Transcript("", "en", 0.0)
    scripted = Scripted(listening, sound, QUIET, listening, transcriber=FakeTranscriber([empty]), vision=FakeVision())
    await scripted.run()
    assert spoken(scripted)[1:] == said


async def test_a_model_that_writes_nothing_is_an_error_not_silence() -> None:
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([QUESTION]), vision=FakeVision(["..."]))
    await scripted.run()
    assert spoken(scripted)[1:] == [VisionFailed("").spoken("en")]


async def test_stopping_the_program_in_mid_answer_silences_at_once() -> None:
    speaker, vision = SlowSpeaker(), FakeVision([CUP])
    stopped, answering = threading.Event(), threading.Event()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        return listening(scripted)

    def answers(scripted: Scripted) -> bool:
        if scripted.stages.count(Stage.FIRST_SOUND) == 2:
            answering.set()
        return stopped.is_set()

    acts = (listening, greeted, SPEECH, QUIET, answers)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=speaker)
    async with anyio.create_task_group() as group:
        group.start_soon(scripted.run)
        await anyio.to_thread.run_sync(answering.wait)
        silences = speaker.silences
        stopped.set()
        group.cancel_scope.cancel()
    assert speaker.silences > silences
    assert Stage.INTERRUPTED in scripted.stages

"""How the end of a thought is heard, and the words got ready for it, in a conversation whose every sound is scripted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from assistant.config import EndpointConfig
from assistant.errors import Cancelled, HearingFailed
from assistant.events import Stage
from assistant.turn.endpoint import DOUBT, PAUSE, UNJUDGED_SILENCE
from assistant.types import Cancellation, Seconds, Transcript, Utterance
from tests.fakes.turn_detector import FakeTurnDetector
from tests.fakes.vision import FakeVision
from tests.runtime.scripted import COUGH, PATIENCE, QUIET, SPEECH, Act, Scripted, SlowSpeaker, Sound, listening, reached

pytestmark = pytest.mark.anyio

CONFIG = EndpointConfig()
WORDS = Transcript("What is on my left?", "en", 0.9)
CUP = "A cup is on your left."
A_PAUSE = Sound(PAUSE + 0.05, loud=False)
REST = Sound(CONFIG.end_silence, loud=False)
"""With a pause before it, more silence than ends what is finished, and less than ends anything else."""


class Listener:
    """Hears the same words in everything; the first `stalls` times only stops when it is cancelled."""

    def __init__(self, stalls: int = 0, words: Transcript = WORDS) -> None:
        self._stalls = stalls
        self._words = words
        self.stalled = threading.Event()
        self.utterances: list[Utterance] = []

    def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:
        self.utterances.append(utterance)
        if len(self.utterances) > self._stalls:
            return self._words
        self.stalled.set()
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            if cancellation and cancellation.cancelled:
                raise Cancelled
            time.sleep(0.002)
        raise TimeoutError("never cancelled")


def heard_times(listener: Listener, times: int) -> Callable[[Scripted], bool]:
    return lambda _: len(listener.utterances) >= times


def asked_times(detector: FakeTurnDetector, times: int) -> Callable[[Scripted], bool]:
    return lambda _: len(detector.asked) >= times


def ends_after(seconds: Seconds) -> Callable[[Scripted], bool]:
    """Return the condition that so much silence is known to end the utterance."""
    return lambda scripted: scripted.conversation._hearing._endpoint._end_silence == seconds


def scripted(*acts: Act, listener: Listener, detector: FakeTurnDetector | None = None, answers: int = 1) -> Scripted:
    return Scripted(listening, *acts, listening, transcriber=listener, vision=FakeVision([CUP] * answers), turn_detector=detector)


async def test_a_question_that_sounds_finished_ends_after_a_short_silence() -> None:
    detector = FakeTurnDetector([1.0])
    acts = (SPEECH, A_PAUSE, ends_after(CONFIG.end_silence), REST)
    conversation = scripted(*acts, listener=Listener(), detector=detector)
    await conversation.run()
    assert conversation.details(Stage.ANSWERED) == [CUP]
    assert len(detector.asked) == 1


async def test_a_long_pause_in_what_does_not_sound_finished_does_not_end_it() -> None:
    listener, detector = Listener(words=Transcript("Is this the right way", "en", 0.9)), FakeTurnDetector([0.0, 1.0])
    pause = Sound(CONFIG.open_silence + DOUBT - 0.4, loud=False)
    long, short = ends_after(CONFIG.open_silence + DOUBT), ends_after(CONFIG.open_silence)
    acts = (SPEECH, A_PAUSE, long, pause, SPEECH, A_PAUSE, short, Sound(CONFIG.open_silence, loud=False))
    conversation = scripted(*acts, listener=listener, detector=detector)
    await conversation.run()
    assert conversation.stages.count(Stage.SPEECH_ENDED) == 1
    assert conversation.details(Stage.ANSWERED) == [CUP]
    assert listener.utterances[-1].seconds > SPEECH.seconds + pause.seconds + SPEECH.seconds


async def test_an_unfinished_question_that_is_not_gone_on_with_ends_too() -> None:
    end = Sound(CONFIG.longest_pause + 0.1, loud=False)
    conversation = scripted(SPEECH, end, listener=Listener(), detector=FakeTurnDetector([0.1]))
    await conversation.run()
    assert conversation.details(Stage.ANSWERED) == [CUP]


async def test_words_that_break_off_outweigh_how_finished_they_sound() -> None:
    listener, detector = Listener(words=Transcript("What is", "en", 0.9)), FakeTurnDetector([1.0, 1.0])
    pause = Sound(CONFIG.longest_pause - 0.4, loud=False)
    both = (heard_times(listener, 1), asked_times(detector, 1))
    conversation = scripted(SPEECH, A_PAUSE, *both, pause, SPEECH, pause, pause, listener=listener, detector=detector)
    await conversation.run()
    assert conversation.stages.count(Stage.SPEECH_ENDED) == 1
    assert listener.utterances[-1].seconds > SPEECH.seconds + pause.seconds + SPEECH.seconds


async def test_the_turn_detector_hears_the_question_and_the_pause() -> None:
    detector = FakeTurnDetector()
    await scripted(SPEECH, A_PAUSE, ends_after(CONFIG.end_silence), REST, listener=Listener(), detector=detector).run()
    (samples,) = detector.asked
    assert samples[-1] == 0.0
    assert (samples != 0).sum() / 16_000 == pytest.approx(SPEECH.seconds, abs=0.1)
    assert samples.size / 16_000 == pytest.approx(SPEECH.seconds + PAUSE, abs=0.5)


@pytest.mark.parametrize("judged", [True, False])
async def test_the_words_are_written_down_at_the_first_pause_and_only_once(*, judged: bool) -> None:
    listener = Listener()
    detector = FakeTurnDetector() if judged else None
    known = ends_after(CONFIG.end_silence if judged else UNJUDGED_SILENCE)
    conversation = scripted(SPEECH, A_PAUSE, heard_times(listener, 1), known, QUIET, listener=listener, detector=detector)
    await conversation.run()
    (utterance,) = listener.utterances
    assert utterance.seconds < SPEECH.seconds + CONFIG.pre_roll + CONFIG.end_silence
    assert conversation.details(Stage.ANSWERED) == [CUP]


async def test_words_of_a_question_that_goes_on_are_dropped_in_mid_work() -> None:
    listener = Listener(stalls=1)
    conversation = scripted(SPEECH, A_PAUSE, heard_times(listener, 1), SPEECH, QUIET, listener=listener)
    await conversation.run()
    assert listener.stalled.is_set()
    first, whole = (utterance.seconds for utterance in listener.utterances)
    assert whole > first + SPEECH.seconds
    assert conversation.details(Stage.ANSWERED) == [CUP]
    assert Stage.FAILED not in conversation.stages


async def test_words_that_nobody_waits_for_any_more_are_dropped() -> None:
    listener = Listener(stalls=1)
    conversation = scripted(SPEECH, QUIET, heard_times(listener, 1), SPEECH, QUIET, listener=listener)
    await conversation.run()
    first, both = (utterance.seconds for utterance in listener.utterances)
    assert both > first + SPEECH.seconds
    assert conversation.details(Stage.ANSWERED) == [CUP]


async def test_a_cough_during_an_answer_is_written_down_alone_for_it_may_be_a_command() -> None:
    listener, speaker = Listener(), SlowSpeaker()

    def greeted(conversation: Scripted) -> bool:
        speaker.endless.set()
        return listening(conversation)

    def coughed(conversation: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()  # it has come to the end
        return listening(conversation)

    acts = (listening, greeted, SPEECH, QUIET, reached(Stage.FIRST_SOUND, 2), COUGH, QUIET, coughed)
    await Scripted(*acts, transcriber=listener, vision=FakeVision([CUP]), speaker=speaker).run()
    question, cough = listener.utterances
    assert question.seconds > cough.seconds
    assert cough.seconds == pytest.approx(0.2 + 0.2, abs=0.3)  # and the pause after it


@pytest.mark.parametrize("error", [HearingFailed("broken"), ZeroDivisionError("broken")])
async def test_a_turn_detector_that_fails_is_noted_once_and_done_without(error: Exception) -> None:
    detector = FakeTurnDetector([error])
    acts = (SPEECH, A_PAUSE, reached(Stage.FAILED), ends_after(UNJUDGED_SILENCE), QUIET, listening, SPEECH, QUIET)
    conversation = scripted(*acts, listener=Listener(), detector=detector, answers=2)
    await conversation.run()
    (noted,) = conversation.details(Stage.FAILED)
    assert "broken" in noted
    assert conversation.details(Stage.ANSWERED) == [CUP, CUP]
    assert conversation.details(Stage.SENTENCE)[1:] == [CUP, CUP]
    assert len(detector.asked) == 1


async def test_a_voice_in_the_background_does_not_stop_an_answer_but_the_person_does() -> None:
    listener, speaker = Listener(), SlowSpeaker()

    def greeted(conversation: Scripted) -> bool:
        speaker.endless.set()
        return listening(conversation)

    background = Sound(2.0, level=0.05)
    acts = (listening, greeted, SPEECH, QUIET, reached(Stage.FIRST_SOUND, 2), background, QUIET, not_interrupted, SPEECH, QUIET)
    conversation = Scripted(*acts, reached(Stage.INTERRUPTED), transcriber=listener, vision=FakeVision([CUP, CUP]), speaker=speaker)

    def let_it_end(_: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return True

    conversation.microphone._acts += [let_it_end, listening]
    await conversation.run()
    assert conversation.stages.count(Stage.INTERRUPTED) == 1


def not_interrupted(conversation: Scripted) -> bool:
    assert Stage.INTERRUPTED not in conversation.stages
    return True

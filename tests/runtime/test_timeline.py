"""The timeline of real conversations: what the fold makes of the events that the runtime tells."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from assistant.config import Config
from assistant.errors import CameraLost, VisionFailed
from assistant.events import Event, Stage
from assistant.runtime import announcer
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.mouth import Mouth
from assistant.runtime.replay import Asked, Replay
from assistant.runtime.watch import Watch
from assistant.turn.timeline import ENDS, Mark, Timeline, Turn
from assistant.types import BLOCK_SAMPLES, Cancellation, Frame, Transcript, Utterance
from tests.fakes.camera import FakeCamera
from tests.fakes.code_reader import FakeCodeReader
from tests.fakes.detector import FakeDetector
from tests.fakes.picture_comparer import FakePictureComparer
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.text_reader import FakeTextReader
from tests.fakes.tracker import FakeTracker
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import GREETING, QUIET, SPEECH, Scripted, SlowSpeaker, Sound, listening, picture, reached

pytestmark = pytest.mark.anyio

QUESTION = Transcript("What is on my left?", "en", 0.9)
FOLLOW_UP = Transcript("What colour is it?", "en", 0.9)
CUP = "A cup is on your left. It is red."


def turns(events: list[Event]) -> list[Turn]:
    timeline = Timeline()
    return [turn for event in events for turn in timeline.feed(event)] + timeline.flush()


async def test_a_question_looked_at_while_it_is_asked() -> None:
    acts = (listening, Sound(0.5), reached(Stage.LOOKED), Sound(0.5), QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=FakeVision([CUP]), camera=FakeCamera(picture(1)))
    await scripted.run()
    (turn,) = turns(scripted.events)
    assert list(turn.marks_ms()) == [mark.value for mark in Mark if mark not in {Mark.INTERRUPTED, Mark.FAILED}]
    assert turn.marks[Mark.LOOK_DONE] < turn.marks[Mark.TURN_END]
    assert turn.marks[Mark.TURN_END] - turn.marks[Mark.SPEECH_END] == pytest.approx(0.7, abs=0.04)
    assert (turn.transcript, turn.answer) == (QUESTION, CUP)
    assert turn.frame is not None
    assert np.array_equal(turn.frame.pixels, picture(1).pixels)
    assert turn.utterance.seconds == pytest.approx(1.25, abs=0.1)


async def test_a_follow_up_is_a_turn_of_its_own_about_the_same_picture() -> None:
    acts = (listening, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION, FOLLOW_UP]), vision=FakeVision([CUP, "Red."]))
    await scripted.run()
    first, second = turns(scripted.events)
    assert second.transcript == FOLLOW_UP
    assert Mark.LOOK_DONE not in second.marks
    assert second.frame is first.frame is not None


async def test_a_pause_in_mid_question_does_not_make_two_turns() -> None:
    vision = FakeVision(["never heard", CUP], stalls_after=0)

    def stalled(_: Scripted) -> bool:
        if not vision.stalled.is_set():
            return False
        vision.stalls_after = None
        return True

    acts = (listening, SPEECH, QUIET, stalled, SPEECH, QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION, QUESTION]), vision=vision)
    await scripted.run()
    assert scripted.stages.count(Stage.SPEECH_ENDED) == 2
    (turn,) = turns(scripted.events)
    assert turn.utterance.seconds == pytest.approx(2.5, abs=0.2)
    assert Mark.DONE in turn.marks
    starts = [event.at for event in scripted.events if event.stage is Stage.SPEECH_STARTED]
    assert turn.marks[Mark.SPEECH_START] == starts[0]


async def test_an_interrupted_answer_and_what_interrupted_it_are_two_turns() -> None:
    vision, speaker = FakeVision([CUP, "Red."]), SlowSpeaker()

    def greeted(scripted: Scripted) -> bool:
        speaker.endless.set()
        speaker.heard_seconds = 0.25
        return listening(scripted)

    def answer_sounds(scripted: Scripted) -> bool:
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and speaker.waits == 2

    def interrupted(scripted: Scripted) -> bool:
        speaker.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    acts = (listening, greeted, SPEECH, QUIET, answer_sounds, Sound(0.6), interrupted, Sound(0.4), QUIET, listening)
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION, FOLLOW_UP]), vision=vision, speaker=speaker)
    await scripted.run()
    first, second = turns(scripted.events)
    assert (set(ENDS) & first.marks.keys(), first.answer) == ({Mark.INTERRUPTED}, "A cup")
    assert (set(ENDS) & second.marks.keys(), second.answer) == ({Mark.DONE}, "Red.")
    assert first.marks[Mark.FIRST_SOUND] < second.marks[Mark.SPEECH_START] < first.marks[Mark.INTERRUPTED]


async def test_an_answer_that_fails_is_a_turn_that_failed() -> None:
    scripted = Scripted(
        *(listening, SPEECH, QUIET, listening),
        transcriber=FakeTranscriber([QUESTION]),
        vision=FakeVision([VisionFailed("out of order")]),
    )
    await scripted.run()
    (turn,) = turns(scripted.events)
    assert set(ENDS) & turn.marks.keys() == {Mark.FAILED}
    assert Mark.FIRST_SOUND not in turn.marks  # the spoken error is not the answer


async def test_still_looking_is_not_the_first_sound_of_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "PATIENCE", 0.05)

    class SlowLook(FakeVision):
        """Looks until something has been said meanwhile."""

        def look(self, frame: Frame, cancellation: Cancellation) -> None:
            while scripted.stages.count(Stage.FIRST_SOUND) < 2:
                time.sleep(0.005)
            super().look(frame, cancellation)

    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=FakeTranscriber([QUESTION]), vision=SlowLook([CUP]))
    await scripted.run()
    (turn,) = turns(scripted.events)
    own = [event for event in scripted.events if event.stage is Stage.FIRST_SOUND and event.turn == 0]
    assert len(own) >= 2
    assert own[1].at < turn.marks[Mark.FIRST_TOKEN] < turn.marks[Mark.FIRST_SOUND]


async def test_nothing_heard_is_a_turn_without_an_end() -> None:
    transcriber = FakeTranscriber([Transcript("", "en", 0.0)])
    scripted = Scripted(listening, SPEECH, QUIET, listening, transcriber=transcriber, vision=FakeVision())
    await scripted.run()
    (turn,) = turns(scripted.events)
    assert set(ENDS) & turn.marks.keys() == set()


class Told:
    """What a replay tells of its turns."""

    def __init__(self) -> None:
        self.turns: list[tuple[int, Turn | None]] = []

    def __call__(self, number: int, turn: Turn | None) -> None:
        self.turns.append((number, turn))


async def replayed(asked: list[Asked], words: list[Transcript], vision: FakeVision, speaker: FakeSpeaker | None = None) -> Told:
    told = Told()
    person = Replay(len(asked), asked.__getitem__, told)
    watch = Watch((person,))
    engines = Engines(
        person,
        person,
        FakeDetector(),
        FakeTranscriber(words),
        vision,
        FakeTextReader(),
        code_reader=FakeCodeReader(),
        picture_comparer=FakePictureComparer(),
        make_tracker=FakeTracker,
    )
    mouth = Mouth(FakeVoice(), speaker or FakeSpeaker(), watch)
    await Conversation(engines, mouth, Config(), watch).run(GREETING)
    return told


def loud(seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.full(round(seconds * 16_000), 0.5, np.float32)


async def test_a_recorded_conversation_is_held_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.runtime.replay._PATIENCE", 1.5)
    vision = FakeVision([CUP, "Red."])
    asked = [Asked(loud(0.8), picture(1)), Asked(loud(0.05), picture(2)), Asked(loud(0.8), picture(3))]
    told = await replayed(asked, [QUESTION, FOLLOW_UP], vision)
    assert [(number, turn.answer if turn else None) for number, turn in told.turns] == [(0, CUP), (1, None), (2, "Red.")]
    assert [question.text for question in vision.asked] == [QUESTION.text, FOLLOW_UP.text]
    assert [frame.pixels[0, 0, 0] for frame in vision.looked] == [picture(seed).pixels[0, 0, 0] for seed in (1, 3)]


async def test_a_replay_waits_for_the_greeting_and_for_each_answer() -> None:
    speaker = SlowSpeaker()
    speaker.endless.set()
    said: list[int] = []

    class Patient(FakeTranscriber):
        def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:
            said.append(speaker.waits)
            return super().transcribe(utterance, cancellation)

    def let_go() -> None:
        time.sleep(0.3)
        speaker.endless.clear()
        speaker._silenced.set()

    told = Told()
    person = Replay(1, [Asked(loud(0.8), picture(1))].__getitem__, told)
    watch = Watch((person,))
    engines = Engines(
        person,
        person,
        FakeDetector(),
        Patient([QUESTION]),
        FakeVision([CUP]),
        FakeTextReader(),
        code_reader=FakeCodeReader(),
        picture_comparer=FakePictureComparer(),
        make_tracker=FakeTracker,
    )
    threading.Thread(target=let_go).start()
    await Conversation(engines, Mouth(FakeVoice(), speaker, watch), Config(), watch).run(GREETING)
    assert said == [1]
    assert [number for number, _ in told.turns] == [0]


async def test_a_question_without_a_picture_is_asked_blind() -> None:
    told = await replayed([Asked(loud(0.8), None)], [QUESTION], FakeVision([CUP]))
    ((_, turn),) = told.turns
    assert turn is not None
    assert Mark.FAILED in turn.marks


async def test_a_replay_ends_when_it_is_closed() -> None:
    person = Replay(1, [Asked(loud(0.8), None)].__getitem__, Told())
    blocks = person.blocks()
    assert next(blocks).samples.shape == (BLOCK_SAMPLES,)
    person.close()
    assert list(blocks) == []
    with pytest.raises(CameraLost):
        person.latest(1.0)

"""What is heard beside the answers: earcons, errors that need no voice, and an answer that gives way to a person."""

import logging
import threading
from collections.abc import Iterator

import anyio
import anyio.to_thread
import numpy as np
import pytest

from assistant.config import Config, ConversationConfig, EarconsConfig
from assistant.errors import MicrophoneLost, SpeakerLost, VisionFailed, VoiceFailed
from assistant.events import Stage
from assistant.runtime import announcer, chimes
from assistant.runtime.mouth import Mouth
from assistant.runtime.spare_voice import spare_sentences
from assistant.runtime.watch import Watch
from assistant.turn.earcons import Earcon, earcon_sound
from assistant.types import Cancellation, Language, Manner, Sentence, SpeechChunk, Transcript, Utterance
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice
from tests.runtime.scripted import COUGH, GREETING, PATIENCE, QUIET, SPEECH, Scripted, SlowSpeaker, Sound, listening, reached

pytestmark = pytest.mark.anyio

QUESTION = Transcript("What is on my left?", "en", 0.9)
CUP = "A cup is on your left. It is red."
EARCONS = EarconsConfig(volume=100)
VOICE_FAILED = Sentence(VoiceFailed("").spoken("en"), "en")


def earcon_of(chunk: SpeechChunk) -> Earcon:
    """Tell which earcon was played."""
    (earcon,) = (
        earcon
        for earcon in Earcon
        if (sound := earcon_sound(earcon, chunk.sample_rate)).size == chunk.samples.size
        and np.abs(sound - chunk.samples / 32_767).max() < 0.001
    )
    return earcon


class Tape(SlowSpeaker):
    """Remembers earcons, words and volumes in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Earcon | float | str] = []

    def play(self, chunk: SpeechChunk) -> None:
        self.log.append("word")
        super().play(chunk)

    def chime(self, chunk: SpeechChunk) -> None:
        self.log.append(earcon_of(chunk))
        super().chime(chunk)

    def fade_to(self, level: float) -> None:
        if level != self.level:
            self.log.append(level)
        super().fade_to(level)

    @property
    def level(self) -> float:
        return self.levels[-1] if self.levels else 1.0

    @property
    def sounds(self) -> list[Earcon | str]:
        """Earcons and stretches of words."""
        sounds: list[Earcon | str] = []
        for item in self.log:
            if isinstance(item, Earcon) or (item == "word" and sounds[-1:] != ["word"]):
                sounds.append(item)
        return sounds


class MortalVoice(FakeVoice):
    """Dies when it is told to."""

    dead = False

    def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
        if self.dead:
            raise VoiceFailed("dead")
        yield from super().speak(sentence, manner)


# earcons


async def test_every_step_of_a_question_has_its_sound() -> None:
    tape = Tape()
    acts = (listening, SPEECH, QUIET, listening)
    transcriber = FakeTranscriber([QUESTION])
    await Scripted(*acts, transcriber=transcriber, vision=FakeVision([CUP]), speaker=tape, earcons=EARCONS).run()
    earcons = [sound for sound in tape.sounds if sound not in {"word", Earcon.THINKING}]  # a busy machine may have had to think
    assert earcons == [Earcon.LISTENING, Earcon.CAPTURED, Earcon.DONE]
    # the words were ready: the answer may begin as soon as the earcon, on a busy machine even before it
    tape.log = [sound for sound in tape.log if sound not in {Earcon.CAPTURED, Earcon.THINKING}]
    assert tape.sounds == ["word", Earcon.LISTENING, "word", Earcon.DONE]


async def test_it_ticks_while_it_thinks_and_not_when_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chimes, "TICK", 0.02)
    tape, vision = Tape(), FakeVision([CUP])
    ticks_at_end: list[int] = []

    class SlowTranscriber(FakeTranscriber):
        """Writes down what was said when three ticks have been heard."""

        def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:
            while tape.log.count(Earcon.THINKING) < 3:
                threading.Event().wait(0.002)
            tape.endless.set()
            return super().transcribe(utterance, cancellation)

    def answering(scripted: Scripted) -> bool:
        if scripted.stages.count(Stage.FIRST_SOUND) < 2:
            return False
        if not ticks_at_end:
            ticks_at_end.append(tape.log.count(Earcon.THINKING))
            threading.Event().wait(0.2)  # time for ten ticks
            tape.endless.clear()
            tape._silenced.set()
        return listening(scripted)

    acts = (listening, SPEECH, QUIET, answering)
    await Scripted(*acts, transcriber=SlowTranscriber([QUESTION]), vision=vision, speaker=tape, earcons=EARCONS).run()
    assert ticks_at_end[0] >= 3
    assert tape.log.count(Earcon.THINKING) <= ticks_at_end[0] + 1  # one may have been on its way
    assert tape.sounds[:3] == ["word", Earcon.LISTENING, Earcon.CAPTURED]
    assert tape.sounds[-1] is Earcon.DONE


@pytest.mark.parametrize("enabled", [True, False])
async def test_an_error_is_told_by_its_sound_before_its_words(*, enabled: bool) -> None:
    tape = Tape()
    acts = (listening, SPEECH, QUIET, listening)
    earcons = EarconsConfig(enabled=enabled, volume=100)
    vision = FakeVision([VisionFailed("in mid-work")])
    scripted = Scripted(*acts, transcriber=FakeTranscriber([QUESTION]), vision=vision, speaker=tape, earcons=earcons)
    await scripted.run()
    heard = [sound for sound in tape.sounds if sound is not Earcon.THINKING]
    with_earcons = ["word", Earcon.LISTENING, Earcon.CAPTURED, Earcon.ERROR, "word"]
    assert heard == (with_earcons if enabled else ["word"])


@pytest.mark.usefixtures("tried_again_soon")
async def test_a_lost_microphone_has_a_sound_of_its_own() -> None:
    tape = Tape()
    acts = (listening, MicrophoneLost("gone"), QUIET, reached(Stage.FIRST_SOUND, 2))
    await Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), speaker=tape, earcons=EARCONS).run()
    assert tape.sounds[:4] == ["word", Earcon.LISTENING, Earcon.MICROPHONE_OFF, "word"]


async def test_while_an_earcon_sounds_something_is_to_be_heard() -> None:
    class Asking(FakeSpeaker):
        speaking = False

        def chime(self, chunk: SpeechChunk) -> None:
            super().chime(chunk)
            self.speaking = mouth.speaking

    speaker = Asking()
    mouth = Mouth(FakeVoice(), speaker, Watch(), EARCONS)
    assert not mouth.speaking
    await mouth.chimes.play(Earcon.DONE)
    assert speaker.speaking
    assert not mouth.speaking


async def test_a_loudspeaker_that_is_gone_does_not_matter_to_an_earcon() -> None:
    class Unplugged(FakeSpeaker):
        def chime(self, chunk: SpeechChunk) -> None:
            raise SpeakerLost(f"{chunk.samples.size} samples lost")

    mouth = Mouth(FakeVoice(), Unplugged(), Watch(), EARCONS)
    await mouth.chimes.play(Earcon.DONE)
    assert not mouth.speaking


# errors without a voice


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_voice_s_own_failure_is_learnt_first_and_nothing_names_a_thing(language: Language) -> None:
    sentences = spare_sentences(language)
    assert sentences[0].text == VoiceFailed("").spoken(language)
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.language == language and "{" not in sentence.text for sentence in sentences)


async def test_errors_are_heard_even_when_the_voice_has_died(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(announcer, "_BREATH", 0.001)
    voice, tape = MortalVoice(), Tape()
    vision_failed = Sentence(VisionFailed("").spoken("en"), "en")
    played: list[int] = []

    def learnt(scripted: Scripted) -> bool:
        if not scripted.mouth.learnt_all:
            return False
        voice.dead = True
        played.append(len(tape.played))
        return True

    acts = (listening, learnt, SPEECH, QUIET, listening, SPEECH, QUIET, listening)
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([QUESTION, QUESTION]),
        vision=FakeVision([CUP, VisionFailed("in mid-work")]),
        voice=voice,
        speaker=tape,
        by_heart=[VOICE_FAILED, vision_failed],
    )
    with caplog.at_level(logging.WARNING):
        await scripted.run()
    assert [sentence.text for sentence in voice.spoken] == [GREETING, VOICE_FAILED.text, vision_failed.text]
    words = len(VOICE_FAILED.text.split()) + len(vision_failed.text.split())
    assert len(tape.played) == played[0] + words
    assert tape.chimes == []
    assert caplog.text.count("spoken from memory, for the voice failed: dead") == 2


async def test_where_nothing_can_be_said_a_sound_is_left_even_if_earcons_are_off() -> None:
    voice, tape = MortalVoice(), Tape()
    voice.dead = True
    acts = (listening, SPEECH, QUIET, listening)
    scripted = Scripted(
        *acts,
        transcriber=FakeTranscriber([QUESTION]),
        vision=FakeVision([CUP]),
        voice=voice,
        speaker=tape,
        earcons=EarconsConfig(enabled=False, volume=100),
    )
    await scripted.run()
    assert tape.sounds == [Earcon.ERROR, Earcon.ERROR]  # for the greeting, and for the answer


async def test_learning_is_not_speaking_but_speaking_waits_for_it() -> None:
    begun, go_on = threading.Event(), threading.Event()

    class SlowLearner(FakeVoice):
        def speak(self, sentence: Sentence, manner: Manner) -> Iterator[SpeechChunk]:
            if sentence is VOICE_FAILED:
                begun.set()
                go_on.wait(PATIENCE)
            yield from super().speak(sentence, manner)

    voice, speaker = SlowLearner(), FakeSpeaker()
    mouth = Mouth(voice, speaker, Watch(), by_heart=[VOICE_FAILED])
    async with anyio.create_task_group() as group:
        group.start_soon(mouth.learn)
        await anyio.to_thread.run_sync(begun.wait)
        assert not mouth.speaking
        group.start_soon(mouth.say, GREETING, "en")
        await anyio.sleep(0.05)
        assert not voice.spoken
        go_on.set()
    assert mouth.learnt_all
    assert [sentence.text for sentence in voice.spoken] == [VOICE_FAILED.text, GREETING]
    assert len(speaker.played) == len(GREETING.split())


async def test_a_voice_that_cannot_learn_does_not_end_the_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "_BREATH", 0.001)
    voice = FakeVoice(fails_at=[1])

    def learnt(scripted: Scripted) -> bool:
        return scripted.mouth.learnt_all and listening(scripted)

    scripted = Scripted(
        listening, learnt, transcriber=FakeTranscriber([]), vision=FakeVision(), voice=voice, by_heart=[VOICE_FAILED]
    )
    await scripted.run()
    assert scripted.stages.count(Stage.FAILED) == 1


# giving way


class Answering:
    """A conversation in the middle of an answer, which goes on until `end`."""

    def __init__(self) -> None:
        self.tape = Tape()

    def greeted(self, scripted: Scripted) -> bool:
        self.tape.endless.set()
        return listening(scripted)

    def sounds(self, scripted: Scripted) -> bool:
        """Whether the loudspeaker has all of it: what comes after it was silenced once is counted as heard, too."""
        return scripted.stages.count(Stage.FIRST_SOUND) == 2 and self.tape.waits == 2

    def ducked(self, _: Scripted) -> bool:
        return self.tape.level == 0.25

    def back(self, _: Scripted) -> bool:
        return self.tape.level == 1.0

    def end(self, scripted: Scripted) -> bool:
        self.tape.endless.clear()
        self.tape._silenced.set()
        return listening(scripted)


async def test_at_a_cough_it_speaks_softly_and_then_as_before() -> None:
    answering = Answering()
    during = (reached(Stage.FIRST_SOUND, 2), COUGH, answering.ducked, QUIET, answering.back)
    acts = (listening, answering.greeted, SPEECH, QUIET, *during, answering.end)
    scripted = Scripted(
        *acts, transcriber=FakeTranscriber([QUESTION]), vision=(vision := FakeVision([CUP])), speaker=answering.tape
    )
    await scripted.run()
    assert Stage.INTERRUPTED not in scripted.stages
    assert [heard for _, heard in vision.remembered] == [CUP]
    assert [item for item in answering.tape.log if isinstance(item, float)][-2:] == [0.25, 1.0]


async def test_the_answer_to_an_interruption_is_as_loud_as_ever() -> None:
    answering = Answering()
    answering.tape.heard_seconds = 0.25

    def interrupted(scripted: Scripted) -> bool:
        answering.tape.endless.clear()
        return Stage.INTERRUPTED in scripted.stages

    during = (answering.sounds, Sound(0.2), answering.ducked, Sound(0.6), interrupted, QUIET)
    acts = (listening, answering.greeted, SPEECH, QUIET, *during, listening)
    transcriber, vision = FakeTranscriber([QUESTION, QUESTION]), FakeVision([CUP, "Red."])
    await Scripted(*acts, transcriber=transcriber, vision=vision, speaker=answering.tape).run()
    assert [heard for _, heard in vision.remembered] == ["A cup", "Red."]
    after_ducking = answering.tape.log[len(answering.tape.log) - answering.tape.log[::-1].index(0.25) :]
    assert after_ducking[after_ducking.index(1.0) :] == [1.0, "word"]  # before it, the rest of the first answer


@pytest.mark.parametrize(("barge_in", "levels"), [("auto", [1.0]), ("voice", [1.0, 0.25])])
async def test_the_greeting_is_not_ducked_while_its_echo_is_listened_for(barge_in: str, levels: list[float]) -> None:
    speaker = SlowSpeaker()
    speaker.endless.set()

    def coughed(_: Scripted) -> bool:
        speaker.endless.clear()
        speaker._silenced.set()
        return True

    acts = (reached(Stage.FIRST_SOUND), COUGH, QUIET, coughed, listening)
    config = Config(conversation=ConversationConfig.model_validate({"barge_in": barge_in}))
    scripted = Scripted(*acts, transcriber=FakeTranscriber([]), vision=FakeVision(), speaker=speaker, config=config)
    await scripted.run()
    assert list(dict.fromkeys(speaker.levels)) == levels

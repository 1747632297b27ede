"""Answering aloud: what the model writes becomes sentences, sound, and a memory of what was heard."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Sequence

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from assistant.config import EarconsConfig
from assistant.errors import VisionFailed
from assistant.events import Stage
from assistant.ports import Speaker, VisionModel, Voice
from assistant.runtime.checking import Check
from assistant.runtime.chimes import Chimes
from assistant.runtime.spare_voice import SpareVoice
from assistant.runtime.speech import Speech
from assistant.runtime.stream import in_thread, pump, together
from assistant.runtime.watch import Watch
from assistant.turn.heard import joined
from assistant.turn.preferences import Preferences
from assistant.turn.sentences import SentenceSplitter
from assistant.types import AnswerChunk, Cancellation, Language, Manner, Question, Sentence

_CHUNKS_AHEAD = 64
_SENTENCES_AHEAD = 16
_DUCKED = 0.25
"""The share of the volume at which it speaks while somebody speaks over it: 12 dB less, still to be followed after a cough."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Answer:
    """The last answer, for whoever wants to hear it again, or to its end."""

    question: Question | None = None
    sentences: tuple[Sentence, ...] = ()
    """All that was written of it."""
    heard_whole: int = 0
    """How many of them were heard to their end."""
    read: bool = False
    """Whether it was read from a page."""
    remembered: bool = False
    """Whether something of it was heard, and is in the model's memory."""
    volunteered: bool = False
    """Whether nobody asked for it just then."""


class Mouth:
    """Answers questions and says sentences, one thing at a time.

    Args:
        voice: What it speaks with.
        speaker: Where that is heard.
        watch: Told what happens.
        earcons: The sounds that may be heard beside; none by default.
        by_heart: Sentences of its own that it is to learn, to say them even when the voice fails.
        preferences: How it speaks at first.
    """

    def __init__(
        self,
        voice: Voice,
        speaker: Speaker,
        watch: Watch,
        earcons: EarconsConfig | None = None,
        by_heart: Sequence[Sentence] = (),
        *,
        preferences: Preferences | None = None,
    ) -> None:
        self._voice = voice
        self._own_voice = SpareVoice(voice, by_heart)
        """For sentences of its own."""
        self._speaker = speaker
        self._ducked = False
        self.preferences = preferences or Preferences()
        self._answer = _Answer()
        self._watch = watch
        self._one_at_a_time = anyio.Lock()
        self._learning = False
        self.chimes = Chimes(speaker, earcons or EarconsConfig(enabled=False))
        self.sounded = False
        """Whether an answer has begun to be heard since this was last set to False."""

    async def say(self, text: str, language: Language) -> None:
        """Say a sentence of the assistant's own, which is not part of the conversation."""
        async with self._one_at_a_time:
            with self._watch.aside():
                self._watch(Stage.SENTENCE, text)
                speech = self._speech(self._own_voice, lambda: self._watch(Stage.FIRST_SOUND))
                await speech.speak(_stream([Sentence(text, language)]))

    async def say_again(self) -> bool:
        """Say the last answer once more, all that was written of it; return whether there was one."""
        return await self._recite(self._answer.sentences)

    async def tell(self, sentences: Sequence[Sentence]) -> None:
        """Say an answer that is the assistant's own: it can be repeated and spelled, but the model knows nothing of it.

        Raises:
            VoiceFailed, SpeakerLost: as the name says.
        """

        def keep(speech: Speech) -> None:
            self._answer = _Answer(None, tuple(sentences), speech.heard_whole)

        await self._recite(sentences, keep)

    async def volunteer(
        self, question: Question | None, sentences: Sequence[Sentence], vision: VisionModel, at_end: Callable[[int], None]
    ) -> None:
        """Say what nobody asked for just now. The model remembers of it what is heard, in place of what was said so before.

        Args:
            question: What the model was asked for it; None if it knows nothing of it.
            sentences: What to say.
            vision: The model.
            at_end: Told, however it ends, how many of them were heard to their end.

        Raises:
            VoiceFailed, SpeakerLost: as the name says.
        """
        before = self._answer

        def keep(speech: Speech) -> None:
            remembered = bool(question and speech.heard)
            if question and remembered:
                if before.volunteered and before.remembered:
                    vision.forget_last()
                vision.remember(question, speech.heard)
            self._answer = _Answer(question, tuple(sentences), speech.heard_whole, remembered=remembered, volunteered=True)
            at_end(speech.heard_whole)

        await self._recite(sentences, keep)

    async def go_on(self, vision: VisionModel) -> bool:
        """Say what was not heard of the last answer, from the sentence in which it was interrupted, and remember what is heard.

        Returns:
            Whether there was anything left to say.
        """
        answer = self._answer
        heard = answer.sentences[: answer.heard_whole]

        def remember(speech: Speech) -> None:
            self._answer = dataclasses.replace(answer, heard_whole=answer.heard_whole + speech.heard_whole)
            if answer.question and speech.heard:
                if answer.remembered:
                    vision.forget_last()
                vision.remember(answer.question, joined([*(sentence.text for sentence in heard), speech.heard]))

        return await self._recite(answer.sentences[answer.heard_whole :], remember)

    async def read_out(self, sentences: MemoryObjectReceiveStream[Sentence], at_end: Callable[[int], None]) -> None:
        """Say what is read, which is no answer and enters no conversation.

        Args:
            sentences: What to say, as it comes; the first should be there.
            at_end: Told, however it ends, how many of them were heard to their end.

        Raises:
            VoiceFailed, SpeakerLost: as the name says.
        """
        speech = self._speech(self._voice, self._on_sound)
        try:
            async with self._one_at_a_time:
                await speech.speak(sentences)
        finally:
            at_end(speech.heard_whole)

    def keep_read(self, sentences: Sequence[Sentence], heard_whole: int) -> None:
        """Have this to say again, in place of the last answer: a piece of what was read, so much of it heard."""
        self._answer = _Answer(None, tuple(sentences), heard_whole, read=True)

    @property
    def has_read(self) -> bool:
        """Whether what it has to say again was read from a page."""
        return self._answer.read

    @property
    def has_volunteered(self) -> bool:
        """Whether what it has to say again is something that nobody had asked for."""
        return self._answer.volunteered

    async def _recite(self, sentences: Sequence[Sentence], at_end: Callable[[Speech], None] = lambda _: None) -> bool:
        if not sentences:
            return False
        speech = self._speech(self._voice, self._on_sound)
        try:
            async with self._one_at_a_time:
                for sentence in sentences:
                    self._watch(Stage.SENTENCE, sentence.text)
                await speech.speak(_stream(sentences))
        finally:
            at_end(speech)
        return True

    def forget(self) -> None:
        """Have nothing more to say again."""
        self._answer = _Answer()

    @property
    def told_last(self) -> bool:
        """Whether the last answer was the assistant's own."""
        return bool(self._answer.sentences) and self._answer.question is None

    @property
    def last_answer(self) -> str:
        """What was written of the last answer."""
        return joined([sentence.text for sentence in self._answer.sentences])

    def variants(self, language: Language) -> Sequence[str]:
        """Return which variants the voice has for a language."""
        return self._voice.variants(language)

    def _speech(self, voice: Voice, on_sound: Callable[[], None]) -> Speech:
        return Speech(voice, self._speaker, self._manner, on_sound)

    def _manner(self, language: Language) -> Manner:
        """Return how the next sentence is to be spoken: what is wanted may change while an answer is being spoken."""
        return self._preferences.manner(language)

    @property
    def preferences(self) -> Preferences:
        """How it speaks: the rate from the next sentence on, the volume at once."""
        return self._preferences

    @preferences.setter
    def preferences(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._set_volume()

    @property
    def speaking(self) -> bool:
        """Whether something is to be heard."""
        return (self._one_at_a_time.locked() and not self._learning) or self.chimes.sounding

    def duck(self, *, under_somebody: bool) -> None:
        """Speak softly while somebody else speaks, or as loud as before."""
        self._ducked = under_somebody
        self._set_volume()

    def _set_volume(self) -> None:
        self._speaker.fade_to(self._preferences.volume / 100 * (_DUCKED if self._ducked else 1.0))

    @property
    def learnt_all(self) -> bool:
        """Whether it knows all that it is to know by heart."""
        return not self._own_voice.unlearnt

    async def learn(self) -> None:
        """Learn the next sentence by heart, unheard. What is to be said meanwhile has to wait.

        Raises:
            VoiceFailed: The voice cannot speak it.
        """
        async with self._one_at_a_time:
            self._learning = True
            try:
                await in_thread(lambda: self._own_voice.learn(self._manner))
            finally:
                self._learning = False

    async def answer(
        self,
        question: Question,
        vision: VisionModel,
        on_sentence: Callable[[], None] = lambda: None,
        check: Check | None = None,
    ) -> None:
        """Answer aloud about the picture before the model's eyes, and remember what was heard, however it ends.

        Args:
            question: What is asked.
            vision: The model that answers.
            on_sentence: Called when the first sentence is there, before it is spoken.
            check: Changes what is said where a mistake could hurt.

        Raises:
            VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        speech, written, split = self._speech(self._voice, self._on_sound), list[str](), list[Sentence]()
        chunks, pieces = anyio.create_memory_object_stream[AnswerChunk](_CHUNKS_AHEAD)
        send, sentences = anyio.create_memory_object_stream[Sentence](_SENTENCES_AHEAD)
        something_to_say = anyio.Event()

        async def speak() -> None:
            async with sentences:
                await something_to_say.wait()
                on_sentence()
                async with self._one_at_a_time:
                    await speech.speak(sentences)

        try:
            await together(
                lambda: self._write(question, vision, chunks),
                lambda: self._split(pieces, send, (written, split), something_to_say, check),
                speak,
                *([check.run] if check else []),
            )
        finally:
            heard = "".join(written) if speech.heard and not speech.interrupted and not (check and check.changed) else speech.heard
            if heard:
                vision.remember(question, heard)
            if split:
                self._answer = _Answer(question, tuple(split), speech.heard_whole, remembered=bool(heard))
            self._watch(Stage.INTERRUPTED if speech.interrupted else Stage.ANSWERED, heard)
        if not heard:
            raise VisionFailed("the model wrote nothing that can be spoken")

    def _on_sound(self) -> None:
        self.sounded = True
        self._watch(Stage.FIRST_SOUND)

    async def _write(self, question: Question, vision: VisionModel, chunks: MemoryObjectSendStream[AnswerChunk]) -> None:
        cancellation = Cancellation()
        async with chunks:
            await pump(lambda: vision.answer(question, cancellation), chunks, on_cancel=cancellation.cancel)

    async def _split(
        self,
        pieces: MemoryObjectReceiveStream[AnswerChunk],
        sentences: MemoryObjectSendStream[Sentence],
        so_far: tuple[list[str], list[Sentence]],
        something_to_say: anyio.Event,
        check: Check | None,
    ) -> None:
        """Cut what is written into sentences; both are added to `so_far`, too."""
        written, split = so_far

        async def pass_on(complete: Iterable[Sentence | None]) -> None:
            for sentence in complete:
                for said in await check.review(sentence) if check else [sentence] if sentence else []:
                    self._watch(Stage.SENTENCE, said.text)
                    split.append(said)
                    await sentences.send(said)
                    something_to_say.set()

        splitter = SentenceSplitter()
        # a voice that fails stops listening; its own error is the one to be told
        with contextlib.suppress(anyio.BrokenResourceError):
            async with pieces, sentences:
                async for piece in pieces:
                    if not written:
                        self._watch(Stage.FIRST_TOKEN)
                    written.append(piece.text)
                    await pass_on(splitter.feed(piece.text))
                await pass_on([*splitter.flush(), None])
        something_to_say.set()


def _stream(sentences: Sequence[Sentence]) -> MemoryObjectReceiveStream[Sentence]:
    """Return a stream that gives these and ends."""
    send, receive = anyio.create_memory_object_stream[Sentence](len(sentences))
    for sentence in sentences:
        send.send_nowait(sentence)
    send.close()
    return receive

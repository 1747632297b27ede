"""Answering aloud: what the model writes becomes sentences, sound, and a memory of what was heard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from assistant.config import EarconsConfig
from assistant.errors import VisionFailed
from assistant.events import Stage
from assistant.ports import Speaker, VisionModel, Voice
from assistant.runtime.chimes import Chimes
from assistant.runtime.spare_voice import SpareVoice
from assistant.runtime.speech import Speech
from assistant.runtime.stream import in_thread, pump, together
from assistant.runtime.watch import Watch
from assistant.turn.preferences import Preferences
from assistant.turn.sentences import SentenceSplitter
from assistant.types import AnswerChunk, Cancellation, Language, Manner, Question, Sentence

_CHUNKS_AHEAD = 64
_SENTENCES_AHEAD = 16
_DUCKED = 0.25
"""The share of the volume at which it speaks while somebody speaks over it: 12 dB less, still to be followed after a cough."""


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
        self.preferences = preferences or Preferences()
        """How it speaks from the next sentence on."""
        self._watch = watch
        self._one_at_a_time = anyio.Lock()
        self._learning = False
        self.chimes = Chimes(speaker, earcons or EarconsConfig(enabled=False))
        self.sounded = False
        """Whether an answer has begun to be heard since this was last set to False."""

    async def say(self, text: str, language: Language) -> None:
        """Say a sentence of the assistant's own, which is not part of the conversation."""
        send, sentences = anyio.create_memory_object_stream[Sentence](1)
        async with self._one_at_a_time:
            with self._watch.aside():
                self._watch(Stage.SENTENCE, text)
                send.send_nowait(Sentence(text, language))
                send.close()
                await self._speech(self._own_voice, lambda: self._watch(Stage.FIRST_SOUND)).speak(sentences)

    def _speech(self, voice: Voice, on_sound: Callable[[], None]) -> Speech:
        return Speech(voice, self._speaker, self._manner, on_sound)

    def _manner(self, language: Language) -> Manner:
        """Return how the next sentence is to be spoken: what is wanted may change while an answer is being spoken."""
        return self.preferences.manner(language)

    @property
    def speaking(self) -> bool:
        """Whether something is to be heard."""
        return (self._one_at_a_time.locked() and not self._learning) or self.chimes.sounding

    def duck(self, *, under_somebody: bool) -> None:
        """Speak softly while somebody else speaks, or as loud as before."""
        self._speaker.fade_to(_DUCKED if under_somebody else 1.0)

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

    async def answer(self, question: Question, vision: VisionModel, on_sentence: Callable[[], None] = lambda: None) -> None:
        """Answer aloud about the picture before the model's eyes, and remember what was heard, however it ends.

        Args:
            question: What is asked.
            vision: The model that answers.
            on_sentence: Called when the first sentence is there, before it is spoken.

        Raises:
            VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        speech, written = self._speech(self._voice, self._on_sound), list[str]()
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
                lambda: self._split(pieces, send, written, something_to_say),
                speak,
            )
        finally:
            heard = "".join(written) if speech.heard and not speech.interrupted else speech.heard
            if heard:
                vision.remember(question, heard)
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
        written: list[str],
        something_to_say: anyio.Event,
    ) -> None:
        async def pass_on(complete: Iterator[Sentence]) -> None:
            for sentence in complete:
                self._watch(Stage.SENTENCE, sentence.text)
                await sentences.send(sentence)
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
                await pass_on(splitter.flush())
        something_to_say.set()

"""Answering aloud: what the model writes becomes sentences, sound, and a memory of what was heard."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from assistant.errors import VisionFailed
from assistant.events import Stage
from assistant.ports import Speaker, VisionModel, Voice
from assistant.runtime.speech import Speech
from assistant.runtime.stream import pump, together
from assistant.runtime.watch import Watch
from assistant.turn.sentences import SentenceSplitter
from assistant.types import AnswerChunk, Cancellation, Language, Question, Sentence

_CHUNKS_AHEAD = 64
_SENTENCES_AHEAD = 16


class Mouth:
    """Answers questions and says sentences, one thing at a time."""

    def __init__(self, voice: Voice, speaker: Speaker, watch: Watch) -> None:
        self._voice = voice
        self._speaker = speaker
        self._watch = watch
        self._one_at_a_time = anyio.Lock()
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
                await Speech(self._voice, self._speaker, lambda: self._watch(Stage.FIRST_SOUND)).speak(sentences)

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return self._one_at_a_time.locked()

    async def answer(self, question: Question, vision: VisionModel, on_sentence: Callable[[], None] = lambda: None) -> None:
        """Answer aloud about the picture before the model's eyes, and remember what was heard, however it ends.

        Args:
            question: What is asked.
            vision: The model that answers.
            on_sentence: Called when the first sentence is there, before it is spoken.

        Raises:
            VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        speech, written = Speech(self._voice, self._speaker, self._on_sound), list[str]()
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

"""Answering aloud: what the model writes becomes sentences, sound, and a memory of what was heard."""

from __future__ import annotations

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from assistant.errors import VisionFailed
from assistant.events import Stage
from assistant.ports import Speaker, VisionModel, Voice
from assistant.runtime.speech import Speech
from assistant.runtime.stream import pump, together
from assistant.runtime.watch import Watch
from assistant.turn.sentences import SentenceSplitter
from assistant.types import AnswerChunk, Cancellation, Language, Question, Sentence, Spoken

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
            self._watch(Stage.SENTENCE, text)
            send.send_nowait(Sentence(text, language))
            send.close()
            await Speech(self._voice, self._speaker, lambda: self._watch(Stage.FIRST_SOUND)).speak(sentences)

    async def answer(self, question: Question, vision: VisionModel) -> Spoken:
        """Answer aloud about the picture before the model's eyes, and remember what was heard, however it ends.

        Raises:
            VisionFailed, VoiceFailed, SpeakerLost: as the name says.
        """
        async with self._one_at_a_time:
            speech, written = Speech(self._voice, self._speaker, self._on_sound), list[str]()
            chunks, pieces = anyio.create_memory_object_stream[AnswerChunk](_CHUNKS_AHEAD)
            send, sentences = anyio.create_memory_object_stream[Sentence](_SENTENCES_AHEAD)
            try:
                await together(
                    lambda: self._write(question, vision, chunks),
                    lambda: self._split(pieces, send, written),
                    lambda: speech.speak(sentences),
                )
            finally:
                text = "".join(written)
                heard = text if speech.heard and not speech.interrupted else speech.heard
                if heard:
                    vision.remember(question, heard)
                self._watch(Stage.INTERRUPTED if speech.interrupted else Stage.ANSWERED, heard)
            if not heard:
                raise VisionFailed("the model wrote nothing that can be spoken")
            return Spoken(text, heard, speech.interrupted)

    def _on_sound(self) -> None:
        self.sounded = True
        self._watch(Stage.FIRST_SOUND)

    async def _write(self, question: Question, vision: VisionModel, chunks: MemoryObjectSendStream[AnswerChunk]) -> None:
        cancellation = Cancellation()
        async with chunks:
            await pump(lambda: vision.answer(question, cancellation), chunks, on_cancel=cancellation.cancel)

    async def _split(
        self, pieces: MemoryObjectReceiveStream[AnswerChunk], sentences: MemoryObjectSendStream[Sentence], written: list[str]
    ) -> None:
        splitter = SentenceSplitter()
        async with pieces, sentences:
            async for piece in pieces:
                if not written:
                    self._watch(Stage.FIRST_TOKEN)
                written.append(piece.text)
                for sentence in splitter.feed(piece.text):
                    await self._pass_on(sentence, sentences)
            for sentence in splitter.flush():
                await self._pass_on(sentence, sentences)

    async def _pass_on(self, sentence: Sentence, sentences: MemoryObjectSendStream[Sentence]) -> None:
        self._watch(Stage.SENTENCE, sentence.text)
        await sentences.send(sentence)

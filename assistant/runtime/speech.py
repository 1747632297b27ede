"""From text to the ear: sentences become sound while the next ones are still being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from assistant.ports import Speaker, Voice
from assistant.runtime.stream import in_thread, pump, together
from assistant.turn.heard import heard_text, heard_whole
from assistant.turn.speakable import speakable
from assistant.types import Language, Manner, Seconds, Sentence, SpeechChunk

_CHUNKS_AHEAD = 1024
"""How far the voice may run ahead of the loudspeaker. Over a minute: a sentence should be whole before its first half has been
heard, for only then is it known how much of it was."""


class Speech:
    """One stretch of speaking, from its first sentence to its last sound, or to an interruption.

    Args:
        voice: What it is spoken with.
        speaker: Where it is heard.
        manner: Asked for each sentence how one in its language is to be spoken.
        on_sound: Called when the first sound is played.
    """

    def __init__(self, voice: Voice, speaker: Speaker, manner: Callable[[Language], Manner], on_sound: Callable[[], None]) -> None:
        self._voice = voice
        self._speaker = speaker
        self._manner = manner
        self._on_sound = on_sound
        self._spoken: list[tuple[Sentence, Seconds]] = []
        self._played: Seconds = 0.0
        self.interrupted = True
        """Whether it ended before all was heard."""

    async def speak(self, sentences: MemoryObjectReceiveStream[Sentence]) -> None:
        """Speak sentences until the stream ends and the last one has been heard. Cancelling silences at once."""
        send, receive = anyio.create_memory_object_stream[SpeechChunk](_CHUNKS_AHEAD)
        await together(lambda: self._synthesise(sentences, send), lambda: self._play(receive))
        self.interrupted = False

    @property
    def heard(self) -> str:
        """The words that have been heard, once `speak` has ended."""
        return heard_text(self._spoken, self._played if self.interrupted else float("inf"))

    @property
    def heard_whole(self) -> int:
        """How many sentences have been heard to their end, once `speak` has ended."""
        return heard_whole(self._spoken, self._played if self.interrupted else float("inf"))

    async def _synthesise(self, sentences: MemoryObjectReceiveStream[Sentence], sound: MemoryObjectSendStream[SpeechChunk]) -> None:
        async with sentences, sound:
            async for sentence in sentences:
                await pump(lambda sentence=sentence: self._sound_of(sentence), sound)  # type: ignore[misc]

    def _sound_of(self, sentence: Sentence) -> Iterator[SpeechChunk]:
        """Yield a sentence's sound, noting how long it is."""
        index = len(self._spoken)
        self._spoken.append((sentence, 0.0))
        for chunk in self._voice.speak(speakable(sentence), self._manner(sentence.language)):
            self._spoken[index] = (sentence, self._spoken[index][1] + len(chunk.samples) / chunk.sample_rate)
            yield chunk

    async def _play(self, sound: MemoryObjectReceiveStream[SpeechChunk]) -> None:
        first = True
        try:
            async with sound:
                async for chunk in sound:
                    await in_thread(lambda chunk=chunk: self._speaker.play(chunk), on_cancel=self._silence)  # type: ignore[misc]
                    if first:
                        self._on_sound()
                        first = False
            await in_thread(self._speaker.wait, on_cancel=self._silence)
        finally:
            self._silence()  # here, not after the voice has let go: a neural one takes seconds

    def _silence(self) -> None:
        self._played += self._speaker.silence()

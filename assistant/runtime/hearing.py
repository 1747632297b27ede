"""Hearing: sound becomes utterances, and their words are there as soon as it is clear that they have ended.

At every pause the words so far are written down at once, and the turn detector is asked whether they sound finished. Both decide
how much silence ends the utterance. If that was all, its words are there already; if the person goes on, the draft is dropped.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Iterator

import anyio
from anyio.abc import TaskGroup

from assistant.config import EndpointConfig
from assistant.errors import Cancelled
from assistant.ports import TurnDetector
from assistant.runtime.engines import Engines
from assistant.runtime.stream import in_thread, pump, together
from assistant.turn.endpoint import Endpoint, Voice, joined
from assistant.turn.thought import Thought, thought
from assistant.types import AudioBlock, Cancellation, Transcript, Utterance

_BLOCKS_AHEAD = 32
"""One second of sound may wait between the microphone's thread and the loop."""


class Hearing:
    """Listens for one conversation.

    Args:
        engines: Of these, microphone, detector, transcriber and turn detector.
        config: When an utterance starts and ends.
        note: Told of errors that nobody needs to hear of.
    """

    def __init__(self, engines: Engines, config: EndpointConfig, note: Callable[[Exception], None]) -> None:
        self._engines = engines
        self._turn_detector = engines.turn_detector
        self._note = note
        self._longest = config.longest
        self._endpoint = Endpoint(config)
        self._one_transcription = anyio.CapacityLimiter(1)
        self._draft: _Draft | None = None
        """Of what is being said; none before the first pause."""
        self._last: _Draft | None = None
        """Of the utterance that was asked for last."""
        self.unanswered: Utterance | None = None
        """What was asked but not answered yet: the person may have paused in the middle of it."""

    async def listen(self, tasks: TaskGroup, attends: Callable[[], bool], take: Callable[[Voice], None]) -> None:
        """Listen until the sound ends.

        Args:
            tasks: Where words are written down, besides.
            attends: Asked for every block whether it is listened to.
            take: Told when somebody has started to speak, persisted and ended.

        Raises:
            MicrophoneLost: The microphone went away.
            SoundUnreadable: The recording that stands in for a microphone cannot be read.
        """
        send, blocks = anyio.create_memory_object_stream[tuple[AudioBlock, float]](_BLOCKS_AHEAD)
        own_thread = anyio.CapacityLimiter(1)

        async def receive() -> None:
            async with send:
                await pump(self._detected, send, limiter=own_thread)

        async def attend() -> None:
            async with blocks:
                async for block, probability in blocks:
                    if attends():
                        for voice in self._endpoint.hear(block, probability):
                            self._follow(voice, tasks, take)

        await together(receive, attend)

    def _detected(self) -> Iterator[tuple[AudioBlock, float]]:
        self._engines.detector.reset()
        for block in self._engines.microphone.blocks():
            yield block, self._engines.detector.probability(block)

    def _follow(self, voice: Voice, tasks: TaskGroup, take: Callable[[Voice], None]) -> None:
        match voice:
            case Voice.PAUSED:
                if self._endpoint.persisted:  # a cough is not worth its words
                    self._draft = _Draft(self._so_far(), self._transcribe)
                    tasks.start_soon(self._draft.write)
                    if self._turn_detector:
                        # for the time being: without its words there is nothing to answer yet
                        self._endpoint.judged(0.0, Thought.BROKEN_OFF)
                        tasks.start_soon(self._judge, self._draft, self._turn_detector)
            case Voice.RESUMED:
                self._drop_draft()
            case Voice.STARTED:
                self._drop_draft()
                take(voice)
            case Voice.PERSISTED | Voice.ENDED:
                take(voice)

    async def _judge(self, draft: _Draft, detector: TurnDetector) -> None:
        """Find out whether what was said until the pause of now is all, by its sound and by its words."""
        try:
            finished = await in_thread(lambda: detector.finished(draft.utterance.samples))
        except Exception as error:  # noqa: BLE001 - noted; the conversation goes on, with the silence of all other utterances
            self._turn_detector = None
            self._note(error)
            finished = None
        text = await draft.text()
        if draft is self._draft:  # nobody has spoken since
            self._endpoint.judged(finished, thought(text))

    def _so_far(self) -> Utterance:
        """Return what is being said, behind what was asked before and not answered."""
        utterance = self._endpoint.utterance()
        if self.unanswered and self.unanswered.seconds + utterance.seconds <= self._longest:
            return joined(self.unanswered, utterance)
        return utterance

    def _drop_draft(self) -> None:
        if self._draft:
            self._draft.drop()
        self._draft = None

    def forget(self) -> None:
        """Forget what is being said: the rest of it will not be heard."""
        self._endpoint.reset()
        self._drop_draft()

    @property
    def persisted(self) -> bool:
        """Whether the utterance of now, or the last one, is too long for a cough."""
        return self._endpoint.persisted

    def utterance(self) -> Utterance:
        """Return the utterance that has just ended, behind what was asked before and not answered."""
        self._endpoint.answered()
        self._last, self._draft = self._draft, None
        if not self._last:
            return self._so_far()
        self._last.utterance = dataclasses.replace(self._last.utterance, silence=self._endpoint.silence)
        return self._last.utterance

    async def words(self, utterance: Utterance) -> Transcript:
        """Return the words of an utterance. Those of the one that `utterance` returned last may be there already.

        Raises:
            HearingFailed, OutOfMemory: They could not be written down.
        """
        if self._last and self._last.utterance is utterance:
            return await self._last.words()
        return await self._transcribe(utterance)

    async def _transcribe(self, utterance: Utterance) -> Transcript:
        cancellation = Cancellation()
        return await in_thread(
            lambda: self._engines.transcriber.transcribe(utterance, cancellation),
            on_cancel=cancellation.cancel,
            limiter=self._one_transcription,
        )


class _Draft:
    """The words of one utterance, which are being written down."""

    def __init__(self, utterance: Utterance, transcribe: Callable[[Utterance], Awaitable[Transcript]]) -> None:
        self.utterance = utterance
        self._transcribe = transcribe
        self._outcome: Transcript | Exception = Cancelled()
        self._scope = anyio.CancelScope()
        self._ended = anyio.Event()

    async def write(self) -> None:
        """Write them down."""
        try:
            with self._scope:
                self._outcome = await self._transcribe(self.utterance)
        except Exception as error:  # noqa: BLE001 - raised where the words are asked for, if they ever are
            self._outcome = error
        finally:
            self._ended.set()

    def drop(self) -> None:
        """Stop writing, as soon as the transcriber lets go."""
        self._scope.cancel()

    async def text(self) -> str:
        """Wait for the words; none where there is an error instead."""
        await self._ended.wait()
        return self._outcome.text if isinstance(self._outcome, Transcript) else ""

    async def words(self) -> Transcript:
        """Wait for the words. Cancelling drops the draft."""
        try:
            await self._ended.wait()
        finally:
            self.drop()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

"""Hearing: sound becomes utterances, and their words are there as soon as it is clear that they have ended.

At every pause the words so far are written down at once, and the turn detector is asked whether they sound finished. Both decide
how much silence ends the utterance. If that was all, its words are there already; if the person goes on, the draft is dropped.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import anyio
from anyio.abc import TaskGroup

from assistant.config import EndpointConfig
from assistant.errors import Cancelled
from assistant.ports import TurnDetector
from assistant.runtime.engines import Engines
from assistant.runtime.stream import for_each, in_thread
from assistant.turn.endpoint import Endpoint, Voice, joined
from assistant.turn.thought import Thought, thought
from assistant.types import BLOCK_SECONDS, AudioBlock, Cancellation, Samples, Seconds, Transcript, Utterance

_BLOCKS_AHEAD = 32
"""One second of sound may wait between the microphone's thread and the loop."""


_MOMENT: Seconds = 0.25
"""A wake word is noticed 0.19 s after its end in the mean, and by then the question may have begun."""
WAKING: Seconds = 3.0
"""How long telling somebody to wake up takes at most; what else is said while they sleep is not written down."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    """A block of sound and what the detectors say of it."""

    sound: AudioBlock
    probability: float
    """Of speech."""
    called: bool
    """Whether the wake word has just been said."""


class Listener(Protocol):
    """Who hearing is for."""

    def attends(self, *, called: bool) -> bool:
        """Tell whether the block of sound that has just come is listened to; `called` if a wake word ends with it."""

    def take_voice(self, voice: Voice) -> None:
        """Take in that somebody has started to speak, persisted or ended."""

    def take_words(self, words: Transcript) -> None:
        """Take in the words of what is too short for a question."""

    @property
    def drowsy(self) -> bool:
        """Whether all that counts is being told to wake up."""


class Hearing:
    """Listens for one conversation.

    Args:
        engines: Of these, microphone, detectors and transcriber.
        config: When an utterance starts and ends.
        listener: Whom it listens for.
        note: Told of errors that nobody needs to hear of.
    """

    def __init__(self, engines: Engines, config: EndpointConfig, listener: Listener, note: Callable[[Exception], None]) -> None:
        self._engines = engines
        self._listener = listener
        self._turn_detector = engines.turn_detector
        self._note = note
        self._longest = config.longest
        self._endpoint = Endpoint(config)
        self._moment: collections.deque[Samples] = collections.deque(maxlen=round(_MOMENT / BLOCK_SECONDS))
        """The last sound, listened to or not."""
        self._one_transcription = anyio.CapacityLimiter(1)
        self._draft: _Draft | None = None
        """Of what is being said; none before the first pause."""
        self._brief: _Draft | None = None
        """Of what is too short or too soft to interrupt anything, but may be a command; alone, without what was asked before."""
        self._last: _Draft | None = None
        """Of the utterance that was asked for last."""
        self.unanswered: Utterance | None = None
        """What was asked but not answered yet: the person may have paused in the middle of it."""

    async def listen(self, tasks: TaskGroup) -> None:
        """Listen until the sound ends.

        Args:
            tasks: Where words are written down, besides.

        Raises:
            MicrophoneLost: The microphone went away.
            SoundUnreadable: The recording that stands in for a microphone cannot be read.
        """

        def hear(block: _Block) -> None:
            self._moment.append(block.sound.samples)
            if self._listener.attends(called=block.called):
                for voice in self._endpoint.hear(block.sound, block.probability):
                    self._follow(voice, tasks)

        await for_each(self._detected, hear, ahead=_BLOCKS_AHEAD)

    def _detected(self) -> Iterator[_Block]:
        detector, wake_word = self._engines.detector, self._engines.wake_word
        detector.reset()
        if wake_word:
            wake_word.reset()
        for block in self._engines.microphone.blocks():
            called = wake_word is not None and wake_word.heard(block)
            yield _Block(block, detector.probability(block), called)

    def _follow(self, voice: Voice, tasks: TaskGroup) -> None:
        match voice:
            case Voice.PAUSED:
                self._draft_words(tasks)
            case Voice.RESUMED:
                self._drop_drafts()
            case Voice.STARTED:
                self._drop_drafts()
                self._listener.take_voice(voice)
            case Voice.PERSISTED | Voice.ENDED:
                self._listener.take_voice(voice)

    def _draft_words(self, tasks: TaskGroup) -> None:
        """Begin to write down what was said until the pause of now."""
        if self._listener.drowsy and self._endpoint.utterance().seconds > WAKING:
            return
        if not self._endpoint.meant:
            self._brief = self._write(self._endpoint.utterance(), tasks)
            tasks.start_soon(self._overhear, self._brief)
        if self._brief and not self.unanswered:
            self._draft = self._brief
        elif self._endpoint.persisted:
            self._draft = self._write(self._so_far(), tasks)
        if self._draft and self._endpoint.persisted and self._turn_detector:
            # for the time being: without its words there is nothing to answer yet
            self._endpoint.judged(0.0, Thought.BROKEN_OFF)
            tasks.start_soon(self._judge, self._draft, self._turn_detector)

    def _write(self, utterance: Utterance, tasks: TaskGroup) -> _Draft:
        draft = _Draft(utterance, self._transcribe)
        tasks.start_soon(draft.write)
        return draft

    async def _overhear(self, brief: _Draft) -> None:
        words = await brief.transcript()
        if words and brief is self._brief:  # nobody has spoken since
            self._listener.take_words(words)

    async def _judge(self, draft: _Draft, detector: TurnDetector) -> None:
        """Find out whether what was said until the pause of now is all, by its sound and by its words."""
        try:
            finished = await in_thread(lambda: detector.finished(draft.utterance.samples))
        except Exception as error:  # noqa: BLE001 - noted; the conversation goes on, with the silence of all other utterances
            self._turn_detector = None
            self._note(error)
            finished = None
        words = await draft.transcript()
        if draft is self._draft:  # nobody has spoken since
            self._endpoint.judged(finished, thought(words.text) if words else Thought.OPEN)

    def _so_far(self) -> Utterance:
        """Return what is being said, behind what was asked before and not answered."""
        utterance = self._endpoint.utterance()
        if self.unanswered and self.unanswered.seconds + utterance.seconds <= self._longest:
            return joined(self.unanswered, utterance)
        return utterance

    def _drop_drafts(self) -> None:
        for draft in (self._draft, self._brief):
            if draft:
                draft.drop()
        self._draft = self._brief = None

    def forget(self) -> None:
        """Forget what is being said: the rest of it will not be heard."""
        self._endpoint.reset()
        self._drop_drafts()

    def begin(self) -> None:
        """Forget what was said, but for the last moment: who calls may have gone on in the same breath."""
        self.forget()
        self._endpoint.reset(self._moment)

    def hold(self, *, held: bool) -> None:
        """Have no silence end what is being said while a button is held."""
        self._endpoint.held = held

    def finish(self) -> None:
        """Take what is being said for ended."""
        if self._endpoint.finish():
            self._listener.take_voice(Voice.ENDED)

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

    async def transcript(self) -> Transcript | None:
        """Wait for the words; none where they were dropped, or there is an error instead."""
        await self._ended.wait()
        return self._outcome if isinstance(self._outcome, Transcript) else None

    async def words(self) -> Transcript:
        """Wait for the words. Cancelling drops the draft."""
        try:
            await self._ended.wait()
        finally:
            self.drop()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

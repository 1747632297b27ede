"""The conversation: listens, looks while a person is still speaking, answers, and can be interrupted at any moment.

Everything here runs on the event loop; `_take` is the one place where something changes state, and it never waits.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping

import anyio

from assistant.config import Config
from assistant.errors import AssistantError, MicrophoneLost
from assistant.events import Stage
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import Eyes
from assistant.runtime.hearing import Hearing
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from assistant.turn.earcons import Earcon
from assistant.turn.endpoint import Voice
from assistant.turn.prompts import HALF_DUPLEX, HEARING_AGAIN, NOTHING_HEARD, STILL_LOOKING
from assistant.turn.quality import DOUBTS
from assistant.turn.state import Action, Happening, State, transition
from assistant.types import BLOCK_SECONDS, Language, Question, Seconds, Utterance

_log = logging.getLogger(__name__)

PATIENCE: Seconds = 4.0
"""After how much silence it says that it is still looking (rule 10 of the design: 4 to 5 s)."""
ECHO_TAIL: Seconds = 0.3
"""How long the loudspeaker's sound is still on its way to the microphone after an answer: buffers of 0.1 s each, and a room."""
_RETRY: Seconds = 1.0
"""How long to wait before a lost microphone is tried again."""
_BREATH: Seconds = 0.5
"""Between two sentences that are learnt by heart: a question that comes then finds the processor free."""

_HAPPENINGS = {
    Voice.STARTED: Happening.VOICE_STARTED,
    Voice.PERSISTED: Happening.VOICE_PERSISTED,
    Voice.ENDED: Happening.VOICE_ENDED,
}


class Conversation:
    """One hands-free conversation, from the greeting until the microphone's sound ends or the surrounding scope is cancelled.

    Args:
        engines: Loaded and warm; they stay open.
        mouth: Speaks, and stays open too.
        config: How to behave.
        watch: Told what happens.
    """

    def __init__(self, engines: Engines, mouth: Mouth, config: Config, watch: Watch) -> None:
        self._engines = engines
        self._language = config.conversation.language
        self._watch = watch
        self._eyes = Eyes(engines.camera, engines.vision, config.camera.max_age, watch, config.conversation.anticipate)
        self._mouth = mouth
        self._hearing = Hearing(engines, config.endpoint, self._note)
        self._state = State.ANSWERING  # the greeting
        self._answering = anyio.CancelScope()
        """Scope of the answer that counts: what an earlier one still does changes nothing."""
        self._answered = anyio.Event()
        self._looking = anyio.CancelScope()
        self._half_duplex = config.conversation.barge_in == "off"
        self._probing_for_echo = config.conversation.barge_in == "auto"
        self._echo_left: Seconds = 0.0
        """How much sound is still to be ignored because it may be the assistant's own."""
        self._lost = False
        """Whether the microphone is lost, and that has been said."""
        self._failure: AssistantError | None = None

    async def run(self, greeting: str) -> None:
        """Greet, then answer questions until there is nothing more to hear.

        Raises:
            SoundUnreadable: The recording that stands in for a microphone cannot be read.
        """
        async with anyio.create_task_group() as self._tasks:
            self._start(lambda: self._greet(greeting))
            self._tasks.start_soon(self._stop_on_enter)
            self._tasks.start_soon(self._look_ahead)
            self._tasks.start_soon(self._learn)
            await self._hear()
            await self._answered.wait()
            self._tasks.cancel_scope.cancel()
        if self._failure:
            raise self._failure

    # what happens, and what is done about it

    def _take(self, happening: Happening) -> None:
        """Let something happen."""
        if self._probing_for_echo and (self._state, happening) == (State.OVERHEARING, Happening.VOICE_PERSISTED):
            # during the greeting nobody else speaks: the microphone hears the loudspeaker
            self._half_duplex = True
            self._hearing.forget()
            happening = Happening.VOICE_ENDED
        self._state, action = transition(self._state, happening)
        somebody_speaks = self._state in {State.HEARING, State.OVERHEARING}
        self._mouth.duck(under_somebody=somebody_speaks and not self._probing_for_echo)  # a ducked greeting would hide its echo
        match action:
            case Action.LOOK:
                self._look()
            case Action.ANSWER:
                self._answer(self._hearing.utterance())
            case Action.INTERRUPT:
                self._interrupt()
                self._look()
            case Action.SILENCE:
                self._answering.cancel()
            case Action.NOTHING:
                pass

    def _look(self) -> None:
        self._looking.cancel()
        self._looking = anyio.CancelScope()
        self._tasks.start_soon(self._glance, self._looking)

    async def _glance(self, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                await self._eyes.glance()
            except Exception as error:  # noqa: BLE001 - not spoken: the answer looks again, and says so if it still fails
                self._note(error)

    async def _look_ahead(self) -> None:
        try:
            await self._eyes.look_ahead(lambda: self._state is State.LISTENING)
        except Exception as error:  # noqa: BLE001 - not spoken, for nobody asked; from here on it looks when somebody does
            self._note(error)

    def _answer(self, utterance: Utterance) -> None:
        if utterance.continues:
            self._watch(Stage.CONTINUED)
        self._hearing.unanswered = utterance
        attempted = self._hearing.persisted
        self._start(lambda: self._respond(utterance, attempted=attempted))

    def _interrupt(self) -> None:
        self._answering.cancel()
        self._answering = anyio.CancelScope()
        if self._mouth.sounded:
            self._hearing.unanswered = None

    def _start(self, job: Callable[[], Awaitable[None]]) -> None:
        """Begin an answer."""
        self._answering, self._answered = anyio.CancelScope(), anyio.Event()
        self._mouth.sounded = False
        self._tasks.start_soon(self._carry_out, job, self._answering, self._answered)

    async def _carry_out(self, job: Callable[[], Awaitable[None]], scope: anyio.CancelScope, answered: anyio.Event) -> None:
        with scope, self._watch.turn():
            try:
                await job()
            except Exception as error:  # noqa: BLE001 - the one place that goes on after any error, once a turn
                if scope is self._answering:
                    self._hearing.unanswered = None
                await self._report(error)
        answered.set()
        if scope is self._answering:
            self._hearing.unanswered = None
            self._take(Happening.ANSWER_ENDED)

    # the jobs

    async def _greet(self, greeting: str) -> None:
        try:
            self._watch(Stage.READY)
            await self._mouth.say(greeting, self._language)
        finally:
            self._probing_for_echo = False
        if self._half_duplex:
            await self._say(HALF_DUPLEX)
        await self._mouth.chimes.play(Earcon.LISTENING)

    async def _respond(self, utterance: Utterance, *, attempted: bool) -> None:
        """Answer what was said.

        Args:
            utterance: The question.
            attempted: Whether it was long enough to be one, even if no words are found in it.
        """
        self._watch(Stage.SPEECH_ENDED, evidence=utterance)
        company = anyio.CancelScope()
        self._tasks.start_soon(self._keep_company, company)
        try:
            await self._understand_and_answer(utterance, company, attempted=attempted)
        finally:
            company.cancel()
        await self._mouth.chimes.play(Earcon.DONE)

    async def _understand_and_answer(self, utterance: Utterance, company: anyio.CancelScope, *, attempted: bool) -> None:
        transcript = await self._hearing.words(utterance)
        self._watch(Stage.TRANSCRIBED, transcript.text, transcript)
        if transcript.text:
            flaw = await self._eyes.make_sure()
            question = Question(transcript.text, transcript.language)
            await self._mouth.answer(question, self._engines.vision, company.cancel)
            if flaw:
                await self._mouth.say(DOUBTS[flaw][transcript.language], transcript.language)
            return
        self._hearing.unanswered = None
        if attempted:
            await self._say(NOTHING_HEARD)

    async def _keep_company(self, scope: anyio.CancelScope) -> None:
        """Tell that the question was heard, tick, and say that it is still looking, as long as there is nothing else to say."""
        with scope:
            await self._mouth.chimes.play(Earcon.CAPTURED)
            while True:
                with anyio.move_on_after(PATIENCE):
                    await self._mouth.chimes.tick()
                await self._say(STILL_LOOKING)

    async def _report(self, error: Exception) -> None:
        """Say an error."""
        self._note(error)
        await self._mouth.chimes.play(Earcon.MICROPHONE_OFF if isinstance(error, MicrophoneLost) else Earcon.ERROR)
        spoken = error if isinstance(error, AssistantError) else AssistantError(repr(error))
        await self._say({self._language: spoken.spoken(self._language)})

    async def _say(self, sentence: Mapping[Language, str]) -> None:
        """Say a sentence of the assistant's own; where voice or loudspeaker fail, the observers know, and a sound is left."""
        try:
            await self._mouth.say(sentence[self._language], self._language)
        except Exception as error:  # noqa: BLE001 - no words are left to tell it with, and the conversation goes on
            self._note(error)
            await self._mouth.chimes.last_resort()

    async def _learn(self) -> None:
        """Learn by heart what may have to be said without a voice, one sentence at a time, while nobody speaks."""
        while not self._mouth.learnt_all:
            await anyio.sleep(_BREATH)
            if self._state is State.LISTENING:
                try:
                    await self._mouth.learn()
                except Exception as error:  # noqa: BLE001 - not spoken: nobody waits for it
                    self._note(error)

    def _note(self, error: Exception) -> None:
        """Show an error to the observers, and a fault of the program to whoever repairs it."""
        if not isinstance(error, AssistantError):
            _log.error("a fault of the program", exc_info=error)
        self._watch(Stage.FAILED, error.detail if isinstance(error, AssistantError) else repr(error))

    # what comes in

    async def _hear(self) -> None:
        """Listen until the sound ends. A lost microphone is told of once, and tried again for ever."""
        while True:
            try:
                await self._hearing.listen(self._tasks, self._attends, self._take_voice)
            except Exception as error:  # noqa: BLE001 - a fault of the program must not leave the person unheard
                if isinstance(error, AssistantError) and not isinstance(error, MicrophoneLost):
                    self._failure = error
                    return
                if not self._lost:
                    self._tasks.start_soon(self._report, error)
                self._lost = True
            else:
                return
            finally:
                self._hearing.unanswered = None
                self._forget_sound()
            await anyio.sleep(_RETRY)

    def _forget_sound(self) -> None:
        """Forget what was being said: the rest of it will not be heard."""
        self._hearing.forget()
        self._take(Happening.SOUND_LOST)

    def _attends(self) -> bool:
        """Tell whether the block of sound that has just come is listened to."""
        if self._lost:
            self._lost = False
            self._tasks.start_soon(self._say, HEARING_AGAIN)
        if self._half_duplex and (self._state is State.ANSWERING or self._mouth.speaking):
            self._echo_left = ECHO_TAIL
            return False
        if self._echo_left > 0:
            if self._echo_left == ECHO_TAIL:
                self._engines.microphone.drain()
                self._forget_sound()
            self._echo_left -= BLOCK_SECONDS
            return False
        return True

    def _take_voice(self, voice: Voice) -> None:
        if voice is Voice.STARTED:
            self._watch(Stage.SPEECH_STARTED)
        self._take(_HAPPENINGS[voice])

    async def _stop_on_enter(self) -> None:
        """Stop an answer when Enter is pressed in the terminal."""
        if sys.stdin is None or not sys.stdin.isatty():
            return
        while True:
            await anyio.wait_readable(sys.stdin)
            if not os.read(sys.stdin.fileno(), 4096):  # Ctrl-D, or a terminal that is gone and would keep us busy
                await anyio.sleep(_RETRY)
            self._take(Happening.STOPPED)

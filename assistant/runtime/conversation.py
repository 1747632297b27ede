"""The conversation: listens, looks while a person is still speaking, answers, and can be interrupted at any moment.

Everything here runs on the event loop; `_take` is the one place where something changes state, and it never waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from assistant.config import Config
from assistant.errors import ButtonLost, SoundUnreadable
from assistant.events import Stage
from assistant.ports import Button
from assistant.runtime.announcer import Announcer
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import Eyes
from assistant.runtime.hearing import Hearing
from assistant.runtime.mouth import Mouth
from assistant.runtime.orders import Keep, Orders
from assistant.runtime.responder import Responder
from assistant.runtime.stream import for_each
from assistant.runtime.watch import Watch
from assistant.turn.attention import Attention
from assistant.turn.commands import command_of
from assistant.turn.earcons import Earcon
from assistant.turn.endpoint import Voice
from assistant.turn.prompts import HALF_DUPLEX, HEARING_AGAIN
from assistant.turn.state import Action, Happening, State, transition
from assistant.types import BLOCK_SECONDS, Press, Seconds, Transcript, Utterance

ECHO_TAIL: Seconds = 0.3
"""How long the loudspeaker's sound is still on its way to the microphone after an answer: buffers of 0.1 s each, and a room."""
_RETRY: Seconds = 1.0
"""How long to wait before a lost microphone or button is tried again."""
_AFTER_PRESS: Seconds = 8.0
"""How long somebody who pressed a button may think before they begin to speak."""

_SOMEBODY_SPEAKS = frozenset({State.HEARING, State.OVERHEARING})
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
        keep: Told of each preference that was changed by voice.
        beat: Told again and again, at least every few seconds, that it hears, or tries to hear again.
    """

    def __init__(
        self,
        engines: Engines,
        mouth: Mouth,
        config: Config,
        watch: Watch,
        keep: Keep = lambda _: None,
        *,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._engines = engines
        self._watch = watch
        self._beat = beat
        self._eyes = Eyes(engines.camera, engines.vision, config.camera.max_age, watch, config.conversation.anticipate)
        self._mouth = mouth
        self._announcer = Announcer(mouth, watch)
        window = config.start.follow_up if config.start.kind == "wake-word" else _AFTER_PRESS
        self._attention = Attention(config.start.kind, window)
        self._hearing = Hearing(engines, config.endpoint, self, self._announcer.note)
        orders = Orders(mouth, self._eyes, engines.vision, self._attention, watch, keep=keep)
        self._responder = Responder(self._hearing, self._eyes, mouth, engines.vision, self._announcer, orders=orders, watch=watch)
        self._state = State.ANSWERING  # the greeting
        self._answering = anyio.CancelScope()
        """Scope of the answer that counts: what an earlier one still does changes nothing."""
        self._answered = anyio.Event()
        self._sounded_before = False
        """Whether the answer had begun to be heard when somebody began to speak over it."""
        self._looking = anyio.CancelScope()
        self._half_duplex = config.conversation.barge_in == "off"
        self._probing_for_echo = config.conversation.barge_in == "auto"
        self._echo_left: Seconds = 0.0
        """How much sound is still to be ignored because it may be the assistant's own."""
        self._lost = False
        """Whether the microphone is lost, and that has been said."""
        self._failure: SoundUnreadable | None = None

    async def run(self, greeting: str) -> None:
        """Greet, then answer questions until there is nothing more to hear.

        Raises:
            SoundUnreadable: The recording that stands in for a microphone cannot be read.
        """
        async with anyio.create_task_group() as self._tasks:
            self._start(lambda: self._greet(greeting))
            for button in self._engines.buttons:
                self._tasks.start_soon(self._heed, button)
            self._tasks.start_soon(self._look_ahead)
            self._tasks.start_soon(self._announcer.learn, self._idle)
            await self._hear()
            await self._answered.wait()
            self._tasks.cancel_scope.cancel()
        if self._failure:
            raise self._failure

    # what happens, and what is done about it

    def _take(self, happening: Happening) -> Action:
        """Let something happen; return what was done about it."""
        if self._probing_for_echo and (self._state, happening) == (State.OVERHEARING, Happening.VOICE_PERSISTED):
            # during the greeting nobody else speaks: the microphone hears the loudspeaker
            self._half_duplex = True
            self._hearing.forget()
            happening = Happening.VOICE_ENDED
        self._state, action = transition(self._state, happening)
        if happening is Happening.VOICE_STARTED:
            self._sounded_before = self._mouth.sounded
        # a ducked greeting would hide its echo
        self._mouth.duck(under_somebody=self._state in _SOMEBODY_SPEAKS and not self._probing_for_echo)
        match action:
            case Action.LOOK:
                self._look()
            case Action.ANSWER:
                self._answer(self._hearing.utterance())
            case Action.INTERRUPT:
                self._break_off()
                self._look()
            case Action.OBEY:
                self._break_off()
            case Action.SILENCE:
                self._answering.cancel()
            case Action.NOTHING:
                pass
        return action

    def _look(self) -> None:
        self._looking.cancel()
        if self._attention.asleep:
            return
        self._looking = anyio.CancelScope()
        self._tasks.start_soon(self._glance, self._looking)

    async def _glance(self, scope: anyio.CancelScope) -> None:
        with scope:
            try:
                await self._eyes.glance()
            except Exception as error:  # noqa: BLE001 - not spoken: the answer looks again, and says so if it still fails
                self._announcer.note(error)

    async def _look_ahead(self) -> None:
        try:
            await self._eyes.look_ahead(lambda: self._idle() and not self._attention.asleep)
        except Exception as error:  # noqa: BLE001 - not spoken, for nobody asked; from here on it looks when somebody does
            self._announcer.note(error)

    def _idle(self) -> bool:
        return self._state is State.LISTENING

    def _answer(self, utterance: Utterance) -> None:
        attempted = self._hearing.persisted
        if self._attention.asleep:
            self._start(lambda: self._responder.doze(utterance))
            return
        self._attention.asked()
        if utterance.continues:
            self._watch(Stage.CONTINUED)
        self._hearing.unanswered = utterance
        self._start(lambda: self._responder.respond(utterance, self._tasks, self._looking.cancel, attempted=attempted))

    def _break_off(self) -> None:
        """Stop the answer for something else that was said."""
        if not self._answered.is_set():
            self._responder.broken_off = self._answered
        self._answering.cancel()
        self._answering = anyio.CancelScope()
        if self._sounded_before:
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
                await self._announcer.report(error)
        answered.set()
        if scope is self._answering:
            self._hearing.unanswered = None
            self._take(Happening.ANSWER_ENDED)

    async def _greet(self, greeting: str) -> None:
        try:
            self._watch(Stage.READY)
            await self._mouth.say(greeting, self._mouth.preferences.language)
        finally:
            self._probing_for_echo = False
        if self._half_duplex:
            await self._announcer.say(HALF_DUPLEX)
        await self._mouth.chimes.play(Earcon.LISTENING)

    # what comes in

    async def _hear(self) -> None:
        """Listen until the sound ends. A lost microphone is told of once, and tried again for ever."""
        while True:
            try:
                await self._hearing.listen(self._tasks)
            except SoundUnreadable as error:
                self._failure = error
                return
            except Exception as error:  # noqa: BLE001 - a fault of the program must not leave the person unheard
                if not self._lost:
                    self._tasks.start_soon(self._announcer.report, error)
                self._lost = True
            else:
                return
            finally:
                self._hearing.unanswered = None
                self._forget_sound()
            self._beat()
            await anyio.sleep(_RETRY)

    def _forget_sound(self) -> None:
        """Forget what was being said: the rest of it will not be heard."""
        self._hearing.forget()
        self._take(Happening.SOUND_LOST)

    def attends(self, *, called: bool) -> bool:
        """Tell whether the block of sound that has just come is listened to."""
        self._beat()
        if self._lost:
            self._lost = False
            self._tasks.start_soon(self._announcer.say, HEARING_AGAIN)
        if called:
            self._call()
        if self._half_duplex and (self._state is State.ANSWERING or self._mouth.speaking):
            self._echo_left = ECHO_TAIL
            return False
        if self._echo_left > 0:
            if self._echo_left == ECHO_TAIL:
                self._engines.microphone.drain()
                self._forget_sound()
            self._echo_left -= BLOCK_SECONDS
            return False
        if self._attention.passed(BLOCK_SECONDS, busy=not self._idle()):
            self._forget_sound()
            self._chime(Earcon.MICROPHONE_OFF)
        if self._attention.open or self._probing_for_echo:
            return True
        if self._state in _SOMEBODY_SPEAKS:  # it closed under them, and their end will not be heard
            self._forget_sound()
        return False

    @property
    def drowsy(self) -> bool:
        """Whether all that counts is being told to wake up."""
        return self._attention.asleep

    def take_voice(self, voice: Voice) -> None:
        """Take in that somebody has started to speak, persisted or ended."""
        if voice is Voice.STARTED:
            self._watch(Stage.SPEECH_STARTED)
        self._take(_HAPPENINGS[voice])

    def take_words(self, words: Transcript) -> None:
        """Obey what is too short or too soft to interrupt an answer by itself, such as "stop", if it is a command."""
        command = command_of(words.text)
        if command and not self._attention.asleep and self._take(Happening.COMMANDED) is Action.OBEY:
            self._hearing.forget()
            self._start(lambda: self._responder.obey(command, words))

    def _call(self) -> None:
        """Listen, whatever is going on: the wake word was said, or a button was pressed."""
        self._forget_sound()
        self._take(Happening.STOPPED)
        self._hearing.begin()
        self._attention.call()
        self._chime(Earcon.LISTENING)

    def _chime(self, earcon: Earcon) -> None:
        self._tasks.start_soon(self._mouth.chimes.play, earcon)

    async def _heed(self, button: Button) -> None:
        """Do what a button says. One that is lost is told of once, and tried again for ever."""
        told = False
        while True:
            try:
                await for_each(button.presses, self._press, on_cancel=button.close)
            except ButtonLost as error:
                if not told:
                    self._tasks.start_soon(self._announcer.report, error)
                told = True
            else:
                return
            await anyio.sleep(_RETRY)

    def _press(self, press: Press) -> None:
        """Stop an answer, or listen; who is being listened to has finished."""
        self._hearing.hold(held=press is Press.DOWN)
        if press is not Press.DOWN and self._state is State.HEARING:
            self._hearing.finish()
        elif press is Press.UP:
            self._attention.asked()
        elif self._attention.open and not self._idle() and not self._attention.asleep:
            self._take(Happening.STOPPED)
        else:
            self._call()

"""The conversation: listens, looks while a person is still speaking, answers, and can be interrupted at any moment.

Everything here runs on the event loop; `_take` is the one place where something changes state, and it never waits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from assistant.config import Config
from assistant.errors import SoundUnreadable
from assistant.events import Stage
from assistant.runtime.announcer import Announcer
from assistant.runtime.buttons import heed
from assistant.runtime.engines import Engines
from assistant.runtime.eyes import Eyes
from assistant.runtime.glances import Glances
from assistant.runtime.hearing import Hearing
from assistant.runtime.modes import modes_of
from assistant.runtime.mouth import Mouth
from assistant.runtime.orders import Keep, Orders
from assistant.runtime.responder import Responder
from assistant.runtime.watch import Watch
from assistant.turn.attention import Attention
from assistant.turn.commands import command_of
from assistant.turn.description import ENDED
from assistant.turn.earcons import Earcon
from assistant.turn.endpoint import Voice
from assistant.turn.own_echo import OwnEcho
from assistant.turn.prompts import HALF_DUPLEX, HEARING_AGAIN
from assistant.turn.sentences import language_of
from assistant.turn.state import Action, Doing, Happening, State, doing, transition
from assistant.types import BLOCK_SECONDS, Preset, Press, Seconds, Transcript, Utterance, Writing

_RETRY: Seconds = 1.0
"""How long to wait before a lost microphone is tried again."""
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
        eyes: What has looked through the engines' camera, and shown their model, before; new ones where it is None.
        tell: Told what it is doing, whenever that changes.
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
        eyes: Eyes | None = None,
        tell: Callable[[Doing], None] = lambda _: None,
    ) -> None:
        self._engines = engines
        self._watch = watch
        self._beat = beat
        self._tell = tell
        self._told: Doing | None = None
        eyes = eyes or Eyes(engines.camera, engines.vision, config.camera.max_age, watch, config.conversation.anticipate)
        self._mouth = mouth
        self._announcer = Announcer(mouth, watch)
        self._glances = Glances(eyes, self._announcer.note)
        window = config.start.follow_up if config.start.kind == "wake-word" else _AFTER_PRESS
        self._attention = Attention(config.start.kind, window)
        self._window = window
        self._hearing = Hearing(engines, config.endpoint, self, self._announcer.note)
        modes = modes_of(engines, eyes, mouth, self._announcer, watch=watch, config=config)
        self._describing = modes.describing
        orders = Orders(mouth, eyes, engines.vision, self._attention, watch, modes=modes, keep=keep)
        self._responder = Responder(
            self._hearing, eyes, mouth, engines.vision, self._announcer, orders=orders, checking=modes.checking, watch=watch
        )
        self._state = State.ANSWERING  # the greeting
        self._answering = anyio.CancelScope()
        """Scope of the answer that counts: what an earlier one still does changes nothing."""
        self._answered = anyio.Event()
        self._volunteers = False
        """Whether what is being said was not asked for."""
        self._sounded_before = False
        """Whether the answer had begun to be heard when somebody began to speak over it."""
        self._echo = OwnEcho(config.conversation.barge_in)
        self._lost = False
        """Whether the microphone is lost, and that has been said."""
        self._failure: SoundUnreadable | None = None

    async def run(self, greeting: str) -> None:
        """Greet, if only by a sound, then answer questions until there is nothing more to hear.

        Raises:
            SoundUnreadable: The recording that stands in for a microphone cannot be read.
        """
        async with anyio.create_task_group() as self._tasks:
            self._show()
            self._start(lambda: self._greet(greeting))
            for button in self._engines.buttons:
                self._tasks.start_soon(heed, button, self._press, self.report)
            self._tasks.start_soon(self._glances.ahead, lambda: self._awaits() and not self._describing.going_on)
            self._tasks.start_soon(self._describing.run, self._awaits, self._speak_up)
            self._tasks.start_soon(self._announcer.learn, self._idle)
            await self._hear()
            await self._answered.wait()
            self._tasks.cancel_scope.cancel()
        if self._failure:
            raise self._failure

    def ask(self, text: str, preset: Preset | None = None) -> None:
        """Do what was typed, as if it had been said and understood for certain. Only while it runs, on the event loop.

        Args:
            text: A question, or a command; not empty.
            preset: What kind of answer is wanted of a question, if not the usual one.
        """
        words = Transcript(text, language_of(text), 1.0)
        self._attention.asleep = False
        self._take(Happening.TYPED)
        self._hearing.unanswered = None
        self._start(lambda: self._responder.respond_to_typed(words, Writing(preset), self._tasks, self._glances.stop))

    def stop(self) -> None:
        """Stop an answer, and describing. Only while it runs, on the event loop."""
        if self._describing.end():
            self._tasks.start_soon(self._announcer.say, ENDED)
        self._take(Happening.STOPPED)

    # what happens, and what is done about it

    def _take(self, happening: Happening) -> Action:
        """Let something happen; return what was done about it."""
        if self._echo.probing and (self._state, happening) == (State.OVERHEARING, Happening.VOICE_PERSISTED):
            # during the greeting nobody else speaks: the microphone hears the loudspeaker
            self._echo.heard = True
            self._hearing.forget()
            happening = Happening.VOICE_ENDED
        self._state, action = transition(self._state, happening)
        if not self._idle():
            self._describing.make_way()
        if happening is Happening.VOICE_STARTED:
            self._sounded_before = self._mouth.sounded
        # a ducked greeting would hide its echo
        self._mouth.duck(under_somebody=self._state in _SOMEBODY_SPEAKS and not self._echo.probing)
        self._show()
        match action:
            case Action.LOOK:
                self.look()
            case Action.ANSWER:
                self._answer(self._hearing.utterance())
            case Action.INTERRUPT:
                self._break_off()
                self.look()
            case Action.OBEY:
                self._break_off()
            case Action.SILENCE:
                self._answering.cancel()
            case Action.NOTHING:
                pass
        return action

    def _show(self) -> None:
        told, self._told = self._told, doing(self._state, asleep=self._attention.asleep)
        if self._told != told:
            self._tell(self._told)

    def look(self) -> None:
        """Begin to look at what is before the camera, for somebody is about to ask. Only while it runs, on the event loop."""
        if not self._attention.asleep:
            self._glances.begin(self._tasks)

    def _idle(self) -> bool:
        return self._state is State.LISTENING

    def _awaits(self) -> bool:
        """Tell whether nobody speaks, and there is somebody who may."""
        return self._idle() and not self._attention.asleep

    def _busy(self) -> bool:
        """Tell whether somebody speaks, or is being told what they asked for."""
        return not (self._idle() or (self._volunteers and self._state is State.ANSWERING))

    async def _speak_up(self, job: Callable[[], Awaitable[None]]) -> None:
        """Say something that nobody asked for just now, if nobody speaks."""
        if self._awaits():
            self._take(Happening.VOLUNTEERED)
            self._start(job)
            self._volunteers = True

    def _answer(self, utterance: Utterance) -> None:
        attempted = self._hearing.persisted
        if self._attention.asleep:
            self._start(lambda: self._responder.doze(utterance))
            return
        self._attention.asked()
        if utterance.continues:
            self._watch(Stage.CONTINUED)
        self._hearing.unanswered = utterance
        self._start(lambda: self._responder.respond(utterance, self._tasks, self._glances.stop, attempted=attempted))

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
        self._mouth.sounded = self._volunteers = False
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
            if greeting:
                await self._mouth.say(greeting, self._mouth.preferences.language)
        finally:
            self._echo.probing = False
        if self._echo.heard:
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
                    self.report(error)
                self._lost = True
            else:
                return
            finally:
                self._hearing.unanswered = None
                self._forget_sound()
            self._beat()
            await anyio.sleep(_RETRY)

    def report(self, error: Exception) -> None:
        """Say an error, beside whatever goes on. Only while it runs, on the event loop."""
        self._tasks.start_soon(self._announcer.report, error)

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
        if self._echo.covers(BLOCK_SECONDS, speaking=self._state is State.ANSWERING or self._mouth.speaking):
            if self._echo.fades:
                self._engines.microphone.drain()
                self._forget_sound()
            return False
        if self._attention.passed(BLOCK_SECONDS, busy=self._busy()):
            self._forget_sound()
            self._chime(Earcon.MICROPHONE_OFF)
        if self._attention.open or self._echo.probing:
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
        """Listen, whatever is going on: the wake word was said, or a button was pressed. A question about what is there follows."""
        self._attention.call()
        self._forget_sound()
        self._take(Happening.STOPPED)
        self._hearing.begin()
        self._describing.make_way(self._window)
        self.look()
        self._chime(Earcon.LISTENING)

    def _chime(self, earcon: Earcon) -> None:
        self._tasks.start_soon(self._mouth.chimes.play, earcon)

    def _press(self, press: Press) -> None:
        """Stop an answer, or listen; who is being listened to has finished."""
        self._hearing.hold(held=press is Press.DOWN)
        if press is not Press.DOWN and self._state is State.HEARING:
            self._hearing.finish()
        elif press is Press.UP:
            self._attention.asked()
        elif self._attention.open and not self._idle() and not self._attention.asleep:
            self.stop()
        else:
            self._call()

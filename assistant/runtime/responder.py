"""From an utterance to what is said to it: an answer, what a command asks for, or that it was not understood."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

import anyio
from anyio.abc import TaskGroup

from assistant.events import Stage
from assistant.ports import VisionModel
from assistant.runtime.announcer import Announcer
from assistant.runtime.checking import Checking
from assistant.runtime.eyes import Eyes
from assistant.runtime.hearing import WAKING, Hearing
from assistant.runtime.mouth import Mouth
from assistant.runtime.orders import Order, Orders
from assistant.runtime.stream import together
from assistant.runtime.watch import Watch
from assistant.turn.commands import Command, command_of
from assistant.turn.doubt import is_doubtful
from assistant.turn.earcons import Earcon
from assistant.turn.prompts import DID_YOU_ASK, NOTHING_HEARD, wish
from assistant.turn.quality import DOUBTS
from assistant.turn.requests import request_of
from assistant.turn.sentences import split
from assistant.types import Question, Transcript, Utterance, Writing

_AFTER_COMMANDS: Mapping[Order, Earcon] = {Command.SLEEP: Earcon.MICROPHONE_OFF, Command.WAKE: Earcon.LISTENING}
"""The sound that ends a command, where it is not that of an answer."""


class Responder:
    """Responds in one conversation, to one utterance at a time.

    Args:
        hearing: Has the words.
        eyes: Have the picture.
        mouth: Answers.
        vision: Knows what to answer.
        announcer: Says the rest.
        orders: Obey commands.
        checking: Checks answers where a mistake could hurt.
        watch: Told what happens.
    """

    def __init__(
        self,
        hearing: Hearing,
        eyes: Eyes,
        mouth: Mouth,
        vision: VisionModel,
        announcer: Announcer,
        *,
        orders: Orders,
        checking: Checking,
        watch: Watch,
    ) -> None:
        self._hearing = hearing
        self._eyes = eyes
        self._mouth = mouth
        self._vision = vision
        self._announcer = announcer
        self._orders = orders
        self._checking = checking
        self._watch = watch
        self.broken_off: anyio.Event | None = None
        """Set when the answer that was interrupted last has let go; None once that has been dealt with."""

    async def respond(self, utterance: Utterance, tasks: TaskGroup, stop_looking: Callable[[], None], *, attempted: bool) -> None:
        """Respond to what was said.

        Args:
            utterance: The question, or the command.
            tasks: Where what is heard meanwhile belongs.
            stop_looking: Called if nothing new is asked about.
            attempted: Whether it was long enough to be a question, even if no words are found in it.

        Raises:
            AssistantError: It could not be answered; the subclass says why.
        """
        self._watch(Stage.SPEECH_ENDED, evidence=utterance)
        with self._in_company(tasks) as company:
            transcript = await self._hearing.words(utterance)
            self._watch(Stage.TRANSCRIBED, transcript.text, transcript)
            if order := _order_in(transcript, continues=utterance.continues):
                await self._obey_instead(order, transcript, company, stop_looking)
            elif transcript.text:
                await self._answer(transcript, Writing(), company)
            else:
                self.broken_off = None
                self._hearing.unanswered = None
                if attempted:
                    await self._announcer.say(NOTHING_HEARD)
                await self._end(company)

    async def respond_to_typed(
        self, words: Transcript, writing: Writing, tasks: TaskGroup, stop_looking: Callable[[], None]
    ) -> None:
        """Respond to what was typed.

        Args:
            words: The question, or the command.
            writing: How an answer is to be written.
            tasks: Where what is heard meanwhile belongs.
            stop_looking: as for `respond`.

        Raises:
            AssistantError: as `respond`.
        """
        self._eyes.begin()
        with self._in_company(tasks) as company:
            self._watch(Stage.TRANSCRIBED, words.text, words)
            if order := _order_of(words.text):
                await self._obey_instead(order, words, company, stop_looking)
            else:
                await self._answer(words, writing, company)

    @contextlib.contextmanager
    def _in_company(self, tasks: TaskGroup) -> Iterator[anyio.CancelScope]:
        """Have it heard that something was taken in, and that it is being worked on, as long as the scope is not cancelled."""
        company = anyio.CancelScope()
        tasks.start_soon(self._mouth.chimes.play, Earcon.CAPTURED)
        tasks.start_soon(self._announcer.keep_company, company)
        try:
            yield company
        finally:
            company.cancel()

    async def _obey_instead(
        self, order: Order, transcript: Transcript, company: anyio.CancelScope, stop_looking: Callable[[], None]
    ) -> None:
        stop_looking()
        company.cancel()
        await self.obey(order, transcript)

    async def _answer(self, transcript: Transcript, writing: Writing, company: anyio.CancelScope) -> None:
        self.broken_off = None
        flaw = await self._eyes.make_sure()
        question = Question(transcript.text, transcript.language, wish(self._mouth.preferences, transcript.language), writing)
        check = self._checking.check(question, self._eyes.asked_about)
        await together(
            lambda: self._say_back(transcript, company),
            lambda: self._mouth.answer(question, self._vision, company.cancel, check),
        )
        if flaw:
            await self._mouth.say(DOUBTS[flaw][transcript.language], transcript.language)
        await self._end(company)

    async def _end(self, company: anyio.CancelScope) -> None:
        company.cancel()
        await self._mouth.chimes.play(Earcon.DONE)

    async def _say_back(self, transcript: Transcript, company: anyio.CancelScope) -> None:
        """Say what was understood, if it is doubtful, before the answer to it is heard."""
        if is_doubtful(transcript):
            company.cancel()
            text = DID_YOU_ASK[transcript.language].format(text=transcript.text)
            await self._mouth.say(text, transcript.language)

    async def obey(self, order: Order, transcript: Transcript) -> None:
        """Do what was commanded or asked for.

        Raises:
            AssistantError: It could not be done; the subclass says why.
        """
        self._hearing.unanswered = None
        broken_off, self.broken_off = self.broken_off, None
        if broken_off:
            await broken_off.wait()  # only then is it known what was heard of it
        await self._orders.obey(order, transcript.language, interrupted=broken_off is not None)
        await self._mouth.chimes.play(_AFTER_COMMANDS.get(order, Earcon.DONE))

    async def doze(self, utterance: Utterance) -> None:
        """Wake up if that is what was said; nothing else is heard by who sleeps."""
        if utterance.seconds > WAKING:
            return
        try:
            transcript = await self._hearing.words(utterance)
        except Exception as error:  # noqa: BLE001 - not spoken: whoever talks is not talking to the assistant
            self._announcer.note(error)
            return
        if command_of(transcript.text) is Command.WAKE:
            await self.obey(Command.WAKE, transcript)


def _order_of(text: str) -> Order | None:
    return command_of(text) or request_of(text)


def _order_in(transcript: Transcript, *, continues: bool) -> Order | None:
    """Return the command or request that was said; or that was said last, when a question before it has not been answered yet."""
    sentences = split(transcript.text) if continues else []
    return _order_of(sentences[-1].text if sentences else transcript.text)

"""What the assistant says of its own accord: errors, that it is still looking, that it did not catch something. Never silent."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import anyio

from assistant.errors import AssistantError, MicrophoneLost
from assistant.events import Stage
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import together
from assistant.runtime.watch import Watch
from assistant.turn.earcons import Earcon
from assistant.turn.prompts import STILL_LOOKING
from assistant.types import Language, Seconds

T = TypeVar("T")
_log = logging.getLogger(__name__)

PATIENCE: Seconds = 4.0
"""After how much silence it says that it is still looking (rule 10 of the design: 4 to 5 s)."""
_BREATH: Seconds = 0.5
"""Between two sentences that are learnt by heart: a question that comes then finds the processor free."""


class Announcer:
    """Says the assistant's own sentences in one conversation; whatever fails, something is heard.

    Args:
        mouth: Speaks, in the language that is preferred.
        watch: Told what happens.
    """

    def __init__(self, mouth: Mouth, watch: Watch) -> None:
        self._mouth = mouth
        self._watch = watch

    async def say(self, sentence: Mapping[Language, str]) -> None:
        """Say a sentence; where voice or loudspeaker fail, the observers know, and a sound is left."""
        language = self._mouth.preferences.language
        try:
            await self._mouth.say(sentence[language], language)
        except Exception as error:  # noqa: BLE001 - no words are left to tell it with, and the conversation goes on
            self.note(error)
            self._watch(Stage.UNSAID, sentence[language])
            await self._mouth.chimes.last_resort()

    async def report(self, error: Exception) -> None:
        """Say an error."""
        self.note(error)
        await self._mouth.chimes.play(Earcon.MICROPHONE_OFF if isinstance(error, MicrophoneLost) else Earcon.ERROR)
        spoken = error if isinstance(error, AssistantError) else AssistantError(repr(error))
        language = self._mouth.preferences.language
        await self.say({language: spoken.spoken(language)})

    async def keep_company(self, scope: anyio.CancelScope) -> None:
        """Tick, and say that it is still looking, as long as there is nothing else to say."""
        with scope:
            while True:
                with anyio.move_on_after(PATIENCE):
                    await self._mouth.chimes.tick()
                await self.say(STILL_LOOKING)

    async def accompany(self, job: Callable[[], Awaitable[T]]) -> T:
        """Return what comes of something that says nothing until it is over, and keep whoever waits for it company."""
        company, results = anyio.CancelScope(), list[T]()

        async def work() -> None:
            try:
                results.append(await job())
            finally:
                company.cancel()

        await together(work, lambda: self.keep_company(company))
        return results[0]

    async def learn(self, idle: Callable[[], bool]) -> None:
        """Learn by heart what may have to be said without a voice, one sentence at a time, while nobody speaks."""
        while not self._mouth.learnt_all:
            await anyio.sleep(_BREATH)
            if idle():
                try:
                    await self._mouth.learn()
                except Exception as error:  # noqa: BLE001 - not spoken: nobody waits for it
                    self.note(error)

    def note(self, error: Exception) -> None:
        """Show an error to the observers, and a fault of the program to whoever repairs it."""
        if not isinstance(error, AssistantError):
            _log.error("a fault of the program", exc_info=error)
        self._watch(Stage.FAILED, error.detail if isinstance(error, AssistantError) else repr(error))


async def accompanied(announcer: Announcer | None, job: Callable[[], Awaitable[T]]) -> T:
    """Return what comes of something that says nothing until it is over; where somebody waits, they have company."""
    return await (announcer.accompany(job) if announcer else job())

"""Carrying out what was commanded by voice: nothing of it needs the vision-language model, but for "more"."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from typing_extensions import assert_never

from assistant.events import Stage
from assistant.ports import VisionModel
from assistant.runtime.eyes import Eyes
from assistant.runtime.modes import Modes
from assistant.runtime.mouth import Mouth
from assistant.runtime.stream import in_thread
from assistant.runtime.watch import Watch
from assistant.turn import description, prompts
from assistant.turn.attention import Attention
from assistant.turn.commands import Command, help_text
from assistant.turn.description import Subject
from assistant.turn.preferences import Detail, Directions, Preferences
from assistant.turn.requests import Find, Prices, ReadFrom, Request
from assistant.turn.sentences import split
from assistant.turn.spelling import spellable, spelled
from assistant.types import Language, Question

Keep: TypeAlias = Callable[[Preferences], None]
"""Keeps preferences between starts. May block; failing to is its own business."""

Order: TypeAlias = Command | Request

_WAYS_OF_SPEAKING: frozenset[Order] = frozenset(
    {Command.SLOWER, Command.FASTER, Command.QUIETER, Command.LOUDER, Command.OTHER_VOICE}
)


class Orders:
    """Obeys one conversation's commands, and says what was done, in the language of the command.

    Args:
        mouth: Answers, and is told how.
        eyes: Look back, for "more".
        vision: Whose memory is to forget.
        attention: Falls asleep and wakes up.
        watch: Told what is obeyed.
        modes: Do what has a mode of its own.
        keep: Told of each preference that was changed.
    """

    def __init__(
        self,
        mouth: Mouth,
        eyes: Eyes,
        vision: VisionModel,
        attention: Attention,
        watch: Watch,
        *,
        modes: Modes,
        keep: Keep,
    ) -> None:
        self._mouth = mouth
        self._eyes = eyes
        self._vision = vision
        self._attention = attention
        self._modes = modes
        self._watch = watch
        self._keep = keep
        self._ways: Mapping[Command, Callable[[Language], Awaitable[None]]] = {
            Command.STOP: self._stop,
            Command.REPEAT: self._repeat,
            Command.MORE: self._tell_more,
            Command.READ: lambda language: self._modes.reading.read(lambda: self._modes.aiming.take(language), language),
            Command.NEXT: lambda language: self._modes.reading.move(1, language),
            Command.BACK: lambda language: self._modes.reading.move(-1, language),
            Command.SPELL: self._spell,
            Command.HELP: self._help,
            Command.LIGHT: modes.instruments.tell_light,
            Command.COLOUR: modes.instruments.tell_colour,
            Command.CODE: modes.instruments.tell_code,
            Command.PASSWORD: modes.instruments.tell_password,
            Command.EXPLAIN: modes.explaining.explain,
            Command.REFERENCE: modes.inspecting.remember,
            Command.COMPARE: modes.inspecting.compare,
            Command.FORGET_REFERENCE: modes.inspecting.forget,
            Command.KEEP_DESCRIBING: lambda language: self._describe(Subject.EVERYTHING, language),
            Command.ONLY_PEOPLE: lambda language: self._describe(Subject.PEOPLE, language),
            Command.ONLY_TEXT: lambda language: self._describe(Subject.TEXT, language),
            Command.EVERYTHING_AGAIN: lambda language: self._describe(Subject.EVERYTHING, language),
            Command.FORGET: self._forget,
            Command.NEW_CONVERSATION: self._begin_anew,
            Command.SLEEP: self._sleep,
            Command.WAKE: self._wake,
            Command.SLOWER: lambda language: self._change(self._preferred.faster(-1), prompts.SLOWER, language),
            Command.FASTER: lambda language: self._change(self._preferred.faster(1), prompts.FASTER, language),
            Command.QUIETER: lambda language: self._change(self._preferred.louder(-1), prompts.QUIETER, language),
            Command.LOUDER: lambda language: self._change(self._preferred.louder(1), prompts.LOUDER, language),
            Command.OTHER_VOICE: self._change_voice,
            Command.BRIEF: lambda language: self._tell("brief", language),
            Command.NORMAL: lambda language: self._tell("normal", language),
            Command.FULL: lambda language: self._tell("full", language),
            Command.CLOCK: lambda language: self._say_where("clock", language),
            Command.SIDES: lambda language: self._say_where("sides", language),
            Command.ENGLISH: lambda _: self._announce_in("en"),
            Command.CHINESE: lambda _: self._announce_in("zh"),
        }

    async def obey(self, order: Order, language: Language, *, interrupted: bool) -> None:
        """Do what is commanded or asked for.

        Args:
            order: What to do.
            language: In which it was said.
            interrupted: Whether an answer was interrupted for it; where only the way of speaking was to change, its rest follows.

        Raises:
            AssistantError: It could not be done; the subclass says why.
        """
        match order:
            case Command():
                self._watch(Stage.COMMANDED, order.name.lower().replace("_", " "))
                await self._ways[order](language)
            case Find(thing=thing):
                self._watch(Stage.COMMANDED, f"find {thing}")
                await self._modes.finding.find(thing, language)
            case ReadFrom(words=words):
                self._watch(Stage.COMMANDED, f"read from {words}")
                await self._modes.reading.read_from(words, language)
            case Prices(only_total=only_total):
                self._watch(Stage.COMMANDED, "total" if only_total else "prices")
                await self._modes.pricing.tell(lambda: self._modes.aiming.take(language), language, only_total=only_total)
            case _ as never:
                assert_never(never)
        if not interrupted or order not in _WAYS_OF_SPEAKING or (self._mouth.has_volunteered and self._modes.describing.going_on):
            return  # what nobody has heard the end of is described again
        if not await self._modes.reading.go_on():
            await self._mouth.go_on(self._vision)

    async def _stop(self, language: Language) -> None:
        """Describe no more; an answer is silent already."""
        if self._modes.describing.end():
            await self._say(description.ENDED, language)

    async def _describe(self, subject: Subject, language: Language) -> None:
        self._modes.describing.begin(subject, language)
        await self._say(description.NOW[subject], language)

    async def _repeat(self, language: Language) -> None:
        if not await self._mouth.say_again():
            await self._say(prompts.NOTHING_SAID, language)

    async def _tell_more(self, language: Language) -> None:
        if self._mouth.has_read:
            if not await self._modes.reading.go_on():
                await self._say(prompts.END_OF_PAGE, language)
        elif await self._eyes.look_back():
            question = Question(prompts.TELL_MORE[language], language, prompts.wish(self._preferred, language))
            check = self._modes.checking.check(question, self._eyes.asked_about, more=True)
            await self._mouth.answer(question, self._vision, check=check)
        else:
            await self._say(prompts.NOTHING_SAID, language)

    async def _spell(self, language: Language) -> None:
        text = spellable(self._mouth.last_answer)
        await self._tell_at_length(spelled(text, language) if text else prompts.NOTHING_SAID[language], language)

    async def _help(self, language: Language) -> None:
        await self._tell_at_length(help_text(language), language)

    async def _tell_at_length(self, text: str, language: Language) -> None:
        for sentence in split(text):  # one at a time: a neural voice computes what it is given as a whole
            await self._mouth.say(sentence.text, language)

    async def _forget(self, language: Language) -> None:
        if not (self._mouth.told_last or self._mouth.has_read):
            self._vision.forget_last()
        self._modes.reading.forget()
        self._mouth.forget()
        self._watch(Stage.FORGOTTEN)
        await self._say(prompts.FORGOTTEN, language)

    async def _begin_anew(self, language: Language) -> None:
        await in_thread(self._vision.forget)
        self._eyes.forget()
        self._modes.forget()
        self._mouth.forget()
        await self._say(prompts.NEW_CONVERSATION, language)

    async def _sleep(self, language: Language) -> None:
        self._modes.describing.end()
        await self._say(prompts.ASLEEP[self._attention.start], language)
        self._attention.close()

    async def _wake(self, language: Language) -> None:
        self._attention.call()
        await self._say(prompts.AWAKE, language)

    @property
    def _preferred(self) -> Preferences:
        return self._mouth.preferences

    async def _change(self, preferences: Preferences, done: Mapping[Language, str], language: Language) -> None:
        """Speak differently from now on, and say so; or say that it goes no further."""
        same = preferences == self._preferred
        await self._prefer(preferences)
        await self._say(prompts.NO_FURTHER if same else done, language)

    async def _change_voice(self, language: Language) -> None:
        variants = self._mouth.variants(language)
        await self._prefer(self._preferred.with_next_variant(language, variants))
        await self._say(prompts.THIS_VOICE if len(variants) > 1 else prompts.ONE_VOICE, language)

    async def _tell(self, detail: Detail, language: Language) -> None:
        await self._prefer(dataclasses.replace(self._preferred, detail=detail))
        await self._say(prompts.DETAIL_NOW[detail], language)

    async def _say_where(self, directions: Directions, language: Language) -> None:
        await self._prefer(dataclasses.replace(self._preferred, directions=directions))
        await self._say(prompts.DIRECTIONS_NOW[directions], language)

    async def _announce_in(self, language: Language) -> None:
        await self._prefer(dataclasses.replace(self._preferred, language=language))
        await self._say(prompts.LANGUAGE_NOW, language)

    async def _prefer(self, preferences: Preferences) -> None:
        self._mouth.preferences = preferences
        await in_thread(lambda: self._keep(preferences))

    async def _say(self, sentence: Mapping[Language, str], language: Language) -> None:
        await self._mouth.say(sentence[language], language)

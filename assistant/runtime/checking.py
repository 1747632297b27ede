"""Checking what the model says where a mistake could hurt: print is read beside it, and what no camera can judge is not judged."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import anyio

from assistant.errors import AssistantError
from assistant.ports import TextReader
from assistant.runtime.stream import for_each, in_thread, together
from assistant.turn import crosscheck
from assistant.turn.allergens import allergens_in
from assistant.turn.figures import DATE, figures_in
from assistant.turn.page import is_legible
from assistant.turn.reassurance import cannot_judge, without_reassurance
from assistant.turn.sentences import split
from assistant.turn.stakes import IN_PRINT, Stake, stakes_of
from assistant.types import Frame, Language, Question, Sentence, TextLine

ALLERGENS_READ: Mapping[Language, str] = {
    "en": "In the print I read: {allergens}. There may be more that I can't see: ask a person.",
    "zh": "我在文字里读到：{allergens}。可能还有我看不到的，请问旁边的人。",
}
NO_ALLERGEN_READ: Mapping[Language, str] = {
    "en": "I read no allergen in the print that I see; that does not mean that there is none. Ask a person.",
    "zh": "在我看得到的文字里没有读到过敏原，但这不等于没有。请问旁边的人。",
}


TELLING: Mapping[str, Stake] = {
    **dict.fromkeys(("mg", "ml", "tablet", "drop", "spoon"), Stake.MEDICINE),
    **dict.fromkeys(("€", "$", "£", "¥", "cent"), Stake.MONEY),
    DATE: Stake.EXPIRY,
}
"""What is at stake in a figure, by its unit."""


class Check:
    """The check of one answer.

    Args:
        question: What is answered.
        stakes: What is at stake in it. Where the answer tells an amount, a dose or a date, that is, too, however it was asked.
        frame: The picture that it is about; None if it is gone.
        reader: Reads print.
        note: Told why that could not be read.
    """

    def __init__(
        self,
        question: Question,
        stakes: frozenset[Stake],
        frame: Frame | None,
        reader: TextReader,
        note: Callable[[Exception], None],
    ) -> None:
        self._question = question
        self._stakes = stakes
        self._frame = frame
        self._reader = reader
        self._note = note
        self._lines: list[TextLine] = []
        self._failed = False
        self._wanted, self._read = anyio.Event(), anyio.Event()
        self._is_asked = bool(stakes & IN_PRINT)
        if self._is_asked:
            self._wanted.set()
        self.changed = False
        """Whether something else is said than what was written."""
        self._judged: set[Stake] = set()
        """Of what it has been said that it cannot be judged."""
        self._doubted: set[str] = set()
        self._figures = False
        """Whether a figure was said."""
        self._said: list[str] = []

    async def run(self) -> None:
        """Read the print once it is wanted, if it ever is. It belongs beside the answer, which waits for it."""
        frame = self._frame
        self._failed = frame is None
        await self._wanted.wait()
        try:
            if frame and self._stakes & IN_PRINT:
                places = await in_thread(lambda: self._reader.find(frame))
                await for_each(lambda: self._reader.read(frame, places), self._lines.append)
        except AssistantError as error:
            self._note(error)
            self._failed = True
        finally:
            self._read.set()

    async def review(self, sentence: Sentence | None) -> Sequence[Sentence]:
        """Return what is said in place of a sentence; of None, what is said at the end."""
        said = await (self._reviewed(sentence) if sentence else self._last_words())
        self.changed = self.changed or list(said) != ([sentence] if sentence else [])
        return said

    async def _reviewed(self, sentence: Sentence) -> Sequence[Sentence]:
        text, judged = without_reassurance(sentence, self._stakes)
        said = [dataclasses.replace(sentence, text=text)] if text else []
        self._said.append(text)
        if judged and judged not in self._judged:
            self._judged.add(judged)
            said.append(Sentence(cannot_judge(judged, sentence.language), sentence.language))
        figures = figures_in(text)
        telling = {TELLING[figure.unit] for figure in figures if figure.unit in TELLING}
        self._stakes |= telling
        if telling or (figures and self._is_asked):
            self._figures = True
            self._wanted.set()
            await self._read.wait()
            doubt = self._unchecked(sentence.language) or crosscheck.doubt_about(said[0], self._lines)
            if doubt and doubt not in self._doubted:
                self._doubted.add(doubt)
                return [Sentence(doubt, sentence.language), *said]
        return said

    async def _last_words(self) -> Sequence[Sentence]:
        language = self._question.language
        self._wanted.set()
        unsaid = [stake for stake in (Stake.CROSSING, Stake.HEAT) if stake in self._stakes and stake not in self._judged]
        texts = [cannot_judge(stake, language) for stake in unsaid]
        if self._stakes & IN_PRINT:
            await self._read.wait()
            texts += self._of_print(language)
        return [Sentence(text, language) for text in texts]

    def _of_print(self, language: Language) -> list[str]:
        """Return what is said of the print where no figure of the answer was held against it."""
        legible = [line.text for line in self._lines if is_legible(line)]
        if self._figures and Stake.ALLERGEN not in self._stakes:
            return []
        if self._failed or not legible:
            doubt = self._unchecked(language) or crosscheck.NO_TEXT[language]
            return [] if doubt in self._doubted else [doubt]
        if Stake.ALLERGEN in self._stakes:
            found = allergens_in(legible, language)
            listed = ("、" if language == "zh" else ", ").join(found)
            return [ALLERGENS_READ[language].format(allergens=listed) if found else NO_ALLERGEN_READ[language]]
        named = crosscheck.is_named(" ".join(self._said), self._question.text, self._lines)
        return [] if named else [crosscheck.NAME_NOT_FOUND[language]]

    def _unchecked(self, language: Language) -> str:
        return crosscheck.UNCHECKED[language] if self._failed else ""


class Checking:
    """Checks the answers of one conversation.

    Args:
        reader: Reads print; loaded when it is first needed.
        note: Told why that could not be read.
    """

    def __init__(self, reader: TextReader, note: Callable[[Exception], None]) -> None:
        self._reader = reader
        self._note = note
        self._stakes: frozenset[Stake] = frozenset()
        """What was at stake in the last question."""

    def check(self, question: Question, frame: Frame | None, *, more: bool = False) -> Check:
        """Return the check of an answer. It costs nothing where nothing is at stake, as mostly.

        Args:
            question: What is answered.
            frame: The picture that it is about; None if it is gone.
            more: Whether it goes on about the question before.
        """
        if not more:
            self._stakes = stakes_of(question.text, question.language, self._stakes)
        return Check(question, self._stakes, frame, self._reader, self._note)


async def warnings_about(answer: str, check: Check) -> list[str]:
    """Return what a check says beside a whole answer, for who reads it as it is."""
    said: list[Sentence] = []

    async def review() -> None:
        for sentence in [*split(answer), None]:
            said.extend(await check.review(sentence))

    await together(check.run, review)
    return [each.text for each in said if each.text not in answer]

"""A page that is being read aloud: what has been made out of it until now, and how far it has been heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.turn.layout import reading_order
from assistant.turn.page import Edge, Paragraph, cut_off, is_legible, written
from assistant.types import Quad, Sentence, TextLine

Position = tuple[int, int]
"""A paragraph, and one of its sentences, from 0."""


class Recital:
    """One page.

    Args:
        places: Where its lines are.
        width: Of the picture, in pixels.
        height: The same.
    """

    def __init__(self, places: Sequence[Quad], width: int, height: int) -> None:
        self.places = tuple(places)
        self._size = (width, height)
        self._blocks = reading_order(places)
        self._lines: dict[int, TextLine] = {}
        self._finished = 0
        """How many of the blocks have been made out."""
        self.paragraphs: list[Paragraph] = []
        """Those that have been made out, in reading order."""
        self.position: Position = (0, 0)
        """The sentence that is to be heard next."""

    @property
    def at_edges(self) -> list[int]:
        """The lines that reach to an edge of the picture, by their numbers, and have not been read."""
        return [number for number, place in enumerate(self.places) if number not in self._lines and cut_off([place], *self._size)]

    @property
    def cut_off(self) -> list[Edge]:
        """At which edges of the picture text that has been made out is probably cut off."""
        return cut_off([line.box for line in self._lines.values() if is_legible(line)], *self._size)

    def unread(self) -> list[int]:
        """Return the lines of the next block that are still to be read, by their numbers; none at the end of the page."""
        for block in self._blocks[self._finished :]:
            if unread := [number for number in _lines(block) if number not in self._lines]:
                return unread
        return []

    def take(self, number: int, line: TextLine) -> None:
        """Take in what was read of a line."""
        self._lines[number] = line
        for block in self._blocks[self._finished :]:
            if not self._lines.keys() >= set(_lines(block)):
                return
            self._finished += 1
            if paragraph := written(block, self._lines):
                self.paragraphs.append(paragraph)

    @property
    def current(self) -> int:
        """The paragraph that is being heard, or was heard last."""
        return min(self.position[0], max(0, len(self.paragraphs) - 1))

    def heard(self, sentences: int) -> None:
        """Take in how many more sentences were heard to their end."""
        paragraph, sentence = self.position
        sentence += sentences
        while paragraph < len(self.paragraphs) and sentence >= len(self.paragraphs[paragraph].spoken()):
            sentence -= len(self.paragraphs[paragraph].spoken())
            paragraph += 1
        self.position = (paragraph, sentence)

    def last_heard(self) -> tuple[list[Sentence], int]:
        """Return the sentences of the paragraph that is being heard, or was heard last, and how many of them were heard."""
        if not self.paragraphs:
            return [], 0
        sentences = self.paragraphs[self.current].spoken()
        return sentences, self.position[1] if self.position[0] == self.current else len(sentences)


def _lines(block: Iterable[Iterable[Iterable[int]]]) -> list[int]:
    return [number for row in block for cell in row for number in cell]

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.errors import AssistantError
from assistant.types import Frame, Quad, TextLine


def place(row: int, *, left: float = 20, width: float = 400, height: float = 20, pitch: float = 28) -> Quad:
    """Return where a line lies in the given row of a page."""
    top = 40 + row * pitch
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


class FakeTextReader:
    """Reads the same lines in every picture.

    Args:
        lines: Those, upright; or what goes wrong instead.
    """

    def __init__(self, *lines: TextLine | AssistantError) -> None:
        self._lines = lines
        self.found: list[Frame] = []
        """Where text was looked for."""
        self.read_places: list[Quad] = []

    def find(self, frame: Frame) -> list[Quad]:
        self.found.append(frame)
        return [line.box for line in self._lines if isinstance(line, TextLine)] or self._fail()

    def glimpse(self, frame: Frame) -> list[Quad]:
        del frame
        return [line.box for line in self._lines if isinstance(line, TextLine)] or self._fail()

    def _fail(self) -> list[Quad]:
        for error in self._lines:
            if isinstance(error, AssistantError):
                raise error.with_traceback(None)
        return []

    def read(self, frame: Frame, places: Sequence[Quad]) -> Iterator[TextLine]:
        assert frame in self.found
        lines = {line.box: line for line in self._lines if isinstance(line, TextLine)}
        for box in places:
            self.read_places.append(box)
            yield lines[box]


def text(*lines: str, confidence: float = 0.99) -> FakeTextReader:
    """Return a reader of a page with these lines, each a paragraph of its own."""
    return FakeTextReader(*(TextLine(line, confidence, place(row, pitch=60)) for row, line in enumerate(lines)))

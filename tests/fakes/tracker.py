from __future__ import annotations

from collections.abc import Iterable

from assistant.types import Box, Frame


class FakeTracker:
    """Follows a script.

    Args:
        boxes: Where the thing is in each picture that is followed, in turn; then where it was last. None: it is lost until `begin`.
            Without any, it stays where it began.
    """

    def __init__(self, boxes: Iterable[Box | None] = ()) -> None:
        self._boxes = list(boxes)
        self._box: Box | None = None
        self.begun: list[Box] = []
        """Where it was told to begin."""

    def begin(self, _frame: Frame, box: Box) -> None:
        self.begun.append(box)
        self._box = box

    def follow(self, _frame: Frame) -> Box | None:
        if self._box and self._boxes:
            self._box = self._boxes.pop(0)
        return self._box

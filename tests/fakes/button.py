"""A button that a test presses."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence

from assistant.errors import AssistantError
from assistant.types import Press


class FakeButton:
    """Yields its script, then what the test presses, until it is closed.

    Args:
        script: Presses, and errors, raised in their place; after an error `presses` goes on with what follows it.
    """

    def __init__(self, script: Sequence[Press | AssistantError] = ()) -> None:
        self._pressed: queue.SimpleQueue[Press | AssistantError | None] = queue.SimpleQueue()
        self.closed = False
        for step in script:
            self.press(step)

    def press(self, step: Press | AssistantError) -> None:
        """Press it, or let it fail; from any thread."""
        self._pressed.put(step)

    def presses(self) -> Iterator[Press]:
        while not self.closed:
            step = self._pressed.get()
            if isinstance(step, AssistantError):
                raise step
            if step is not None:
                yield step

    def close(self) -> None:
        self.closed = True
        self._pressed.put(None)

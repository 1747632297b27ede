from __future__ import annotations

import dataclasses
import time

import numpy as np

from assistant.errors import AssistantError, CameraLost
from assistant.types import Frame, Seconds

GREY = Frame(np.full((48, 64, 3), 128, np.uint8), captured_at=0.0)


class FakeCamera:
    """Each `latest` shows the next item of the script; the last one stays. An error of the script is raised."""

    def __init__(self, *script: Frame | AssistantError) -> None:
        self._script = list(script) or [GREY]
        self._shown: Frame | None = None
        self._trouble: AssistantError | None = None
        self.closed = False

    def lost(self, trouble: AssistantError | None = None) -> None:
        """Fail from now on, until `found`."""
        self._trouble = trouble or CameraLost("unplugged")

    def found(self) -> None:
        self._trouble = None

    def latest(self, max_age: Seconds) -> Frame:
        item = self._trouble or (self._script.pop(0) if len(self._script) > 1 else self._script[0])
        self._shown = None
        if self.closed or max_age <= 0:
            raise CameraLost("closed" if self.closed else "no picture is that young")
        if isinstance(item, AssistantError):
            raise item.with_traceback(None)
        self._shown = dataclasses.replace(item, captured_at=time.monotonic())
        return self._shown

    def recent(self, max_age: Seconds) -> list[Frame]:
        if self._shown is None or self._trouble or time.monotonic() - self._shown.captured_at >= max_age:
            return []
        return [self._shown]

    def close(self) -> None:
        self.closed = True
        self._shown = None

from __future__ import annotations

from assistant.types import Code, Frame


class FakeCodeReader:
    """Each picture shows the next codes of the script; the last ones stay."""

    def __init__(self, *script: list[Code]) -> None:
        self._script = list(script) or [[]]
        self.pictures = 0

    def read(self, frame: Frame) -> list[Code]:  # noqa: ARG002 - the script knows what it shows
        self.pictures += 1
        return self._script.pop(0) if len(self._script) > 1 else self._script[0]

from __future__ import annotations

from collections.abc import Iterable

from assistant.types import Samples


class FakeTurnDetector:
    """Answers from a script, after its end "finished", and keeps what it was asked about."""

    def __init__(self, script: Iterable[float | Exception] = ()) -> None:
        self._script = list(script)
        self.asked: list[Samples] = []

    def finished(self, samples: Samples) -> float:
        self.asked.append(samples)
        answer = self._script.pop(0) if self._script else 1.0
        if isinstance(answer, Exception):
            raise answer
        return answer

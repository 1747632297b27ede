from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from assistant.types import AudioBlock


class FakeDetector:
    """Answers from a script; without one, or after its end, takes everything loud for speech."""

    def __init__(self, script: Iterable[float] = (), loudness: float = 0.01) -> None:
        self._script = list(script)
        self._loudness = loudness
        self.resets = 0

    def probability(self, block: AudioBlock) -> float:
        if self._script:
            return self._script.pop(0)
        return 1.0 if float(np.sqrt(np.mean(block.samples**2))) > self._loudness else 0.0

    def reset(self) -> None:
        self.resets += 1

"""An echo canceller that remembers what it is told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.types import AudioBlock


class FakeEchoCanceller:
    """Leaves every block as it is, as a perfect one does where no echo is."""

    def __init__(self) -> None:
        self.reference: list[tuple[npt.NDArray[np.int16], int]] = []
        self.cleaned_blocks = 0
        self.realigned_after: list[int] = []
        """How many blocks had been cleaned at each `realign`."""

    def played(self, samples: npt.NDArray[np.int16], rate: int) -> None:
        self.reference.append((samples, rate))

    def cleaned(self, block: AudioBlock) -> AudioBlock:
        self.cleaned_blocks += 1
        return block

    def realign(self) -> None:
        self.realigned_after.append(self.cleaned_blocks)

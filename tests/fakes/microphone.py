"""A microphone that hears a script."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.errors import AssistantError
from assistant.types import BLOCK_SAMPLES, AudioBlock, Samples


class FakeMicrophone:
    """Hears each sound of its script at once and whole; `drain` forgets what is left of the one being yielded.

    Args:
        script: Sounds at `SAMPLE_RATE`, each filled up with silence to whole blocks, and errors, raised in their place. After an
            error `blocks` goes on with what follows it; after the last sound it ends.
    """

    def __init__(self, script: Sequence[Samples | AssistantError]) -> None:
        self._script = deque(script)
        self._heard: deque[AudioBlock] = deque()
        self.drains = 0
        self.closed = False

    def blocks(self) -> Iterator[AudioBlock]:
        while not self.closed:
            if self._heard:
                yield self._heard.popleft()
            elif not self._script:
                return
            else:
                self._hear(self._script.popleft())

    def _hear(self, sound: Samples | AssistantError) -> None:
        if isinstance(sound, AssistantError):
            raise sound
        padded = np.pad(sound.astype(np.float32), (0, -sound.size % BLOCK_SAMPLES))
        edges = itertools.pairwise(range(0, padded.size + 1, BLOCK_SAMPLES))
        self._heard.extend(AudioBlock(padded[start:end]) for start, end in edges)

    def drain(self) -> None:
        self.drains += 1
        self._heard.clear()

    def close(self) -> None:
        self.closed = True

"""A wake word that a script says."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.types import AudioBlock


class FakeWakeWordDetector:
    """Hears the word in those blocks whose numbers, counted from the first one it was ever given, are in the script."""

    def __init__(self, script: Iterable[int] = ()) -> None:
        self._script = set(script)
        self.blocks = 0
        self.resets = 0

    def heard(self, _block: AudioBlock) -> bool:
        said = self.blocks in self._script
        self.blocks += 1
        return said

    def reset(self) -> None:
        self.resets += 1

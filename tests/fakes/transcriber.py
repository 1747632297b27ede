from __future__ import annotations

from collections.abc import Iterable

from assistant.errors import AssistantError
from assistant.types import Cancellation, Transcript, Utterance


class FakeTranscriber:
    """Hears what its script says, in order, and keeps the utterances it was given."""

    def __init__(self, script: Iterable[Transcript | AssistantError]) -> None:
        self._script = list(script)
        self.utterances: list[Utterance] = []

    def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:  # noqa: ARG002 - it takes no time
        self.utterances.append(utterance)
        heard = self._script.pop(0)
        if isinstance(heard, AssistantError):
            raise heard
        return heard

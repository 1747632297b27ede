"""Telling a page what happens in its conversation."""

from __future__ import annotations

from collections.abc import Callable

from assistant.events import Event, Stage
from assistant.turn.sentences import language_of
from assistant.types import Transcript
from assistant.web.talk.messages import Message, told


class Telling:
    """An observer that sends what a page shows.

    Args:
        send: Sends a message; must not wait.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send

    def __call__(self, event: Event) -> None:
        """Tell of an event, if it is one to be shown."""
        match event.stage, event.evidence:
            case Stage.TRANSCRIBED, Transcript(text=text, language=language) if text:
                self._send(told("heard", text=text, language=language))
            case Stage.SENTENCE, _:
                own = event.turn == 0  # as `Mouth.say` counts what is no answer
                self._send(told("sentence", text=event.detail, language=language_of(event.detail), own=own))
            case Stage.ANSWERED, _:
                self._send(told("answered"))
            case Stage.INTERRUPTED, _:
                self._send(told("interrupted"))
            case Stage.UNSAID, _:
                self._send(told("failed", text=event.detail))

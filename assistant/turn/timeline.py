"""What happened when in each turn: the events of a conversation, folded into turns.

Events of one answer come interleaved with those of the next: a voice that is slow to let go still tells of the answer that was
interrupted while the next question is being written down already. So an event counts for the turn whose number it carries; those
that carry none, speech and looks, count for the question that ends next.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from assistant.events import Event, Stage
from assistant.types import Frame, Seconds, Transcript, Utterance


class Mark(enum.Enum):
    """A moment of a turn. Every turn has the first three and `TURN_END`; the others only if it came so far."""

    SPEECH_START = "speech_start"
    """The person was noticed to speak, 0.1 s after they began."""
    LOOK_DONE = "look_done"
    """The picture was before the model's eyes. Missing where what it had seen before the question still held."""
    SPEECH_END = "speech_end"
    """The person fell silent."""
    TURN_END = "turn_end"
    """They were taken to have finished."""
    TRANSCRIPT = "transcript"
    FIRST_TOKEN = "first_token"
    FIRST_SENTENCE = "first_sentence"
    FIRST_SOUND = "first_sound"
    """The answer's own; "Still looking" does not count."""
    DONE = "done"
    """The last word of the answer was heard."""
    INTERRUPTED = "interrupted"
    """Voice and model had let go of an answer that was stopped; the loudspeaker was silent before."""
    FAILED = "failed"


ENDS = (Mark.DONE, Mark.INTERRUPTED, Mark.FAILED)
"""How a turn can end; it has one of them, or none where there was nothing to answer."""

_MARKS = {
    Stage.TRANSCRIBED: Mark.TRANSCRIPT,
    Stage.FIRST_TOKEN: Mark.FIRST_TOKEN,
    Stage.SENTENCE: Mark.FIRST_SENTENCE,
    Stage.FIRST_SOUND: Mark.FIRST_SOUND,
    Stage.ANSWERED: Mark.DONE,
    Stage.INTERRUPTED: Mark.INTERRUPTED,
    Stage.FAILED: Mark.FAILED,
}


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One question and what became of it. All but the marks and the language is private."""

    marks: Mapping[Mark, Seconds]
    """Seconds of `time.monotonic`."""
    utterance: Utterance
    transcript: Transcript | None = None
    frame: Frame | None = None
    """What the answer was about; None where it did not come to an answer."""
    answer: str = ""
    """What was heard of it."""

    def marks_ms(self) -> dict[str, int]:
        """Return the marks by name, in milliseconds from the end of speech, in the order of `Mark`."""
        origin = self.marks[Mark.SPEECH_END]
        return {mark.value: round(1000 * (self.marks[mark] - origin)) for mark in Mark if mark in self.marks}


class Timeline:
    """Takes the events of one conversation, in the order in which they were told, and gives its turns as they end."""

    def __init__(self) -> None:
        self._speech_start: Seconds = 0.0
        self._looked: tuple[Seconds, Frame] | None = None
        """The last look, whatever it was for."""
        self._continues = False
        self._going_on: dict[int, _Going] = {}
        self._last: _Going | None = None
        """The turn that began last."""
        self._held: _Going | None = None
        """It too, once it was cancelled before it was heard: the person may only have paused in the middle of a question."""

    def feed(self, event: Event) -> list[Turn]:
        """Take the next event; return the turns that are complete by it."""
        match event.stage, event.evidence:
            case Stage.SPEECH_STARTED, _:
                self._speech_start = event.at
            case Stage.LOOKED, Frame() as frame:
                self._looked = event.at, frame
            case Stage.CONTINUED, _:
                self._continues = True
            case Stage.SPEECH_ENDED, Utterance() as utterance:
                return self._begin(event, utterance)
            case ((Stage.TURN_ENDED | Stage.TURN_CANCELLED), _):
                return self._end(event)
            case _:
                if going := self._going_on.get(event.turn):
                    going.take(event, self._looked)
        return []

    def flush(self) -> list[Turn]:
        """Return the turn that nobody will go on with any more, if there is one."""
        held, self._held = self._held, None
        return [held.turn()] if held else []

    def _begin(self, event: Event, utterance: Utterance) -> list[Turn]:
        start = self._speech_start
        if self._continues and self._last:
            self._last.continued, self._held = True, None
            start = self._last.marks[Mark.SPEECH_START]
        self._continues = False
        given_up = self.flush()
        marks = {Mark.SPEECH_START: start, Mark.SPEECH_END: event.at - utterance.silence, Mark.TURN_END: event.at}
        self._last = self._going_on[event.turn] = _Going(marks, utterance)
        return given_up

    def _end(self, event: Event) -> list[Turn]:
        going = self._going_on.pop(event.turn, None)
        if going is None or going.continued:
            return []
        ended = going.marks.keys() & set(ENDS)
        if event.stage is Stage.TURN_CANCELLED:
            if not ended:
                going.marks[Mark.INTERRUPTED] = event.at
            if going is self._last and Mark.FIRST_SOUND not in going.marks and Mark.FAILED not in going.marks:
                self._held = going
                return []
        return [going.turn()]


@dataclasses.dataclass(slots=True, eq=False)
class _Going:
    """A turn that goes on."""

    marks: dict[Mark, Seconds]
    utterance: Utterance
    transcript: Transcript | None = None
    frame: Frame | None = None
    answer: str = ""
    continued: bool = False
    """Whether it was only the beginning of a question, which a later turn is about."""

    def take(self, event: Event, looked: tuple[Seconds, Frame] | None) -> None:
        mark = _MARKS.get(event.stage)
        if mark is None:
            return
        if mark in ENDS:  # the last one counts: an answer that fails is told to be interrupted first
            for end in ENDS:
                self.marks.pop(end, None)
            self.answer = self.answer if mark is Mark.FAILED else event.detail
        self.marks.setdefault(mark, event.at)
        if isinstance(event.evidence, Transcript):
            self.transcript = event.evidence
        if mark is Mark.FIRST_TOKEN and looked:
            at, self.frame = looked
            if at >= self.marks[Mark.SPEECH_START]:
                self.marks[Mark.LOOK_DONE] = at

    def turn(self) -> Turn:
        return Turn(self.marks, self.utterance, self.transcript, self.frame, self.answer)

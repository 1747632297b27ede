"""A recording of a conversation: the sound, the picture, the words and the marks of each turn.

It holds what is most private, so it is made only when the person asks for it, in a folder that only they can read::

    turn-0001.json   what was heard and answered, and when; it names the two files beside it
    turn-0001.wav    the question's sound, 16 kHz
    turn-0001.png    the picture that the answer is about; a follow-up about the same one names that one's file
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic
from PIL import Image

from assistant.errors import RecordingUnusable
from assistant.observe.turn_log import TurnLine, line_of
from assistant.turn.statistics import STRETCHES, stretch_ms
from assistant.turn.timeline import Turn
from assistant.types import SAMPLE_RATE, Frame, Utterance

_ONLY_THE_OWNER = 0o700


class RecordedTurn(TurnLine):
    """One turn of a recording, as its file says it."""

    text: str
    """What was written down of the question."""
    answer: str
    """What was heard of the answer."""
    sound: Annotated[str, pydantic.Field(pattern=r"^turn-\d+\.wav$")]
    picture: Annotated[str, pydantic.Field(pattern=r"^turn-\d+\.png$")] | None
    """None where it did not come to an answer."""


class Recorder:
    """Records each turn; `assistant.observe.turns.Keep`.

    Args:
        folder: Made here, unless it is there and empty.
        model: Who answers.

    Raises:
        RecordingUnusable: It is not empty, or cannot be made.
    """

    def __init__(self, folder: Path, model: str) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=_ONLY_THE_OWNER)
            if any(folder.iterdir()):
                raise RecordingUnusable(f"{folder} is not empty: a recording needs a folder of its own", folder.name)
            folder.chmod(_ONLY_THE_OWNER)
        except OSError as error:
            raise RecordingUnusable(f"{folder}: {error}", folder.name) from error
        self._folder = folder
        self._model = model
        self._turns = 0
        self._answered: list[int] = []
        """The numbers of the turns that were answered."""
        self._picture: tuple[Frame, str] | None = None

    def __call__(self, turn: Turn) -> None:
        """Write the files of one turn; the one that names the others comes last.

        Raises:
            OSError: The folder cannot be written to.
        """
        self._turns += 1
        name = _name(self._turns)
        if turn.answer:
            self._answered.append(self._turns)
        _write_sound(self._folder / f"{name}.wav", turn.utterance)
        line = line_of(turn, self._model)
        recorded = RecordedTurn(
            model=line.model,
            language=line.language,
            marks_ms=line.marks_ms,
            text=turn.transcript.text if turn.transcript else "",
            answer=turn.answer,
            sound=f"{name}.wav",
            picture=self._picture_of(turn, name),
        )
        (self._folder / f"{name}.json").write_text(recorded.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def forget_last(self) -> None:
        """Delete the files of the last turn that was answered, and of those after it, the one that names the others first.

        Raises:
            OSError: They cannot be deleted.
        """
        if not self._answered:
            return
        first = self._answered.pop()
        for number in range(first, self._turns + 1):
            for suffix in (".json", ".wav", ".png"):
                (self._folder / f"{_name(number)}{suffix}").unlink(missing_ok=True)
        self._turns = first - 1
        self._picture = None

    def _picture_of(self, turn: Turn, name: str) -> str | None:
        if turn.frame is None:
            return None
        if self._picture is None or self._picture[0] is not turn.frame:
            self._picture = turn.frame, f"{name}.png"
            # level 1: four times as fast as Pillow's own 6, and a tenth larger
            Image.fromarray(turn.frame.pixels).save(self._folder / self._picture[1], compress_level=1)
        return self._picture[1]


def read(folder: Path) -> list[RecordedTurn]:
    """Return the turns of a recording, in order.

    Raises:
        RecordingUnusable: There are none, or one is damaged.
    """
    paths = sorted(folder.glob("turn-*.json"))
    if not paths:
        raise RecordingUnusable(f"{folder}: there is no turn-0001.json in it", folder.name)
    try:
        return [RecordedTurn.model_validate_json(path.read_bytes()) for path in paths]
    except (OSError, pydantic.ValidationError) as error:
        raise RecordingUnusable(f"{folder}: {error}", folder.name) from error


def changes(before: RecordedTurn, now: Turn | None) -> list[str]:
    """Return in plain sentences what came out of a recorded turn this time; None where no question was heard."""
    if now is None:
        return [f"Heard before: {before.text}", "Heard now: no question."]
    text = now.transcript.text if now.transcript else ""
    cut_short = "interrupted" in before.marks_ms  # nobody interrupts a replay: the answer goes on where it was stopped
    same = now.answer.startswith(before.answer) if cut_short else now.answer == before.answer
    lines = [f"Heard the same: {text}"] if text == before.text else [f"Heard before: {before.text}", f"Heard now: {text}"]
    lines += [f"Answered the same: {now.answer}"] if same else [f"Answered before: {before.answer}", f"Answered now: {now.answer}"]
    marks_ms = now.marks_ms()
    for name, (_, _, title) in STRETCHES.items():
        then_ms, now_ms = stretch_ms(before.marks_ms, name), stretch_ms(marks_ms, name)
        if then_ms is not None and now_ms is not None:
            lines.append(f"{title}: {then_ms / 1000:.2f} seconds before, {now_ms / 1000:.2f} seconds now.")
    return lines


def _name(number: int) -> str:
    return f"turn-{number:04}"


def _write_sound(path: Path, utterance: Utterance) -> None:
    with path.open("wb") as file, wave.open(file, "wb") as sound:
        sound.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        sound.writeframes((np.clip(utterance.samples, -1, 1) * 32767).round().astype("<i2").tobytes())

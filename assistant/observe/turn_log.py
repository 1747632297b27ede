"""How long each turn took, one JSON line a turn, in the user's state folder: no word, sound or picture is in it.

::

    {"model":"practice","language":"en","marks_ms":{"speech_start":-1530,"speech_end":0,"turn_end":704,"transcript":1160,...}}
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pydantic

from assistant.folders import state_folder
from assistant.turn import statistics
from assistant.turn.timeline import Turn
from assistant.types import Language

LIMIT_BYTES = 1_000_000
"""Of one file, about 3000 turns; there are two at most: the one that is written and the one before."""


class TurnLine(pydantic.BaseModel):
    """What is kept of a turn."""

    model_config = pydantic.ConfigDict(frozen=True)

    model: str
    language: Language | None
    """None where nothing was written down."""
    marks_ms: dict[str, int]
    """`Turn.marks_ms`: "interrupted" is among them if it was."""


def line_of(turn: Turn, model: str) -> TurnLine:
    """Return what is kept of `turn`, which `model` answered."""
    return TurnLine(model=model, language=turn.transcript.language if turn.transcript else None, marks_ms=turn.marks_ms())


def log_path() -> Path:
    """Return where the lines are."""
    return state_folder() / "turns.jsonl"


class TurnLog:
    """Appends a line for each turn; `assistant.observe.turns.Keep`."""

    def __init__(self, path: Path, model: str) -> None:
        self._path = path
        self._model = model

    def __call__(self, turn: Turn) -> None:
        """Append a line; once the file is full, begin a new one in its place.

        Raises:
            OSError: The folder cannot be written to.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size >= LIMIT_BYTES:
            self._path.replace(_former(self._path))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line_of(turn, self._model).model_dump_json() + "\n")

    def forget_last(self) -> None:
        """Do nothing: there is no word, sound or picture in it."""


def read(path: Path) -> dict[str, list[dict[str, int]]]:
    """Return the marks of all turns in the log, oldest first, by model. Lines that a crash has cut are passed over."""
    turns: dict[str, list[dict[str, int]]] = {}
    for line in _lines(path):
        turns.setdefault(line.model, []).append(line.marks_ms)
    return turns


def told(path: Path) -> list[str]:
    """Return how long the stretches of a turn took, in plain sentences, one thing each."""
    turns = read(path)
    if not turns:
        return [f"No turns yet: {path} is empty or not there."]
    return [sentence for model, marks in turns.items() for sentence in statistics.sentences(model, marks)]


def figures(path: Path) -> dict[str, dict[str, dict[str, int]]]:
    """Return the same as figures, by model and stretch."""
    return {model: statistics.figures(marks) for model, marks in read(path).items()}


def _lines(path: Path) -> Iterator[TurnLine]:
    for file in (_former(path), path):
        if not file.is_file():
            continue
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(pydantic.ValidationError):
                yield TurnLine.model_validate_json(line)


def _former(path: Path) -> Path:
    return path.with_suffix(".1.jsonl")

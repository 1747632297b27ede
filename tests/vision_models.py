"""The models and pictures that the tests of the vision session share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assistant.config import VisionConfig
from assistant.llama.session import VisionSession
from assistant.models.catalogue import vision_files
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Cancellation, Frame, Question

_FILES = vision_files("practice", None)
PRACTICE = (_FILES.model, _FILES.mmproj)
COLOURS = {"red": (200, 45, 45), "blue": (50, 90, 205), "green": (55, 155, 70), "yellow": (240, 210, 60), "black": (28, 28, 30)}
WALL = Question("What colour is the wall?", "en")
TABLE = Question("What colour is the table?", "en")


def room(wall: str, table: str = "") -> Frame:
    """Return a picture of a wall in one of `COLOURS`, and of a table before it."""
    pixels = np.full((128, 160, 3), COLOURS[wall], np.uint8)
    if table:
        pixels[84:] = COLOURS[table]
    return Frame(pixels, 0.0)


def noise(seed: int, height: int = 128, width: int = 160) -> Frame:
    """Return a picture of nothing, for models that see nothing."""
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), 0.0)


def load(
    files: tuple[Path, Path] = PRACTICE, *, n_ctx: int = 2048, max_tokens: int = 48, tokens: int = 20, temperature: float | None = 0
) -> VisionSession:
    """Load a session that always says the same, unless `temperature` is another.

    One thread: several wait for one another at each of a model's many small steps, for long on a busy machine.
    """
    config = VisionConfig(temperature=temperature, n_ctx=n_ctx, max_tokens=max_tokens, threads=1, flash_attention="on")
    return VisionSession(*files, config, (tokens, tokens), PRACTICE_SYSTEM)


def ask(session: VisionSession, question: Question) -> str:
    """Return the whole answer, without remembering it."""
    return "".join(chunk.text for chunk in session.answer(question, Cancellation()))


def converse(session: VisionSession, question: Question) -> str:
    """Return the whole answer, and remember it as heard."""
    answer = ask(session, question)
    session.remember(question, answer)
    return answer


class CancelledAtPoll(Cancellation):
    """Is cancelled when it is looked at for the nth time: in the same place on every machine."""

    __slots__ = ("_left",)

    def __init__(self, polls: int) -> None:
        super().__init__()
        self._left = polls

    @property
    def cancelled(self) -> bool:
        self._left -= 1
        if self._left <= 0:
            self.cancel()
        return super().cancelled

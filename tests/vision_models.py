"""The models and pictures that the tests of the vision session share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from assistant.config import VisionConfig
from assistant.llama.session import VisionSession, load_session
from assistant.models.catalogue import vision_files
from assistant.ports import VisionModel
from assistant.turn.prompts import PRACTICE_SYSTEM
from assistant.types import Cancellation, Frame, Question

_FILES = vision_files("practice", None)
PRACTICE = (_FILES.model, _FILES.mmproj)
_PICTURES = Path(__file__).parent / "pictures"
SHIRT = Question("What colour is the shirt?", "en")
BOOK = Question("What colour is the book?", "en")


def room(shirt: str, book: str = "") -> Frame:
    """Return a picture of a room, 30 tokens large, with a shirt on the left and, if asked for, a book on the right.

    Both come in red, blue, green, yellow and black. They were cut out of the practice model's own scenes (Noto Color Emoji).
    """
    picture = Image.new("RGB", (192, 160), (168, 160, 152))
    picture.paste((120, 112, 108), (0, 84, 192, 160))
    for name, colour, middle in (("shirt", shirt, 32), ("book", book, 160)):
        if colour:
            thing = Image.open(_PICTURES / f"{name}-{colour}.png")
            picture.paste(thing, (middle - thing.width // 2, 112 - thing.height // 2), thing)
    return Frame(np.asarray(picture), 0.0)


def noise(seed: int, height: int = 160, width: int = 192) -> Frame:
    """Return a picture of nothing, for models that see nothing."""
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8), 0.0)


def load(
    files: tuple[Path, Path] = PRACTICE, *, n_ctx: int = 2048, max_tokens: int = 48, tokens: int = 30, temperature: float | None = 0
) -> VisionSession:
    """Load a session that always says the same, unless `temperature` is another.

    One thread: several wait for one another at each of a model's many small steps, for long on a busy machine.
    """
    config = VisionConfig(temperature=temperature, n_ctx=n_ctx, max_tokens=max_tokens, threads=1, flash_attention="on")
    return load_session(*files, config, (tokens, tokens), PRACTICE_SYSTEM)


def ask(session: VisionModel, question: Question) -> str:
    """Return the whole answer, without remembering it."""
    return "".join(chunk.text for chunk in session.answer(question, Cancellation()))


def converse(session: VisionModel, question: Question) -> str:
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

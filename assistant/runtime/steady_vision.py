"""A vision-language model that goes on after it has run out of memory, smaller."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from assistant.errors import Cancelled, LoadedSmaller, OutOfMemory
from assistant.ports import VisionModel
from assistant.types import AnswerChunk, Cancellation, Frame, Question


class SteadyVision:
    """Does what its model does, until that runs out of memory: then a smaller one takes its place. `assistant.ports.VisionModel`.

    The smaller one is shown the picture, and knows nothing of what was said. The person is told with their question, by the error
    `LoadedSmaller`, and asks again.

    Args:
        model: Closed with this one.
        load_smaller: Loads what is to come next, and returns it and what to call it; called when nothing is loaded.
    """

    def __init__(self, model: VisionModel, load_smaller: Callable[[], tuple[VisionModel, str]]) -> None:
        self._model: VisionModel | None = model
        self._load_smaller = load_smaller
        self._untold = ""
        """What was loaded in the place of another, if nobody has been told yet."""
        self._frame: Frame | None = None
        self._closed = False
        self._exchange = threading.Lock()
        """Held while one model takes the place of another."""

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Make `frame` the picture that the next questions are about.

        Raises:
            TooLarge, OutOfMemory: It ran out, and nothing smaller could be loaded. The next step tries again.
        """
        self._frame = frame
        try:
            self._loaded().look(frame, cancellation)
        except OutOfMemory:
            self._exchange_model()
            self.look(frame, cancellation)

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer.

        Raises:
            LoadedSmaller: A smaller model has taken the place of the former; the question may be asked again.
            TooLarge, OutOfMemory: It ran out, and nothing smaller could be loaded. The next step tries again.
        """
        model = self._loaded()
        self._tell()
        try:
            yield from model.answer(question, cancellation)
        except OutOfMemory:
            self._exchange_model()
            if self._frame:
                self.look(self._frame, cancellation)
            self._tell()

    def remember(self, question: Question, heard: str) -> None:
        """Keep the question that was answered last, and what was heard of its answer."""
        if self._model:
            self._model.remember(question, heard)

    def forget_last(self) -> None:
        """Take out what was remembered last."""
        if self._model:
            self._model.forget_last()

    def forget(self) -> None:
        """Start a new conversation, without a picture."""
        self._frame = None
        if self._model:
            self._model.forget()

    def close(self) -> None:
        """Free the model's memory, and load no other."""
        self._closed = True
        with self._exchange:
            if self._model:
                self._model.close()

    def _tell(self) -> None:
        name, self._untold = self._untold, ""
        if name:
            raise LoadedSmaller(f"ran out of memory, and loaded {name}", name)

    def _loaded(self) -> VisionModel:
        return self._model or self._exchange_model()

    def _exchange_model(self) -> VisionModel:
        """Free the model, then load a smaller one: there is no room for both."""
        with self._exchange:
            if self._closed:
                raise Cancelled
            model, self._model = self._model, None
            if model:
                model.close()
            self._model, self._untold = self._load_smaller()
            return self._model

"""A vision-language model that goes on after it has run out of memory, smaller."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator

from assistant.errors import Cancelled, LoadedSmaller, OutOfMemory
from assistant.ports import VisionModel
from assistant.types import AnswerChunk, Cancellation, Frame, Question, Rank


@dataclasses.dataclass(frozen=True, slots=True)
class _Loaded:
    """What is loaded now."""

    model: VisionModel
    name: str = ""
    """What to call it where it took the place of another."""


class _Source:
    """The model that all conversations use, and the smaller one after it."""

    def __init__(self, model: VisionModel, load_smaller: Callable[[], tuple[VisionModel, str]]) -> None:
        self._loaded: _Loaded | None = _Loaded(model)
        self._load_smaller = load_smaller
        self._closed = False
        self._exchange = threading.Lock()
        """Held while one model takes the place of another."""

    def now(self) -> _Loaded:
        """Return what is loaded; load something where there is nothing."""
        with self._exchange:
            if self._closed:
                raise Cancelled
            self._loaded = self._loaded or _Loaded(*self._load_smaller())
            return self._loaded

    def after(self, used_up: _Loaded) -> None:
        """Free a model that ran out of memory, then load a smaller one: there is no room for both."""
        with self._exchange:
            if self._closed:
                raise Cancelled
            if self._loaded is used_up:  # else another conversation came first
                self._loaded = None
                used_up.model.close()
                self._loaded = _Loaded(*self._load_smaller())

    def close(self) -> None:
        self._closed = True
        with self._exchange:
            if self._loaded:
                self._loaded.model.close()


def steady_vision(model: VisionModel, load_smaller: Callable[[], tuple[VisionModel, str]]) -> SteadyVision:
    """Return the conversation that goes before all others with a model.

    Args:
        model: Closed with it.
        load_smaller: Loads what is to come next, and returns it and what to call it; called when nothing is loaded.
    """
    return SteadyVision(_Source(model, load_smaller), Rank.ROOM)


class SteadyVision:
    """Does what its model does, until that runs out of memory: then a smaller one takes its place. `assistant.ports.VisionModel`.

    The smaller one is shown the picture, and knows nothing of what was said. Everybody is told with their next question, by the
    error `LoadedSmaller`, and asks again.
    """

    def __init__(self, source: _Source, rank: Rank, system: str = "") -> None:
        self._source = source
        self._rank = rank
        self._system = system
        self._loaded = source.now()
        self._conversation = self._converse()
        self._untold = ""
        """What was loaded in the place of another, if nobody has been told yet."""
        self._frame: Frame | None = None
        self._shown = True
        """Whether the model has seen it."""

    def _converse(self) -> VisionModel:
        model = self._loaded.model
        return model if self._rank is Rank.ROOM else model.another(self._rank, self._system)

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Make `frame` the picture that the next questions are about.

        Raises:
            TooLarge, OutOfMemory: It ran out, and nothing smaller could be loaded. The next step tries again.
        """
        self._frame, self._shown = frame, False
        self._follow()
        try:
            self._conversation.look(frame, cancellation)
            self._shown = True
        except OutOfMemory:
            self._source.after(self._loaded)
            self.look(frame, cancellation)
        except Cancelled:
            if not self._was_taken_away(cancellation):
                raise
            self.look(frame, cancellation)

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer.

        Raises:
            LoadedSmaller: A smaller model has taken the place of the former; the question may be asked again.
            TooLarge, OutOfMemory: It ran out, and nothing smaller could be loaded. The next step tries again.
        """
        self._tell(cancellation)
        try:
            yield from self._conversation.answer(question, cancellation)
        except OutOfMemory:
            self._source.after(self._loaded)
            self._tell(cancellation)
        except Cancelled:
            if not self._was_taken_away(cancellation):
                raise
            self._tell(cancellation)

    def _was_taken_away(self, cancellation: Cancellation) -> bool:
        """Tell whether a step ended because another conversation ran out of memory with the same model."""
        return not cancellation.cancelled and self._source.now() is not self._loaded

    def _follow(self) -> None:
        """Go on with what is loaded now."""
        loaded = self._source.now()
        if loaded is not self._loaded:
            self._loaded, self._untold, self._shown = loaded, loaded.name, False
            self._conversation = self._converse()

    def _tell(self, cancellation: Cancellation) -> None:
        self._follow()
        if self._frame and not self._shown:
            self.look(self._frame, cancellation)
        name, self._untold = self._untold, ""
        if name:
            raise LoadedSmaller(f"ran out of memory, and loaded {name}", name)

    def remember(self, question: Question, heard: str) -> None:
        """Keep a question, and what was heard of its answer."""
        self._conversation.remember(question, heard)

    def forget_last(self) -> None:
        """Take out what was remembered last."""
        self._conversation.forget_last()

    def forget(self) -> None:
        """Start a new conversation, without a picture."""
        self._frame = None
        self._conversation.forget()

    def another(self, rank: Rank, system: str = "") -> SteadyVision:
        """Return another conversation with the same model."""
        return SteadyVision(self._source, rank, system)

    def close(self) -> None:
        """Let go of the conversation; the first one frees the model's memory, and nothing is loaded any more."""
        if self._rank is Rank.ROOM:
            self._source.close()
        else:
            self._conversation.close()

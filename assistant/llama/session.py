"""The vision session: a conversation about what the camera sees, with everything that is known already in the KV cache.

llama-cpp-python's own chat handlers clear the cache on every call, encode every picture again, forget Qwen's sampling and
cannot be cancelled. Here the picture is encoded and prefilled before the question is known, and a question costs its own tokens.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import random
import threading
from collections.abc import Iterator
from pathlib import Path

from assistant.config import VisionConfig
from assistant.errors import Cancelled
from assistant.llama.conversation import Conversation, Exchange, Layout
from assistant.llama.picture import Picture, encode
from assistant.llama.sampling import sampler
from assistant.llama.shared import SharedModel
from assistant.llama.turnstile import MadeWay
from assistant.llama.writing import Answer
from assistant.types import AnswerChunk, Cancellation, Frame, Question, Rank

_QUESTION_ROOM = 128
"""Tokens kept free for a question when a picture is read before the question is known; a long spoken one has 40."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """An exchange to be taken into the conversation with the next step."""

    question: str
    answer: str
    written: tuple[int, ...] | None
    """The answer's own tokens, where all of it was heard: the cache holds them already."""
    about: _Asked | None
    """What it was the answer to; None for what was said elsewhere, about the picture of now."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    question: Question
    picture: Picture | None
    """What it was asked about."""


def load_session(
    model: Path, mmproj: Path, config: VisionConfig, image_tokens: tuple[int, int], system: str, *, heeds_wishes: bool = True
) -> VisionSession:
    """Load a model, have it read the system prompt, and return the conversation that goes before all others with it.

    Args:
        model: The language model, a GGUF file of the Qwen-VL family.
        mmproj: The image encoder published with it.
        config: Sampling, context and machine.
        image_tokens: Fewest and most tokens of a picture; -1 for the model's own limit.
        system: The system prompt.
        heeds_wishes: Whether it understands what follows a question.

    Raises:
        ModelError: The files cannot be used; the subclass says why.
        OutOfMemory: There is not enough memory.
    """
    shared = SharedModel(model, mmproj, config, image_tokens, heeds_wishes=heeds_wishes)
    session = VisionSession(shared, system)
    session.warm()
    return session


class VisionSession:
    """Implements `assistant.ports.VisionModel` on llama.cpp.

    Args:
        shared: The model.
        system: The system prompt.
        rank: Whose conversation it is. That of `Rank.ROOM` is one alone, and frees the model when it is closed.
    """

    def __init__(self, shared: SharedModel, system: str, rank: Rank = Rank.ROOM) -> None:
        self._shared = shared
        self._system = system
        self._rank = rank
        self._weights = shared.weights
        self._layout = Layout(shared.weights, shared.template, system)
        self._room = shared.weights.n_ctx - shared.max_tokens - _QUESTION_ROOM
        self._conversation = Conversation()
        self._draft: tuple[Question, str, tuple[int, ...]] | None = None
        self._asked: _Asked | None = None
        self._heard: collections.deque[_Heard | None] = collections.deque()
        """What is to be taken in, in order; None for what is to be forgotten again."""
        self._step = threading.Lock()
        self._closed = False
        self._running = Cancellation()

    def warm(self) -> None:
        """Read the system prompt."""
        with self._shared.turnstile.turn(self._rank, self._running) as step:
            self._shared.read(self._conversation.entries(self._layout), self._rank, step, logits=False)

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Encode and read a picture, so that only a question's own words are left to read.

        Raises:
            Cancelled: The conversation still has its former picture.
            VisionFailed: It could not be read; the same holds.
        """
        picture: Picture | None = None
        with self._stepping(cancellation):
            while True:
                with contextlib.suppress(MadeWay), self._shared.turnstile.turn(self._rank, cancellation) as step:
                    picture = picture or encode(self._weights, frame.pixels, step)
                    # taken in only now: an answer about the former picture may just have been interrupted for this one
                    conversation = self._take_in().looking_at(picture).fitting(self._layout, self._room)
                    self._shared.read(conversation.entries(self._layout), self._rank, step, logits=False)
                    self._conversation = conversation
                    return

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer piece by piece; ends at the model's own end, at max_tokens, or when it runs into a loop.

        Raises:
            Cancelled: The conversation does not know of the question.
            VisionFailed: The same holds.
        """
        answer: Answer | None = None
        pieces: list[str] = []
        with self._stepping(cancellation), contextlib.ExitStack() as stack:
            self._draft = None
            while True:
                with contextlib.suppress(MadeWay), self._shared.turnstile.turn(self._rank, cancellation) as step:
                    answer = answer or self._begin(question, stack)
                    for piece in answer.write(step):
                        pieces.append(piece)
                        yield AnswerChunk(piece)
                    break
            self._draft = (question, "".join(pieces), tuple(answer.tokens))
        yield AnswerChunk("", answer.usage)

    def _begin(self, question: Question, stack: contextlib.ExitStack) -> Answer:
        text = question.text + question.wish if self._shared.heeds_wishes else question.text
        asked = [*self._weights.tokenize(text, special=False), *self._layout.before_answer]
        room = self._weights.n_ctx - self._shared.max_tokens - len(asked)
        conversation = self._take_in().fitting(self._layout, room)
        self._asked = _Asked(question, conversation.picture)
        chain = stack.enter_context(sampler(self._shared.sampling(question.writing), self._weights, random.getrandbits(32)))
        return Answer(self._shared, self._rank, [*conversation.entries(self._layout), *asked], question.writing, chain)

    def remember(self, question: Question, heard: str) -> None:
        """Keep an exchange. Never waits for a step that runs, and does not touch llama.cpp.

        The words are read with the next picture or question.
        """
        draft = self._draft
        written = draft[2] if draft and draft[:2] == (question, heard) else None
        about = self._asked if self._asked and self._asked.question == question else None
        self._heard.append(_Heard(question.text, heard, written, about))

    def _take_in(self) -> Conversation:
        """Return the conversation with what was heard meanwhile; its oldest exchanges are dropped once the context is full.

        Room is made here rather than in `answer`, where an interrupted one would drop, and read all the rest again, each time.
        """
        while self._heard:
            heard = self._heard.popleft()
            if heard is None:
                self._conversation = self._conversation.without_last()
                continue
            question = tuple(self._weights.tokenize(heard.question, special=False))
            answer = heard.written or tuple(self._weights.tokenize(heard.answer, special=False))
            conversation = self._conversation
            # one that came while a new picture was being read was about the former one
            present = heard.about is None or heard.about.picture is conversation.picture
            add = conversation.plus if present else conversation.plus_past
            self._conversation = add(Exchange(question, answer)).fitting(self._layout, self._room)
        return self._conversation

    def forget_last(self) -> None:
        """Forget what was remembered last. Never waits for a step that runs."""
        self._heard.append(None)

    def forget(self) -> None:
        """Start a new conversation, without a picture."""
        with self._step:
            self._conversation = Conversation()
            self._heard.clear()
            self._draft = self._asked = None

    def another(self, rank: Rank, system: str = "") -> VisionSession:
        """Return another conversation with the same model."""
        return VisionSession(self._shared, system or self._system, rank)

    def cancel(self) -> None:
        """Cancel the step that runs now, if any; from any thread."""
        self._running.cancel()

    def close(self) -> None:
        """Cancel what runs, and let go of what was said; the first conversation frees the model."""
        self.cancel()
        if self._rank is Rank.ROOM:
            self._shared.close()
        with self._step:
            self._closed = True
            self._conversation = Conversation()
            self._heard.clear()

    @contextlib.contextmanager
    def _stepping(self, cancellation: Cancellation) -> Iterator[None]:
        """Hold the conversation for one step."""
        with self._step:
            if cancellation.cancelled or self._closed:
                raise Cancelled
            self._running = cancellation
            yield

"""The vision session: a conversation about what the camera sees, with everything that is known already in the KV cache.

llama-cpp-python's own chat handlers clear the cache on every call, encode every picture again, forget Qwen's sampling and
cannot be cancelled. Here the picture is encoded and prefilled before the question is known, and a question costs its own tokens.
"""

from __future__ import annotations

import codecs
import collections
import contextlib
import dataclasses
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import llama_cpp

from assistant.config import VisionConfig
from assistant.errors import Cancelled
from assistant.llama import template
from assistant.llama.cache import Cache
from assistant.llama.conversation import Conversation, Exchange, Layout
from assistant.llama.picture import Picture, encode
from assistant.llama.sampling import PRESETS, is_looping, sampler
from assistant.llama.weights import Weights
from assistant.types import AnswerChunk, Cancellation, Frame, Question

_QUESTION_ROOM = 128
"""Tokens kept free for a question when a picture is read before the question is known; a long spoken one has 40."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """An exchange to be taken into the conversation with the next step."""

    question: str
    answer: str
    written: tuple[int, ...] | None
    """The answer's own tokens, where all of it was heard: the cache holds them already."""
    picture: Picture | None
    """The picture it was about."""


class VisionSession:
    """Implements `assistant.ports.VisionModel` on llama.cpp. Loading it takes seconds and reads the system prompt.

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

    def __init__(
        self,
        model: Path,
        mmproj: Path,
        config: VisionConfig,
        image_tokens: tuple[int, int],
        system: str,
        *,
        heeds_wishes: bool = True,
    ) -> None:
        self._weights = Weights(model, mmproj, config, image_tokens)
        self._layout = Layout(self._weights, template.parse(self._weights.chat_template(), model.name), system)
        self._cache = Cache(self._weights)
        self._heeds_wishes = heeds_wishes
        self._max_tokens = config.max_tokens
        self._room = self._weights.n_ctx - config.max_tokens - _QUESTION_ROOM
        self._sampling = PRESETS[config.preset]
        if config.temperature is not None:
            self._sampling = dataclasses.replace(self._sampling, temperature=config.temperature)
        self._conversation = Conversation()
        self._draft: tuple[Question, str, tuple[int, ...]] | None = None
        self._asked_about: Picture | None = None
        self._heard: collections.deque[_Heard | None] = collections.deque()
        """What is to be taken in, in order; None for what is to be forgotten again."""
        self._step = threading.Lock()
        self._closed = False
        self._running = Cancellation()
        self._cache.read(self._conversation.entries(self._layout), self._running, logits=False)

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Encode and read a picture, so that only a question's own words are left to read.

        Raises:
            Cancelled: The conversation still has its former picture.
            VisionFailed: It could not be read; the same holds.
        """
        with self._stepping(cancellation):
            picture = encode(self._weights, frame.pixels, cancellation)
            # taken in only now: an answer about the former picture may just have been interrupted for this one
            conversation = self._take_in().looking_at(picture).fitting(self._layout, self._room)
            self._cache.read(conversation.entries(self._layout), cancellation, logits=False)
            self._conversation = conversation

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer piece by piece; ends at the model's own end, at max_tokens, or when it runs into a loop.

        Raises:
            Cancelled: The conversation does not know of the question.
            VisionFailed: The same holds.
        """
        with self._stepping(cancellation):
            self._draft = None
            text = question.text + question.wish if self._heeds_wishes else question.text
            asked = [*self._weights.tokenize(text, special=False), *self._layout.before_answer]
            room = self._weights.n_ctx - self._max_tokens - len(asked)
            conversation = self._take_in().fitting(self._layout, room)
            self._asked_about = conversation.picture
            self._cache.read([*conversation.entries(self._layout), *asked], cancellation, logits=True)
            tokens: list[int] = []
            pieces: list[str] = []
            for piece in self._write(tokens, cancellation):
                pieces.append(piece)
                yield AnswerChunk(piece)
            self._draft = (question, "".join(pieces), tuple(tokens))

    def _write(self, tokens: list[int], cancellation: Cancellation) -> Iterator[str]:
        """Sample token after token into `tokens`; yield their text as soon as its characters are whole."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with sampler(self._sampling, self._weights, random.getrandbits(32)) as chain:
            while len(tokens) < self._max_tokens and not is_looping(tokens):
                if cancellation.cancelled:
                    raise Cancelled
                token = llama_cpp.llama_sampler_sample(chain, self._weights.context, -1)
                if llama_cpp.llama_vocab_is_eog(self._weights.vocab, token):
                    break
                tokens.append(token)
                if text := decoder.decode(self._weights.piece(token)):
                    yield text
                self._cache.append(token, cancellation)
        if text := decoder.decode(b"", final=True):
            yield text

    def remember(self, question: Question, heard: str) -> None:
        """Keep the exchange that was answered last. Never waits for a step that runs, and does not touch llama.cpp.

        The words are read with the next picture or question.
        """
        draft = self._draft
        written = draft[2] if draft and draft[:2] == (question, heard) else None
        self._heard.append(_Heard(question.text, heard, written, self._asked_about))

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
            add = conversation.plus if heard.picture is conversation.picture else conversation.plus_past
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

    def cancel(self) -> None:
        """Cancel the step that runs now, if any; from any thread."""
        self._running.cancel()

    def close(self) -> None:
        """Cancel what runs, and free the memory."""
        self.cancel()
        with self._step:
            if not self._closed:
                self._closed = True
                self._cache.close()
                self._weights.close()

    @contextlib.contextmanager
    def _stepping(self, cancellation: Cancellation) -> Iterator[None]:
        """Hold the model for one step."""
        with self._step:
            if cancellation.cancelled or self._closed:
                raise Cancelled
            self._running = cancellation
            yield

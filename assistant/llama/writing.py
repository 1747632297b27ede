"""An answer while it is being written."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import llama_cpp

from assistant.errors import Cancelled
from assistant.llama.cache import Entry, cells
from assistant.llama.sampling import is_looping
from assistant.llama.shared import SharedModel
from assistant.types import Cancellation, Rank, Usage, Writing

_NEAR_THE_END = 256
"""Tokens before its longest end from which on a form is watched, so that it can still be closed: an empty receipt takes 40."""


class Answer:
    """One answer. Writing it may be broken off, and gone on with after the cache has served somebody else.

    Args:
        model: Writes it.
        rank: Whose answer it is.
        prompt: All that the model is to have read before.
        writing: How it is to be written.
        chain: llama.cpp's sampler, which this answer alone uses.

    Raises:
        SchemaUnusable: It cannot be held to its schema.
    """

    def __init__(self, model: SharedModel, rank: Rank, prompt: Sequence[Entry], writing: Writing, chain: Any) -> None:
        self._model = model
        self._rank = rank
        self._prompt = prompt
        self._chain = chain
        self._form = model.forms.form(writing.schema) if writing.schema else None
        self._longest = _longest(writing, model, prompt)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._cut_off: Literal["length", "loop"] | None = None
        self._rest: list[int] = []
        """What is still to be written of one that is cut off, so that it has its form."""
        self._ended = False
        self._read: int | None = None
        """How many cells of the prompt had to be read for it."""
        self.tokens: list[int] = []

    def write(self, cancellation: Cancellation) -> Iterator[str]:
        """Yield the rest of the answer, each text as soon as its characters are whole.

        Raises:
            Cancelled: What was written until then is kept; calling it again goes on.
            ContextFull, OutOfMemory, SchemaUnusable, VisionFailed: as the name says.
        """
        read = self._model.read([*self._prompt, *self.tokens], self._rank, cancellation, logits=True)
        self._read = read if self._read is None else self._read
        while not self._ended:
            if cancellation.cancelled:
                raise Cancelled
            token = self._next()
            if token is None:
                self._ended = True
                break
            self.tokens.append(token)
            if not self._cut_off:
                self._cut_off = "loop" if is_looping(self.tokens) else "length" if len(self.tokens) >= self._longest else None
                self._rest = (self._closing() or []) if self._cut_off else []
            if text := self._decoder.decode(self._model.weights.piece(token)):
                yield text
            self._model.cache.append(token, cancellation)
        if text := self._decoder.decode(b"", final=True):
            yield text

    def _next(self) -> int | None:
        """Choose the next token; None for the end."""
        if self._cut_off:
            return self._rest.pop(0) if self._rest else None
        if self._form:
            self._form.allow(self._model.cache.logits())
        token: int = llama_cpp.llama_sampler_sample(self._chain, self._model.weights.context, -1)
        if llama_cpp.llama_vocab_is_eog(self._model.weights.vocab, token):
            return None
        if self._form:
            room = self._longest - len(self.tokens) - 1
            if room < _NEAR_THE_END and self._form.ending(token, room) is None and (closing := self._closing()) is not None:
                self._cut_off, self._rest = "length", closing
                return self._next()
            self._form.take(token)
        return token

    def _closing(self) -> list[int] | None:
        """Return what brings it to an end where it is; None where its form has no such end within what is left of its length."""
        return self._form.ending(None, self._longest - len(self.tokens)) if self._form else []

    @property
    def usage(self) -> Usage:
        """What it took, once it has ended."""
        prompt = cells(self._prompt)
        return Usage(prompt, prompt - (self._read or 0), len(self.tokens), self._cut_off or "stop")


def _longest(writing: Writing, model: SharedModel, prompt: Sequence[Entry]) -> int:
    """Return how many tokens an answer may have: what is written down of a document as many as the context has room for."""
    if writing.preset == "document" and writing.max_tokens is None:
        return max(model.max_tokens, model.weights.n_ctx - cells(prompt) - 1)
    return min(writing.max_tokens or model.max_tokens, model.max_tokens)

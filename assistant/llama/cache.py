"""The KV cache: what the language model has read so far, token by token, and how to make it read something else cheaply.

`Cache.read` takes the whole prompt every time and evaluates only what the cache does not hold already. Everything else in the
session follows from that: a picture is prefilled before its question is known, a follow-up costs its own tokens, a cancelled
step is undone by asking for the earlier prompt again.

M-RoPE counts twice: a picture of w x h merged patches takes w*h cells, which n_ctx limits, but max(w, h) positions, from which
the next token's position follows. All its cells lie at the position of its first one. Positions can't be shifted (llama.cpp
aborts the process), so the cache is only ever cut at its end.
"""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Sequence
from typing import TypeAlias

import llama_cpp
import numpy as np
import numpy.typing as npt
from llama_cpp import mtmd_cpp

from assistant.errors import Cancelled, ContextFull, OutOfMemory, VisionFailed
from assistant.llama.picture import Picture
from assistant.llama.weights import Weights
from assistant.types import Cancellation

Entry: TypeAlias = int | Picture
"""A token id, or a picture."""

_SEQUENCE = 0
_NO_SLOT, _ABORTED, _NO_MEMORY = 1, 2, -2
"""Return values of llama_decode (llama.h)."""


def cells(entries: Sequence[Entry]) -> int:
    """Return how many KV cells `entries` take."""
    return sum(e.cells if isinstance(e, Picture) else 1 for e in entries)


def _positions(entries: Sequence[Entry]) -> int:
    return sum(e.positions if isinstance(e, Picture) else 1 for e in entries)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """What the cache held at one moment."""

    entries: tuple[Entry, ...]
    next_position: int
    state: ctypes.Array[ctypes.c_uint8]
    """As llama.cpp writes it."""


class Cache:
    """The KV cache, which all conversations with a model share."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._entries: list[Entry] = []
        self._next_position = 0
        self._batch = llama_cpp.llama_batch_init(weights.n_batch, 0, 1)

    @property
    def entries(self) -> Sequence[Entry]:
        """What has been read and is held."""
        return self._entries

    def read(self, prompt: Sequence[Entry], cancellation: Cancellation, *, logits: bool) -> int:
        """Make the cache hold exactly `prompt`.

        Args:
            prompt: All that the model shall have read.
            cancellation: Stops it; what was read until then stays, so that a repetition goes on from there.
            logits: Whether a token is to be sampled next; then the last entry is a token and is evaluated in any case.

        Returns:
            How many cells had to be evaluated.

        Raises:
            Cancelled, ContextFull, OutOfMemory, VisionFailed: as the name says. The cache is consistent after any of them.
        """
        if cells(prompt) > self._weights.n_ctx:
            raise ContextFull(f"{cells(prompt)} tokens do not fit into {self._weights.n_ctx}")
        held = common(self._entries, prompt)
        self._cut(min(held, len(prompt) - 1) if logits else held)
        new = prompt[len(self._entries) :]
        self._weights.poll(cancellation)
        for run in _runs(new, self._weights.n_batch):
            if cancellation.cancelled:
                raise Cancelled
            last = len(self._entries) + len(run) == len(prompt)
            self._evaluate(run, logits=logits and last)
        return cells(new)

    def append(self, token: int, cancellation: Cancellation) -> None:
        """Read one more token and compute the logits after it.

        Raises:
            Cancelled, ContextFull, OutOfMemory, VisionFailed: as the name says; the token was not read.
        """
        self._weights.poll(cancellation)
        self._evaluate([token], logits=True)

    def logits(self) -> npt.NDArray[np.float32]:
        """Return llama.cpp's own logits of the last token, shape (vocabulary,): they may be changed, and go with the next token."""
        row = llama_cpp.llama_get_logits_ith(self._weights.context, -1)
        return np.ctypeslib.as_array(row, (llama_cpp.llama_vocab_n_tokens(self._weights.vocab),))

    def save(self) -> Saved:
        """Return a copy of what is held, some 0.1 MB a token: 46 MiB for a picture and its conversation with the 2B."""
        size = llama_cpp.llama_state_seq_get_size(self._weights.context, _SEQUENCE)
        state = (ctypes.c_uint8 * size)()
        llama_cpp.llama_state_seq_get_data(self._weights.context, state, size, _SEQUENCE)
        return Saved(tuple(self._entries), self._next_position, state)

    def restore(self, saved: Saved) -> None:
        """Hold what was saved, and nothing else. That takes less time than reading two tokens."""
        taken = llama_cpp.llama_state_seq_set_data(self._weights.context, saved.state, len(saved.state), _SEQUENCE)
        if taken:
            self._entries, self._next_position = list(saved.entries), saved.next_position
        else:
            self._cut(0)

    def close(self) -> None:
        """Free the batch; the cells belong to the weights' context. Not to be used afterwards."""
        llama_cpp.llama_batch_free(self._batch)

    def _cut(self, length: int) -> None:
        """Forget all entries from index `length` on."""
        removed = self._entries[length:]
        if not removed:
            return
        position = self._next_position - _positions(removed)
        if not llama_cpp.llama_memory_seq_rm(self._weights.memory, _SEQUENCE, position, -1):
            llama_cpp.llama_memory_clear(self._weights.memory, False)  # noqa: FBT003 - a C function
            length, position = 0, 0
        del self._entries[length:]
        self._next_position = position

    def _evaluate(self, run: Sequence[Entry], *, logits: bool) -> None:
        picture = run[0]
        code = self._decode_picture(picture) if isinstance(picture, Picture) else self._decode_tokens(run, logits=logits)
        if code:
            # llama.cpp may have kept a part of the run
            llama_cpp.llama_memory_seq_rm(self._weights.memory, _SEQUENCE, self._next_position, -1)
            raise _decode_error(code)
        self._entries.extend(run)
        self._next_position += _positions(run)

    def _decode_tokens(self, run: Sequence[Entry], *, logits: bool) -> int:
        batch = self._batch
        batch.n_tokens = len(run)
        for i, token in enumerate(run):
            batch.token[i] = token
            batch.pos[i] = self._next_position + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = _SEQUENCE
            batch.logits[i] = logits and i == len(run) - 1
        code: int = llama_cpp.llama_decode(self._weights.context, batch)
        return code

    def _decode_picture(self, picture: Picture) -> int:
        after = llama_cpp.llama_pos(self._next_position)
        code: int = mtmd_cpp.mtmd_helper_decode_image_chunk(
            self._weights.vision,
            self._weights.context,
            picture.chunk,
            picture.embeddings.ctypes.data_as(ctypes.POINTER(ctypes.c_float)),
            self._next_position,
            _SEQUENCE,
            self._weights.n_batch,
            ctypes.byref(after),
            mtmd_cpp.mtmd_helper_post_decode_callback(),
            None,
        )
        return code


def common(held: Sequence[Entry], wanted: Sequence[Entry]) -> int:
    """Return the length of the common beginning."""
    n = 0
    for a, b in zip(held, wanted, strict=False):
        if a != b:
            break
        n += 1
    return n


def _runs(entries: Sequence[Entry], longest: int) -> list[Sequence[Entry]]:
    """Cut entries into batches: pictures alone, tokens up to `longest` together."""
    runs: list[Sequence[Entry]] = []
    start = 0
    for end in range(1, len(entries) + 1):
        alone = isinstance(entries[end - 1], Picture) or (end < len(entries) and isinstance(entries[end], Picture))
        if alone or end == len(entries) or end - start == longest:
            runs.append(entries[start:end])
            start = end
    return runs


def _decode_error(code: int) -> Exception:
    if code == _ABORTED:
        return Cancelled()
    if code == _NO_SLOT:
        return ContextFull("llama_decode found no room in the KV cache")
    if code == _NO_MEMORY:
        return OutOfMemory("llama_decode could not allocate memory")
    return VisionFailed(f"llama_decode returned {code}")

"""How the next word is chosen, and when to stop choosing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp

from assistant.llama.weights import Weights
from assistant.turn.sampling import Sampling

_PENALTY_WINDOW = 256
"""How many of an answer's last tokens the presence penalty looks at."""
_SHORTEST_LOOP = 24
"""From how many repeated tokens on a repetition is a loop rather than a list."""
_TIMES = 3
_LONGEST_PERIOD = 40


@contextlib.contextmanager
def sampler(sampling: Sampling, weights: Weights, seed: int) -> Iterator[Any]:
    """Yield llama.cpp's sampler chain for one answer; it remembers the answer's tokens for the penalty."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    for link in _links(sampling, llama_cpp.llama_vocab_n_tokens(weights.vocab), seed):
        llama_cpp.llama_sampler_chain_add(chain, link)
    try:
        yield chain
    finally:
        llama_cpp.llama_sampler_free(chain)


def _links(sampling: Sampling, n_vocab: int, seed: int) -> Iterator[Any]:
    if sampling.temperature == 0:
        yield llama_cpp.llama_sampler_init_greedy()
        return
    if sampling.presence_penalty:
        yield llama_cpp.llama_sampler_init_penalties(n_vocab, _PENALTY_WINDOW, 1.0, 0.0, sampling.presence_penalty)
    yield llama_cpp.llama_sampler_init_top_k(sampling.top_k)
    yield llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1)
    yield llama_cpp.llama_sampler_init_temp(sampling.temperature)
    yield llama_cpp.llama_sampler_init_dist(seed)


def is_looping(tokens: Sequence[int]) -> bool:
    """Tell whether an answer has run into a loop: its end is one stretch, three times or more, 24 tokens or more in all."""
    for period in range(1, _LONGEST_PERIOD + 1):
        length = max(_SHORTEST_LOOP, _TIMES * period)
        if length > len(tokens):
            return False
        tail = tokens[-length:]
        if tail[period:] == tail[:-period]:
            return True
    return False

"""Between the halves of training: the codes in which the vision tower spells become the embeddings of the words they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice.labels import GROUPS, NOTHING, SIGN_KIND
from practice.model import TEXT_WIDTH, Forward
from practice.things import COLOURS, KINDS, SIGN_WORDS
from practice.tokens import Tokens
from practice.warmup import Batch, Speller
from torch import Tensor

_WORD, _PICTURE, _LAST_NORM = 0.25, 0.5, 0.35
"""Root mean squares of a word's embedding and of a cell, and the gain before the scores: first scores are of the order of one."""
_SHARP, _FETCHED, _PICTURES_ONLY = 1.8, 0.3, 2.5
"""Gains of queries and keys, how much of what is found is added, and how much a cell is preferred to a word, in those layers that
begin by looking things up."""


@torch.no_grad()
def transplant(model: Any, speller: Speller, tokens: Tokens, seen_in: Batch) -> None:
    """Give the words their codes.

    Args:
        model: With a trained vision tower and an untrained language model.
        speller: What the tower was trained with.
        tokens: The vocabulary.
        seen_in: A batch of pictures, to measure how strong the tower's output is.
    """
    embedding = model.model.language_model.embed_tokens.weight
    embedding.normal_(std=_WORD * 0.6)
    for code, words in _spelled(speller.codes):
        for word in words:
            row = tokens.one(word)
            if row is not None:
                embedding[row] = code * (_WORD / code.square().mean().sqrt()) + embedding[row] * 0.1
    shared = F.normalize(torch.randn(TEXT_WIDTH, generator=torch.Generator().manual_seed(4)), dim=0).to(embedding.device)
    embedding += shared * _WORD * 0.4 * TEXT_WIDTH**0.5
    last = model.model.visual.merger.linear_fc2
    cells = Forward(model).see(seen_in["pixels"], deep=False)[0]
    strength = cells.square().mean().sqrt()
    last.weight.mul_(_PICTURE / strength)
    last.bias.mul_(_PICTURE / strength)
    model.model.language_model.norm.weight.fill_(_LAST_NORM)
    kinds = seen_in["labels"][..., 0]
    things, empty = cells[(kinds >= 0) & (kinds < NOTHING)], cells[kinds == NOTHING]
    cell = F.normalize(things.mean(0) - empty.mean(0), dim=0)
    for layer in (0, 2):
        _associate(model.model.language_model.layers[layer].self_attn, _parts(speller.codes), shared, cell)


def _associate(attention: Any, codes: dict[str, Tensor], word: Tensor, cell: Tensor) -> None:
    """Let a layer begin by looking from the name of a thing to where it is seen, and fetch its place, distance and colour.

    Queries and keys start as one and the same projection, as in mimetic initialisation (Trockman and Kolter 2023, arXiv
    2305.09828), but onto the directions in which the codes of kinds differ most. Found by chance, such a layer took the first
    trial more steps than it had. One number of each key and query keeps words from finding themselves: it is high for a cell
    and low for a word.

    Args:
        attention: The layer's attention.
        codes: By group.
        word: The direction that all embeddings of words share.
        cell: The direction in which cells that show something differ from those that do not.
    """
    size = attention.head_dim
    kinds = _directions(codes["kind"][: len(KINDS)])
    facts = _directions(torch.cat([codes[name] - codes[name].mean(0) for name in ("column", "distance", "colour")]))
    mixing = torch.linalg.qr(torch.randn(48, size, generator=torch.Generator().manual_seed(2)))[0].T.to(word.device)
    lookups = [torch.cat((part[:-1], part[-1:] * 0)) for part in (kinds[:size], mixing @ kinds[:48])]
    last = torch.zeros(size, 1, device=word.device)
    last[-1] = _PICTURES_ONLY  # the number that rotary positions turn least
    queries, keys = [part + last * word for part in lookups], [part + last * (cell - word) for part in lookups]
    values = (torch.cat((facts[:13], kinds[: size - 13])), kinds[:size])
    attention.k_proj.weight.copy_(torch.cat(keys))
    attention.v_proj.weight.copy_(torch.cat(values))
    per_key = attention.q_proj.weight.shape[0] // size // len(keys)
    attention.q_proj.weight.copy_(torch.cat([query for query in queries for _ in range(per_key)]))
    attention.o_proj.weight.copy_(torch.cat([value for value in values for _ in range(per_key)]).T * _FETCHED / per_key)
    attention.q_norm.weight.fill_(_SHARP)
    attention.k_norm.weight.fill_(_SHARP)


def _directions(codes: Tensor) -> Tensor:
    """Return the principal directions of codes, strongest first."""
    return torch.linalg.svd(codes - codes.mean(0), full_matrices=False)[2]


def _parts(codes: Tensor) -> dict[str, Tensor]:
    return dict(zip((group.name for group in GROUPS), codes.split([group.size for group in GROUPS]), strict=True))


def _spelled(codes: Tensor) -> Iterator[tuple[Tensor, tuple[str, ...]]]:
    """Yield each code with the words that stand for it."""
    parts = _parts(codes)
    for number, kind in enumerate(KINDS):
        yield parts["kind"][number], (*_forms(kind.en), *_forms(kind.en_plural), kind.zh)
    yield parts["kind"][SIGN_KIND], (*_forms("sign"), "牌子")
    yield parts["kind"][NOTHING], _forms("nothing")
    for number, (name, (chinese, _)) in enumerate(COLOURS.items()):
        yield parts["colour"][number], (*_forms(name), chinese)
    for number, words in enumerate((("left", "左边"), ("ahead", "前面"), ("right", "右边"))):
        yield parts["column"][number], (*_forms(words[0]), words[1])
    for number, words in enumerate((("far", "远处"), ("near", "近处"))):
        yield parts["distance"][number], (*_forms(words[0]), words[1])
    for number, word in enumerate(SIGN_WORDS):
        yield parts["word"][number], (word, f" {word}")
    for digit in range(10):
        yield parts["hundreds"][digit] + parts["tens"][digit] + parts["units"][digit], (str(digit),)


def _forms(word: str) -> tuple[str, ...]:
    return word, f" {word}", word.capitalize(), f" {word.capitalize()}"

"""Between the halves of training: the codes in which the vision tower spells become the embeddings of the words they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from practice.labels import GROUPS, NOTHING, SIGN_KIND
from practice.model import Forward
from practice.things import COLOURS, KINDS, SIGN_WORDS
from practice.tokens import Tokens
from practice.warmup import Batch, Speller
from torch import Tensor

_WORD, _PICTURE, _LAST_NORM = 0.25, 0.5, 0.35
"""Root mean squares of a word's embedding and of a cell, and the gain before the scores: first scores are of the order of one."""


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
    last = model.model.visual.merger.linear_fc2
    strength = Forward(model).see(seen_in["pixels"], deep=False)[0].square().mean().sqrt()
    last.weight.mul_(_PICTURE / strength)
    last.bias.mul_(_PICTURE / strength)
    model.model.language_model.norm.weight.fill_(_LAST_NORM)


def _spelled(codes: Tensor) -> Iterator[tuple[Tensor, tuple[str, ...]]]:
    """Yield each code with the words that stand for it."""
    parts = dict(zip((group.name for group in GROUPS), codes.split([group.size for group in GROUPS]), strict=True))
    for (group, number), words in names():
        yield parts[group][number], words
    for digit in range(10):
        yield parts["hundreds"][digit] + parts["tens"][digit] + parts["units"][digit], (str(digit),)


def names() -> Iterator[tuple[tuple[str, int], tuple[str, ...]]]:
    """Yield the words that stand for a code, with the code's group and number in it; digits, which have three codes, apart."""
    for number, kind in enumerate(KINDS):
        yield ("kind", number), (*_forms(kind.en), *_forms(kind.en_plural), kind.zh)
    yield ("kind", SIGN_KIND), (*_forms("sign"), "牌子")
    yield ("kind", NOTHING), _forms("nothing")
    for number, (name, (chinese, _)) in enumerate(COLOURS.items()):
        yield ("colour", number), (*_forms(name), chinese)
    for number, (english, chinese) in enumerate((("left", "左边"), ("ahead", "前面"), ("right", "右边"))):
        yield ("column", number), (*_forms(english), chinese)
    for number, (english, chinese) in enumerate((("far", "远处"), ("near", "近处"))):
        yield ("distance", number), (*_forms(english), chinese)
    for number, word in enumerate(SIGN_WORDS):
        yield ("word", number), (word, f" {word}")


def _forms(word: str) -> tuple[str, ...]:
    """Return a word as it is written within a sentence and at its beginning."""
    return word, f" {word}", word.capitalize(), f" {word.capitalize()}"

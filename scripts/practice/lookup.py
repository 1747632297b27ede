"""One layer of the language model begins by looking things up: a word attends to the cells that show what it names.

"Where is the cup", "is there a cup", "what colour is the cup" all turn on this one step. Left to itself, training came upon it
late or not at all: after 25,000 pictures, sides were told little better than by chance. Here queries and keys are fitted to the
words' embeddings and to what the vision tower gives, so that a kind has the same direction in both, and the layer hands on what
the cells hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice.finding import kinds_by_token
from practice.labels import NOTHING, SIGN_KIND
from practice.model import TEXT_WIDTH, Forward
from practice.tokens import Tokens
from practice.warmup import Batch
from torch import Tensor

LAYER = 2
"""By then the layers before it may have put together a name of several tokens."""
_KINDS = SIGN_KIND + 1
_POSITION_FREE = 7
"""The first rotary frequency, of 16 a head, that turns less than a third of a radian over 250 tokens: where content counts."""
_SHARPNESS = 1.7
"""Gain of queries and keys: a match scores 16, chance about 4."""
_HANDED_ON = 0.25
"""How strongly what the cells hold is added to the word."""
_OTHERS, _EMPTY = 0.3, 0.2
"""Weights in the fit, of tokens that name nothing and of cells that show nothing."""
_RIDGE = 5.0


@torch.no_grad()
def plant(model: Any, tokens: Tokens, drawn: Sequence[Batch]) -> None:
    """Write the look-up into a language model that is untrained but for its embeddings (`practice.transplant`).

    Args:
        model: With a trained vision tower.
        tokens: The vocabulary.
        drawn: Batches of `practice.warmup`.
    """
    generator = torch.Generator().manual_seed(2)
    text = model.model.language_model
    attention = text.layers[LAYER].self_attn
    named = torch.from_numpy(kinds_by_token(tokens)).to(text.embed_tokens.weight.device)
    cells = torch.cat([Forward(model).see(batch["pixels"], deep=False)[0].flatten(0, 1) for batch in drawn])
    shown = torch.cat([batch["labels"][..., 0].flatten() for batch in drawn])
    words = _fit(text.embed_tokens.weight, named, torch.where(named >= 0, 1.0, _OTHERS))
    seen = _fit(cells[shown >= 0], shown[shown >= 0], torch.where(shown[shown >= 0] == NOTHING, _EMPTY, 1.0))
    half = attention.head_dim // 2
    free = [*range(_POSITION_FREE, half), *range(half + _POSITION_FREE, 2 * half)]
    for head in range(attention.q_proj.out_features // attention.head_dim):
        spread = torch.randn(len(free), _KINDS, generator=generator).to(cells.device)
        rows = torch.tensor(free) + head * attention.head_dim
        for projection, direction in ((attention.q_proj, words), (attention.k_proj, seen)):
            projection.weight[head * attention.head_dim : (head + 1) * attention.head_dim].mul_(0.05)
            projection.weight[rows] = F.normalize(spread @ direction) * 0.5
    attention.q_norm.weight.fill_(_SHARPNESS)
    attention.k_norm.weight.fill_(_SHARPNESS)
    turn = torch.linalg.qr(torch.randn(TEXT_WIDTH, TEXT_WIDTH, generator=generator))[0].to(cells.device) * _HANDED_ON**0.5
    attention.v_proj.weight.copy_(turn)
    attention.o_proj.weight.copy_(turn.T)


def _fit(x: Tensor, kinds: Tensor, weight: Tensor) -> Tensor:
    """Return the linear map, shape (kinds, width), from normalised vectors to a one for their kind (ridge regression)."""
    x = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
    truth = F.one_hot(torch.where((kinds >= 0) & (kinds < _KINDS), kinds, _KINDS), _KINDS + 1)[:, :_KINDS].to(x.dtype)
    weighted = x * weight[:, None]
    return torch.linalg.solve(weighted.T @ x + _RIDGE * torch.eye(x.shape[1], device=x.device), weighted.T @ truth).T

"""Looking things up, taught directly: wherever a kind is spoken of, the model shall know by half way where in the picture it is.

The loss of a few answer words teaches it late, if at all; here every mention does (deep supervision, Lee et al. 2015).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice.labels import COLOUR_NAMES, SIGN_KIND, UNASKED
from practice.model import TEXT_WIDTH
from practice.things import KINDS, Scene
from practice.tokens import Tokens
from practice.transplant import names
from practice.warmup import Batch
from torch import Tensor, nn

_PLACES = 6
"""Near and far, left, ahead and right."""


class Finder(nn.Module):
    """Tells from the hidden state of a mention where in the picture the thing is, and in which colour."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(TEXT_WIDTH, _PLACES + len(COLOUR_NAMES))

    def forward(self, hidden: Tensor, taught: Batch) -> tuple[Tensor, dict[str, float]]:
        """Return the loss, and the share of mentions of things that are there whose places are all right.

        Args:
            hidden: Shape (batch, length, width).
            taught: Of `practice.lessons`: `kinds`, shape (batch, length), what each token speaks of, -1 for none; `places`, shape
                (batch, kinds, places), and `colours`, shape (batch, kinds), what `whereabouts` returned.
        """
        picture, token = (taught["kinds"] >= 0).nonzero(as_tuple=True)
        kind = taught["kinds"][picture, token]
        x = hidden[picture, token]
        out = self.out(x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6))
        places, colours = taught["places"][picture, kind], taught["colours"][picture, kind]
        there = places.any(-1)
        loss = F.binary_cross_entropy_with_logits(out[:, :_PLACES], places)
        right = ((out[:, :_PLACES] > 0) == (places > 0)).all(-1)
        if (colours != UNASKED).any():
            loss = loss + 0.5 * F.cross_entropy(out[:, _PLACES:], colours)
        return loss, {"found": right[there].float().mean().item(), "missed": right[~there].float().mean().item()}


def whereabouts(scene: Scene) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return for each kind, and for the sign, which places it takes, shape (kinds, places), and its colour, shape (kinds,)."""
    places = np.zeros((len(KINDS) + 1, _PLACES), np.float32)
    colours = np.full(len(KINDS) + 1, UNASKED)
    for thing in scene.things:
        places[thing.kind, 2 * thing.column + thing.near] = 1
        colours[thing.kind] = COLOUR_NAMES.index(thing.colour)
    if scene.sign:
        places[SIGN_KIND, 2 * scene.sign.column] = 1
    return places, colours


def kinds_by_token(tokens: Tokens) -> npt.NDArray[np.int64]:
    """Return for each token id the kind it speaks of, -1 for none."""
    kinds = np.full(tokens.rows, -1)
    for (group, number), words in names():
        if group == "kind" and number <= SIGN_KIND:
            for token in filter(None, map(tokens.one, words)):
                kinds[token] = number
    return kinds

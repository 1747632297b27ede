"""The first half of training: the vision tower learns to spell out each cell of a picture (see `practice.labels`)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it
from practice.canvas import Canvas
from practice.labels import CODES, GROUPS, NOTHING, label
from practice.model import TEXT_WIDTH, Forward
from practice.pictures import draw
from practice.things import Scene
from torch import Tensor, nn

Batch = dict[str, Tensor]
_CROWDED = 0.8
"""The share of pictures with a thing in every place."""
_OF_NOTHING, _OF_BOX = 0.3, 2
"""Weights in the loss: of cells that show nothing, which most do, and of the corners of boxes."""


def batch(seed: int, size: int) -> Batch:
    """Draw the batch of this seed."""
    pixels, scenes, fit = draw(random.Random(seed), size, crowded=_CROWDED)  # noqa: S311 - the same batch at every run
    return {"pixels": torch.from_numpy(pixels), **spelled(scenes, fit)}


def spelled(scenes: Sequence[Scene], fit: Canvas) -> Batch:
    """Return what `label` says of pictures of one shape."""
    labels, boxes = zip(*(label(scene, fit) for scene in scenes), strict=True)
    return {"labels": torch.from_numpy(np.stack(labels)), "boxes": torch.from_numpy(np.stack(boxes))}


class Speller(nn.Module):
    """Holds the codes against what the vision tower gives."""

    def __init__(self) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.randn(CODES, TEXT_WIDTH, generator=torch.Generator().manual_seed(1)) * 0.1)
        self.corners = nn.Linear(TEXT_WIDTH, 4)

    def forward(self, seen: Tensor, drawn: Batch) -> tuple[Tensor, dict[str, float]]:
        """Return the loss and, for each group, the share of cells that are right.

        Args:
            seen: Shape (batch, cells, width): what takes the picture's place among the tokens.
            drawn: A `batch`.
        """
        unit = seen * torch.rsqrt(seen.square().mean(-1, keepdim=True) + 1e-6)
        loss = seen.new_zeros(())
        right = {}
        start = 0
        for number, group in enumerate(GROUPS):
            truth = drawn["labels"][..., number].flatten()
            asked = truth >= 0
            if asked.any():
                scores = unit.flatten(0, 1)[asked] @ self.codes[start : start + group.size].T
                truth = truth[asked]
                weight = None
                if group.name == "kind":
                    weight = torch.ones(group.size, device=seen.device)
                    weight[NOTHING] = _OF_NOTHING
                loss = loss + group.weight * F.cross_entropy(scores, truth, weight)
                shown = truth < NOTHING if group.name == "kind" else truth >= 0
                if shown.any():
                    right[group.name] = (scores.argmax(-1) == truth)[shown].float().mean().item()
            start += group.size
        there = ~drawn["boxes"][..., 0].isnan()
        if there.any():
            loss = loss + _OF_BOX * (self.corners(unit[there]) - drawn["boxes"][there]).abs().mean()
        return loss, right


def loss(forward: Forward, speller: Speller, drawn: Batch) -> tuple[Tensor, dict[str, float]]:
    """Return `Speller`'s loss for a batch. DeepStack is left for later: nothing here reads it."""
    result: tuple[Tensor, dict[str, float]] = speller(forward.see(drawn["pixels"], deep=False)[0], drawn)
    return result

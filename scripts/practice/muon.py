"""Muon for the matrices of the hidden layers, AdamW for all else (Jordan et al. 2024, "Muon: an optimizer for hidden layers").

PyTorch's own Muon orthogonalises in bfloat16, which processors without bfloat16 arithmetic do many times slower than all the rest
of a step; here it is done in float32, matrices of one shape together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_MOMENTUM = 0.95
_NOT_HIDDEN = ("embed", "codes", "finder", "deepstack")
"""Embeddings, what only scores, and DeepStack's mergers, which are so large that Muon would take as long as all the rest."""
_QUINTIC = (3.4445, -4.7750, 2.0315)
"""Newton-Schulz coefficients, from the paper."""
_ROUNDS = 5
_CLIPPED, _DECAY = 2.0, 0.01
"""The longest gradient of the whole model, and by how much of the rate a step shrinks the matrices."""


class Muon:
    """One optimizer for a whole model."""

    def __init__(self, named: Iterable[tuple[str, Tensor]], *, matrix_rate: float, other_rate: float) -> None:
        weights = list(named)
        self._matrices = [w for name, w in weights if w.ndim == 2 and not any(part in name for part in _NOT_HIDDEN)]  # noqa: PLR2004 - a matrix
        chosen = {id(w) for w in self._matrices}
        self._others = [w for _, w in weights if id(w) not in chosen]
        self._momentum = [torch.zeros_like(w) for w in self._matrices]
        self._adam = torch.optim.AdamW(self._others, lr=other_rate, betas=(0.9, 0.98), weight_decay=0.0)
        self._matrix_rate, self._other_rate = matrix_rate, other_rate

    def state_dict(self) -> dict[str, Any]:
        """Return what `load_state_dict` goes on from."""
        return {"momentum": self._momentum, "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        for mine, saved in zip(self._momentum, state["momentum"], strict=True):
            mine.copy_(saved)
        self._adam.load_state_dict(state["adam"])

    @torch.no_grad()
    def step(self, pace: float) -> None:
        """Take a step at `pace` (0 to 1) of the full rates, and clear the gradients."""
        torch.nn.utils.clip_grad_norm_([*self._matrices, *self._others], _CLIPPED)
        for group in self._adam.param_groups:
            group["lr"] = self._other_rate * pace
        self._adam.step()
        shapes: dict[tuple[int, ...], list[int]] = {}
        for number, matrix in enumerate(self._matrices):
            if matrix.grad is not None:
                shapes.setdefault(tuple(sorted(matrix.shape)), []).append(number)
        for numbers in shapes.values():
            self._step_matrices(numbers, self._matrix_rate * pace)
        for weight in (*self._matrices, *self._others):
            weight.grad = None

    def _step_matrices(self, numbers: list[int], rate: float) -> None:
        updates = []
        for number in numbers:
            gradient, momentum = self._matrices[number].grad, self._momentum[number]
            momentum.lerp_(gradient, 1 - _MOMENTUM)
            update = torch.lerp(gradient, momentum, _MOMENTUM)
            updates.append(update if update.shape[0] <= update.shape[1] else update.T)
        x = torch.stack(updates)
        x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
        a, b, c = _QUINTIC
        for _ in range(_ROUNDS):
            gram = x @ x.mT
            x = a * x + (b * gram + c * gram @ gram) @ x
        for number, update in zip(numbers, x, strict=True):
            weight = self._matrices[number]
            rows, columns = weight.shape
            weight.mul_(1 - rate * _DECAY).add_(
                update if rows <= columns else update.T, alpha=-rate * max(1, rows / columns) ** 0.5
            )

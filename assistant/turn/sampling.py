"""How freely the words of an answer are chosen, whichever engine chooses them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from assistant.types import Preset, Writing


@dataclasses.dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; the defaults are Qwen's own for Qwen3-VL Instruct (model card, "Generation Hyperparameters")."""

    temperature: float = 0.7
    """0 always takes the likeliest token and ignores the rest of this."""
    top_p: float = 0.8
    top_k: int = 20
    presence_penalty: float = 1.5


PRESETS: Mapping[Preset, Sampling] = {
    "description": Sampling(),
    "question": Sampling(temperature=0.3),
    "creative": Sampling(temperature=1.0, top_p=0.95),
    # text is copied, not composed: penalties would forbid a digit that comes twice
    "document": Sampling(temperature=0.1, presence_penalty=0.0),
}


def sampling(writing: Writing, preset: Preset, temperature: float | None) -> Sampling:
    """Return what holds for one answer.

    Args:
        writing: What is wanted of it.
        preset: What the settings say where that says nothing.
        temperature: In place of that preset's; None where the settings say nothing of it.
    """
    chosen = PRESETS[writing.preset or preset]
    if writing.temperature is not None:
        return dataclasses.replace(chosen, temperature=writing.temperature)
    if writing.preset is None and temperature is not None:
        return dataclasses.replace(chosen, temperature=temperature)
    return chosen

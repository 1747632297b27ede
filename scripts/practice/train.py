"""Trains the practice model from nothing: `python -m practice.train FOLDER`. Goes on where it was stopped."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from practice import lessons, warmup
from practice.finding import Finder
from practice.lookup import plant
from practice.model import Forward, make
from practice.muon import Muon
from practice.tokens import Tokens
from practice.transplant import transplant
from practice.warmup import Batch, Speller
from torch import Tensor, nn

_SEED = 3
_HELD_BACK = 1 << 40
"""Seed of the batch that is only looked at; those trained on are smaller."""
_OTHER_SEEDS = 1 << 20
"""Added in the last stage, which shall not see the pictures of the one before again."""
_SPELLED_AT_ONCE, _TALKED_OF_AT_ONCE = 48, 12
"""Pictures in a batch."""
_MEASURED = 6
"""Batches from which the look-up is fitted."""
_PACED = 40
"""Steps until the full pace: before, Muon's momentum and Adam's averages know too little."""
_RATE = 0.008
"""Muon's; Adam's is an eighth of it. At 0.02 the eyes never learned to read signs; at 0.015 talking stayed a third worse."""
_TOLD_EVERY, _SAVED_EVERY = 50, 100


@dataclasses.dataclass(frozen=True)
class Stage:
    """A stretch of training with its own batches and loss."""

    name: str
    steps: int
    batch: Callable[[int], Batch]
    """Draws the batch of a seed."""
    loss: Callable[[Batch], tuple[Tensor, dict[str, float]]]
    """Returns the loss of a batch, and shares that tell how it goes."""
    learns: Callable[[str], bool]
    """Tells by its name whether a weight is trained."""
    fade: float
    """The share of the steps over which the pace falls to nothing at the end."""

    def pace(self, step: int) -> float:
        """Warm up, hold, and fade out linearly."""
        return min(1.0, (step + 1) / _PACED) * min(1.0, (self.steps - step) / (self.fade * self.steps))


class Course:
    """One stage under way, kept in a file so that it can go on after it was stopped.

    Args:
        stage: What is done.
        parts: All that is trained in any stage.
        folder: Where the file is.
        device: "cpu" or "cuda".
    """

    def __init__(self, stage: Stage, parts: nn.ModuleDict, folder: Path, device: str) -> None:
        learned = [(name, weight) for name, weight in parts.named_parameters() if stage.learns(name)]
        self._optimizer = Muon(learned, matrix_rate=_RATE, other_rate=_RATE / 8)
        self._stage, self._parts, self._device = stage, parts, device
        self._path = folder / f"{stage.name}.pt"
        self._step = 0

    def run(self, drawers: int) -> None:
        """Train to the end, with batches from so many processes."""
        stage = self._stage
        self._resume()
        unseen = _on(self._device, stage.batch(_HELD_BACK))
        began, first = time.monotonic(), self._step
        news: dict[str, list[float]] = collections.defaultdict(list)
        for drawn in _batches(stage, self._step, self._device, drawers):
            loss, shares = stage.loss(drawn)
            loss.backward()
            self._optimizer.step(stage.pace(self._step))
            self._step += 1
            for name, share in {"loss": loss.item(), **shares}.items():
                news[name].append(share)
            if self._due(_TOLD_EVERY):
                seconds = time.monotonic() - began
                means = {name: sum(values) / len(values) for name, values in news.items()}
                self._tell(f"{seconds:.0f} s, {seconds / (self._step - first):.3f} s a step", means)
                news.clear()
            if self._due(_SAVED_EVERY):
                with torch.no_grad():
                    loss, shares = stage.loss(unseen)
                self._tell("unseen", {"loss": loss.item(), **shares})
                self._save()

    def _due(self, every: int) -> bool:
        return self._step % every == 0 or self._step == self._stage.steps

    def _tell(self, what: str, figures: Mapping[str, float]) -> None:
        told = " ".join(f"{name}={value:.3f}" for name, value in figures.items())
        print(f"{self._stage.name} {self._step}/{self._stage.steps} {what} {told}", flush=True)

    def _resume(self) -> None:
        if self._path.exists():
            state = torch.load(self._path, weights_only=True, map_location=self._device)
            self._parts.load_state_dict(state["parts"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._step = state["step"]
            print(f"{self._stage.name}: going on at step {self._step}", flush=True)

    def _save(self) -> None:
        part = self._path.with_suffix(".part")
        torch.save({"parts": self._parts.state_dict(), "optimizer": self._optimizer.state_dict(), "step": self._step}, part)
        part.replace(self._path)


def _batches(stage: Stage, start: int, device: str, drawers: int) -> Iterator[Batch]:
    """Yield the batches from `start` on, drawn by other processes, in the order of their seeds."""
    context = multiprocessing.get_context("fork")
    queues = [context.Queue(4) for _ in range(drawers)]
    for number, queue in enumerate(queues):
        seeds = range(start + number, stage.steps, drawers)
        context.Process(target=_feed, args=(queue, stage.batch, seeds), daemon=True).start()
    for step in range(start, stage.steps):
        drawn = queues[(step - start) % drawers].get()
        yield _on(device, {name: torch.from_numpy(part) for name, part in drawn.items()})


def _on(device: str, batch: Batch) -> Batch:
    return {name: part.to(device) for name, part in batch.items()}


def _feed(queue: Any, batch: Callable[[int], Batch], seeds: range) -> None:
    os.nice(1)
    torch.set_num_threads(1)
    for seed in seeds:
        queue.put({name: part.numpy() for name, part in batch(seed).items()})


def _stages(tokens: Tokens, parts: nn.ModuleDict, steps: tuple[int, int, int]) -> tuple[Stage, Stage, Stage]:
    """Return what is done in turn: the eyes learn to spell, the language model to talk, then both go on together."""
    writer = lessons.Writer(tokens)
    forward, speller, finder = Forward(parts["model"]), parts["speller"], parts["finder"]
    return (
        Stage(
            name="warmup",
            steps=steps[0],
            batch=lambda seed: warmup.batch(seed, _SPELLED_AT_ONCE),
            loss=lambda drawn: warmup.loss(forward, speller, drawn),
            learns=lambda name: "speller" in name or ("visual" in name and "deepstack" not in name),
            fade=0.25,
        ),
        Stage(
            name="talk",
            steps=steps[1],
            batch=lambda seed: lessons.batch(writer, seed, _TALKED_OF_AT_ONCE, crowd=False),
            loss=lambda taught: lessons.talking_loss(forward, finder, taught),
            learns=lambda name: "language_model" in name or "finder" in name,
            fade=0.25,
        ),
        Stage(
            name="both",
            steps=steps[2],
            batch=lambda seed: lessons.batch(writer, seed + _OTHER_SEEDS, _TALKED_OF_AT_ONCE, crowd=True),
            loss=lambda taught: lessons.whole_loss(forward, finder, speller, taught),
            learns=lambda _: True,
            fade=0.5,
        ),
    )


def _arguments() -> argparse.Namespace:
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("folder", type=Path)
    command.add_argument("--steps", type=int, nargs=3, default=(6000, 6000, 6000), help="of the three stages")
    command.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    command.add_argument("--drawers", type=int, default=1, help="processes that draw")
    return command.parse_args()


def main() -> None:
    """Train all stages and write the Hugging Face folder."""
    given = _arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    tokens = Tokens.of(given.folder)
    model = make(tokens.rows, tokens.special, _SEED)
    parts = nn.ModuleDict({"model": model, "speller": Speller(), "finder": Finder()}).to(given.device)
    look, *lessons_learned = _stages(tokens, parts, tuple(given.steps))
    if not any((given.folder / f"{stage.name}.pt").exists() for stage in lessons_learned):
        Course(look, parts, given.folder, given.device).run(given.drawers)
        drawn = [_on(given.device, look.batch(_HELD_BACK + number)) for number in range(_MEASURED)]
        transplant(model, parts["speller"], tokens, drawn[0])
        plant(model, tokens, drawn)
    for stage in lessons_learned:
        Course(stage, parts, given.folder, given.device).run(given.drawers)
    model.save_pretrained(given.folder)
    ends = {"eos_token_id": tokens.special["<|im_end|>"], "pad_token_id": tokens.special["<|endoftext|>"]}
    (given.folder / "generation_config.json").write_text(json.dumps(ends) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

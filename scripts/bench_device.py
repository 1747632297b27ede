"""How fast each model is on this machine, with which settings, and what memory it takes.

One picture is described: 768 by 512 pixels, 384 tokens. Models of the true shapes with random weights are made on the spot; their
times and memory are those of the real ones. Each case is loaded in a process of its own, its file read before, so that the disk
does not count. One that does not fit, or ends badly, is a row that says so.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from measuring import in_own_process, machine, peak_rss_mib, synthetic_files, synthetic_folder

from assistant.config import VisionConfig
from assistant.errors import AssistantError
from assistant.fit import Candidate, fitted
from assistant.llama.backends import free_gpu_memory, gpus
from assistant.llama.conversation import Conversation
from assistant.llama.footprint import footprint
from assistant.llama.picture import encode
from assistant.llama.session import VisionSession, load_session
from assistant.memory import free
from assistant.turn.prompts import SYSTEM
from assistant.types import Cancellation, Pixels, Question
from assistant.vision import IMAGE_TOKENS

# ruff: noqa: SLF001 - encoding and reading are timed apart, which a session does in one step

QUESTION = Question("Describe what is in front of me.", "en")
ANSWER_TOKENS = 64
"""Length of every answer: three or four sentences."""
WIDTH, HEIGHT = 768, 512
LONGEST_CASE = 1800.0
"""Seconds after which a case is given up: the slowest on two cores takes 200."""
MEASURED = "measured"
"""The outcome of a case that ended well; of others, what went wrong."""
_PLAIN = "as it is"
VARIATIONS: Mapping[str, Mapping[str, Any]] = {
    _PLAIN: {},
    "without mmap": {"mmap": False},
    "KV q8_0": {"kv_type": "q8_0"},
    "128 tokens": {"image_tokens": 128},
    "256 tokens": {"image_tokens": 256},
    "512 tokens": {"image_tokens": 512},
    "1024 tokens": {"image_tokens": 1024},
}
"""Of the assistant's own settings, each changing one. Where a picture may have more than 384 tokens, it is twice as wide and high,
and made smaller as the assistant does it."""
CASES: Mapping[str, tuple[str, ...]] = {
    "tiny-Q8_0": tuple(VARIATIONS),
    "2b-Q4_K_M": tuple(VARIATIONS),
    "2b-Q8_0": (_PLAIN,),
    "4b-Q4_K_M": (_PLAIN,),
    "4b-Q8_0": (_PLAIN,),
    "8b-Q4_K_M": (_PLAIN, "without mmap", "KV q8_0", "128 tokens"),
    "8b-Q8_0": (_PLAIN,),
}
"""What is measured of each model: all variations of the smallest, and of the largest those that decide whether it can be used."""
MODELS = tuple(model for model in CASES if not model.startswith("tiny"))
_COLUMNS = {
    "load_s": "load, s",
    "encode_s": "encode, s",
    "prefill_tokens_per_s": "prefill, tokens/s",
    "decode_tokens_per_s": "decode, tokens/s",
    "first_word_unread_s": "first word, picture not read before, s",
    "first_word_s": "first word, picture read, s",
    "answer_s": f"{ANSWER_TOKENS} tokens, picture read, s",
    "peak_rss_mib": "peak memory, MiB",
    "gpu_memory_mib": "on the graphics card, MiB",
}
_LINE = (
    "load {load_s} s, {picture_tokens} tokens of picture encoded in {encode_s} s, prefill {prefill_tokens_per_s} and decode "
    "{decode_tokens_per_s} tokens a second, first word after {first_word_unread_s} s, {first_word_s} s where the picture was read "
    "before, {answered_tokens} tokens after {answer_s} s, peak {peak_rss_mib} MiB"
)


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--models", nargs="+", choices=CASES, default=MODELS, metavar="MODEL", help=f"of {', '.join(CASES)}")
    names = ", ".join(f'"{variation}"' for variation in VARIATIONS)
    command.add_argument("--cases", nargs="+", choices=VARIATIONS, default=VARIATIONS, metavar="CASE", help=f"of {names}")
    command.add_argument("--gpu-layers", type=int, default=0, help="layers computed on a graphics card; -1 for all")
    command.add_argument("--repeat", type=int, default=3, help="how often each time is taken; the medians count")
    command.add_argument("--keep", action="store_true", help="keep the models that were made; up to 9 GB each")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print what comes out, and return the figures under their stable names."""
    figures: dict[str, Any] = {}
    for model in given.models:
        chosen = [variation for variation in CASES[model] if variation in given.cases]
        for variation, figure in zip(chosen, _of_model(model, chosen, given), strict=True):
            figures[f"{model}, {variation}"] = {"model": model, "case": variation, **figure}
            line = _LINE.format_map(figure) if figure["outcome"] == MEASURED else figure["outcome"]
            print(f"{model}, {variation}: {line}", flush=True)
    print("\n".join(["", *_table(figures.values())]))
    return {
        "picture": f"{WIDTH}x{HEIGHT}",
        "answer_tokens": ANSWER_TOKENS,
        "n_ctx": VisionConfig().n_ctx,
        "mmproj": "Q8_0",
        "gpu_layers": given.gpu_layers,
        "repeat": given.repeat,
        "cases": figures,
    }


def _of_model(model: str, variations: list[str], given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Make a model, measure it, and remove what was not there before."""
    folder = synthetic_folder()
    there = set(folder.glob("*.gguf"))
    shape, quantisation = model.split("-")
    try:
        files = synthetic_files(shape, quantisation)
    except OSError as error:
        yield from ({"outcome": f"not made: {error}"} for _ in variations)
        return
    os.sync()  # writing gigabytes back takes time from whatever is measured meanwhile
    for variation in variations:
        for path in files:
            _into_page_cache(path)
        settings = {"gpu_layers": given.gpu_layers, **VARIATIONS[variation]}
        yield _in_process(*files, settings, given.repeat)
    if not given.keep:
        for path in set(files) - there:
            path.unlink()


def _into_page_cache(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def _in_process(model: Path, mmproj: Path, settings: Mapping[str, Any], repeat: int) -> dict[str, Any]:
    try:
        done = in_own_process(__file__, [str(model), str(mmproj), settings, repeat], LONGEST_CASE)
    except subprocess.TimeoutExpired:
        return {"outcome": f"given up after {LONGEST_CASE:.0f} s"}
    if done.returncode:
        return {"outcome": f"died, {done.returncode}: {done.stderr.strip()[-200:]}"}
    figure: dict[str, Any] = json.loads(done.stdout)
    return figure


def _table(figures: Collection[Mapping[str, Any]]) -> list[str]:
    """Lay figures out in Markdown, each row with the machine it was measured on; where there are none, with what happened."""
    here = machine()
    columns = [key for key in _COLUMNS if any(key in figure for figure in figures)]
    rows = [["model", "", *(_COLUMNS[key] for key in columns), "on"], ["---"] * (len(columns) + 3)]
    for figure in figures:
        name = figure["model"].replace("-", " ").replace("b ", "B ")
        case = [figure["case"]] if figure["case"] != _PLAIN else []
        case += [figure["outcome"]] if figure["outcome"] != MEASURED else []
        device = [str(here["cpu"]), f"{here['cores']} cores", *figure.get("gpus", [])]
        rows.append([name, ": ".join(case), *(str(figure.get(key, "")) for key in columns), ", ".join(device)])
    return [f"| {' | '.join(row)} |" for row in rows]


# in the process of its own


def measured(model: str, mmproj: str, settings: Mapping[str, Any], repeat: int) -> dict[str, Any]:
    """Load a session, look and answer; return the medians, or why there are none."""
    config = VisionConfig(preset="description", max_tokens=ANSWER_TOKENS, **settings)
    tokens = config.image_tokens or IMAGE_TOKENS
    cards = gpus() if config.gpu_layers else []
    if config.gpu_layers and not cards:
        return {"outcome": "no graphics card that llama.cpp, as it is built here, can use"}
    memory = free_gpu_memory() if cards else None
    try:
        _check_fit(Path(model), Path(mmproj), config, tokens, memory)
        start = time.perf_counter()
        session = load_session(Path(model), Path(mmproj), config, (-1, tokens), SYSTEM)
        load = time.perf_counter() - start
        rounds = [_round(session, _picture(2 if tokens > IMAGE_TOKENS else 1)) for _ in range(repeat)]
    except AssistantError as error:
        return {"outcome": f"{error.spoken('en')} ({error.detail})"}
    figures: dict[str, Any] = {"outcome": MEASURED, "load_s": _rounded(load)}
    figures |= {name: _rounded(statistics.median(figure[name] for figure in rounds)) for name in rounds[0]}
    figures["peak_rss_mib"] = round(peak_rss_mib())
    if cards:
        figures["gpus"] = [card.name for card in cards]
    if memory is not None:
        figures["gpu_memory_mib"] = round((memory - (free_gpu_memory() or 0)) / 2**20)
    return figures


def _rounded(figure: float) -> float:
    """Return three digits of a figure, and whole what is so."""
    return round(figure) if figure >= 100 or figure.is_integer() else float(f"{figure:.3g}")  # noqa: PLR2004 - has three digits


def _check_fit(model: Path, mmproj: Path, config: VisionConfig, tokens: int, gpu: int | None) -> None:
    """Refuse what there is no memory for, before the system ends some process to make room.

    Raises:
        TooLarge: It does not fit as it is.
    """
    need = footprint(model, mmproj, config, tokens)
    fitted([Candidate(model.stem, config, lambda _: need)], free(gpu), 0)


def _round(session: VisionSession, pixels: Pixels) -> dict[str, float]:
    """Look at a picture and describe it, in seconds from the moments at which somebody may have begun to wait."""
    session.forget()
    start = time.perf_counter()
    picture = encode(session._weights, pixels, Cancellation())
    encoded = time.perf_counter()
    session._conversation = Conversation().looking_at(picture)
    tokens = session._shared.cache.read(session._conversation.entries(session._layout), Cancellation(), logits=False)
    llama_cpp.llama_synchronize(session._weights.context)  # a graphics card may still be at it
    read = time.perf_counter()
    # tokens are counted in the cache: one may be half a character, and no piece of text
    pieces = [(time.perf_counter(), len(session._shared.cache.entries)) for _ in session.answer(QUESTION, Cancellation())]
    (first, before), (last, after) = pieces[0], pieces[-1]
    return {
        "picture_tokens": float(picture.cells),
        "encode_s": encoded - start,
        "prefill_tokens_per_s": tokens / (read - encoded),
        "decode_tokens_per_s": (after - before) / (last - first),
        "first_word_unread_s": first - start,
        "first_word_s": first - read,
        "answer_s": last - read,
        "answered_tokens": float(len(session._shared.cache.entries) - before),
    }


def _picture(scale: int) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (scale * HEIGHT, scale * WIDTH, 3), np.uint8)


if __name__ == "__main__":
    print(json.dumps(measured(*json.loads(sys.argv[1]))))

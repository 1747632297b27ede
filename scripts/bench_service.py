"""The benchmark of the HTTP service: what it adds to the vision session, llama.cpp's own server beside it, and 32 programs at once.

llama.cpp's server is measured where --llama-server names it; scripts/build-llama-server builds it, in 10 minutes on two cores.
"""

from __future__ import annotations

import argparse
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import service_load
import service_overhead
import service_rivals
from measuring import synthetic_files, synthetic_folder
from PIL import Image
from served import llama_server, ours
from service_rivals import OURS, THEIRS

from assistant.config import VisionConfig
from assistant.models.catalogue import vision_files
from assistant.settings import PRACTICE
from assistant.vision import IMAGE_TOKENS, PRACTICE_IMAGE_TOKENS

MODELS = (PRACTICE, "2b")
PARTS = ("overhead", "llama-server", "load")
_SIZE = (768, 512)
_CLIENTS = 32
_FAST = 5
"""So many times as often is asked what the practice model answers: in milliseconds."""


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--models", nargs="+", choices=MODELS, default=MODELS, metavar="MODEL", help="practice, 2b (synthetic)")
    command.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    command.add_argument("--llama-server", type=Path, metavar="PATH", help="what scripts/build-llama-server built; else left out")
    command.add_argument("--repeat", type=int, default=3, help="new pictures for each server; 12 questions for each; medians count")
    command.add_argument(
        "--threads",
        type=int,
        default=os.cpu_count() or 1,
        help="of the model; on a machine that has other work to do, fewer than it has processors: all wait for the last one",
    )
    command.add_argument("--seconds", type=float, default=120.0, help=f"how long {_CLIENTS} programs ask at once")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print what comes out, and return the figures under their stable names."""
    report: dict[str, Any] = {"threads": given.threads}
    for model in given.models:
        config = _config(model, given.threads)
        repeat = given.repeat * (_FAST if model == PRACTICE else 1)
        print(
            f"model {model}: picture of {_SIZE[0]} by {_SIZE[1]} pixels, {config.image_tokens} tokens, {config.threads} threads",
            flush=True,
        )
        report[model] = {}
        if "overhead" in given.parts:
            report[model] |= _overhead(config, 12 * repeat)
        if "llama-server" in given.parts and given.llama_server:
            report[model] |= _rivals(config, given.llama_server, repeat)
    if "load" in given.parts:
        report["load"] = _load(given.seconds, given.threads)
    return report


def _config(model: str, threads: int) -> VisionConfig:
    common: dict[str, Any] = {
        "fit": False,
        "threads": threads,
        "flash_attention": "on",
        "temperature": 0.0,
        "max_tokens": 64,
    }
    if model == PRACTICE:
        return VisionConfig(model=PRACTICE, image_tokens=PRACTICE_IMAGE_TOKENS, **common)
    print(f"a synthetic model of the {model} shape, made once, in {synthetic_folder()}", flush=True)
    file, mmproj = synthetic_files(model)
    return VisionConfig(model=str(file), mmproj=mmproj, image_tokens=IMAGE_TOKENS, **common)


def _overhead(config: VisionConfig, repeat: int) -> dict[str, float]:
    with ours(config) as served, service_overhead.bare(config) as session:
        figures = service_overhead.measure(served, session, _jpeg(0), repeat)
    for name, what in (("question", "a question in a session"), ("with_picture", "a question with a picture sent before")):
        values = {key.removeprefix(f"{name}_"): value for key, value in figures.items()}
        print(
            "first token of {what}: bare {bare_ms:.1f} ms (p95 {bare_ms_p95:.1f}), by HTTP {http_ms:.1f} (p95 {http_ms_p95:.1f}), "
            "overhead {overhead_ms:.1f} (p95 {overhead_ms_p95:.1f})".format(what=what, **values)
        )
    print(f"decoding a picture not sent before: {figures['picture_decoding_ms']:.0f} ms more", flush=True)
    return figures


def _rivals(config: VisionConfig, program: Path, rounds: int) -> dict[str, float]:
    files = vision_files(config.model, config.mmproj)
    with ours(config) as mine, llama_server(program, files, config) as theirs:
        figures = service_rivals.measure({OURS: mine, THEIRS: theirs}, [_jpeg(seed) for seed in range(rounds + 1)])
    for figure, what in (
        ("new_picture_s", "first token for a new picture, s"),
        ("second_question_s", "first token of a second question about it, s"),
        ("same_picture_s", "first token for the same picture in a new conversation, s"),
        ("tokens_per_s", "tokens a second"),
        ("peak_rss_mib", "peak memory, MiB, ours with speech recognition and a voice"),
    ):
        value, other = figures[f"{figure}_{OURS}"], figures[f"{figure}_{THEIRS}"]
        ratio = figures[f"{figure}_ratio"] = round(value / other, 3)
        print(f"{what}: ours {value:.4g}, llama-server {other:.4g}, ratio {ratio:.2f}", flush=True)
    return figures


def _load(seconds: float, threads: int) -> dict[str, float]:
    with ours(_config(PRACTICE, threads)) as served:
        asking = service_load.visitors(served, _CLIENTS)
        outcome = service_load.hold(served, asking, seconds)
    p50, p95 = np.percentile(outcome.waits or [np.nan], [50, 95])
    print(
        f"{_CLIENTS} programs for {seconds:.0f} s: {sum(outcome.answers)} right answers, {len(outcome.wrong)} wrong, "
        f"{len(outcome.lost)} lost; asked to come back later {outcome.sent_away} times; "
        f"waited for an answer, p50 {p50:.1f} s, p95 {p95:.1f} s, the unluckiest got {min(outcome.answers)}"
    )
    print(
        f"memory {outcome.memory[-1]:.0f} MiB, {outcome.memory_growth_mib:+.1f} since it was warm",
        *outcome.wrong,
        *outcome.lost,
        sep="\n",
    )
    return {
        "clients": _CLIENTS,
        "seconds": seconds,
        "right": sum(outcome.answers),
        "wrong": len(outcome.wrong),
        "lost": len(outcome.lost),
        "sent_away": outcome.sent_away,
        "fewest_answers": min(outcome.answers),
        "wait_s_p50": round(float(p50), 2),
        "wait_s_p95": round(float(p95), 2),
        "rss_mib": round(outcome.memory[-1]),
        "rss_growth_mib": round(outcome.memory_growth_mib, 1),
    }


def _jpeg(seed: int) -> bytes:
    """Return a picture with edges and noise, which is sharp enough to be looked at, as large a file as a camera's."""
    width, height = _SIZE
    rng = np.random.default_rng(seed)
    patches = rng.integers(20, 236, (height // 32, width // 32, 3)).repeat(32, 0).repeat(32, 1)
    noisy = patches + rng.integers(-20, 20, patches.shape)
    file = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()

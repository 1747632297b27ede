"""How much memory is said to be needed before a model is loaded, against what it then takes, each load in a process of its own.

"Peak" is VmHWM, the most that was ever resident, pages of mapped files included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from synthetic_gguf import SHAPES, synthesise

from assistant.config import VisionConfig

MiB = 1 << 20
BASE: Mapping[str, Any] = {"n_ctx": 4096, "max_tokens": 48, "temperature": 0.0}
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "KV q8_0": {"kv_type": "q8_0"},
    "without mmap": {"mmap": False},
    "repacked": {"repack": True},
    "repacked, without mmap": {"repack": True, "mmap": False},
    "128 tokens": {"image_tokens": 128},
    "1024 tokens": {"image_tokens": 1024},
    "flash attention off": {"flash_attention": "off"},
}
_PICTURES = {128: (512, 256), 384: (768, 512), 1024: (1024, 1024)}


def resident(which: str) -> int:
    """Return a memory figure of this process in bytes: VmHWM, VmRSS, RssAnon, ... (proc(5))."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(which + ":")))


def child(model: Path, mmproj: Path, config: VisionConfig) -> dict[str, int]:
    """Load a session, look twice and answer; return estimate and peak, both without what Python and its libraries take."""
    from assistant.llama.footprint import footprint
    from assistant.llama.session import VisionSession
    from assistant.types import Cancellation, Frame, Question

    tokens = config.image_tokens or 384
    estimate = footprint(model, mmproj, config, tokens)
    before = resident("VmRSS")
    session = VisionSession(model, mmproj, config, (tokens, tokens), "You are the eyes of a blind person.")
    width, height = _PICTURES[tokens]
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    session.look(Frame(pixels, 0.0), Cancellation())
    for _, _ in zip(range(8), session.answer(Question("What is it?", "en"), Cancellation()), strict=False):
        pass
    return {
        "estimate": estimate.peak,
        "needed": estimate.total,
        "peak": resident("VmHWM") - before,
        "anonymous": resident("RssAnon"),
        "file": resident("RssFile"),
        "address": resident("VmPeak") - resident("VmHWM"),
    }


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--model", choices=SHAPES, nargs="+", default=["2b", "8b"])
    command.add_argument("--only", choices=VARIANTS, nargs="+", default=list(VARIANTS))


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print what comes out, and return the figures."""
    figures: dict[str, Any] = {}
    folder = platformdirs.user_cache_path("assistant") / "synthetic"
    for name in given.model:
        model, mmproj = synthesise(name, folder, "Q8_0" if name == "tiny" else "Q4_K_M", "Q8_0")
        for variant in given.only:
            config = VisionConfig.model_validate({**BASE, **VARIANTS[variant]})
            job = json.dumps([str(model), str(mmproj), config.model_dump(mode="json")])
            done = subprocess.run([sys.executable, __file__, job], capture_output=True, text=True, check=True)
            figure = json.loads(done.stdout)
            print(f"{name}, {variant}: {figure} {figure['estimate'] / figure['peak']:.3f}", flush=True)
            figures[f"{name}, {variant}"] = figure
    return figures


if __name__ == "__main__":
    job = json.loads(sys.argv[1])
    print(json.dumps(child(Path(job[0]), Path(job[1]), VisionConfig.model_validate(job[2]))))

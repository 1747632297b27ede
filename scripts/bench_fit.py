"""Memory: what is said to be needed before a model is loaded, against what it then takes; and what happens where there is less.

Each load has a process of its own. What it takes is VmHWM, the most that was ever resident, pages of mapped files included, less
what Python and its libraries had before. Limits are resource limits, set in that process by itself: RLIMIT_AS holds whatever is
resident below it, for it counts addresses; RLIMIT_DATA does not count the pages of files, so the model file's size, and 100 MB for
libraries, are taken off it, and what is resident can't come above the limit either.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measuring import in_own_process, status_bytes, synthetic_files
from synthetic_gguf import SHAPES

from assistant import parts
from assistant.config import Config, VisionConfig
from assistant.engines.silero_detector import SileroDetector
from assistant.engines.smart_turn_detector import SmartTurnDetector
from assistant.errors import AssistantError, HearingFailed
from assistant.llama.footprint import footprint
from assistant.llama.session import load_session
from assistant.models.catalogue import turn_file
from assistant.ports import VisionModel
from assistant.types import SAMPLE_RATE, Cancellation, Frame, Manner, Question, Sentence, Utterance
from assistant.vision import IMAGE_TOKENS, open_vision

GiB = 1 << 30
LIBRARIES = 100_000_000
BASE: Mapping[str, Any] = {"n_ctx": 4096, "max_tokens": 48, "temperature": 0.0}
VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "as it is": {},
    "KV q8_0": {"kv_type": "q8_0"},
    "without mmap": {"mmap": False},
    "repacked": {"repack": True},
    "repacked, without mmap": {"repack": True, "mmap": False},
    "pictures of 128 tokens": {"image_tokens": 128},
    "pictures of 1024 tokens": {"image_tokens": 1024},
    "without flash attention": {"flash_attention": "off"},
}
LIMITS = (
    *(("2b", "RLIMIT_AS", gib) for gib in (2.0, 3.0, 3.6, 3.8)),
    *(("2b", "RLIMIT_DATA", gib) for gib in (0.8, 1.4, 1.6, 2.0)),
)
"""From what even the smallest settings do not fit into, to what nothing is changed for, in GiB."""
MUST_ANSWER = (("2b", 4.0), ("8b", 7.4))
"""With speech recognition, turn detection and voice loaded and used, in GiB of resident memory."""
_PICTURES = {128: (512, 256), 384: (768, 512), 1024: (1024, 1024)}


def configure(command: argparse.ArgumentParser) -> None:
    """Say what the command line may say."""
    command.add_argument("--model", choices=SHAPES, nargs="+", default=["2b", "8b"], help="shapes to estimate and to load")
    command.add_argument("--only", choices=["estimates", "limits"], help="one of the two parts")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print what comes out, and return the figures under their stable names."""
    figures: dict[str, Any] = {}
    if given.only != "limits":
        figures["estimates"] = {name: _estimates(name) for name in given.model}
        ratios = [figure["estimate_over_peak"] for shape in figures["estimates"].values() for figure in shape.values()]
        print(f"estimate over peak, {len(ratios)} loads: {min(ratios):.3f} to {max(ratios):.3f}")
        figures |= {"estimate_over_peak_min": min(ratios), "estimate_over_peak_max": max(ratios)}
    if given.only != "estimates":
        limited = [_limited(*limit) for limit in LIMITS if limit[0] in given.model]
        limited += [_must_answer(name, gib) for name, gib in MUST_ANSWER if name in given.model]
        figures["limits"] = limited
        figures["died"] = sum(figure["outcome"].startswith("died") for figure in limited)
    return figures


def _estimates(name: str) -> dict[str, Any]:
    figures = {}
    for variant, settings in VARIANTS.items():
        figure = json.loads(_in_process("estimated", *synthetic_files(name), {**BASE, **settings}).stdout)
        estimate, peak = figure["estimate"], figure["peak"]
        figure["estimate_over_peak"] = round(estimate / peak, 4)
        print(f"{name}, {variant}: estimate {estimate / 1e9:.2f} GB, peak {peak / 1e9:.2f} GB, {estimate / peak:.3f}", flush=True)
        figures[variant] = figure
    return figures


def _limited(name: str, kind: str, gib: float) -> dict[str, Any]:
    done = _in_process("limited", *synthetic_files(name), BASE, kind, int(gib * GiB))
    return _told(f"{name}, {kind} {gib} GiB", done)


def _must_answer(name: str, gib: float) -> dict[str, Any]:
    model, mmproj = synthetic_files(name)
    limit = int(gib * GiB) - model.stat().st_size - LIBRARIES
    done = _in_process("limited", model, mmproj, BASE, "RLIMIT_DATA", limit, "speech")
    return _told(f"{name} with speech, at most {gib} GiB resident", done)


def _told(title: str, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    died = {"outcome": f"died, {done.returncode}: {done.stderr[-300:]}", "peak": 0}
    figure: dict[str, Any] = died if done.returncode else json.loads(done.stdout)
    print(f"{title}: {figure['outcome']} Peak {figure['peak'] / GiB:.2f} GiB.", flush=True)
    return {"limit": title, **figure}


def _in_process(
    what: str, model: Path, mmproj: Path, settings: Mapping[str, Any], *limit: str | int
) -> subprocess.CompletedProcess[str]:
    done = in_own_process(__file__, [what, {**settings, "model": str(model), "mmproj": str(mmproj)}, *limit])
    if what == "estimated":
        done.check_returncode()
    return done


# in the process of its own


def estimated(settings: Mapping[str, Any]) -> dict[str, int]:
    """Load a session, look and answer; return estimate and peak."""
    config = VisionConfig.model_validate(settings)
    tokens = config.image_tokens or IMAGE_TOKENS
    model, mmproj = Path(config.model), Path(settings["mmproj"])
    estimate = footprint(model, mmproj, config, tokens).peak
    before = status_bytes("VmRSS")
    session = load_session(model, mmproj, config, (tokens, tokens), "You are the eyes of a blind person.")
    _use(session, tokens)
    return {"estimate": estimate, "peak": status_bytes("VmHWM") - before}


def limited(settings: Mapping[str, Any], kind: str, limit: int, speech: str = "") -> dict[str, Any]:
    """Open what fits below a limit, look and answer; return what a person would have heard."""
    resource.setrlimit(getattr(resource, kind), (limit, limit))
    config = Config(vision=VisionConfig.model_validate(settings))
    loaded = _speech(config) if speech else []
    try:
        opened = open_vision(config)
        _use(opened.model, IMAGE_TOKENS)
    except AssistantError as error:
        outcome = f"refused: {error.spoken('en')}"
    else:
        outcome = f"answered: {opened.notice['en'] if opened.notice else 'Nothing was changed.'}"
    figures = {"outcome": outcome, "peak": status_bytes("VmHWM")}
    loaded.clear()  # all stayed until here
    return figures


def _speech(config: Config) -> list[Any]:
    """Load and use all that hears and speaks; return it, so that it stays."""
    voice, transcriber = parts.open_voice(config), parts.open_transcriber(config)
    list(voice.speak(Sentence("What is in front of me on the table?", "en"), Manner()))
    turns, speech = SmartTurnDetector(turn_file()), SileroDetector()
    sound = np.random.default_rng(0).normal(0, 0.1, 30 * SAMPLE_RATE).astype(np.float32)
    turns.finished(sound[: 8 * SAMPLE_RATE])
    with contextlib.suppress(HearingFailed):  # it is noise
        transcriber.transcribe(Utterance(sound, 30.0))
    return [voice, transcriber, turns, speech]


def _use(model: VisionModel, tokens: int) -> None:
    width, height = _PICTURES[tokens]
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    model.look(Frame(pixels, 0.0), Cancellation())
    for _, _ in zip(range(8), model.answer(Question("What is it?", "en"), Cancellation()), strict=False):
        pass


if __name__ == "__main__":
    what, *job = json.loads(sys.argv[1])
    print(json.dumps(estimated(*job) if what == "estimated" else limited(*job)))

"""The benchmark of the judgement of pictures: false alarms on good ones and misses on useless ones, none of which was ever seen.

Every scene is drawn once from a seed that no threshold was chosen on, and degraded in every way.
"""

from __future__ import annotations

import argparse
import collections
import random
import statistics
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from degraded import DOUBTFUL, GOOD, USELESS
from practice.scene import CAMERA_SIZES, HELD_OUT_SEEDS, render

from assistant.turn.quality import Flaw, judge
from assistant.types import Frame, Pixels

SCENES = 200
"""A share of 2 % over the 200 pictures of one kind is known to 2 % (two standard errors), over all 1800 good ones to 0.7 %."""
_FLAWS = {
    "covered": {Flaw.COVERED, Flaw.DARK},  # what is said of a dark picture names both
    "dark": {Flaw.DARK},
    "overexposed": {Flaw.OVEREXPOSED},
    "defocused": {Flaw.BLURRED},
    "moved": {Flaw.BLURRED},
}
_TIMED = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may say."""
    parser.add_argument("--scenes", type=int, default=SCENES, metavar="N", help="how many scenes are degraded in every way")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print and return the figures: shares of 1, and milliseconds."""
    verdicts = collections.defaultdict[str, collections.Counter[str]](collections.Counter)
    for kind, pixels in _pictures(HELD_OUT_SEEDS[: given.scenes]):
        quality = judge(Frame(pixels, 0.0))
        flaw = quality.flaw.value if quality.flaw else "good"
        verdicts[kind][flaw if quality.useless or not quality.flaw else f"{flaw}, doubtful"] += 1
    useless = {flaw.value for flaw in Flaw}
    alarms = {kind: sum(verdicts[kind][flaw] for flaw in useless) for kind in GOOD}
    misses = {kind: sum(n for verdict, n in verdicts[kind].items() if verdict not in useless) for kind in USELESS}
    wrong = {kind: sum(verdicts[kind][f] for f in useless - {flaw.value for flaw in _FLAWS[kind]}) for kind in USELESS}
    report = {
        "quality_false_alarms": _share(alarms, verdicts, GOOD),
        "quality_misses": _share(misses, verdicts, USELESS),
        "quality_wrong_reasons": _share(wrong, verdicts, USELESS),
        "quality_false_alarms_by_kind": {kind: _share(alarms, verdicts, [kind]) for kind in GOOD},
        "quality_misses_by_kind": {kind: _share(misses, verdicts, [kind]) for kind in USELESS},
        "quality_verdicts": {kind: dict(verdicts[kind].most_common()) for kind in (*GOOD, *DOUBTFUL, *USELESS)},
        "quality_ms": _milliseconds(),
        "scenes": given.scenes,
    }
    for name, figure in report.items():
        print(f"{name}: {figure}")
    return report


def _pictures(seeds: Sequence[int]) -> Iterator[tuple[str, Pixels]]:
    """Yield pictures and their kinds. A scene that is drawn dark or covered is one of those already."""
    for number, seed in enumerate(seeds):
        pixels, scene = render(seed, CAMERA_SIZES[number % len(CAMERA_SIZES)])
        if scene.condition != "clear":
            yield scene.condition, pixels
            continue
        for kind, degrade in {**GOOD, **DOUBTFUL, **USELESS}.items():
            yield kind, degrade(random.Random(f"{kind} {seed}"), pixels)  # noqa: S311 - the same picture at every run


def _share(counts: dict[str, int], verdicts: dict[str, collections.Counter[str]], kinds: Collection[str]) -> float:
    return round(sum(counts[kind] for kind in kinds) / max(1, sum(verdicts[kind].total() for kind in kinds)), 4)


def _milliseconds() -> float:
    """Return how much of a processor's time a picture of 1280 x 720 pixels takes, in the median."""
    frame = Frame(render(HELD_OUT_SEEDS[0], (1280, 720))[0], 0.0)
    times = []
    for _ in range(_TIMED):
        start = time.process_time()
        judge(frame)
        times.append(time.process_time() - start)
    return round(1000 * statistics.median(times), 2)

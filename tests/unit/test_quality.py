import random

import numpy as np
import pytest
from degraded import DOUBTFUL, GOOD, USELESS
from practice.scene import render

from assistant.turn.quality import DOUBTS, Flaw, Quality, judge
from assistant.types import Frame, Pixels

SIZE = (320, 240)
EXPECTED = {
    "covered": Flaw.COVERED,
    "dark": Flaw.DARK,
    "overexposed": Flaw.OVEREXPOSED,
    "defocused": Flaw.BLURRED,
    "moved": Flaw.BLURRED,
}


def quality_of(pixels: Pixels) -> Quality:
    return judge(Frame(pixels, 0.0))


def plain(*level: int) -> Pixels:
    return np.full((480, 640, 3), level, np.uint8)


def verdicts(kind: str) -> list[Quality]:
    """Judge five drawn pictures of a kind; `scripts/bench quality` judges hundreds."""
    degrade = {**GOOD, **DOUBTFUL, **USELESS}[kind]
    return [quality_of(degrade(random.Random(seed), render(seed, SIZE)[0])) for seed in (3, 4, 5, 6, 7)]  # noqa: S311 - no secret


@pytest.mark.usefixtures("scene_fonts")
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_picture_is_good(kind: str) -> None:
    assert [quality.useless for quality in verdicts(kind)] == [False] * 5


@pytest.mark.usefixtures("scene_fonts")
@pytest.mark.parametrize("kind", USELESS)
def test_a_useless_picture_is_refused_for_the_right_reason(kind: str) -> None:
    right = sum(quality == Quality(EXPECTED[kind], useless=True) for quality in verdicts(kind))
    assert right >= 4


@pytest.mark.usefixtures("scene_fonts")
def test_a_dusky_picture_leaves_doubt() -> None:
    assert sum(quality == Quality(Flaw.DARK) for quality in verdicts("dusky")) >= 4


@pytest.mark.parametrize(
    ("pixels", "flaw"),
    [
        (plain(0, 0, 0), Flaw.DARK),
        (plain(255, 255, 255), Flaw.OVEREXPOSED),
        (plain(120, 50, 30), Flaw.COVERED),
        (plain(40, 44, 60), Flaw.COVERED),
        (plain(190, 186, 178), None),
    ],
    ids=["black", "white", "finger", "pocket", "wall"],
)
def test_plain_pictures(pixels: Pixels, flaw: Flaw | None) -> None:
    assert quality_of(pixels) == Quality(flaw, useless=flaw is not None)


def test_contrast_is_not_sharpness() -> None:
    ramp = np.clip(np.abs(np.arange(640) - 320) - 100, 0, 60)  # a soft stripe, and the same one hardly to be seen
    for height in (1.0, 0.3):
        level = (100 + height * ramp).astype(np.uint8)
        assert quality_of(np.broadcast_to(level[None, :, None], (480, 640, 3))) == Quality(Flaw.BLURRED, useless=True)
    for height in (60, 18):
        level = (100 + height * (ramp > 0)).astype(np.uint8)
        assert quality_of(np.broadcast_to(level[None, :, None], (480, 640, 3))) == Quality()


@pytest.mark.parametrize("shape", [(1, 1), (9, 9), (10, 10), (2, 4000), (3000, 4000), (97, 131)])
def test_every_shape_can_be_judged(shape: tuple[int, int]) -> None:
    assert quality_of(np.full((*shape, 3), 128, np.uint8)) == Quality()


def test_every_doubt_is_spoken_in_both_languages() -> None:
    for sentences in DOUBTS.values():
        assert sentences["en"].endswith(".")
        assert sentences["zh"].endswith("。")

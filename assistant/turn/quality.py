"""Whether a picture shows anything: judged before the model is asked, for an answer from a useless picture is worse than none.

A person who cannot see does not know that a finger is on the lens. Everything is measured on a small grey picture, which takes a
millisecond or two and averages a sensor's noise away. The thresholds were chosen on scenes drawn and degraded by
``scripts/degraded.py``; ``scripts/bench quality`` measures them on others.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from assistant.types import Frame, Language, Pixels

_Grey = npt.NDArray[np.float32]


class Flaw(enum.Enum):
    """What is wrong with a picture."""

    COVERED = "covered"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    BLURRED = "blurred"


@dataclasses.dataclass(frozen=True, slots=True)
class Quality:
    """How good a picture is."""

    flaw: Flaw | None = None
    useless: bool = False
    """Whether nothing can be told from it. With a flaw and not useless, what is told from it may be wrong."""


DOUBTS: Mapping[Flaw, Mapping[Language, str]] = {
    Flaw.DARK: {
        "en": "The picture is dark, so I may be wrong. More light would help.",
        "zh": "画面很暗，我可能会说错。开灯会好一些。",
    },
    Flaw.BLURRED: {
        "en": "The picture is blurred, so I may be wrong. Holding still would help.",
        "zh": "画面模糊，我可能会说错。请拿稳一些。",
    },
}
"""What is said after an answer from a picture with that flaw; the others leave no doubt."""

_SIDE = 100
"""Mean side of the small grey picture that is measured, in its pixels: one is 6 x 6 pixels of 640 x 480, so noise hardly counts."""
_REACH = 4
"""How far, in those pixels, a slope is followed to both sides to see how high it is altogether."""

_DARK, _DIM = 18, 45
"""The hundredth brightest level below which a picture shows nothing, and leaves doubt. Drawn: dark rooms up to 17, dusky ones 11 to
50, dim ones from 48; at night with a lit window from 36."""
_WHITE, _WHITE_SHARE = 250, 0.5
"""The level from which a pixel is white, and the share of them from which a picture is overexposed, if the rest is plain."""
_BLANK = 1.5
"""Relief below which a white picture shows nothing: a sheet with a few lines of print has 4 and more, drawn scenes 2."""
_PLAIN, _TEXTURELESS = 6.0, 4.5
"""Relief, and finest detail, below which a picture is a mere surface. Drawn covers have a relief up to 5, unless light comes in."""
_SHADED, _REDDISH = 85, 1.25
"""Mean level below which, and red over green from which, a mere surface is a cover rather than a wall. Drawn walls have a mean
level from 89, as a camera exposes them, and up to 1.1 of red."""
_BLURRED, _SOFT = 0.045, 0.055
"""Sharpness below which a picture is useless, and leaves doubt. Drawn: out of focus up to 0.03, moved up to 0.045 in 95 of 100,
print just unreadable 0.03 to 0.09; good ones from 0.056, photographs too."""


def judge(frame: Frame) -> Quality:
    """Judge a picture."""
    grey = _small(frame.pixels)
    if min(grey.shape) <= 2 * _REACH + 1:
        return Quality()  # too tiny to tell
    red, green, _ = frame.pixels[::8, ::8].reshape(-1, 3).mean(axis=0)
    return _judged(grey, float(red / max(green, 1)))


def _judged(grey: _Grey, redness: float) -> Quality:
    brightest = np.percentile(grey, 99)
    if brightest < _DARK:
        return Quality(Flaw.DARK, useless=True)
    detail, relief, sharpness = _measured(grey)
    if np.mean(grey >= _WHITE) > _WHITE_SHARE and relief < _BLANK:
        return Quality(Flaw.OVEREXPOSED, useless=True)
    shaded = grey.mean() < _SHADED or redness > _REDDISH
    if shaded and relief < _PLAIN and (detail < _TEXTURELESS or sharpness < _BLURRED):
        return Quality(Flaw.COVERED, useless=True)
    if sharpness < _BLURRED:
        return Quality(Flaw.BLURRED, useless=True)
    if brightest < _DIM:
        return Quality(Flaw.DARK)
    return Quality(Flaw.BLURRED) if sharpness < _SOFT else Quality()


def _measured(grey: _Grey) -> tuple[float, float, float]:
    """Measure what can be seen.

    Sharpness is how steep the strongest slopes are, squared, against their height, in the direction in which that is least: a
    moving hand leaves the edges along its way sharp. It does not depend on contrast. Let N be the structure tensor (Foerstner and
    Guelch 1987) of the slopes from one pixel to the next, and F that of the slopes over `_REACH` pixels to both sides: sharpness is
    the least (uNu + 1) / uFu of all directions u, the smaller root s of det(N + 1 - s F) = 0. The 1 is a slope of one grey level,
    so that a direction in which there are no edges passes for sharp.

    Returns:
        The finest detail: a level that 5 of 1000 slopes exceed; the relief: a height that a fifth of all exceed; and sharpness.
    """
    top, bottom = np.diff(grey[:-1], axis=1), np.diff(grey[1:], axis=1)
    left, right = np.diff(grey[:, :-1], axis=0), np.diff(grey[:, 1:], axis=0)
    inner = np.s_[_REACH:-_REACH, _REACH:-_REACH]
    near_x, near_y = ((top + bottom) / 2)[inner], ((left + right) / 2)[inner]
    mean = (grey[:-1, :-1] + grey[:-1, 1:] + grey[1:, :-1] + grey[1:, 1:]) / 4
    far_x = (mean[:, 2 * _REACH :] - mean[:, : -2 * _REACH])[_REACH:-_REACH]
    far_y = (mean[2 * _REACH :] - mean[: -2 * _REACH])[:, _REACH:-_REACH]
    height = np.hypot(far_x, far_y)
    relief = np.quantile(height, 0.8)
    strongest = height >= relief
    a, b, c = _tensor(near_x[strongest], near_y[strongest])
    p, q, r = _tensor(far_x[strongest], far_y[strongest])
    a, c = a + 1, c + 1
    middle = (a * r + c * p - 2 * b * q) / 2
    root = np.sqrt(max(0.0, middle**2 - (a * c - b * b) * (p * r - q * q)))
    detail = np.quantile(np.hypot(near_x, near_y), 0.995)
    return float(detail), float(relief), float((a * c - b * b) / max(middle + root, 1e-6))


def _tensor(x: _Grey, y: _Grey) -> tuple[float, float, float]:
    """Return the structure tensor of slopes: its xx, xy and yy."""
    return float(np.mean(x * x)), float(np.mean(x * y)), float(np.mean(y * y))


def _small(pixels: Pixels) -> _Grey:
    """Return a grey picture of about `_SIDE` squared pixels: the green channel, which is most of what brightness is, averaged."""
    height, width, _ = pixels.shape
    step = max(1, min(height, width, round((height * width) ** 0.5 / _SIDE)))
    down, across = height // step, width // step
    green = pixels[: down * step, : across * step, 1]
    total = np.zeros((down, across), np.uint32)
    for row in range(step):
        for column in range(step):
            total += green[row::step, column::step]
    return np.asarray(total / step**2, np.float32)

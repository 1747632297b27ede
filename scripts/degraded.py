"""Pictures as a person who cannot see takes them: useless ones of four kinds, and good ones that could be taken for useless.

Strengths are in units of a picture's mean side, the square root of its area, so that they hold for every resolution. A blur is
drawn as optics and a moving hand make it: a disc, a line, or a bent path; noise comes after it, as in a sensor.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from practice.fonts import sign_fonts
from practice.scene import render

from assistant.types import Pixels

_Light = npt.NDArray[np.float32]
Degrade = Callable[[random.Random, Pixels], Pixels]

_SKIN = ((236, 188, 164), (210, 150, 120), (180, 120, 95), (140, 90, 68), (95, 58, 44), (62, 40, 32))
"""From pale to dark, in good light."""
_LENS_FINGER = ((170, 60, 40), (200, 90, 60), (120, 35, 25))
"""Light that comes through a fingertip."""
_CLOTH = ((30, 34, 52), (48, 48, 50), (95, 95, 100), (110, 84, 62), (120, 40, 44), (42, 66, 50), (160, 150, 135))
"""Pockets, sleeves and bags."""
_WALL = (
    (245, 243, 238),
    (240, 230, 205),
    (225, 225, 228),
    (205, 220, 228),
    (214, 226, 205),
    (238, 214, 196),
    (200, 188, 170),
    (150, 155, 160),
)
"""House paint and wood."""


def as_it_is(_: random.Random, pixels: Pixels) -> Pixels:
    """The picture itself."""
    return pixels


def dim(rng: random.Random, pixels: Pixels) -> Pixels:
    """A room in the evening."""
    return _to_bytes(_sensor(rng, pixels * np.float32(rng.uniform(0.35, 0.7)), 2, 6))


def dusky(rng: random.Random, pixels: Pixels) -> Pixels:
    """A room in which one can just see."""
    return _to_bytes(_sensor(rng, pixels * np.float32(rng.uniform(0.1, 0.2)), 1, 6))


def dark(rng: random.Random, pixels: Pixels) -> Pixels:
    """A room in which one cannot."""
    return _to_bytes(_sensor(rng, pixels * np.float32(rng.uniform(0.005, 0.06)), 1, 7))


def noisy(rng: random.Random, pixels: Pixels) -> Pixels:
    """A cheap sensor at its limit."""
    return _to_bytes(_sensor(rng, pixels.astype(np.float32), 8, 18))


def flat(rng: random.Random, pixels: Pixels) -> Pixels:
    """Fog, a misted lens, a dirty window: low contrast."""
    return _to_bytes(rng.uniform(90, 170) + (pixels - np.float32(128)) * np.float32(rng.uniform(0.3, 0.6)))


def bright(rng: random.Random, pixels: Pixels) -> Pixels:
    """Lit a little too well."""
    return _to_bytes(pixels * np.float32(rng.uniform(1.2, 1.6)))


def overexposed(rng: random.Random, pixels: Pixels) -> Pixels:
    """The sun, or a lamp, into the lens: everything is washed out, and the lens itself glows."""
    return _to_bytes(_sensor(rng, rng.uniform(120, 190) + pixels * np.float32(rng.uniform(4, 10)), 0.5, 3))


def soft(rng: random.Random, pixels: Pixels) -> Pixels:
    """A focus that is a little off, or a hand that is not quite still."""
    if rng.random() < 0.5:  # noqa: PLR2004 - either
        return _blurred(rng, pixels, _disc(rng.uniform(0.003, 0.009) * _side(pixels)))
    return _blurred(rng, pixels, _line(rng.uniform(0.005, 0.018) * _side(pixels), rng.uniform(0, np.pi)))


def half_blurred(rng: random.Random, pixels: Pixels) -> Pixels:
    """Things are still told apart, and print is not read."""
    if rng.random() < 0.5:  # noqa: PLR2004 - either
        return _blurred(rng, pixels, _disc(rng.uniform(0.018, 0.03) * _side(pixels)))
    return _blurred(rng, pixels, _line(rng.uniform(0.03, 0.06) * _side(pixels), rng.uniform(0, np.pi)))


def defocused(rng: random.Random, pixels: Pixels) -> Pixels:
    """The camera is focused on something else altogether."""
    return _blurred(rng, pixels, _disc(rng.uniform(0.045, 0.12) * _side(pixels)))


def moved(rng: random.Random, pixels: Pixels) -> Pixels:
    """The hand was turning."""
    return _blurred(rng, pixels, _line(rng.uniform(0.12, 0.3) * _side(pixels), rng.uniform(0, np.pi), rng.uniform(0, 0.4)))


def covered(rng: random.Random, pixels: Pixels) -> Pixels:
    """A finger, a hand, a pocket: near the lens, so far out of focus; at one edge a little light may come in."""
    height, width, _ = pixels.shape
    kind = rng.choice((_SKIN, _LENS_FINGER, _CLOTH))
    light = rng.uniform(0.15, 0.6) * (1 if kind is not _LENS_FINGER else rng.uniform(1, 1.6))
    area = np.array(rng.choice(kind), np.float32) * np.float32(light) * _falloff(rng, height, width, 0.5)[..., None]
    if rng.random() < 0.5:  # noqa: PLR2004 - folds of cloth or of a hand, or none
        area *= 1 + np.float32(rng.uniform(0.05, 0.25)) * _folds(rng, height, width)[..., None]
    if rng.random() < 0.3:  # noqa: PLR2004 - it does not close tightly
        area += _gap(rng, height, width)[..., None] * (_wide_blur(pixels, 0.08) - area)
    return _to_bytes(_sensor(rng, area, 0.5, 6))


def wall(rng: random.Random, pixels: Pixels) -> Pixels:
    """Nothing but a wall or a door, plastered, papered or painted, in focus and exposed as a camera does."""
    height, width, _ = pixels.shape
    paint = np.array(rng.choice(_WALL), np.float32)
    level = np.float32(rng.uniform(95, 215) / paint.mean())
    grain = _soft(_normal(rng, (height, width)), rng.uniform(0.6, 3))
    grain *= np.float32(rng.uniform(0.5, 4) / grain.std())
    area = paint * level * _falloff(rng, height, width, 0.3)[..., None] + grain[..., None]
    return _to_bytes(_sensor(rng, area, 0.5, 5))


def paper(rng: random.Random, pixels: Pixels) -> Pixels:
    """A white sheet with print that fills the view, perhaps exposed so that the white clips."""
    height, width, _ = pixels.shape
    page = Image.new("L", (width, height), 255)
    draw, points = ImageDraw.Draw(page), max(9, int(_side(pixels) * rng.uniform(0.018, 0.06)))
    font = ImageFont.truetype(rng.choice(sign_fonts()), points)
    top = rng.uniform(0.02, 0.25) * height
    for number in range(rng.randint(3, 40)):
        words = "".join(rng.choice("abcdefghinorstu  ") for _ in range(int(rng.uniform(0.3, 1.7) * width / points)))
        draw.text((0.06 * width, top + number * points * 1.5), words, font=font, fill=rng.randint(10, 60))
    sheet = np.asarray(page, np.float32)[..., None] * np.array((1, 0.99, 0.97), np.float32)
    lit = sheet * np.float32(rng.uniform(0.6, 1.15)) * _falloff(rng, height, width, 0.25)[..., None]
    return _to_bytes(_sensor(rng, lit, 0.5, 5))


def lit_window(rng: random.Random, pixels: Pixels) -> Pixels:
    """Night, and one bright window or shop sign, in focus."""
    height, width, _ = pixels.shape
    night = pixels * np.float32(rng.uniform(0.01, 0.08))
    wide, tall = (int(side * rng.uniform(0.16, 0.4)) for side in (width, height))
    left, top = rng.randrange(width - wide), rng.randrange(height - tall)
    lit = cv2.resize(render(rng.getrandbits(32), (width, height))[0], (wide, tall), interpolation=cv2.INTER_AREA)
    night[top : top + tall, left : left + wide] = lit * np.float32(rng.uniform(0.6, 1.1)) + 30
    return _to_bytes(_sensor(rng, night, 1, 5))


GOOD: Mapping[str, Degrade] = {
    "scene": as_it_is, "dim": dim, "noisy": noisy, "flat": flat, "bright": bright, "soft": soft, "wall": wall, "paper": paper,
    "lit_window": lit_window,
}  # fmt: skip
"""What can be answered about."""
DOUBTFUL: Mapping[str, Degrade] = {"dusky": dusky, "half_blurred": half_blurred}
"""What can be answered about with luck."""
USELESS: Mapping[str, Degrade] = {
    "covered": covered, "dark": dark, "overexposed": overexposed, "defocused": defocused, "moved": moved
}  # fmt: skip
"""What cannot."""


def _side(pixels: Pixels) -> float:
    return float(np.sqrt(pixels.shape[0] * pixels.shape[1]))


def _blurred(rng: random.Random, pixels: Pixels, kernel: _Light) -> Pixels:
    light = cv2.filter2D(pixels.astype(np.float32), -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    return _to_bytes(_sensor(rng, light.astype(np.float32, copy=False), 0.5, 6))


def _disc(radius: float) -> _Light:
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(np.clip(radius + 0.5 - np.hypot(x, y), 0, 1), np.float32)


def _line(length: float, angle: float, bend: float = 0.0) -> _Light:
    """Return a path of so many pixels; `bend` is how far its middle leaves the straight line, as a fraction of its length."""
    along = np.linspace(-0.5, 0.5, max(8, int(4 * length)))
    across = bend * (1 - 4 * along**2)
    x = length * (along * np.cos(angle) - across * np.sin(angle))
    y = length * (along * np.sin(angle) + across * np.cos(angle))
    reach = int(np.ceil(length)) + 1
    edges = np.arange(-reach, reach + 2) - 0.5
    return np.asarray(np.histogram2d(y, x, (edges, edges))[0], np.float32)


def _falloff(rng: random.Random, height: int, width: int, most: float) -> _Light:
    """Return light that falls off from some point, at most by that fraction."""
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    away = (x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2
    return np.asarray(1 - rng.uniform(0, most) * away / away.max(), np.float32)


def _folds(rng: random.Random, height: int, width: int) -> _Light:
    """Return a soft pattern of lightness, 0 on the average, 1 at most."""
    coarse = cv2.resize(_normal(rng, (rng.randint(3, 6), rng.randint(3, 6))), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((coarse - coarse.mean()) / np.abs(coarse).max(), np.float32)


def _gap(rng: random.Random, height: int, width: int) -> _Light:
    """Return how much of the scene comes past the cover: a soft stripe along one edge."""
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.03, 0.12)
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    outward = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    return np.asarray(np.clip((outward - np.quantile(outward, 1 - reach)) / 0.3 + 0.5, 0, 1), np.float32)


def _soft(light: _Light, sigma: float) -> _Light:
    return np.asarray(cv2.GaussianBlur(light, (0, 0), sigma), np.float32)


def _wide_blur(pixels: Pixels, radius: float) -> _Light:
    small = _soft(np.asarray(cv2.resize(pixels, (64, 48), interpolation=cv2.INTER_AREA), np.float32), radius * 56)
    return np.asarray(cv2.resize(small, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def _sensor(rng: random.Random, light: _Light, least: float, most: float) -> _Light:
    """Add a sensor's noise, of a standard deviation in grey levels between those."""
    return light + _normal(rng, light.shape) * np.float32(rng.uniform(least, most))


def _normal(rng: random.Random, shape: tuple[int, ...]) -> _Light:
    return np.random.default_rng(rng.getrandbits(64)).standard_normal(shape, np.float32)


def _to_bytes(light: _Light) -> Pixels:
    return np.clip(light, 0, 255).astype(np.uint8)

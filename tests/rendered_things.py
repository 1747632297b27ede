"""Things held before a camera, drawn: their colour, the light on them, the folds of cloth, the camera's noise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from assistant.turn.colour_names import decoded
from assistant.types import Frame

Rgb = tuple[int, int, int]
Floats = npt.NDArray[np.float64]

PAINTS: dict[Rgb, str] = {
    (115, 82, 68): "brown",
    (98, 122, 157): "blue",
    (87, 108, 67): "green",
    (133, 128, 177): "purple blue",
    (103, 189, 170): "turquoise green",
    (214, 126, 44): "orange",
    (80, 91, 166): "blue purple",
    (193, 90, 99): "red pink",
    (94, 60, 108): "purple",
    (157, 188, 64): "green",
    (224, 163, 46): "orange yellow",
    (56, 61, 150): "blue",
    (70, 148, 73): "green",
    (175, 54, 60): "red",
    (231, 199, 31): "yellow",
    (187, 86, 149): "pink purple",
    (8, 133, 161): "blue turquoise",
    (243, 243, 242): "white",
    (160, 160, 160): "grey",
    (85, 85, 85): "grey",
    (52, 52, 52): "black grey",
}
"""Patches of the ColorChecker chart as sRGB, as its maker publishes them, and which kinds of colour each may be called: a test from
elsewhere than the anchors of `colour_names`."""
PLAIN: dict[str, Rgb] = {
    "red": (205, 35, 40),
    "orange": (245, 135, 25),
    "yellow": (245, 215, 45),
    "green": (40, 150, 60),
    "blue": (40, 85, 210),
    "purple": (125, 50, 165),
    "pink": (250, 155, 190),
    "brown": (120, 72, 38),
    "black": (35, 35, 38),
    "white": (242, 242, 240),
}
"""The colours that the practice model's scenes are painted in."""
LIGHTS: dict[str, tuple[float, float, float]] = {
    "white": (1, 1, 1),
    "warm": (1.2, 1, 0.72),
    "lamp": (1.45, 1, 0.5),
    "cold": (0.88, 1, 1.18),
    "dim": (0.45, 0.45, 0.45),
    "dim and warm": (0.5, 0.42, 0.3),
}
"""What is left of a light's colour after the camera's own correction: red, green and blue; "lamp" is uncorrected, nearly."""


def coded(light: Floats) -> Floats:
    """Return light of 0 to 1 as sRGB of 0 to 255."""
    light = np.clip(light, 0, 1)
    return np.asarray(255 * np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light))


def held(
    colour: Rgb,
    light: tuple[float, float, float] = (1, 1, 1),
    *,
    stripes: tuple[Rgb, int] | None = None,
    alone: bool = False,
    seed: int = 0,
) -> Frame:
    """Return a picture of 320 x 240 pixels of something that is held before a room with a white door.

    Args:
        colour: Of what is held.
        light: That is on everything.
        stripes: Of what colour every second stripe is, two fifths of all, and after how many pixels they come again.
        alone: Whether it fills the picture.
        seed: Of all that is left to chance.
    """
    chance = np.random.default_rng(seed)
    height, width = 240, 320
    y, x = np.mgrid[:height, :width]
    view = np.broadcast_to(decoded(np.array((225, 222, 214))), (height, width, 3)).copy()
    view[2 * height // 3 :] = decoded(np.array((130, 95, 65)))
    for _ in range(6):
        left, top, wide, high = chance.integers((0, 0, 15, 15), (width, height, 60, 60))
        view[top : top + high, left : left + wide] = decoded(chance.integers(20, 235, 3))
    view[10:60, 20:80] = decoded(np.array((235, 235, 230)))
    thing = (abs(x - width / 2) < 0.28 * width) & (abs(y - height / 2) < 0.33 * height) | alone
    view[thing] = decoded(np.array(colour))
    if stripes:
        view[thing & (y % stripes[1] < 0.4 * stripes[1])] = decoded(np.array(stripes[0]))
    folds = 1 - 0.11 * (1 + np.sin(x / chance.uniform(6, 14) + y / 25))
    shade = np.where(thing, folds * (1 - 0.25 * (x / width - 0.22)), 1.0)
    noisy = coded(0.95 * view * shade[..., np.newaxis] * np.array(light)) + chance.normal(0, 5, view.shape)
    return Frame(np.clip(noisy, 0, 255).astype(np.uint8), 0.0)

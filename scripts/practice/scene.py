"""Draws everyday scenes, and writes down what is in them.

A scene is a function of its seed and size, so it need not be kept.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable, Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from practice.fonts import sign_fonts
from practice.sprites import cut_out
from practice.things import COLOURS, KINDS, SIGN_WORDS, Column, Scene, Sign, Thing

from assistant.types import Pixels

Shade = tuple[float, float, float]

CAMERA_SIZES = ((640, 480), (1280, 720), (640, 512), (480, 480), (480, 640), (720, 1280))
"""Width and height of pictures as cameras give them: 4:3, 16:9, 5:4, square, and two portraits."""
HELD_OUT_SEEDS = range(9_000_000_000, 9_001_000_000)
"""Training takes seeds below these."""

_COVERED_BELOW, _DARK_ABOVE = 0.03, 0.97
"""Three pictures of a hundred are covered and three dark: all that is said of them is one sentence each, soon learned."""
_SIGN, _SEVERAL = 0.35, 0.3
"""How often there is a sign; how often, among several things, some are of a kind."""
_MIRRORED, _TILTED, _BLURRED, _NOISY = 0.4, 0.4, 0.3, 0.5
"""How often a thing is mirrored or tilted, a picture out of focus or noisy."""
_UNLIKE = 130
"""How far a ground is from the paint on it, red, green and blue together. Seen: less hides a thing."""
_NEAR, _FAR = (0.33, 0.40), (0.22, 0.26)
"""Size of a thing, as a fraction of the picture's mean side."""
_SIGN_PAINT: tuple[tuple[Shade, Shade], ...] = (
    ((255, 255, 255), (0, 110, 50)),
    ((255, 255, 255), (20, 60, 160)),
    ((255, 255, 255), (190, 20, 20)),
    ((10, 10, 10), (250, 210, 30)),
    ((10, 10, 10), (250, 250, 250)),
    ((255, 255, 255), (25, 25, 28)),
)
_COVERS: tuple[Shade, ...] = (
    (150, 80, 60), (95, 45, 35), (60, 30, 25), (45, 45, 48), (120, 100, 90), (180, 120, 100), (35, 40, 60),
)  # fmt: skip
"""Fingers, a pocket, a sleeve."""


def render(seed: int, size: tuple[int, int] | None = None, *, crowded: bool = False) -> tuple[Pixels, Scene]:
    """Draw a scene.

    Args:
        seed: Any whole number; the same seed and size give the same picture.
        size: Width and height in pixels; without it, one of `CAMERA_SIZES` by the seed.
        crowded: Whether every place is taken: more to learn from in one picture, and nothing to be asked about.

    Returns:
        RGB pixels, shape (height, width, 3), and what they show.
    """
    rng = random.Random(seed)  # noqa: S311 - the same scene at every run
    camera = rng.choice(CAMERA_SIZES)
    width, height = size or camera
    fate = rng.random()
    if fate < _COVERED_BELOW:
        return _covered(rng, width, height), Scene(condition="covered")
    things, signs = _contents(rng, crowded=crowded)
    ground = _background(rng, width, height, {thing.colour for thing in things})
    picture = Image.fromarray(_to_bytes(ground))
    placed = tuple(_paint(rng, picture, thing) for thing in sorted(things, key=lambda t: t.near))
    signs = [_paint_sign(rng, picture, sign, alone=len(signs) == 1) for sign in signs]
    dark = fate > _DARK_ABOVE
    pixels = _photograph(rng, picture, dark=dark)
    if dark:
        return pixels, Scene(condition="dark")
    return pixels, Scene(_in_order(placed), next(iter(signs), None), other_signs=tuple(signs[1:]))


def imagine(rng: random.Random) -> Scene:
    """Return a scene without drawing it: as `render` chooses them, but nothing has a box yet."""
    things, signs = _contents(rng)
    return Scene(_in_order(things), next(iter(signs), None))


def _in_order(things: Iterable[Thing]) -> tuple[Thing, ...]:
    """Left to right, near before far."""
    return tuple(sorted(things, key=lambda thing: (thing.column, not thing.near)))


def _contents(rng: random.Random, *, crowded: bool = False) -> tuple[list[Thing], list[Sign]]:
    """Choose things, their places and colours, and signs: more than one only in a crowd."""
    count = 6 if crowded else rng.choices(range(5), (4, 26, 28, 24, 18))[0]
    slots: list[tuple[Column, bool]] = [(c, near) for c in (0, 1, 2) for near in (True, False)]
    rng.shuffle(slots)
    far = [column for column, near in slots if not near]
    signed = far[: rng.choice((1, 3))] if crowded else far[: rng.random() < _SIGN]
    slots = [slot for slot in slots if slot[1] or slot[0] not in signed]
    signs = [Sign(_sign_text(rng, crowded=crowded), column, (0, 0, 0, 0)) for column in signed]
    kinds = rng.sample(range(len(KINDS)), count)
    if count > 1 and not crowded and rng.random() < _SEVERAL:
        several = min(count, rng.choice((2, 2, 3)))
        kinds[:several] = [kinds[0]] * several
    return list(_choose(rng, kinds, slots)), signs  # where signs have taken places, the last things find none


def _choose(rng: random.Random, kinds: list[int], slots: list[tuple[Column, bool]]) -> Iterator[Thing]:
    colours: dict[int, str] = {}
    for kind, (column, near) in zip(kinds, slots, strict=False):
        own = KINDS[kind].colour
        colour = colours.setdefault(kind, rng.choice(tuple(COLOURS)) if own == "painted" else own)
        yield Thing(kind, column, near, colour, (0, 0, 0, 0))


def _sign_text(rng: random.Random, *, crowded: bool) -> str:
    number = str(rng.randrange(1, 10 ** rng.choice((1, 2, 2, 3))))
    of_word, of_both, of_number = (2, 4, 4) if crowded else (5, 3, 2)  # digits are learned last
    word, both = rng.choice(SIGN_WORDS), f"{rng.choice(SIGN_WORDS)} {number}"
    return rng.choice((*(word,) * of_word, *(both,) * of_both, *(number,) * of_number))


def _background(rng: random.Random, width: int, height: int, avoid: set[str]) -> npt.NDArray[np.float32]:
    """A wall and a floor or table, each plain, striped, boarded, checked or tiled, in muted shades unlike the things on them."""
    area = np.empty((height, width, 3), np.float32)
    horizon = round(height * rng.uniform(0.42, 0.66))
    across = np.arange(width)
    light = np.linspace(rng.uniform(-16, 16), rng.uniform(-16, 16), width, dtype=np.float32)
    for top, bottom in ((0, horizon), (horizon, height)):
        down = np.arange(bottom - top)
        step = max(2, round(width * rng.uniform(0.04, 0.15)))
        contrast = np.float32(rng.uniform(-22, 22))
        falloff = np.linspace(rng.uniform(-16, 16), rng.uniform(-16, 16), bottom - top, dtype=np.float32)
        pattern = _pattern(rng.choice(("stripes", "boards", "checks", "tiles", "plain", "plain")), across, down, step)
        relief = pattern * contrast + falloff[:, None] + light
        area[top:bottom] = relief.astype(np.float32)[..., None] + _shade(rng, avoid)
    return area


def _pattern(name: str, across: npt.NDArray[np.int64], down: npt.NDArray[np.int64], step: int) -> npt.NDArray[Any]:
    """Return which parts of a ground differ from the rest: 0 or 1, down by across."""
    down = down[:, None]
    match name:
        case "stripes":
            return (across // step % 2)[None]
        case "boards":
            return down // step % 2
        case "checks":
            return (down // step + across // step) % 2
        case "tiles":
            joint = step * 0.12
            return (down % step < joint) | (across % step < joint)
        case _:
            return np.zeros((1, 1))


def _shade(rng: random.Random, avoid: set[str]) -> npt.NDArray[np.float32]:
    paints = [np.array(COLOURS[name][1]) for name in avoid if name in COLOURS]
    for _ in range(20):
        grey = rng.uniform(50, 225)
        shade = np.array([grey + rng.uniform(-38, 38) for _ in range(3)], np.float32)
        if all(np.abs(shade - paint).sum() > _UNLIKE for paint in paints):
            break
    return np.clip(shade, 20, 240)


def _paint(rng: random.Random, picture: Image.Image, thing: Thing) -> Thing:
    """Put a thing into the picture; return it with its box."""
    width, height = picture.size
    side = (width * height) ** 0.5 * rng.uniform(*(_NEAR if thing.near else _FAR))
    sprite = cut_out(thing.kind, thing.colour)
    if rng.random() < _MIRRORED:
        sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    scale = min(side, width / 3 * 1.05) / max(sprite.size)
    sprite = sprite.resize((max(1, round(sprite.width * scale)), max(1, round(sprite.height * scale))), Image.Resampling.BICUBIC)
    if rng.random() < _TILTED:
        sprite = sprite.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True)
        sprite = sprite.crop(sprite.getbbox())
    x = _within(width * ((2 * thing.column + 1) / 6 + rng.uniform(-0.035, 0.035)) - sprite.width / 2, width - sprite.width)
    middle = rng.uniform(0.67, 0.75) if thing.near else rng.uniform(0.28, 0.37)
    y = _within(height * middle - sprite.height / 2, height - sprite.height)
    picture.paste(sprite, (x, y), sprite)
    box = (x / width, y / height, (x + sprite.width) / width, (y + sprite.height) / height)
    return Thing(thing.kind, thing.column, thing.near, thing.colour, box)


def _paint_sign(rng: random.Random, picture: Image.Image, sign: Sign, *, alone: bool) -> Sign:
    width, height = picture.size
    lines = sign.text.split()
    longest = max(lines, key=len)
    room_x, room_y = width / 3 * rng.uniform(*((0.95, 1.25) if alone else (0.75, 0.85))), height * rng.uniform(0.28, 0.36)
    path = rng.choice(sign_fonts())
    trial = _font(path, 64)
    points = max(
        7, int(64 * min((room_x - 6) / max(1, trial.getlength(longest)), (room_y - 4) / (72 * len(lines)), width * 0.0021))
    )
    font = _font(path, points)
    wide = max(font.getlength(line) for line in lines) + max(4, points * 0.5)
    tall = len(lines) * points * 1.08 + max(3, points * 0.4)
    x = _within(width * ((2 * sign.column + 1) / 6 + rng.uniform(-0.02, 0.02)) - wide / 2, width - wide)
    y = _within(height * rng.uniform(0.16, 0.26) - tall / 2, height - tall)
    ink, board = rng.choice(_SIGN_PAINT)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((x, y, x + wide, y + tall), fill=_rgb(board), outline=(70, 70, 70))
    for number, line in enumerate(lines):
        centre = (x + wide / 2, y + tall / 2 + (number - (len(lines) - 1) / 2) * points * 1.08)
        draw.text(centre, line, font=font, fill=_rgb(ink), anchor="mm")
    return Sign(sign.text, sign.column, (x / width, y / height, (x + wide) / width, (y + tall) / height))


def _photograph(rng: random.Random, picture: Image.Image, *, dark: bool) -> Pixels:
    """Take the picture as a cheap camera does: light, white balance, focus, noise."""
    unit = (picture.width * picture.height) ** 0.5 / 168  # what a pixel is at the size the model sees
    sharp = np.asarray(picture)
    if rng.random() < _BLURRED:
        sharp = cv2.GaussianBlur(sharp, (0, 0), rng.uniform(0.2, 0.8) * unit).astype(np.uint8, copy=False)
    gain = rng.uniform(0.78, 1.15) * (rng.uniform(0.01, 0.07) if dark else 1)
    pixels = sharp * np.array([gain * rng.uniform(0.96, 1.04) for _ in range(3)], np.float32)
    pixels += np.float32(0 if dark else rng.uniform(-10, 12))
    if dark or rng.random() < _NOISY:
        pixels += _noise(rng, pixels.shape) * np.float32(rng.uniform(1, 7))
    return _to_bytes(pixels)


def _covered(rng: random.Random, width: int, height: int) -> Pixels:
    """Something soft right in front of the lens: one shade that falls off toward a corner."""
    x, y = np.linspace(-1, 1, width, dtype=np.float32)[None], np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    fall = 1 - rng.uniform(0.2, 0.4) * ((x - rng.uniform(-1, 1)) ** 2 + (y - rng.uniform(-1, 1)) ** 2) / 2
    shade = np.array(rng.choice(_COVERS), np.float32) * np.float32(rng.uniform(0.7, 1.3))
    pixels = fall[..., None] * shade + _noise(rng, (height, width, 3)) * np.float32(rng.uniform(0.5, 4))
    return _to_bytes(pixels)


def _to_bytes(pixels: npt.NDArray[np.float32]) -> Pixels:
    return np.clip(pixels, 0, 255, out=pixels).astype(np.uint8)


@functools.lru_cache(None)
def _noise_pool() -> npt.NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal(1 << 22).astype(np.float32)


def _noise(rng: random.Random, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Normal noise, cut from a pool: drawing it anew would take longer than all the rest."""
    length = int(np.prod(shape))
    start = rng.randrange(len(_noise_pool()) - length)
    return _noise_pool()[start : start + length].reshape(shape)


@functools.lru_cache(512)
def _font(path: str, points: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, points)


def _within(value: float, limit: float) -> int:
    return round(min(max(value, 0), max(limit, 0)))


def _rgb(shade: Shade) -> tuple[int, int, int]:
    red, green, blue = shade
    return round(red), round(green), round(blue)

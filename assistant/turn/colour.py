"""What colour is in the middle of a picture: what somebody holds before the camera.

A camera balances its white and sets its exposure by itself, and never quite. What is brightest around the thing, if it is
bright and may be white in daylight or lamplight, is taken for white (the "white patch" of Land and McCann 1971, kept to
plausible lights): then the thing's colour is seen against it. Where light is strongly coloured, or nothing is there to compare
with, a doubt goes with the name.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from assistant.turn.colour_names import ColourName, Lab, decoded, lab, names_of
from assistant.types import Frame, Language

_Light = npt.NDArray[np.float64]
"""Red, green and blue as light, 0 to 1, the last axis."""
_Mask: TypeAlias = npt.NDArray[np.bool_]
_Places: TypeAlias = npt.NDArray[np.intp]
"""Which pixels belong to something."""


class ColourDoubt(enum.Enum):
    """Why a colour's name may be wrong."""

    LIGHT = "light"
    """It is strongly coloured, or so dim that nothing white is to be seen."""
    ALONE = "alone"
    """Nothing else is there to compare it with."""


@dataclasses.dataclass(frozen=True, slots=True)
class Colours:
    """What colours something has."""

    names: tuple[ColourName, ...]
    """That of most of it first; at most three."""
    doubt: ColourDoubt | None = None


_DOUBTS: Mapping[ColourDoubt, Mapping[Language, str]] = {
    ColourDoubt.LIGHT: {
        "en": "The light is dim or coloured, so I may be wrong. Daylight is better.",
        "zh": "光线较暗或带颜色，我可能会说错。日光下会更准。",
    },
    ColourDoubt.ALONE: {
        "en": "I see nothing else to compare it with, so it may look different beside other things.",
        "zh": "画面里没有别的东西可以比较，实际颜色可能有些不同。",
    },
}

_SIDE = 144
"""Mean side of the small picture that is looked at, in its pixels."""
_FLAT = 12.0
"""Difference in CIELAB to the next pixels up to which a pixel is no mixture of two colours at an edge between them."""
_ENOUGH = 0.2
"""The share of such pixels that is enough to go by; a fine pattern has fewer."""
_CENTRE, _AROUND = 1 / 6, 1 / 3
"""Radius of the middle, and of what does not count as its surroundings, as shares of the picture's mean side."""
_BRIGHTEST = 0.05
"""The share of the surroundings that is taken for white."""
_WHITE, _BRIGHT = 0.15, 0.3
"""Luminance from which it may be white, and from which there is no doubt: 107 and 148 of 255. A wooden table has less than
the latter where something white is in the picture, too."""
_WARMEST, _COLDEST, _OFF = 0.55, -0.35, 0.2
"""How far red may be above blue in light that is taken for white, as the decadic logarithm of their ratio: lamplight of 2700 K,
uncorrected, has 0.55, open shade -0.2. And how far green may be from between them."""
_COLOURED = 0.35
"""From which such ratio, or half of it in green, light leaves a doubt: two thirds of uncorrected lamplight."""
_FULL = 0.9
"""Luminance that white is brought to, as paper has it."""
_MOST_GAIN = 2.5
"""By how much a picture is brightened for it."""
_PART = 0.2
"""The share of the middle from which a further colour is named."""
_MOST_NAMES = 3
_CLOSE = 20.0
"""Distance in CIELAB up to which two parts are one colour that lies between two names."""
_SHADOW, _SAME_TINT = 34.0, 0.035
"""Difference of lightness, and of tint, up to which a part is a shadow or a shine on the other."""
_LIKE, _ALL = 25.0, 0.9
"""Distance in CIELAB up to which the surroundings are like the middle, and the share of them from which all is one thing."""


def colours_of(frame: Frame) -> Colours:
    """Return the colours in the middle of a picture."""
    small = _small(frame)
    middle, around = _parts(small.shape)
    alone = _is_alone(small, middle, around)
    balance, doubtful = (np.ones(3), False) if alone else _balance(small[around])
    balanced = np.clip(small * balance, 0, 1)
    flat = middle & _flat(lab(balanced))
    names = _named(balanced[flat if flat.sum() >= _ENOUGH * middle.sum() else middle])
    return Colours(names, ColourDoubt.ALONE if alone else ColourDoubt.LIGHT if doubtful else None)


def told(colours: Colours, language: Language) -> str:
    """Return what is said of colours."""
    first, *others = (name.spoken[language] for name in colours.names)
    if language == "zh":
        text = "是" + first + ("，带" + "和".join(others) if others else "") + "。"
    else:
        text = f"It is {first}" + (f", with {' and '.join(others)}" if others else "") + "."
    doubt = _DOUBTS[colours.doubt][language] if colours.doubt else ""
    return f"{text} {doubt}".strip() if language == "en" else text + doubt


def _small(frame: Frame) -> _Light:
    """Return a small picture as light: of larger ones, every so many pixels, then averaged two by two, for the noise."""
    height, width, _ = frame.pixels.shape
    step = max(1, round((height * width) ** 0.5 / (2 * _SIDE)))
    pixels = frame.pixels[::step, ::step]
    down, across = (max(1, size // 2) for size in pixels.shape[:2])
    light = _LIGHT[pixels[: 2 * down, : 2 * across]]
    if min(pixels.shape[:2]) < 2:  # noqa: PLR2004 - too few to average
        return light
    return np.asarray(light.reshape(down, 2, across, 2, 3).mean(axis=(1, 3)))


_LIGHT: _Light = decoded(np.arange(256))


def _parts(shape: tuple[int, ...]) -> tuple[_Mask, _Mask]:
    """Return which pixels of a picture are its middle, and which its surroundings; of a tiny one, both are all."""
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2) / (height * width) ** 0.5
    middle, around = distance <= _CENTRE, distance >= _AROUND
    everything = np.ones_like(middle)
    return (middle, around) if middle.any() and around.any() else (everything, everything)


def _is_alone(small: _Light, middle: _Mask, around: _Mask) -> bool:
    """Tell whether the surroundings are the thing itself."""
    apart = lab(small[around]) - np.median(lab(small[middle]), axis=0)
    return bool(np.mean(np.linalg.norm(apart, axis=-1) <= _LIKE) >= _ALL)


def _flat(places: Lab) -> _Mask:
    """Return which pixels are like the ones left of them and above them."""
    flat = np.ones(places.shape[:2], bool)
    flat[:, 1:] &= np.linalg.norm(np.diff(places, axis=1), axis=-1) <= _FLAT
    flat[1:] &= np.linalg.norm(np.diff(places, axis=0), axis=-1) <= _FLAT
    return flat


def _luminance(light: _Light) -> npt.NDArray[np.float64]:
    return np.asarray(light @ np.array([0.2126, 0.7152, 0.0722]))


def _balance(around: _Light) -> tuple[_Light, bool]:
    """Return by what the light is to be multiplied for white to be white, and whether that is doubtful."""
    luminance = _luminance(around)
    bright = around[luminance >= np.quantile(luminance, 1 - _BRIGHTEST)]
    red, green, blue = np.maximum(np.median(bright, axis=0), 1e-3)
    white = float(np.median(luminance[luminance >= np.quantile(luminance, 1 - _BRIGHTEST)]))
    warm = np.log10(red / blue)
    off = np.log10(green / np.sqrt(red * blue))
    doubtful = bool(white < _BRIGHT or abs(warm) > _COLOURED or abs(off) > _COLOURED / 2)
    if white < _WHITE or not (_COLDEST <= warm <= _WARMEST and abs(off) <= _OFF):
        return np.ones(3), doubtful
    return min(max(_FULL / white, 1.0), _MOST_GAIN) * white / np.array([red, green, blue]), doubtful


def _named(middle: _Light) -> tuple[ColourName, ...]:
    """Return what the middle's colours are called, that of most of it first."""
    places = lab(middle)
    kinds = np.array([name.kind for name in names_of(places)])
    parts = [np.flatnonzero(kinds == kind) for kind in dict.fromkeys(kinds.tolist())]
    parts.sort(key=len, reverse=True)
    things: list[_Places] = []
    for part in parts:
        same = next((number for number, thing in enumerate(things) if _one(middle, places, thing, part)), None)
        if same is None:
            things.append(part)
        else:
            things[same] = np.concatenate([things[same], part])
    things.sort(key=len, reverse=True)
    counted = [thing for number, thing in enumerate(things) if number == 0 or len(thing) >= _PART * len(middle)]
    names = names_of(np.array([np.median(places[thing], axis=0) for thing in counted[:_MOST_NAMES]]))
    return tuple({name.kind: name for name in reversed(names)}.values())[::-1]


def _one(middle: _Light, places: Lab, thing: _Places, part: _Places) -> bool:
    """Tell whether two parts are one colour: between two names, or in light and in shadow."""
    one, other = np.median(places[thing], axis=0), np.median(places[part], axis=0)
    if np.linalg.norm(one - other) <= _CLOSE:
        return True
    tints = [np.median(middle[each], axis=0) + 1e-3 for each in (thing, part)]
    apart = np.linalg.norm(tints[0] / tints[0].sum() - tints[1] / tints[1].sum())
    return bool(apart <= _SAME_TINT and abs(one[0] - other[0]) <= _SHADOW)

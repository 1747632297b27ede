"""What colours are called: the eleven basic terms of English and Chinese, their shades, and a few common ones between.

A colour has the name of the nearest anchor in CIELAB. The anchors are colours of the xkcd colour survey (Munroe 2010,
https://blog.xkcd.com/2010/05/03/color-survey-results, public domain), in which 222,500 people named what their screens showed:
a few of its 954 for each name said here, the muted ones among them, for cloth and paint are duller than screens. The basic
terms are Berlin and Kay's (1969). Black, greys and white are said by lightness, where there is hardly any chroma.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from assistant.types import Language

Lab = npt.NDArray[np.float64]
"""Colours in CIELAB under D65, the last axis L* (0 to 100), a*, b*."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class ColourName:
    """What a colour is called, and of which kind it is: shades of one kind are one colour with light and shadow on it."""

    kind: str
    spoken: Mapping[Language, str]


def _name(kind: str, english: str, chinese: str) -> ColourName:
    return ColourName(kind, {"en": english, "zh": chinese})


_GREYS = (
    (20.0, _name("black", "black", "黑色")),
    (42.0, _name("grey", "dark grey", "深灰色")),
    (70.0, _name("grey", "grey", "灰色")),
    (84.0, _name("grey", "light grey", "浅灰色")),
    (np.inf, _name("white", "white", "白色")),
)
"""Up to which lightness what has no colour is called so. In Munsell's steps: 2, 4, 7 and 8.5 of 10."""
_GREYISH = 7.0
"""Chroma below which a colour is none, of middle lightness; xkcd's "grey" has 2, its "steel grey" 8."""
_GREYISH_IN_THE_DARK, _DARK = 11.0, 25.0
"""The same of dark colours, which a camera's noise and the room's light tint more."""

_ANCHORS: Mapping[ColourName, str] = {
    _name("red", "red", "红色"): "e50000 ff000d be0119 c44240 bb3f3f d3494e b9484e d9544d c0022f ca0147 ec2d01 af2f0d",
    _name("red", "dark red", "深红色"): "840000 9a0200 650021 7b0323 8c000f 610023 8f1402 a24857 9e3623 770001 680018",
    _name("pink", "pink", "粉色"): ("ff81c0 ff028d cb416b fe46a5 f36196 d58a94 d1768f cc7a8b d46a7e f7879a fe828c cb0162 e78ea5"),
    _name("pink", "light pink", "浅粉色"): "ffd1df ffcfdc ffb7ce ffbacd fdb0c0 fdc1c5 de9dac ffc5cb",
    _name("orange", "orange", "橙色"): "f97306 ff5b00 fdaa48 f0944d f0833a d8863b fb7d07 ff9408 c65102 dc4d01 fd8d49 cb7723",
    _name("orange", "peach", "桃色"): "ffb07c ffd8b1 ffb19a fea993",
    _name("yellow", "yellow", "黄色"): "ffff14 fffe7a fffd01 eedc5b fec615 fedf08 faee66 ceb301 d5b60a ffda03 f7d560 fffe71",
    _name("brown", "brown", "棕色"): ("653700 7f5112 7f2b0a 836539 876e4b 964e02 985e2b 8b2e16 875f42 7a6a4f a0450e a9561e b66a50"),
    _name("brown", "dark brown", "深棕色"): "341c02 3d1c02 411900 410200",
    _name("brown", "light brown", "浅棕色"): "ad8150 b1916e c4a661 ab7e4c d1b26f af884a 9c6d57 c69f59 b9a281",
    _name("beige", "beige", "米色"): "e6daa6 ffffc2 ffffd4 d3b683 fbeeac e2ca76",
    _name("green", "green", "绿色"): ("15b01a 01a049 39ad48 3f9b0b 5fa052 74a662 6fc276 02ab2e 40a368 089404 699d4c 76a973 50a747"),
    _name("green", "dark green", "深绿色"): "033500 06470c 0a481e 02590f 2b5d34 05472a 287c37 154406 0b5509",
    _name("green", "light green", "浅绿色"): "96f97b c7fdb5 b0ff9d 9ffeb0 89fe05 76ff7b bcecac aaff32 01ff07 8fff9f 9be5aa",
    _name("green", "yellow-green", "黄绿色"): "c0fb2d 9cbb04 b0dd16 a4be5c 90b134 acbf69 bbf90f 8eab12",
    _name("green", "olive green", "橄榄绿色"): "6e750e 677a04 4b5d16 667c3e 526525 3c4d03 373e02 828344 aaa662",
    _name("green", "grey-green", "灰绿色"): "789b73 82a67d 86a17d 658d6d 87ae73 96ae8d 7ea07a",
    _name("turquoise", "turquoise", "青绿色"): (
        "06c2ac 13eac9 029386 04d8b2 3c9992 4c9085 90e4c1 82cbb2 24bca8 137e6d 06b1c4 7ef4cc 00ffff"
    ),
    _name("turquoise", "dark turquoise", "深青色"): "014d4e 045c5a 00555a 05696b 005249",
    _name("blue", "blue", "蓝色"): (
        "0343df 0165fc 2c6fbb 3778bf 448ee4 3b719f 0485d1 1e488f 276ab3 436bad 658cbb 0504aa 2138ab 03719c "
        "0804f9 2242c7 3a2efe 4b57db 5170d7 247afd"
    ),
    _name("blue", "dark blue", "深蓝色"): "00035b 001146 01153e 040273 02066f 014182 042e60 214761 020035 1b2431 0a437a",
    _name("blue", "light blue", "浅蓝色"): "95d0fc 75bbfd a2cffe b1d1fc a2bffe 7bc8f6 8ab8fe d0fefe acfffc c6fcff",
    _name("blue", "grey-blue", "灰蓝色"): ("607c8e 5b7c99 6b8ba4 5a86ad 77a1b5 647d8e 89a0b0 9dbcd4 b7c9e2 3b5b92 475f94 85a3b2"),
    _name("purple", "purple", "紫色"): (
        "7e1e9c 9a0eea 9e43a2 a442a0 825f87 916e99 805b87 6241c7 665fd1 84597e 703be7 c20078 9d5783 580f41"
    ),
    _name("purple", "dark purple", "深紫色"): "35063e 36013f 380282 380835 4b006e 430541 2a0134 3d0734",
    _name("purple", "light purple", "浅紫色"): "bf77f6 c79fef cea2fd caa0ff b790d4 dfc5fe 8e82fe a87dc2 c1c6fc d6b4fc c875c4",
}
_NAMES = tuple(name for name, anchors in _ANCHORS.items() for _ in anchors.split())
_FROM_XYZ_WHITE = np.array([0.95047, 1.0, 1.08883])
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])


def lab(linear: npt.NDArray[np.float64]) -> Lab:
    """Return colours in CIELAB.

    Args:
        linear: sRGB's red, green and blue as light, not as coded, 0 to 1; the last axis has the three.
    """
    ratios = linear @ _TO_XYZ.T / _FROM_XYZ_WHITE
    f = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def decoded(coded: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Return sRGB values of 0 to 255 as light of 0 to 1 (IEC 61966-2-1)."""
    value = np.asarray(coded, np.float64) / 255
    return np.where(value > 0.04045, ((value + 0.055) / 1.055) ** 2.4, value / 12.92)  # noqa: PLR2004 - as the standard says


_PLACES = lab(decoded(np.array([list(bytes.fromhex(each)) for anchors in _ANCHORS.values() for each in anchors.split()])))


def names_of(colours: Lab) -> list[ColourName]:
    """Return what colours are called, shape (n, 3)."""
    lightness, chroma = colours[:, 0], np.hypot(colours[:, 1], colours[:, 2])
    grey = np.searchsorted([most for most, _ in _GREYS], lightness, side="right")
    nearest = np.argmin(np.sum((_PLACES - colours[:, np.newaxis]) ** 2, axis=-1), axis=-1)
    hueless = chroma < np.where(lightness < _DARK, _GREYISH_IN_THE_DARK, _GREYISH)
    return [_GREYS[g][1] if none else _NAMES[n] for g, n, none in zip(grey, nearest, hueless, strict=True)]

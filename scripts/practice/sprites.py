"""Pictures of things, cut out: glyphs of Noto Color Emoji, and stairs, drawn here.

The font's licence, the SIL Open Font License 1.1, does not bind pictures made with the font.
"""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from practice.fonts import emoji_font
from practice.things import COLOURS, KINDS

_POINTS, _GLYPH = 109, 136
"""The one size of the bitmap font, and the pixels of a glyph."""
_ENDS = (4, 96)
"""Percentiles of a glyph's grey that become the darkest and the lightest paint: outlines and glints do not count."""
_HALF_COVERED = 128
_MIDDLE = 0.5
"""Where the paint has its own colour, between its shade and its shine."""


@functools.lru_cache(None)
def cut_out(kind: int, colour: str) -> Image.Image:
    """Return a thing's picture, RGBA, without a margin. Painted things are given their colour; light and shade stay."""
    glyph = _glyph(KINDS[kind].emoji)
    if not KINDS[kind].painted:
        return glyph
    grey = np.asarray(glyph.convert("L"), np.float32)
    alpha = np.asarray(glyph)[..., 3]
    low, high = np.percentile(grey[alpha > _HALF_COVERED], _ENDS)
    light = np.clip((grey - low) / max(high - low, 1), 0, 1)[..., None]
    paint = np.array(COLOURS[colour][1], np.float32)
    shade, shine = paint * 0.42, paint + (255 - paint) * 0.22
    body = np.where(light < _MIDDLE, shade + (paint - shade) * light * 2, paint + (shine - paint) * (light - _MIDDLE) * 2)
    return Image.fromarray(np.dstack((np.clip(body, 0, 255).astype(np.uint8), alpha)))


@functools.lru_cache(None)
def _glyph(emoji: str) -> Image.Image:
    canvas = Image.new("RGBA", (_GLYPH + 34, _GLYPH + 34), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    if emoji:
        draw.text((10, 10), emoji, font=ImageFont.truetype(emoji_font(), _POINTS), embedded_color=True)
    else:
        _stairs(draw)
    return canvas.crop(canvas.getbbox())


def _stairs(draw: ImageDraw.ImageDraw) -> None:
    """Five steps that go up to the right; Unicode has no stairs."""
    steps, run = 5, _GLYPH // 5
    for step in range(steps):
        left, top = step * run, (steps - 1 - step) * run
        draw.rectangle((left, top, steps * run, top + run), fill=(110 + 25 * (step % 2), 110, 110, 255))
        draw.rectangle((left, top, left + run + 6, top + 5), fill=(235, 235, 235, 255))
        draw.line((left, top, left, top + run), fill=(40, 40, 40, 255), width=3)

"""Pictures as they are sent to other programs: JPEG, no larger than a model makes use of."""

from __future__ import annotations

import io

from PIL import Image

from assistant.types import Pixels

LONGEST_SIDE = 1280
"""Pixels. 1280 x 960 are 1200 of Qwen3-VL's visual tokens: small print can be read, and a GPU takes them in a moment."""
_QUALITY = 85
"""Of 100. Such a picture of a real room has some 200 kB: 16 ms on a network of 100 Mbit/s."""


def jpeg(pixels: Pixels) -> bytes:
    """Return a picture as a JPEG file without any metadata, made smaller where it is too large. It must have pixels."""
    image = Image.fromarray(pixels)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()

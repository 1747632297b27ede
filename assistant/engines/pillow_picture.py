"""Picture files, read with Pillow."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from assistant.errors import PictureUnreadable
from assistant.types import Frame


def read_picture(path: Path) -> Frame:
    """Return a picture file as a frame, turned upright by its EXIF data; transparent parts become white, as on paper.

    Raises:
        PictureUnreadable: It is not there, damaged, no picture, or larger than Pillow takes for honest (179 megapixels).
    """
    try:
        with Image.open(path) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(f"{path}: {error}", path.name) from error
    paper = Image.new("RGBA", upright.size, "white")
    return Frame(np.asarray(Image.alpha_composite(paper, upright).convert("RGB")), time.monotonic())

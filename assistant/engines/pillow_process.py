"""Turns one picture file from standard input into the pixels of an upright sRGB picture: the child process of `pillow_picture.py`.

Its answer is a line, ``WIDTH HEIGHT``, followed by the pixels. With status 1 it is the kind of refusal, ``unknown``, ``damaged``,
``large`` or ``narrow``, a colon, and the reason for whoever repairs.
"""

from __future__ import annotations

import contextlib
import io
import math
import sys
from pathlib import Path
from typing import Literal, TypeAlias

import pi_heif
from PIL import (
    AvifImagePlugin,  # noqa: F401 - Pillow would load all its forty plugins for a format whose own is not loaded yet
    ExifTags,
    Image,
    ImageCms,
    ImageFile,
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

_MOST_PIXELS = 8192 * 6144
"""The largest picture: what phones call 50 megapixels."""
_KEPT_PIXELS = _MOST_PIXELS // 4
"""The largest that is handed on, 12.6 megapixels; a larger one is scaled down. The model sees at most 2.1 (2048 tokens of 32 x 32
pixels), but small print is read from the picture itself. So the usual 12 megapixels stay as they are, and 48 are just halved."""
_NARROWEST = 200
"""How many times as long as wide a picture may be, as in Qwen's own preprocessing; a screenshot of a long page is 20."""
_MOST_MEMORY = 1_000_000_000
"""Bytes of memory; 50 megapixels take up to 0.9 GB (a transparent WebP), as JPEG 0.4, and 12 megapixels as JPEG 0.2."""
_START_SECONDS, _SECONDS_PER_MEGAPIXEL = 2, 0.2
"""Processor time for start and header, 0.1 s here, and for decoding, here up to 0.07 s (HEIC of 10 bits); boards take longer."""

if sys.platform != "win32":
    import resource

_Refusal: TypeAlias = Literal["unknown", "damaged", "large", "narrow"]


class _Refused(Exception):
    """A picture is not decoded."""

    def __init__(self, kind: _Refusal, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")


def _main() -> None:
    _limit_harm()
    try:
        opened = open_picture(sys.stdin.buffer.read())
        _limit("RLIMIT_CPU", _START_SECONDS + round(_SECONDS_PER_MEGAPIXEL * opened.width * opened.height / 1e6))
        picture = develop(opened)
        pixels = picture.tobytes()
        sys.stdout.buffer.write(f"{picture.width} {picture.height}\n".encode())
        sys.stdout.buffer.write(pixels)
    except Exception as error:  # noqa: BLE001 - a hostile file makes the parsers raise whatever it likes
        sys.stdout.buffer.write(_reason(error).encode(errors="replace"))
        sys.exit(1)


def _reason(error: Exception) -> str:
    if isinstance(error, _Refused):
        return str(error)
    kind: _Refusal = "large" if isinstance(error, MemoryError | Image.DecompressionBombError) else "damaged"
    return f"{kind}: {type(error).__name__} {error}"


def open_picture(data: bytes) -> ImageFile.ImageFile:
    """Open a picture file, and read no more than its header.

    Raises:
        Exception: Any; the file is damaged, or not to be decoded.
    """
    if not data:
        raise _Refused("damaged", "it is empty")
    kind = _format(data)
    if not kind:
        raise _Refused("unknown", "no format that is read here")
    if kind == "HEIF":
        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    try:
        opened = Image.open(io.BytesIO(data), formats=[kind])  # no other parser sees these bytes
    except UnidentifiedImageError as error:
        raise _Refused("damaged", f"no {kind} picture that can be opened") from error
    width, height = sorted(opened.size)
    if width * height > _MOST_PIXELS:
        raise _Refused("large", f"{width} x {height} pixels")
    if width < 1:
        raise _Refused("damaged", "it has no pixels")
    if height > width * _NARROWEST:
        raise _Refused("narrow", f"{width} x {height} pixels")
    return opened


def _format(data: bytes) -> str:
    """Return Pillow's name for the format that a file begins like; empty where it is none of those read here."""
    for prefix, name in {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF", b"BM": "BMP"}.items():
        if data.startswith(prefix):
            return name
    if data.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brands = [data[start : start + 4] for start in range(8, min(int.from_bytes(data[:4], "big"), 256), 4)]
        return "AVIF" if {b"avif", b"avis"}.intersection(brands) else "HEIF"
    return ""


def develop(opened: ImageFile.ImageFile) -> Image.Image:
    """Decode a picture; return it in sRGB, upright, on white where it is transparent, and of at most `_KEPT_PIXELS`.

    Raises:
        Exception: Any; the file is damaged, or not to be decoded.
    """
    if _excess(opened) > _TWICE:
        opened.draft(None, (opened.width // 2, opened.height // 2))  # JPEG alone can be halved while it is being decoded
    opened.load()
    profile = opened.info.get("icc_profile")
    picture = _scaled(_opaque(opened))
    return _upright(_in_srgb(_in_bytes(picture), profile), _orientation(opened))


_TWICE = 3
"""How many times too many pixels make it worth halving rather than scaling to what is kept: the result has 3/4 of that or more."""


def _excess(picture: Image.Image) -> float:
    return picture.width * picture.height / _KEPT_PIXELS


def _opaque(picture: Image.Image) -> Image.Image:
    """Lay a picture on white, as on paper, where it is transparent, and look up the colours of a palette."""
    if picture.mode in {"P", "1"} and not picture.has_transparency_data:
        return picture.convert("RGB" if picture.mode == "P" else "L")
    if not picture.has_transparency_data or picture.mode.startswith("I"):
        return picture
    clear = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear)
    return paper


def _scaled(picture: Image.Image) -> Image.Image:
    excess = _excess(picture)
    if excess <= 1:
        return picture
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I")
    if excess > _TWICE:
        return picture.reduce(2)
    size = (max(1, int(picture.width / excess**0.5)), max(1, int(picture.height / excess**0.5)))
    return picture.resize(size, Image.Resampling.BICUBIC)


def _in_bytes(picture: Image.Image) -> Image.Image:
    """Bring a grey picture of more than 256 levels to these; what numbers black and white are is known of 16 bits only."""
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda level: level * (255 / 65535)).convert("L")
    if picture.mode not in {"I", "F"}:
        return picture
    darkest, brightest = (float(level) for level in picture.getextrema())  # type: ignore[arg-type]  # one band has one pair
    if not math.isfinite(darkest) or not math.isfinite(brightest):
        raise _Refused("damaged", "its brightness is no number")
    black = min(0.0, darkest)
    white = next((usual for usual in (1.0, 255.0, 65535.0) if brightest <= usual), brightest)
    scale = 255 / (white - black)
    return picture.point(lambda level: level * scale - black * scale).convert("L")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if picture.mode not in {"L", "RGB", "CMYK", "LAB"}:
        picture = picture.convert("RGB")
    with contextlib.suppress(ImageCms.PyCMSError, OSError, TypeError, ValueError):  # a profile that is damaged, or of other colours
        if picture.mode == "LAB":
            return _transformed(picture, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
        if profile:
            return _transformed(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return picture.convert("RGB")


def _transformed(picture: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), picture.mode, "RGB")
    return transform.apply(picture)


def _orientation(opened: ImageFile.ImageFile) -> int:
    """Return the EXIF orientation that is still to be obeyed: Pillow obeys TIFF's, and libheif HEIC's own, while decoding."""
    with contextlib.suppress(Exception):  # EXIF data are damaged as often as they are wanted
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(_TURNS[orientation]) if orientation in _TURNS else picture


def _limit_harm() -> None:
    """Have the system end this process, and not the assistant, when a picture asks for too much; and leave nothing on the disk."""
    with contextlib.suppress(OSError):  # Linux: where memory is short, this process is the one to go
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_FSIZE", 0)
    _limit("RLIMIT_DATA", _MOST_MEMORY)
    _limit("RLIMIT_CPU", _START_SECONDS)


def _limit(name: str, most: int) -> None:
    """Set one of the system's limits, where it has that."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            kind = getattr(resource, name)
            resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


if __name__ == "__main__":
    _main()

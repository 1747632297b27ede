"""Picture files, read with Pillow.

A picture may come from anywhere, and be made to do harm: to take all memory, or minutes, or to crash a decoder written in C. So
each is decoded in a child process of its own (`pillow_process.py`), which has limits of memory and time, and whose end is not that
of the assistant. It costs about 0.1 s, which the plain pictures of a page's camera are spared.
"""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL.JpegImagePlugin import JpegImageFile

from assistant.errors import PictureDamaged, PictureFormatUnknown, PictureTooLarge, PictureTooNarrow, PictureUnreadable
from assistant.types import Frame, Pixels, Seconds

_MOST_BYTES = 200_000_000
"""The largest file; 50 megapixels, not compressed, are 150 million bytes."""
_PLAIN_BYTES, _PLAIN_PIXELS = 2_000_000, 2_100_000
"""What a page sends of its camera: its short side has 768 pixels."""
_NOT_PLAIN = frozenset({"exif", "icc_profile", "progressive"})
_PATIENCE: Seconds = 30.0
"""How long decoding may take on a busy machine. The child's own limits are of processor time, 12 s of it at most."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""How many are decoded at the same time: one of 12 megapixels takes 0.2 GB, the worst 0.9."""
_CHILD = Path(__file__).with_name("pillow_process.py")
"""Run as a file, for importing it as a module would import this package's libraries."""
_USED_UP = {-signal.SIGXCPU, -signal.SIGKILL}
"""How the child ends that is out of processor time, or that the system ends because memory is short."""
_REFUSALS: Mapping[str, type[PictureUnreadable]] = {
    "unknown": PictureFormatUnknown,
    "damaged": PictureDamaged,
    "large": PictureTooLarge,
    "narrow": PictureTooNarrow,
}


def read_picture(path: Path) -> Frame:
    """Return what a picture file shows; see `decode_picture`.

    Raises:
        PictureUnreadable: It is not there, or is not decoded.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PictureUnreadable(f"{path}: {error}", path.name) from error
    return decode_picture(data, path.name)


def decode_picture(data: bytes, name: str = "") -> Frame:
    """Return what a picture file shows, upright and in sRGB, scaled down to 12.6 megapixels where it has more.

    Of several pictures it is the first, and transparent parts are white, as on paper. Nothing is written to disk.

    Args:
        data: The whole file: JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC or AVIF.
        name: What to call it; empty for what has no name.

    Raises:
        PictureFormatUnknown: It is none of these.
        PictureTooLarge: It has more than 50 megapixels or 200 MB, or takes too much memory or time.
        PictureTooNarrow: It is more than 200 times as long as wide.
        PictureDamaged: Anything else is wrong with it.
        PictureUnreadable: The system lends no process to decode it in.
    """
    if (plain := _plain(data)) is not None:
        return Frame(plain, time.monotonic())
    label = name or "a picture"
    if len(data) > _MOST_BYTES:
        raise PictureTooLarge(f"{label}: more than {_MOST_BYTES} bytes", name)
    try:
        done = _decoded(data)
        if done.returncode == 0:
            return Frame(_pixels(done.stdout), time.monotonic())
    except subprocess.TimeoutExpired as error:
        raise PictureTooLarge(f"{label}: not decoded within {_PATIENCE} s", name) from error
    except ValueError as error:
        raise PictureDamaged(f"{label}: the decoder answered wrongly: {error}", name) from error
    except OSError as error:
        raise PictureUnreadable(f"{label}: no process to decode it in: {error}", name) from error
    if done.returncode in _USED_UP:
        raise PictureTooLarge(f"{label}: it took too much time or memory", name)
    kind, _, reason = done.stdout.decode(errors="replace").partition(": ")
    raise _REFUSALS.get(kind, PictureDamaged)(f"{label}: {reason or f'the decoder ended with status {done.returncode}'}", name)


def _decoded(data: bytes) -> subprocess.CompletedProcess[bytes]:
    with _AT_ONCE:
        return subprocess.run(  # noqa: S603 - our own interpreter and file; -I: it finds modules where they are installed, only
            [sys.executable, "-I", str(_CHILD)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libtiff and Pillow complain there
            timeout=_PATIENCE,
            check=False,
        )


def _plain(data: bytes) -> Pixels | None:
    """Return what a plain JPEG shows, such as a browser makes of its camera; None for any other file, however damaged.

    It is small, baseline, without Exif data and colour profile: libjpeg alone sees it, and works in proportion to its size.
    """
    if len(data) > _PLAIN_BYTES or not data.startswith(b"\xff\xd8\xff"):
        return None
    try:
        opened = JpegImageFile(io.BytesIO(data))
        shorter, longer = sorted(opened.size)
        if opened.mode != "RGB" or opened.info.keys() & _NOT_PLAIN or shorter * longer > _PLAIN_PIXELS or longer > 4 * shorter:
            return None
        return np.asarray(opened)
    except Exception:  # noqa: BLE001 - the child process tells what is wrong with it
        return None


def _pixels(answer: bytes) -> Pixels:
    end = answer.index(b"\n")
    width, height = map(int, answer[:end].split())
    return np.frombuffer(answer, np.uint8, offset=end + 1).reshape(height, width, 3)

"""Bar codes of articles (EAN-13, EAN-8, UPC-A, UPC-E) and QR codes, read with OpenCV's detectors.

Of 120 drawn QR codes of 100 to 300 pixels, some a little blurred, `QRCodeDetectorAruco` read 114 and `QRCodeDetector` 95. What is
read is right, for QR codes correct mistakes. Bar codes do not: of 360, most of them too small or blurred, 6 were read as a wrong
number, check digit and all. So each is read at three sizes, and counts when two agree: 194 were right then in place of 176, and
none was wrong.
"""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterator, Mapping

import cv2
import numpy as np
import numpy.typing as npt

from assistant.products import full_number
from assistant.types import Code, Frame

_Grey = npt.NDArray[np.uint8]

_SIZES = (1.0, 1.5, 2.0)
_LONGEST = 1600
"""The longest side, in pixels, that a picture is looked at with first; larger ones take a second."""
_AGREEING = 2


class OpenCvCodeReader:
    """Reads codes; `assistant.ports.CodeReader`.

    Args:
        products: What articles are called, by `full_number`.
    """

    def __init__(self, products: Mapping[str, str]) -> None:
        self._products = products

    def read(self, frame: Frame) -> list[Code]:
        """Return the codes that a picture shows; see `assistant.ports.CodeReader`."""
        grey = np.asarray(cv2.cvtColor(np.ascontiguousarray(frame.pixels), cv2.COLOR_RGB2GRAY), np.uint8)
        shrunk = min(1.0, _LONGEST / max(grey.shape))
        sizes = [_resized(grey, shrunk * size) for size in _SIZES]
        squares = _squares(sizes[0])
        if not any(squares):
            squares = _squares(sizes[-1]) or squares
        articles = collections.Counter(number for size in sizes for number in set(_articles(size)))
        sure = [number for number, times in articles.items() if times >= _AGREEING]
        codes = [Code(number, is_product=True, product=self._products.get(full_number(number), "")) for number in sure]
        return codes + [Code(text) for text in sorted(set(squares), key=bool, reverse=True)]


def _resized(grey: _Grey, scale: float) -> _Grey:
    if scale == 1:
        return grey
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _squares(grey: _Grey) -> list[str]:
    """Return what stands in the QR codes; an empty text for one that cannot be read."""
    with contextlib.suppress(cv2.error):  # it stumbles over some pictures; the next one is another
        _, contents, _, _ = cv2.QRCodeDetectorAruco().detectAndDecodeBytesMulti(grey)
        return [_text(bytes(content)) for content in contents]
    return []


def _text(content: bytes) -> str:
    """Return what a QR code's bytes say: UTF-8 as nearly all are written, or Latin-1, the standard's default."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _articles(grey: _Grey) -> Iterator[str]:
    with contextlib.suppress(cv2.error):  # as above
        _, numbers, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(grey)
        yield from filter(None, numbers)

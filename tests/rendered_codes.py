"""Bar codes and QR codes, drawn and held before a camera."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import segno

from assistant.types import Frame

_LEFT = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"]
_RIGHT = [pattern.translate(str.maketrans("01", "10")) for pattern in _LEFT]
_EVEN = [pattern[::-1] for pattern in _RIGHT]
_PARITIES = ["OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE", "OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"]
_MODULE = 6

Grey = npt.NDArray[np.uint8]


def check_digit(digits: str) -> str:
    """Return an article's number with its check digit (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def bars(number: str) -> Grey:
    """Return the bars of an EAN-13 or EAN-8 (ISO/IEC 15420), with white around them."""
    digits = [int(digit) for digit in number]
    if len(digits) == 8:
        left = "".join(_LEFT[digit] for digit in digits[:4])
        right = digits[4:]
    else:
        left = "".join((_LEFT if odd == "O" else _EVEN)[d] for odd, d in zip(_PARITIES[digits[0]], digits[1:7], strict=True))
        right = digits[7:]
    modules = f"101{left}01010{''.join(_RIGHT[digit] for digit in right)}101"
    row = np.repeat([255 * (module == "0") for module in f"{'0' * 10}{modules}{'0' * 10}"], _MODULE).astype(np.uint8)
    return np.pad(np.repeat(row[np.newaxis], 240, axis=0), ((30, 30), (0, 0)), constant_values=255)


def square(text: str | bytes) -> Grey:
    """Return the modules of a QR code, with white around them."""
    matrix = np.array([list(row) for row in segno.make_qr(text, error="m").matrix], np.uint8)
    return np.kron(255 * (1 - np.pad(matrix, 4)), np.ones((8, 8), np.uint8)).astype(np.uint8)


def shown(code: Grey, width: float, angle: float = 0.0, blur: float = 0.0, noise: float = 4.0) -> Frame:
    """Return a picture of 640 x 480 pixels of a code.

    Args:
        code: Black on white.
        width: Of the code with its white border, in pixels.
        angle: By which it is turned, in degrees.
        blur: Standard deviation of the lens's blur, in pixels.
        noise: Standard deviation of the camera's noise, in levels of 255.
    """
    height, own_width = code.shape
    placed = cv2.getRotationMatrix2D((own_width / 2, height / 2), angle, width / own_width)
    placed[:, 2] += (320 - own_width / 2, 240 - height / 2)
    view = cv2.warpAffine(code, placed, (640, 480), flags=cv2.INTER_AREA, borderValue=(120,)).astype(np.float64)
    if blur:
        view = cv2.GaussianBlur(view, (0, 0), blur).astype(np.float64)
    view += np.random.default_rng(1).normal(0, noise, view.shape)
    return Frame(np.repeat(np.clip(view, 0, 255).astype(np.uint8)[..., np.newaxis], 3, axis=2), 0.0)

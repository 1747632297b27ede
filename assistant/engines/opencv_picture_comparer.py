"""Where two pictures of the same thing differ, with OpenCV: laid over one another, the light made alike, compared with tolerance.

ORB features (Rublee et al., ICCV 2011) and a homography by RANSAC lay the reference over the picture, so that it may be held by
hand. Of what is too plain for that, both are taken to be from a camera that stands still. Light is made alike by taking
away what changes slowly. A place differs if its brightness lies outside of what the other picture has within three pixels around
it, either way round: so an edge that lies a little beside the other one is no difference.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from assistant.types import Box, Frame

_WIDTH = 480
"""Pixels across of the pictures that are compared."""
_FEATURES = 1500
_FEWEST = 25
"""Features that agree on how one picture lies over the other; chance makes up to ten agree."""
_AGREEING = 0.3
"""Share of the matched features that do."""
_SLOPE = 30.0
"""Pixels over which light may change: what varies more slowly is light."""
_SMOOTHED = (1.0, 3.0, 3.0)
"""Pixels over which lightness and both colours are smoothed: cameras and JPEG keep a quarter of the colours' detail."""
_TOLERANCE = 7
"""Pixels of a place's surroundings, its own included, across."""
_DIFFERENT = 26.0
"""Grey levels of 255; a camera's noise, smoothed, and JPEG's traces stay below 12."""
_SPECK = 0.0015
"""Share of the picture that is too small to tell from noise: 16 by 16 pixels."""
_NEARBY = 9
"""Pixels between two parts of one difference."""
_MOST = 0.4
"""Share of the picture from which on it is another thing altogether."""
_BORDER = 6
"""Pixels inside the edge of what both show that are not compared."""

_Grey = npt.NDArray[np.float32]


class OpenCvPictureComparer:
    """Compares pictures; `assistant.ports.PictureComparer`."""

    def compare(self, reference: Frame, frame: Frame) -> list[Box] | None:
        """Return where `frame` differs from `reference`, largest first; None if they do not show the same thing."""
        before, now = _small(reference), _small(frame)
        matrix = _homography(cv2.cvtColor(before, cv2.COLOR_RGB2GRAY), cv2.cvtColor(now, cv2.COLOR_RGB2GRAY))
        if matrix is None:
            return None
        before, common = _laid_over(before, now, matrix)
        different = _different(before, now) & common
        if common.sum() < (1 - _MOST) * common.size or different.sum() > _MOST * common.sum():
            return None
        return _boxes(different)


def _small(frame: Frame) -> npt.NDArray[np.uint8]:
    height, width, _ = frame.pixels.shape
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    return np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _laid_over(
    before: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Return the former picture as the camera of the later one would have seen it, and where it shows something."""
    height, width, _ = now.shape
    over = cv2.warpPerspective(before, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    shown = cv2.warpPerspective(np.full(before.shape[:2], 255, np.uint8), matrix, (width, height))
    size = 2 * _BORDER + 1
    inside = cv2.erode(shown, np.ones((size, size), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(over, np.uint8), inside > 0


def _homography(before: cv2.typing.MatLike, now: cv2.typing.MatLike) -> npt.NDArray[np.float64] | None:
    """Return how the one picture lies over the other; None if they have nothing in common."""
    orb = cv2.ORB.create(_FEATURES)
    (points, described), (others, others_described) = (orb.detectAndCompute(picture, None) for picture in (before, now))
    if min(len(points), len(others)) < _FEWEST:
        return np.diag([now.shape[1] / before.shape[1], now.shape[0] / before.shape[0], 1.0])
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(described, others_described)
    if len(matches) < _FEWEST:
        return None
    start = np.array([points[match.queryIdx].pt for match in matches], np.float32)
    end = np.array([others[match.trainIdx].pt for match in matches], np.float32)
    matrix, agreeing = cv2.findHomography(start, end, cv2.RANSAC, 3.0)
    if matrix is None or agreeing.sum() < max(_FEWEST, _AGREEING * len(matches)):
        return None
    return np.asarray(matrix, np.float64)


def _different(before: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which pixels differ, in brightness or colour."""
    kernel = np.ones((_TOLERANCE, _TOLERANCE), np.uint8)
    result = np.zeros(now.shape[:2], bool)
    pairs = zip(cv2.split(cv2.cvtColor(before, cv2.COLOR_RGB2LAB)), cv2.split(cv2.cvtColor(now, cv2.COLOR_RGB2LAB)), strict=True)
    for smoothed, pair in zip(_SMOOTHED, pairs, strict=True):
        one, other = (_without_light(channel, smoothed) for channel in pair)
        for a, b in ((one, other), (other, one)):
            result |= np.maximum(b - cv2.dilate(a, kernel), cv2.erode(a, kernel) - b) > _DIFFERENT
    return result


def _without_light(channel: cv2.typing.MatLike, smoothed: float) -> _Grey:
    grey = cv2.GaussianBlur(channel, (0, 0), smoothed).astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), _SLOPE), np.float32)


def _boxes(different: npt.NDArray[np.bool_]) -> list[Box]:
    height, width = different.shape
    joined = cv2.morphologyEx(different.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((_NEARBY, _NEARBY), np.uint8))
    count, _, found, _ = cv2.connectedComponentsWithStats(joined)
    regions = sorted((found[number] for number in range(1, count)), key=lambda region: -region[cv2.CC_STAT_AREA])
    return [
        Box(float(left / width), float(top / height), float((left + across) / width), float((top + down) / height))
        for left, top, across, down, area in regions
        if area >= _SPECK * different.size
    ]

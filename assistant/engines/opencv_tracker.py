"""Following a thing through a camera's pictures with OpenCV: median flow (Kalal, Mikolajczyk and Matas, ICPR 2010).

Points on a grid in its box are followed by pyramidal Lucas-Kanade flow, forward and back again. Those that do not come back to
where they began, and those that look different, are left out; the median of the others' movements moves the box, and the median
change of their distances scales it. OpenCV's own `TrackerMIL` never notices that it has lost something, and its
others need networks that are not in its package.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from assistant.types import Box, Frame

_WIDTH = 320
"""Pixels across of the pictures that are compared."""
_GRID = 10
"""Points across and down; the paper's number."""
_WINDOW = (15, 15)
_PYRAMID = 4
"""Levels: so a thing may move by a fifth of the picture from one to the next."""
_DRIFT = 10.0
"""Pixels of the median way forward and back from which on the track is lost; the paper's number."""
_FEWEST = 8
"""Points that are enough."""
_LOST_SHARE = 0.25
"""Share of a thing that has to be within the picture."""

_Points = npt.NDArray[np.float32]


class OpenCvTracker:
    """Follows one thing; `assistant.ports.Tracker`."""

    def __init__(self) -> None:
        self._before: npt.NDArray[np.uint8] | None = None
        self._box: Box | None = None

    def begin(self, frame: Frame, box: Box) -> None:
        """Follow what is inside `box` from now on."""
        self._before, self._box = _small(frame), box

    def follow(self, frame: Frame) -> Box | None:
        """Return where it is by now; None if it was lost."""
        now = _small(frame)
        if self._box is not None and self._before is not None and self._before.shape == now.shape:
            self._box = _moved(self._before, now, self._box)
        else:
            self._box = None
        self._before = now
        return self._box


def _small(frame: Frame) -> npt.NDArray[np.uint8]:
    height, width, _ = frame.pixels.shape
    size = (_WIDTH, max(1, round(height * _WIDTH / width)))
    return np.asarray(cv2.cvtColor(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY), np.uint8)


def _moved(before: npt.NDArray[np.uint8], now: npt.NDArray[np.uint8], box: Box) -> Box | None:
    height, width = now.shape
    scale = np.array([width, height], np.float32)
    points = _grid(box) * scale
    within = np.all((points >= 0) & (points < scale), axis=1)
    if np.mean(within) < _LOST_SHARE:
        return None
    points = points[within]
    there, found, _ = _flow(before, now, points)
    back, found_back, _ = _flow(now, before, there)
    way = np.linalg.norm(back - points, axis=1)
    good = (found.ravel() == 1) & (found_back.ravel() == 1)
    if good.sum() < _FEWEST or np.median(way[good]) > _DRIFT:
        return None
    alike = _likeness(before, now, points, there)
    good &= (way <= np.median(way[good])) & (alike >= np.median(alike[good]))
    if good.sum() < _FEWEST:
        return None
    return _shifted(box, points[good] / scale, there[good] / scale)


def _grid(box: Box) -> _Points:
    across = box.left + (np.arange(_GRID) + 0.5) / _GRID * (box.right - box.left)
    down = box.top + (np.arange(_GRID) + 0.5) / _GRID * (box.bottom - box.top)
    return np.stack([np.tile(across, _GRID), np.repeat(down, _GRID)], axis=1).astype(np.float32)


def _flow(
    one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], points: _Points
) -> tuple[_Points, npt.NDArray[np.uint8], _Points]:
    there, found, error = cv2.calcOpticalFlowPyrLK(
        one, other, points.reshape(-1, 1, 2), points.reshape(-1, 1, 2).copy(), winSize=_WINDOW, maxLevel=_PYRAMID
    )
    return np.asarray(there, np.float32).reshape(-1, 2), np.asarray(found, np.uint8), np.asarray(error, np.float32)


def _likeness(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], points: _Points, there: _Points) -> npt.NDArray[np.float32]:
    """Return how alike the surroundings of two points look, -1 to 1, for each pair."""
    likeness = []
    for point, place in zip(points, there, strict=True):
        patches = [cv2.getRectSubPix(picture, (11, 11), tuple(map(float, at))) for picture, at in ((one, point), (other, place))]
        likeness.append(float(cv2.matchTemplate(patches[0], patches[1], cv2.TM_CCOEFF_NORMED)[0, 0]))
    return np.nan_to_num(np.array(likeness, np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _shifted(box: Box, points: _Points, there: _Points) -> Box:
    """Return a box moved and scaled as points in it were."""
    across, down = np.median(there - points, axis=0)
    one, other = np.triu_indices(len(points), 1)
    before = np.linalg.norm(points[one] - points[other], axis=1)
    after = np.linalg.norm(there[one] - there[other], axis=1)
    scale = float(np.median(after[before > 0] / before[before > 0])) if np.any(before > 0) else 1.0
    middle = (box.centre[0] + float(across), box.centre[1] + float(down))
    half = (scale * (box.right - box.left) / 2, scale * (box.bottom - box.top) / 2)
    return Box(middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])

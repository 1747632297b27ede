"""PP-OCRv6: finds lines of text in a picture and reads them, English and Chinese, with ONNX runtime on the processor.

Two networks of PaddleOCR's (Apache-2.0), in the ONNX files that the package rapidocr 3.10.0 carries: one says of each pixel how
likely it lies inside a line of text (DB, Liao et al., AAAI 2020), the other writes down a line that was cut out (CTC). The steps
around them are theirs; the numbers that are rapidocr's say so. The package itself is not used: it wants opencv-python-headless,
whose folder is the one of opencv-python, and fetches models by itself.

There is a third network in it, which tells whether a line is upside down. It is not needed: a line that is read the wrong way round
is read with far less confidence.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from assistant.errors import ModelDamaged, ReadingFailed
from assistant.network import open_network
from assistant.types import Frame, Pixels, Quad, TextLine

_Corners: TypeAlias = npt.NDArray[np.float32]
"""Four corners, shape (4, 2), clockwise from the upper left, in pixels."""

_LEAST_SIDE, _LONGEST_SIDE = 736, 1600
"""Of the picture in which lines are found, in pixels: the first is rapidocr's; the second is what an A4 page with 10 point print
needs, whose letters are 13 pixels high then."""
_COARSE = 0.4
"""How much smaller the picture is in which lines are looked for once more. Of large print that is out of focus the larger one shows
but parts: of "Do not take more than 3 tablets" the first three words were found, and the rest passed over in silence."""
_MISSED, _AS_HIGH = 0.95, 0.5
"""Which share of a coarse line's length the fine ones in it fill at most, and of its height at least, to be parts of it."""
_STRIDE = 32
"""Both sides must be multiples of it."""
_INK, _SURE = 0.3, 0.5
"""How likely a pixel has to lie in a line to count, and how likely those of a line have to be in the mean; as in rapidocr."""
_GROWTH = 1.6
"""DB finds the core of a line; it is as much larger as its area times this, over its circumference. As in rapidocr."""
_THIN = 3
"""Pixels; what is thinner, where lines are found, is none. As in rapidocr."""
_MOST_LINES = 1000
"""As in rapidocr."""
_LINE_HEIGHT = 48
"""Pixels of a line that is read."""
_SHORTEST, _LONGEST = 320, 3200
"""Pixels it is long, padded, or shrunk. The first is rapidocr's."""
_SLENDER = 1.5
"""How many times longer than high a line is that shows which way it goes."""
_WITNESSES = 3
"""How many lines tell, by being read both ways, which way round the page is."""
_STRIPED, _STRIPE = 15.0, 3.0
"""Levels by which colour differs from that of so many pixels around, in the median, over which a camera saw a screen's stripes.
Drawn, with moiré on it, a screen has 19 to 50 where points in numbers are lost, 9 where none is; paper has 1 in the dusk."""
_PATCH = 200
"""Most pixels of each side of what they are looked for in: a line of a page of 40 megapixels took half as long again else."""
_UNSURE_OF_POINTS = 0.94
"""By what such a line is less sure that has a number: 28.15 was read as 2815, with all confidence."""
_BLANK = 0
"""The class of the CTC between two characters."""


class PpocrTextReader:
    """PP-OCRv6, loaded when it is first used; may be used from several threads.

    Args:
        files: Tells where its networks are, that which finds lines and that which reads them, or raises what is wrong with them.
        threads: How many compute it; 0 for as many as there are processors.
    """

    def __init__(self, files: Callable[[], tuple[Path, Path]], threads: int = 0) -> None:
        self._files = files
        self._threads = threads
        self._loading = threading.Lock()
        self._networks: tuple[_Finder, _Scribe] | None = None

    def find(self, frame: Frame) -> list[Quad]:
        """Return where lines of text are, each from where its first letter is; see `TextReader`.

        Raises:
            ModelMissing, ModelDamaged: It cannot be loaded.
            ReadingFailed: onnxruntime could not compute it.
        """
        finder, scribe = self._loaded()
        return _turned(finder.found(frame.pixels), frame.pixels, scribe)

    def glimpse(self, frame: Frame) -> list[Quad]:
        """Return about where text is; see `TextReader`.

        Raises:
            ModelMissing, ModelDamaged: It cannot be loaded.
            ReadingFailed: onnxruntime could not compute it.
        """
        finder, _ = self._loaded()
        return finder.glimpsed(frame.pixels)

    def read(self, frame: Frame, places: Sequence[Quad]) -> Iterator[TextLine]:
        """Yield what is written at each of these places, one after the other; see `TextReader`.

        Raises:
            ModelMissing, ModelDamaged: It cannot be loaded.
            ReadingFailed: onnxruntime could not compute it.
        """
        _, scribe = self._loaded()
        for place in places:
            cut = _cut_out(frame.pixels, place)
            text, confidence = scribe.read(cut)
            hidden = any(map(str.isdigit, text)) and _is_striped(cut)
            yield TextLine(text, confidence * _UNSURE_OF_POINTS if hidden else confidence, place)

    def _loaded(self) -> tuple[_Finder, _Scribe]:
        with self._loading:
            if self._networks is None:
                finder, scribe = self._files()
                self._networks = (
                    _Finder(open_network(finder, threads=self._threads)),
                    _Scribe(open_network(scribe, threads=self._threads), scribe.name),
                )
            return self._networks


class _Finder:
    """The network that finds lines."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def found(self, pixels: Pixels) -> list[Quad]:
        """Return where lines are."""
        fine, coarse = (list(map(_quad, self._found(pixels, share))) for share in (1.0, _COARSE))
        for whole in coarse:
            parts = [place for place in fine if _within(place, whole)]
            lengths, heights = (list(map(side, parts)) for side in (_length, _height))
            if sum(lengths) < _MISSED * _length(whole) and min(heights, default=math.inf) >= _AS_HIGH * _height(whole):
                fine = [place for place in fine if place not in parts] + [whole]
        return fine

    def glimpsed(self, pixels: Pixels) -> list[Quad]:
        """Return where lines are in a coarse picture."""
        return list(map(_quad, self._found(pixels, _COARSE)))

    def _found(self, pixels: Pixels, share: float) -> Iterator[_Corners]:
        """Yield the corners of each line in a picture of so many times the usual size."""
        height, width, _ = pixels.shape
        scale = share * min(max(1.0, _LEAST_SIDE / min(height, width)), _LONGEST_SIDE / max(height, width))
        across, down = (max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in (width, height))
        small = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        likely = _computed(self._session, _normal(small))[0, 0]
        # dilated as in rapidocr: it closes gaps of a pixel
        ink = cv2.dilate((likely > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
        contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        factor = np.array([width / across, height / down], np.float32)
        for contour in contours[:_MOST_LINES]:
            centre, (one, other), angle = cv2.minAreaRect(contour)
            if min(one, other) >= _THIN and _mean_within(likely, contour) >= _SURE:
                growth = 2 * one * other * _GROWTH / (2 * (one + other))
                corners = cv2.boxPoints((centre, (one + growth, other + growth), angle))
                yield _clockwise(np.asarray(corners * factor, np.float32))


class _Scribe:
    """The network that writes a line down."""

    def __init__(self, session: Any, name: str) -> None:
        self._session = session
        alphabet = session.get_modelmeta().custom_metadata_map.get("character")
        if not alphabet:
            raise ModelDamaged(f"{name}: it does not say which characters it knows", name)
        self._characters = ["", *alphabet.split("\n"), " "]

    def read(self, line: Pixels) -> tuple[str, float]:
        """Return what is written in a line that lies upright, and how sure that is, 0 to 1."""
        height, width, _ = line.shape
        across = min(max(1, math.ceil(_LINE_HEIGHT * width / height)), _LONGEST)
        values = np.zeros((1, 3, _LINE_HEIGHT, max(across, _SHORTEST)), np.float32)
        values[..., :across] = _normal(cv2.resize(line, (across, _LINE_HEIGHT), interpolation=cv2.INTER_LINEAR))
        likely = _computed(self._session, values)[0]
        best = likely.argmax(axis=1)
        kept = np.flatnonzero((best != _BLANK) & (best != np.concatenate([[-1], best[:-1]])))
        if not kept.size:
            return "", 0.0
        text = "".join(self._characters[best[step]] for step in kept)
        return text.strip(), float(likely[kept, best[kept]].mean())


def _computed(session: Any, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    try:
        return np.asarray(session.run(None, {session.get_inputs()[0].name: values})[0])
    except Exception as error:  # onnxruntime's errors share no base class but this one
        raise ReadingFailed(f"PP-OCR: {error}") from error


def _normal(pixels: Any) -> npt.NDArray[np.float32]:
    """Return a picture as both networks take it: blue, green and red from -1 to 1, shape (1, 3, height, width)."""
    return np.asarray((pixels[..., ::-1].transpose(2, 0, 1)[np.newaxis] / np.float32(127.5)) - np.float32(1), np.float32)


def _mean_within(likely: npt.NDArray[np.float32], contour: Any) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour], -1, 1, cv2.FILLED, offset=(-left, -top))
    return float(cv2.mean(likely[top : top + height, left : left + width], mask)[0])


def _clockwise(corners: _Corners) -> _Corners:
    """Return corners clockwise from the one that is upper left when the picture is turned by less than 45 degrees."""
    centre = corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(*(corners - centre).T[::-1]))]
    edges = np.roll(ordered, -1, axis=0) - ordered
    top = int(np.argmax(edges[:, 0] / np.hypot(*edges.T).clip(1e-6)))  # the edge that goes most to the right
    return np.roll(ordered, -top, axis=0)


def _quad(corners: _Corners) -> Quad:
    one, two, three, four = ((float(x), float(y)) for x, y in corners)
    return (one, two, three, four)


def _turned(places: list[Quad], pixels: Pixels, scribe: _Scribe) -> list[Quad]:
    """Return places with their first corner where the text begins: all lines that lie are turned alike, and all that stand."""
    lying, standing = ([p for p in places if _slender(p) and _tall(p) is tall] for tall in (False, True))
    # what is as wide as it is high lies as most of the page does
    squat = [place for place in places if not _slender(place)]
    on_end = sum(map(_length, standing)) > sum(map(_length, lying))
    (standing if on_end else lying).extend(squat)
    return [
        _rolled(place, turn)
        for group, turns in ((lying, (0, 2)), (standing, (1, 3)))
        for turn in [_turn(sorted(group, key=_length, reverse=True), pixels, scribe, turns)]
        for place in group
    ]


def _turn(places: list[Quad], pixels: Pixels, scribe: _Scribe, turns: tuple[int, int]) -> int:
    """Return by how many corners the longest of these places have to be turned to be read best."""

    def legible(turn: int) -> float:
        cuts = (_cut_out(pixels, _rolled(place, turn)) for place in places[:_WITNESSES])
        return sum(len(text) * confidence**4 for text, confidence in map(scribe.read, cuts))

    return max(turns, key=legible) if places else turns[0]


def _rolled(place: Quad, turn: int) -> Quad:
    one, two, three, four = place[turn:] + place[:turn]
    return (one, two, three, four)


def _sides(place: Quad) -> tuple[float, float]:
    """Return how wide and how high a place is."""
    one, two, three, _ = place
    return math.dist(one, two), math.dist(two, three)


def _slender(place: Quad) -> bool:
    return max(_sides(place)) > _SLENDER * min(_sides(place))


def _tall(place: Quad) -> bool:
    width, height = _sides(place)
    return height > width


def _length(place: Quad) -> float:
    return max(_sides(place))


def _height(place: Quad) -> float:
    return min(_sides(place))


def _within(part: Quad, whole: Quad) -> bool:
    """Tell whether the middle of a place is in another one."""
    middle = (sum(x for x, _ in part) / 4, sum(y for _, y in part) / 4)
    return bool(cv2.pointPolygonTest(np.array(whole, np.float32), middle, measureDist=False) >= 0)


def _is_striped(pixels: Pixels) -> bool:
    """Tell whether fine coloured stripes lie over a picture, as over one that was taken of a screen."""
    top, left = (max(0, (side - _PATCH) // 2) for side in pixels.shape[:2])
    patch = np.ascontiguousarray(pixels[top : top + _PATCH, left : left + _PATCH])
    colour = cv2.cvtColor(patch, cv2.COLOR_RGB2YCrCb)[..., 1:].astype(np.float32)
    return bool(np.median(np.abs(colour - cv2.GaussianBlur(colour, (0, 0), _STRIPE))) > _STRIPED)


def _cut_out(pixels: Pixels, place: Quad) -> Pixels:
    """Return what is inside a place, upright."""
    width, height = (max(1, round(side)) for side in _sides(place))
    straight = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(place, np.float32), straight)
    cut = cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.uint8)

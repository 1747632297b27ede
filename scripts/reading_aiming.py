"""Aiming at pages with a camera that a hand holds: whether what it is told is right, and what that is worth.

The hand is drawn by lot: where it begins, how far and how well it moves when it is told to, how it sways. What the assistant sees
is, in some paths, what the real text reader finds in the drawn picture; in the others the page's lines, found once in the whole
page, projected and made a little wrong. Speaking takes a second and a look a quarter of one, in the paths' own time.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from documents import DOCUMENTS, Document, accuracy

from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.models.catalogue import text_files
from assistant.runtime.aiming import LIMIT
from assistant.turn.aim import Coach, Correction, Sight, correction_for, is_steady
from assistant.turn.recital import Recital
from assistant.turn.sight import print_blurred
from assistant.types import Frame, Pixels, Quad, Seconds

PATHS, FOUND, READ = 200, 40, 6
"""How many there are, in how many the real reader finds the text, and of how many pages it reads what was taken."""
_WIDTH, _HEIGHT = 1280, 720
_TABLE = (120, 96, 74)
_LOOK: Seconds = 1 / 4
_SAYING: Seconds = 1.0
_SHAKEN = 6.0
"""Pixels of movement within a picture from which small print is hardly read."""
_NEAR_EDGE = 0.02
"""Share of a side: text that ends within it may be cut off."""
_TOO_SMALL = 12.0
"""Pixels of print up to which "closer" helps."""


@functools.cache
def _noise() -> np.ndarray:
    """Return what a sensor adds to a picture."""
    return np.random.default_rng(0).normal(0, 2, (_HEIGHT, _WIDTH, 3)).astype(np.int16)


@dataclasses.dataclass
class _Hand:
    """Where a page lies before a camera that is held by a hand, in pixels of its picture."""

    lots: np.random.Generator
    x: float
    y: float
    scale: float
    degrees: float
    shake: float
    drift: tuple[float, float] = (0.0, 0.0)
    """Pixels from one look to the next: who was told a direction goes on in it, slowly, until something else is said."""

    def sways(self) -> None:
        """Move as a hand does from one look to the next."""
        self.x += self.drift[0] + self.lots.normal(0, 3)
        self.y += self.drift[1] + self.lots.normal(0, 3)
        self.shake *= 0.6

    def obeys(self, correction: Correction) -> None:
        """Do what was said, too much or too little; one time in ten nothing."""
        if _drawn(self.lots, 0.1):
            return
        far = self.lots.uniform(0.1, 0.3)
        across, down = {
            Correction.RIGHT: (-far, 0.0),
            Correction.LEFT: (far, 0.0),
            Correction.DOWN: (0.0, -far),
            Correction.UP: (0.0, far),
        }.get(correction, (0.0, 0.0))
        if correction is Correction.NO_TEXT:  # it searches: toward the page more often than not
            towards = self.lots.uniform(-0.2, 0.7)
            across, down = (0.5 - self.x / _WIDTH) * towards, (0.5 - self.y / _HEIGHT) * towards
        going_on = self.lots.uniform(0, 0.06)
        self.drift = (across * going_on * _WIDTH, down * going_on * _HEIGHT)
        self.x += (across + self.lots.normal(0, 0.02)) * _WIDTH
        self.y += (down + self.lots.normal(0, 0.02)) * _HEIGHT
        self.degrees += self.lots.normal(0, 2)
        factor = {Correction.BACK: self.lots.uniform(0.7, 0.9), Correction.CLOSER: self.lots.uniform(1.15, 1.4)}.get(
            correction, 1.0
        )
        self.scale *= factor * self.lots.uniform(0.97, 1.03)
        if correction is Correction.TURN:
            self.degrees *= self.lots.uniform(0, 0.6)
        self.shake = self.lots.uniform(0, 3) if correction is Correction.STILL else self.shake + self.lots.uniform(0, 8)

    def matrix(self, document: Document) -> np.ndarray:
        """Return where points of the page are in the picture, shape (2, 3)."""
        height, width, _ = document.pixels.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -self.degrees, self.scale)
        matrix[:, 2] += (self.x - width / 2, self.y - height / 2)
        return np.asarray(matrix)

    def picture(self, document: Document) -> Pixels:
        """Return what the camera sees."""
        page: Any = document.pixels
        if self.scale < 1:  # an affine warp alone would leave out pixels
            page = cv2.GaussianBlur(page, (0, 0), 0.35 / self.scale)
        seen: Any = cv2.warpAffine(page, self.matrix(document), (_WIDTH, _HEIGHT), borderValue=_TABLE)
        if (length := round(self.shake)) > 1:
            kernel = np.zeros((length, length), np.float32)
            kernel[length // 2, :] = 1 / length
            seen = cv2.filter2D(seen, -1, kernel)
        return np.asarray(cv2.add(seen, np.roll(_noise(), int(self.lots.integers(_WIDTH)), axis=1), dtype=cv2.CV_8U))


def _drawn(lots: np.random.Generator, share: float) -> bool:
    return bool(lots.random() < share)


def _begun(lots: np.random.Generator, document: Document) -> _Hand:
    """Return a hand at the beginning of its path: two of five as people hold who see, the others worse."""
    height, width, _ = document.pixels.shape
    fitting = 0.9 * min(_WIDTH / width, _HEIGHT / height)
    rough = 0.05 if _drawn(lots, 0.4) else 0.3
    return _Hand(
        lots,
        (0.5 + lots.normal(0, rough)) * _WIDTH,
        (0.5 + lots.normal(0, rough)) * _HEIGHT,
        fitting * math.exp(lots.normal(-0.1, 1.5 * rough)),
        lots.normal(0, 60 * rough),
        lots.uniform(10, 30) if _drawn(lots, 0.25) else 0.0,
    )


def _projected(lines: Sequence[Quad], hand: _Hand, document: Document) -> list[np.ndarray]:
    matrix = hand.matrix(document)
    return [cv2.transform(np.array([line], np.float64), matrix)[0] for line in lines]


def _seen_lines(lines: Sequence[np.ndarray], lots: np.random.Generator) -> list[Quad]:
    """Return what a finder would make of lines: those parts that are in the picture, a little wrong, one of twenty missing."""
    seen = []
    for line in lines:
        clipped = np.clip(line, (0, 0), (_WIDTH, _HEIGHT))
        whole, part = (cv2.contourArea(each.astype(np.float32)) for each in (line, clipped))
        if part > 0.1 * whole and not _drawn(lots, 0.05):
            one, two, three, four = ((float(x), float(y)) for x, y in clipped + lots.normal(0, 2, (4, 2)))
            seen.append((one, two, three, four))
    return seen


@dataclasses.dataclass(frozen=True)
class _Path:
    """How one path went."""

    said: tuple[tuple[Correction, bool], ...]
    """The corrections, and whether each was right."""
    captured: bool
    whole: bool
    """Whether all of the text was in the last picture."""
    looks: int
    first: Pixels | None
    last: Pixels | None


def _aim(hand: _Hand, document: Document, lines: Sequence[Quad], reader: PpocrTextReader | None) -> _Path:
    """Aim once, as `assistant.runtime.aiming` does."""
    coach = Coach()
    said: list[tuple[Correction, bool]] = []
    before: Sight | None = None
    first: Pixels | None = None
    picture: Pixels | None = None
    at, looks = 0.0, 0
    while at < LIMIT:
        looks += 1
        places = _projected(lines, hand, document)
        if reader:
            picture = hand.picture(document)
            first = picture if first is None else first
            frame = Frame(picture, at)
            found = reader.glimpse(frame)
            sight = Sight(found, _WIDTH, _HEIGHT, print_blurred(frame, found))
        else:
            sight = Sight(_seen_lines(places, hand.lots), _WIDTH, _HEIGHT, hand.shake > _SHAKEN)
        correction = correction_for(sight)
        if correction is None and (before is None or is_steady(before, sight)):
            return _Path(tuple(said), captured=True, whole=_is_whole(places), looks=looks, first=first, last=picture)
        at += _LOOK
        before = sight
        if correction and coach.words(correction, at, "en"):
            said.append((correction, _is_right(correction, places, hand)))
            at += _SAYING
            hand.obeys(correction)
        hand.sways()
    return _Path(
        tuple(said), captured=False, whole=_is_whole(_projected(lines, hand, document)), looks=looks, first=first, last=picture
    )


def _is_right(correction: Correction, lines: Sequence[np.ndarray], hand: _Hand) -> bool:
    """Tell whether a correction brings the page nearer to being read, by where it truly lies."""
    (left, top), (right, bottom) = _extent(lines)
    beyond = {
        Correction.LEFT: left < _NEAR_EDGE,
        Correction.RIGHT: right > 1 - _NEAR_EDGE,
        Correction.UP: top < _NEAR_EDGE,
        Correction.DOWN: bottom > 1 - _NEAR_EDGE,
    }
    opposite = {
        Correction.LEFT: Correction.RIGHT,
        Correction.RIGHT: Correction.LEFT,
        Correction.UP: Correction.DOWN,
        Correction.DOWN: Correction.UP,
    }
    match correction:
        case Correction.BACK:
            return bool(max(right - left, bottom - top) > 1 - 2 * _NEAR_EDGE)  # then no movement to a side helps
        case Correction.CLOSER:
            return 30 * hand.scale < _TOO_SMALL
        case Correction.TURN:
            return 20 < abs(hand.degrees) % 90 < 70  # noqa: PLR2004 - degrees between two ways in which it can lie
        case Correction.STILL:
            return hand.shake > _SHAKEN / 2
        case Correction.NO_TEXT:
            return not any(_area_seen(line) > 0.5 * cv2.contourArea(line.astype(np.float32)) for line in lines)
        case _:
            return bool(beyond[correction] and not beyond[opposite[correction]])


def _is_whole(lines: Sequence[np.ndarray]) -> bool:
    begin, end = _extent(lines)
    return bool((begin >= 0).all() and (end <= 1).all())


def _extent(lines: Sequence[np.ndarray]) -> np.ndarray:
    """Return where text begins and ends, across and down, in shares of the picture, shape (2, 2)."""
    points = np.concatenate(lines) / (_WIDTH, _HEIGHT)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _area_seen(line: np.ndarray) -> float:
    return cv2.contourArea(np.clip(line, (0, 0), (_WIDTH, _HEIGHT)).astype(np.float32))


def _read(reader: PpocrTextReader, pixels: Pixels) -> list[str]:
    frame = Frame(pixels, 0.0)
    places = reader.find(frame)
    page = Recital(places, pixels.shape[1], pixels.shape[0])
    for number, line in enumerate(reader.read(frame, places)):
        page.take(number, line)
    return [paragraph.text for paragraph in page.paragraphs]


def figures() -> dict[str, float | int | dict[str, float]]:
    """Return shares of 1 and counts: "found" are the paths in which the real reader found the text."""
    reader = PpocrTextReader(text_files)
    drawn: list[Callable[[], Document]] = list(DOCUMENTS.values())

    @functools.cache
    def page(kind: int) -> tuple[Document, list[Quad]]:
        document = drawn[kind]()
        return document, reader.find(Frame(document.pixels, 0.0))

    def paths(count: int, finder: PpocrTextReader | None) -> list[_Path]:
        made = []
        for number in range(count):
            document, lines = page(number % len(drawn))
            made.append(_aim(_begun(np.random.default_rng(number), document), document, lines, finder))
        return made

    projected, found = paths(PATHS, None), paths(FOUND, reader)
    read = [
        [accuracy(page(number % len(drawn))[0].truth, _read(reader, pixels)) for pixels in (path.first, path.last)]
        for number, path in enumerate(found[:READ])
        if path.first is not None and path.last is not None
    ]
    return {
        **_summary("aiming", projected),
        **_summary("aiming_found", found),
        "aiming_characters_first_picture": round(statistics.fmean(first for first, _ in read), 4),
        "aiming_characters_aimed": round(statistics.fmean(last for _, last in read), 4),
        "aiming_paths": PATHS,
        "aiming_found_paths": FOUND,
        "aiming_pages_read": READ,
    }


def _summary(name: str, paths: Sequence[_Path]) -> dict[str, float | int | dict[str, float]]:
    said = [each for path in paths for each in path.said]
    by_kind = {
        kind.value: round(statistics.fmean(right for each, right in said if each is kind), 4)
        for kind in Correction
        if any(each is kind for each, _ in said)
    }
    return {
        f"{name}_corrections": len(said),
        f"{name}_corrections_right": round(statistics.fmean(right for _, right in said), 4),
        f"{name}_corrections_right_by_kind": by_kind,
        f"{name}_captured": round(statistics.fmean(path.captured for path in paths), 4),
        f"{name}_whole": round(statistics.fmean(path.whole for path in paths), 4),
        f"{name}_captured_at_once": round(statistics.fmean(path.looks == 1 for path in paths), 4),
        f"{name}_median_looks": int(statistics.median(path.looks for path in paths)),
    }


if __name__ == "__main__":
    print(json.dumps(figures(), indent=1))

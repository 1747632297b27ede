"""In which order the lines of a page are read: its columns one after the other, its tables and receipts row by row.

Only where lines are is looked at, not what they say: so the first paragraph can be read aloud before the last one is recognised. It
is a cut along the white space (XY-cut, Nagy and Seth 1984), from the top downwards, with one question more: two columns whose lines
lie side by side are a table, unless most of their lines fill them, as prose does.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import TypeAlias

from assistant.types import Point, Quad

Row: TypeAlias = tuple[tuple[int, ...], ...]
"""Its cells from left to right, each with its lines, by their numbers; running text has one cell."""
Block: TypeAlias = tuple[Row, ...]
"""A paragraph, a heading, or one row of a table."""

_GUTTER = 1.2
"""White space between two columns, at least, in line heights; between words there is a third of one, in justified print one."""
_SECTION = 2.5
"""White space across the page, in line heights, below which the columns may be others."""
_ALIGNED = 0.7
"""Share of the shorter column's lines that have one beside them in a table."""
_FILLED, _FILLING = 0.75, 0.6
"""How much of its column a line of prose fills, and how many of the lines do."""
_PROSE = 8
"""How many line heights long a line of prose is; about four words."""
_BREAK = 0.9
"""White space between two paragraphs, in line heights; within one it is 0.2 to 0.7."""
_OTHER_SIZE = 1.35
"""How many times larger a heading's print is."""
_STEEPEST = 0.35
"""Slope of a line against the page above which it is no line of it: 20 degrees."""
_LEAST = 0.2
"""The scale at which a page that is seen from the side is taken to end."""
_NEARBY = sorted((step / 4 for step in range(-8, 9)), key=abs)
"""Degrees by which lines may be askew."""
_LONG_WORD = 5.0
"""How many line heights a line may end before its column's edge, because the next word did not fit: twelve letters."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Line:
    """A line as it lies on the page once that is turned upright."""

    number: int
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def beside(self, other: _Line) -> bool:
        """Tell whether two lines share half the height of the lower one."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared > min(self.height, other.height) / 2


_Lines: TypeAlias = Sequence[_Line]


def reading_order(places: Sequence[Quad]) -> list[Block]:
    """Return the blocks of a page in reading order, with each line once.

    Args:
        places: Where the lines are, each from where it begins to be read.
    """
    return list(_blocks(_upright(places))) if places else []


def page_angle(places: Sequence[Quad]) -> float:
    """Return by how much the text of a page is turned clockwise, -180 to 180 degrees: the direction of most of its length.

    What is taken for a line and is none may point anywhere, so it is a median. Short lines are found a degree or so askew, which is
    too much where the cells of a row lie far apart: of the angles nearby it is the one at which most lines lie side by side.
    """
    if not places:
        return 0.0
    across = sum(place[1][0] - place[0][0] for place in places)
    down = sum(place[1][1] - place[0][1] for place in places)
    about = math.atan2(down, across)
    askew = sorted((_wrapped(_direction(place) - about), math.dist(place[0], place[1])) for place in places)
    middle, passed = sum(length for _, length in askew) / 2, 0.0
    for deviation, length in askew:
        passed += length
        if passed >= middle:
            about += deviation
            break
    best = min((about + math.radians(degrees) for degrees in _NEARBY), key=lambda angle: _spread(places, angle))
    return math.degrees(_wrapped(best))


def _direction(place: Quad) -> float:
    return math.atan2(place[1][1] - place[0][1], place[1][0] - place[0][0])


def _wrapped(angle: float) -> float:
    return math.remainder(angle, math.tau)


def _spread(places: Sequence[Quad], angle: float) -> float:
    """Return how much of a page's height its lines take, if it is turned by this angle."""
    sine, cosine = math.sin(angle), math.cos(angle)
    return _taken((sum(y * cosine - x * sine for x, y in place) / 4, math.dist(place[1], place[2]) / 4) for place in places)


def _taken(lines: Iterable[tuple[float, float]]) -> int:
    """Return how many pixels the middle halves of lines take together, each given by its middle and a quarter of its height."""
    taken, edge = 0.0, -math.inf
    for middle, half in sorted(lines):
        taken += max(0.0, middle + half - max(edge, middle - half))
        edge = max(edge, middle + half)
    return round(taken)


def _upright(places: Sequence[Quad]) -> list[_Line]:
    angle = -math.radians(page_angle(places))
    sine, cosine = math.sin(angle), math.cos(angle)

    def turned(point: Point) -> Point:
        return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine

    corners = [[turned(point) for point in place] for place in places]
    middles = _levels(corners)

    def line(number: int, place: Quad) -> _Line:
        across, down = ([corner[axis] for corner in corners[number]] for axis in (0, 1))
        # a line that is a little askew is no higher for that
        middle, height = middles[number], min(max(down) - min(down), math.dist(place[1], place[2]))
        return _Line(number, min(across), max(across), middle - height / 2, middle + height / 2)

    return [line(number, place) for number, place in enumerate(places)]


def _levels(places: Sequence[Sequence[Point]]) -> list[float]:
    """Return how far down the middle of each line of an upright page lies, where its row crosses the middle of the page.

    Seen from the side, rows run together: a line slopes the more, the further up or down it is. Cells of one row are far apart
    then, and a price would come to lie beside another thing. Of the slopes nearby those are taken at which most lines lie side by
    side.
    """
    middles = [(sum(x for x, _ in place) / 4, sum(y for _, y in place) / 4) for place in places]
    halves = [math.dist(place[1], place[2]) / 4 for place in places]
    across = [x for x, _ in middles]
    centre = (min(across) + max(across)) / 2
    convergence, mean = _convergence(places, middles)

    def levels(slope: float, steeper: float) -> list[float]:
        return [(y - (x - centre) * (slope - steeper * mean)) / max(_LEAST, 1 + steeper * (x - centre)) for x, y in middles]

    candidates = [
        levels(math.radians(degrees), share * convergence)
        for share in ((0, 1, 0.75, 1.25, 0.5, 1.5) if convergence else (0,))
        for degrees in _NEARBY
    ]
    return min(candidates, key=lambda level: _taken(zip(level, halves, strict=True)))


def _convergence(places: Sequence[Sequence[Point]], middles: Sequence[Point]) -> tuple[float, float]:
    """Return by how much lines slope more with each pixel further down, and where they slope as they do in the mean."""
    known = [
        (y, (place[1][1] - place[0][1]) / length, length)
        for place, (_, y) in zip(places, middles, strict=True)
        if (length := math.dist(place[0], place[1])) and abs(place[1][1] - place[0][1]) <= _STEEPEST * length
    ]
    total = sum(length for _, _, length in known)
    if not total:
        return 0.0, 0.0
    mean_y, mean_slope = (sum(line[axis] * line[2] for line in known) / total for axis in (0, 1))
    spread = sum(length * (y - mean_y) ** 2 for y, _, length in known)
    return sum(length * (y - mean_y) * (slope - mean_slope) for y, slope, length in known) / spread if spread else 0.0, mean_y


def _blocks(lines: _Lines) -> Iterator[Block]:
    for section in _sections(lines):
        columns = _columns(section)
        if len(columns) == 1:
            yield from _paragraphs(section)
        elif _is_table(columns):
            for row in _rows(section):
                yield (_cells(row),)
        else:
            for column in columns:
                yield from _blocks(column) if len(column) < len(lines) else _paragraphs(column)


def _sections(lines: _Lines) -> Iterator[list[_Line]]:
    """Yield what lies between the places where columns begin or end, from top to bottom."""
    section: list[_Line] = []
    for band in _bands(lines):
        if section and _parts(section, band):
            yield section
            section = []
        section.extend(band)
    yield section


def _parts(section: _Lines, band: _Lines) -> bool:
    """Tell whether a band does not belong to the columns, or to the one column, of what is above it."""
    gap = min(line.top for line in band) - max(line.bottom for line in section)
    if gap > _SECTION * _height([*section, *band]):
        return True
    before, after, both = (len(_columns(lines)) > 1 for lines in (section, band, [*section, *band]))
    return (before or after) and not both


def _bands(lines: _Lines) -> Iterator[list[_Line]]:
    """Yield the lines between which no white space goes across the page."""
    band: list[_Line] = []
    for line in sorted(lines, key=lambda line: line.top):
        if band and line.top >= max(other.bottom for other in band) - _overlap(line):
            yield band
            band = []
        band.append(line)
    yield band


def _overlap(line: _Line) -> float:
    """Return how far lines may reach into the next: what is found around a line is a little too high."""
    return line.height / 3


def _columns(lines: _Lines) -> list[list[_Line]]:
    """Return the lines between which white space goes down, from left to right."""
    gutter = _GUTTER * _height(lines)
    columns: list[list[_Line]] = []
    edge = -math.inf
    for line in sorted(lines, key=lambda line: line.left):
        if line.left - edge >= gutter or not columns:
            columns.append([])
        columns[-1].append(line)
        edge = max(edge, line.right)
    return columns


def _is_table(columns: Sequence[_Lines]) -> bool:
    """Tell whether columns are read row by row."""
    if all(_is_prose(column) for column in columns):
        return False
    few, many = sorted((max(columns, key=len), min(columns, key=len)), key=len)
    if few is many:
        few, many = columns[0], columns[1]
    return sum(any(line.beside(other) for other in many) for line in few) >= _ALIGNED * len(few)


def _is_prose(column: _Lines) -> bool:
    width = max(line.right for line in column) - min(line.left for line in column)
    filling = sum(line.right - line.left >= _FILLED * width for line in column)
    return len(column) > 1 and width >= _PROSE * _height(column) and filling >= _FILLING * len(column)


def _rows(lines: _Lines) -> Iterator[list[_Line]]:
    """Yield lines that lie side by side, from top to bottom, each row from left to right."""
    waiting = sorted(lines, key=lambda line: line.top + line.bottom)
    while waiting:
        row = [line for line in waiting if line.beside(waiting[0])]
        waiting = [line for line in waiting if line not in row]
        yield sorted(row, key=lambda line: line.left)


def _cells(row: _Lines) -> Row:
    return tuple(tuple(line.number for line in cell) for cell in _columns(row))


def _paragraphs(lines: _Lines) -> Iterator[Block]:
    """Yield the paragraphs of one column."""
    right = max(line.right for line in lines)
    paragraph: list[list[_Line]] = []
    for row in _rows(lines):
        if paragraph and _begins(paragraph[-1], row, right):
            yield _block(paragraph)
            paragraph = []
        paragraph.append(row)
    yield _block(paragraph)


def _begins(before: _Lines, row: _Lines, right: float) -> bool:
    """Tell whether a row begins a paragraph: after white space or a line that ends early, or in larger or smaller print."""
    gap = min(line.top for line in row) - max(line.bottom for line in before)
    heights = sorted((_height(before), _height(row)))
    early = right - max(line.right for line in before) > _LONG_WORD * _height(before)
    return early or gap > _BREAK * heights[0] or heights[1] > _OTHER_SIZE * heights[0]


def _block(rows: Sequence[_Lines]) -> Block:
    return tuple((tuple(line.number for line in row),) for row in rows)


def _height(lines: _Lines) -> float:
    return median(line.height for line in lines)

"""Documents with known truth, drawn as a camera might see them: what is written on them, and in which order it is read."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from jellyfish import levenshtein_distance
from PIL import Image, ImageDraw, ImageFont
from practice.fonts import chinese_font, text_font

from assistant.types import Pixels

_PAPER, _INK = (250, 249, 245), (25, 25, 30)
_TABLE = (120, 96, 74)
_SEEN_FROM = 0.37
"""A camera's pixels over the stripes of a screen: some for each of its pixels, and no whole number."""
_MARGIN = 70


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """A page, and what a person would read aloud from it, a paragraph or a row of a table each."""

    pixels: Pixels
    truth: tuple[str, ...]


class _Page:
    """A sheet of paper that is written on."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width, height), _PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self._truth: list[str] = []

    def write(self, x: int, y: int, text: str, size: int = 30) -> None:
        """Write a line without saying when it is read."""
        for chinese, characters in itertools.groupby(text, lambda character: character > "\u2e80"):
            run, font = "".join(characters), ImageFont.truetype(chinese_font() if chinese else text_font(), size)
            self._draw.text((x, y + size), run, fill=_INK, font=font, anchor="ls")
            x += round(font.getlength(run))

    def paragraph(self, x: int, y: int, lines: Sequence[str], truth: str, size: int = 30) -> None:
        """Write lines one below the other that are read as `truth`."""
        for number, line in enumerate(lines):
            self.write(x, y + round(number * size * 1.5), line, size)
        self._truth.append(truth)

    def rows(self, y: int, rows: Sequence[Sequence[str]], columns: Sequence[int], size: int = 30) -> None:
        """Write rows of a table whose columns begin at these places."""
        for number, row in enumerate(rows):
            for x, cell in zip(columns, row, strict=True):
                self.write(x, y + round(number * size * 1.7), cell, size)
            comma = "，" if any(character > "\u2e80" for cell in row for character in cell) else ", "
            self._truth.append(comma.join(filter(None, row)))

    def done(self) -> Document:
        """Return it."""
        return Document(np.asarray(self._image), tuple(self._truth))


def letter() -> Document:
    """A heading, and two paragraphs with a word that is cut in two."""
    page = _Page(1240, 1000)
    page.paragraph(_MARGIN, 70, ["Water meter reading"], "Water meter reading", 52)
    page.paragraph(
        _MARGIN,
        190,
        [
            "Dear Mrs Harper, we are coming to your house on Tuesday the 14th",
            "of April between 9 and 11 in the morning to read the water me-",
            "ter. Please make sure that somebody is at home.",
        ],
        "Dear Mrs Harper, we are coming to your house on Tuesday the 14th of April between 9 and 11 in the morning to read the "
        "water meter. Please make sure that somebody is at home.",
    )
    page.paragraph(
        _MARGIN,
        400,
        ["If that is not possible, call 0800 555 0199 and name another day", "before Friday."],
        "If that is not possible, call 0800 555 0199 and name another day before Friday.",
    )
    return page.done()


def columns() -> Document:
    """A heading across two columns of prose that stand on the same lines."""
    page = _Page(1500, 900)
    page.paragraph(_MARGIN, 60, ["The old bridge opens again after nine years"], "The old bridge opens again after nine years", 52)
    left = [
        "After nine years of building the",
        "old bridge is open again. Buses",
        "cross it every ten minutes and",
        "walkers have a path on each side.",
    ]
    right = [
        "The town paid two thirds of what",
        "it cost. The mayor thanked those",
        "who live nearby for the patience",
        "they had with noise and dust.",
    ]
    for x, lines in ((_MARGIN, left), (800, right)):
        page.paragraph(x, 200, lines, " ".join(lines), 34)
    return page.done()


def receipt() -> Document:
    """A shop's receipt: a name, rows with prices on the right, and a total."""
    page = _Page(760, 1000)
    page.paragraph(200, 60, ["CORNER SHOP"], "CORNER SHOP", 46)
    page.rows(
        180, [("Whole milk 1 l", "1.29"), ("Rye bread", "3.40"), ("Apples 0.8 kg", "2.15"), ("Butter", "2.89")], (60, 600), 34
    )
    page.rows(460, [("TOTAL EUR", "9.73"), ("Cash", "10.00"), ("Change", "0.27")], (60, 600), 34)
    return page.done()


def table() -> Document:
    """Products and prices."""
    page = _Page(1300, 700)
    rows = [
        ("Product", "Size", "Price"),
        ("Kettle", "1.7 l", "24.90"),
        ("Toaster", "2 slices", "31.50"),
        ("Coffee mill", "250 g", "18.00"),
    ]
    page.rows(80, rows, (80, 620, 1020), 38)
    return page.done()


def menu() -> Document:
    """A menu: headings, dishes with prices, a note."""
    page = _Page(1000, 1100)
    page.paragraph(_MARGIN, 70, ["Soups"], "Soups", 48)
    page.rows(170, [("Tomato soup", "4.50"), ("Lentil soup with bread", "5.20")], (_MARGIN, 780), 34)
    page.paragraph(_MARGIN, 370, ["Main dishes"], "Main dishes", 48)
    page.rows(470, [("Grilled trout, potatoes", "14.80"), ("Mushroom risotto", "12.50")], (_MARGIN, 780), 34)
    page.paragraph(_MARGIN, 700, ["All dishes may contain nuts."], "All dishes may contain nuts.", 30)
    return page.done()


def medicine() -> Document:
    """The front of a medicine box."""
    page = _Page(1100, 620)
    page.paragraph(_MARGIN, 60, ["Ibuprofen 400 mg"], "Ibuprofen 400 mg", 64)
    page.paragraph(_MARGIN, 190, ["20 film-coated tablets"], "20 film-coated tablets", 38)
    page.paragraph(
        _MARGIN, 320, ["Do not take more than 3 tablets in 24 hours."], "Do not take more than 3 tablets in 24 hours.", 34
    )
    page.paragraph(_MARGIN, 460, ["EXP 05/2027"], "EXP 05/2027", 34)
    return page.done()


def chinese_letter() -> Document:
    """A notice in Chinese."""
    page = _Page(1100, 760)
    page.paragraph(_MARGIN, 60, ["停水通知"], "停水通知", 60)
    lines = ["因管道维修，本小区将于四月十四日上午九点", "至下午三点停水，请各位居民提前储水，由此", "带来的不便敬请谅解。"]
    page.paragraph(_MARGIN, 200, lines, "".join(lines), 44)
    page.paragraph(_MARGIN, 480, ["咨询电话：0800 5550199"], "咨询电话：0800 5550199", 44)
    return page.done()


def chinese_receipt() -> Document:
    """A receipt in Chinese."""
    page = _Page(760, 820)
    page.paragraph(240, 50, ["便民超市"], "便民超市", 54)
    page.rows(170, [("纯牛奶", "12.90"), ("全麦面包", "8.50"), ("苹果", "6.75"), ("合计", "28.15")], (60, 560), 42)
    return page.done()


def chinese_medicine() -> Document:
    """A medicine box in Chinese."""
    page = _Page(1100, 620)
    page.paragraph(_MARGIN, 60, ["布洛芬缓释胶囊"], "布洛芬缓释胶囊", 70)
    page.paragraph(_MARGIN, 230, ["口服，成人一次一粒，一日两次"], "口服，成人一次一粒，一日两次", 44)
    page.paragraph(_MARGIN, 400, ["有效期至2027年5月"], "有效期至2027年5月", 44)
    return page.done()


def long_page() -> Document:
    """An A4 page at 150 dots an inch, full of 10 point print: ten paragraphs of four lines."""
    page = _Page(1240, 1754)
    lines = [
        "The lift on the left side of the hall goes to the third floor only, and it",
        "speaks. To reach the reading room take the other one, next to the stairs.",
        "The room is open from eight in the morning to seven in the evening, on",
        "Saturdays until one. Dogs that guide their owners are welcome.",
    ]
    for number in range(10):
        page.paragraph(_MARGIN, 70 + number * 160, lines, " ".join(lines), 22)
    return page.done()


DOCUMENTS: Mapping[str, Callable[[], Document]] = {
    "letter": letter,
    "columns": columns,
    "receipt": receipt,
    "table": table,
    "menu": menu,
    "medicine": medicine,
    "Chinese letter": chinese_letter,
    "Chinese receipt": chinese_receipt,
    "Chinese medicine": chinese_medicine,
}


def tilted(pixels: Pixels, degrees: float) -> Pixels:
    """Return a page turned clockwise, on a table."""
    image = Image.fromarray(pixels).rotate(-degrees, expand=True, fillcolor=_TABLE, resample=Image.Resampling.BICUBIC)
    return np.asarray(image)


def blurred(pixels: Pixels) -> Pixels:
    """Return it out of focus: print of 30 pixels can just be read."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 3.5), np.uint8)


def small(pixels: Pixels) -> Pixels:
    """Return it from further away: print of 30 pixels has 12."""
    return np.asarray(cv2.resize(pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA), np.uint8)


def from_the_side(pixels: Pixels) -> Pixels:
    """Return it in perspective: the right edge is a quarter shorter than the left one."""
    height, width, _ = pixels.shape
    before = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    after = np.array([(0, 0), (width, height / 8), (width, height * 7 / 8), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(before, after)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), borderValue=_TABLE), np.uint8)


def dark(pixels: Pixels) -> Pixels:
    """Return it in a dusky room, with the noise of a sensor."""
    noise = np.random.default_rng(1).normal(0, 3, pixels.shape)
    return np.clip(pixels * 0.1 + noise, 0, 255).astype(np.uint8)


def on_a_screen(pixels: Pixels, softness: float = 0.7) -> Pixels:
    """Return it as a camera takes it from a screen: each pixel is a red, a green and a blue stripe with a dark line below.

    The camera's own pixels are a little larger than the stripes, and stand at an angle of two degrees to them: that makes moiré.

    Args:
        pixels: What the screen shows.
        softness: How far a pixel of the camera sees, in stripes: 0.3 is harsher than any lens.
    """
    stripes = np.repeat(np.repeat(pixels, 3, axis=0), 3, axis=1)
    height, width, _ = stripes.shape
    stripes *= np.arange(width)[:, np.newaxis] % 3 == np.arange(3)  # a column shows one of the three colours
    stripes[2::3] //= 4
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 2, _SEEN_FROM)
    turn[0, 2] += width * (_SEEN_FROM - 1) / 2
    turn[1, 2] += height * (_SEEN_FROM - 1) / 2
    size = round(width * _SEEN_FROM), round(height * _SEEN_FROM)
    taken = cv2.warpAffine(cv2.GaussianBlur(stripes, (0, 0), softness), turn, size, flags=cv2.INTER_LINEAR)
    brighter = np.clip(taken * 2.6, 0, 255)  # the camera makes up for two of three stripes being dark
    return np.asarray(brighter, np.uint8)


CONDITIONS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "upright": lambda pixels: pixels,
    "turned left": lambda pixels: tilted(pixels, -90),
    "turned right": lambda pixels: tilted(pixels, 90),
    "upside down": lambda pixels: tilted(pixels, 180),
    "tilted": lambda pixels: tilted(pixels, 10),
    "from the side": from_the_side,
    "small": small,
    "blurred": blurred,
    "dark": dark,
    "on a screen": on_a_screen,
    "40 megapixels": lambda pixels: np.asarray(Image.fromarray(pixels).resize(_large(*pixels.shape[:2]), Image.Resampling.BICUBIC)),
}


def _large(height: int, width: int) -> tuple[int, int]:
    factor = (40_000_000 / (height * width)) ** 0.5
    return round(width * factor), round(height * factor)


def accuracy(truth: Sequence[str], read: Sequence[str]) -> float:
    """Return which share of the characters is right, in the right order: 1 less the letters to change, over those there are."""
    wanted, found = ("".join("".join(texts).split()) for texts in (truth, read))
    return max(0.0, 1 - levenshtein_distance(wanted, found) / len(wanted))

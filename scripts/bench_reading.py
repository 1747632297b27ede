"""The benchmark of reading and the modes beside it: how much of drawn documents is read right, and how soon a page is heard.

A page is read aloud in two ways: as the assistant does it, which speaks as soon as the first paragraph is made out, and made out as
a whole first.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from typing import Any

import anyio
import reading_aiming
import reading_continuous
import reading_extraction
import reading_finding
import reading_inspection
import reading_stakes
from documents import CONDITIONS, DOCUMENTS, accuracy, long_page
from stand_ins import Mute

from assistant.config import EspeakVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.ppocr_text_reader import PpocrTextReader
from assistant.models.catalogue import text_files
from assistant.ports import TextReader
from assistant.runtime.mouth import Mouth
from assistant.runtime.reading import Reading
from assistant.runtime.watch import Watch
from assistant.turn.recital import Recital
from assistant.types import Frame, Pixels, Seconds, SpeechChunk

RUNS = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may say."""
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="how often the long page is read in both ways")


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print and return the figures: shares of 1, and seconds."""
    reader = PpocrTextReader(text_files)
    by_document: dict[str, list[float]] = {}
    by_condition: dict[str, list[float]] = {}
    exact = total = 0
    for kind, draw in DOCUMENTS.items():
        document = draw()
        for condition, change in CONDITIONS.items():
            read = _read(reader, change(document.pixels))
            right = accuracy(document.truth, read)
            by_document.setdefault(kind, []).append(right)
            by_condition.setdefault(condition, []).append(right)
            exact += sum(one == other for one, other in zip(document.truth, read, strict=False))
            total += len(document.truth)
    page = long_page()
    first = [anyio.run(_first_word, reader, page.pixels) for _ in range(given.runs)]
    whole = [_whole_page(reader, page.pixels) for _ in range(given.runs)]
    report = {
        "reading_accuracy": _mean([right for each in by_document.values() for right in each]),
        "reading_accuracy_by_document": {kind: _mean(each) for kind, each in by_document.items()},
        "reading_accuracy_by_condition": {condition: _mean(each) for condition, each in by_condition.items()},
        "reading_paragraphs_exact": round(exact / total, 4),
        "reading_first_word_s": round(statistics.median(first), 3),
        "reading_whole_page_s": round(statistics.median(whole), 3),
        "runs": given.runs,
        **_modes(),
    }
    for name, figure in report.items():
        print(f"{name}: {figure}")
    return report


def _modes() -> dict[str, Any]:
    """Return what the modes beside reading measure."""
    modes = (reading_aiming, reading_extraction, reading_stakes, reading_finding, reading_continuous, reading_inspection)
    return {mode.__name__.removeprefix("reading_"): mode.figures() for mode in modes}


def _read(reader: TextReader, pixels: Pixels) -> list[str]:
    frame = Frame(pixels, 0.0)
    places = reader.find(frame)
    page = Recital(places, pixels.shape[1], pixels.shape[0])
    for number, line in enumerate(reader.read(frame, places)):
        page.take(number, line)
    return [paragraph.text for paragraph in page.paragraphs]


def _whole_page(reader: TextReader, pixels: Pixels) -> Seconds:
    """Return how long it takes until the last line of a page is made out."""
    start = time.perf_counter()
    _read(reader, pixels)
    return time.perf_counter() - start


class _Ear(Mute):
    """A loudspeaker that keeps nothing, and notes when the first sound comes."""

    def __init__(self) -> None:
        self.first_at: Seconds = 0.0

    def play(self, _chunk: SpeechChunk) -> None:
        """Note the time, once."""
        self.first_at = self.first_at or time.perf_counter()


async def _first_word(reader: TextReader, pixels: Pixels) -> Seconds:
    """Return how long it takes from the picture to the first sound of its first word."""
    ear = _Ear()
    reading = Reading(reader, Mouth(EspeakVoice(EspeakVoiceConfig()), ear, Watch()), None, Watch())

    async def take_picture() -> Frame:
        return Frame(pixels, 0.0)

    start = time.perf_counter()
    await reading.read(take_picture, "en")
    return ear.first_at - start


def _mean(shares: Sequence[float]) -> float:
    return round(statistics.fmean(shares), 4)

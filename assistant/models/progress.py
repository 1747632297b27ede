"""How far a download is: in plain lines that are not too many, and in a few sentences for whoever hears them."""

from __future__ import annotations

import collections
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

from assistant.types import Language, Seconds

Report: TypeAlias = Callable[[str], None]
"""Says one line to the user."""
Say: TypeAlias = Callable[[Mapping[Language, str]], None]
"""Says one sentence aloud, in the language the user has chosen."""

LINE_EVERY: Seconds = 5.0
"""A screen reader takes about two seconds to read a line aloud."""
SAY_EVERY: Seconds = 10.0
"""Between two sentences about how far it is: a short download is begun and done."""
MEGABYTE = 1_000_000
GIGABYTE = 1_000_000_000
_LINES_AVERAGED = 6
_MINUTE = 60
_TWO_MINUTES = 120
_TWO_HOURS = 7200

BEGUN: Mapping[Language, str] = {"en": "Fetching {name}, {size}.", "zh": "开始下载{name}，共{size}。"}
QUARTERS: Mapping[int, Mapping[Language, str]] = {
    1: {"en": "A quarter of {name} is here.", "zh": "{name}已下载四分之一。"},
    2: {"en": "Half of {name} is here.", "zh": "{name}已下载一半。"},
    3: {"en": "Three quarters of {name} are here.", "zh": "{name}已下载四分之三。"},
}
DONE: Mapping[Language, str] = {"en": "{name} is ready.", "zh": "{name}已准备好。"}


class Milestones:
    """Says when one model's download begins, is a quarter, half and three quarters done, and ends.

    Args:
        name: The model.
        say: Says it aloud.
    """

    def __init__(self, name: str, say: Say) -> None:
        self._name = name
        self._say = say
        self._total_bytes = 0
        self._quarter = 0
        self._said_at = 0.0

    def begin(self, missing_bytes: int) -> int:
        """Say how much is to be fetched, if this is the first source; return how much those before it have brought."""
        if not self._total_bytes:
            self._total_bytes = missing_bytes
            self._tell(BEGUN, missing_bytes)
        return self._total_bytes - missing_bytes

    def reached(self, done_bytes: int) -> None:
        """Say the last quarter that was passed, unless it was said, or something else was said a moment ago."""
        quarter = min(4 * done_bytes // self._total_bytes, 3) if self._total_bytes else 0
        if quarter > self._quarter and time.monotonic() - self._said_at >= SAY_EVERY:
            self._quarter = quarter
            self._tell(QUARTERS[quarter])

    def done(self) -> None:
        """Say that all is here."""
        self._tell(DONE)

    def _tell(self, sentence: Mapping[Language, str], size: int = 0) -> None:
        self._said_at = time.monotonic()
        self._say(
            {language: text.format(name=self._name, size=_spoken_size(size, language)) for language, text in sentence.items()}
        )


class Progress:
    """Says how far one file, or several that come together, is.

    Args:
        label: What every line begins with.
        total_bytes: How much it is.
        report: Told the lines.
        milestones: Told how far the model is.
        before_bytes: How much of the model is here besides.
    """

    def __init__(
        self, label: str, total_bytes: int, report: Report, milestones: Milestones | None = None, before_bytes: int = 0
    ) -> None:
        self._label = label
        self._total_bytes = total_bytes
        self._report = report
        self._milestones = milestones
        self._before_bytes = before_bytes
        self._said_at = time.monotonic()
        self._samples: collections.deque[tuple[Seconds, int]] = collections.deque(maxlen=_LINES_AVERAGED)

    def begin(self, done_bytes: int) -> None:
        """Tell how much is here before anything comes: it does not count for the speed."""
        self._samples.clear()
        self._samples.append((time.monotonic(), done_bytes))

    def reached(self, done_bytes: int) -> None:
        """Say how far it is, unless the last such line is not long ago. More than all, as pip's copies make it, counts as all."""
        done_bytes = min(done_bytes, self._total_bytes)
        if self._milestones:
            self._milestones.reached(self._before_bytes + done_bytes)
        now = time.monotonic()
        if now - self._said_at >= LINE_EVERY:
            self._said_at = now
            self.say(f"{megabytes(done_bytes)} of {megabytes(self._total_bytes)} MB{self._pace(now, done_bytes)}")

    def _pace(self, now: Seconds, done_bytes: int) -> str:
        """Return how fast it has been lately, and how long the rest takes at that."""
        if not self._samples:
            self._samples.append((now, done_bytes))
        since, before = self._samples[0]
        self._samples.append((now, done_bytes))
        rate = (done_bytes - before) / (now - since) if now > since else 0.0
        return f", {rate / MEGABYTE:.1f} MB a second, {duration((self._total_bytes - done_bytes) / rate)} left" if rate > 0 else ""

    def say(self, what: str) -> None:
        """Say something about this download."""
        self._report(f"{self._label}: {what}")


def megabytes(count: int) -> str:
    """Return a number of bytes in megabytes, without the unit."""
    return f"{count / MEGABYTE:.0f}" if count >= MEGABYTE else "less than 1"


def duration(seconds: Seconds) -> str:
    """Return a time in whole seconds, minutes or hours."""
    if seconds < _TWO_MINUTES:
        return f"{seconds:.0f} seconds"
    return f"{seconds / _MINUTE:.0f} minutes" if seconds < _TWO_HOURS else f"{seconds / _MINUTE / _MINUTE:.1f} hours"


def _spoken_size(count: int, language: Language) -> str:
    if count < GIGABYTE:
        return f"{megabytes(count)} megabytes" if language == "en" else f"{max(count / MEGABYTE, 1):.0f}兆字节"
    return f"{count / GIGABYTE:.1f} gigabytes" if language == "en" else f"{count / GIGABYTE:.1f}吉字节"

"""The loudspeaker of a person on the page, as our port."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from assistant.types import Seconds, SpeechChunk
from assistant.web.talk.messages import Message, chime, seconds_of, speech, told

ENOUGH_AHEAD: Seconds = 3.0
"""How much speech may be on its way: a network that is held up for shorter leaves no hole in it."""
GRACE: Seconds = 2.0
"""How much later than it could a page may play what it was sent. One that has told nothing by then - a telephone call has its
loudspeaker, the browser has put it to sleep, or it is no page of ours - is taken to have played it: nobody's silence may hold up a
conversation, and most of it was heard."""
_REPORTS: Seconds = 0.25
"""For how long after a report the page is taken to play on: it reports every 0.1 s, and the report takes its time."""
_EARLY: Seconds = 0.2
"""How much before its time "all has been heard" may come: clocks differ a little."""
_POLL: Seconds = 0.02


class RemoteSpeaker:
    """A loudspeaker at the other end; `assistant.ports.Speaker`. It is never lost: what nobody hears counts as heard.

    What has been heard is what the page reports, but never more than can have been heard by now, whatever was on its way when
    silence was wanted, and never less than what must have been heard by a page that plays and does not tell.

    Args:
        send: Sends a message to the page; must not wait.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._changed = threading.Condition()
        self._closed = False
        self._on = True
        self._level: float | None = None
        """The volume that the page was told."""
        self._silences = 0
        """How often `silence` was called."""
        self._begin_counting()

    def _begin_counting(self) -> None:
        self._skipped: Seconds = 0.0
        """How much was not sent, for no speech is wanted."""
        self._sent: Seconds = 0.0
        self._ends_at: Seconds = 0.0
        """When the page can have played that at the earliest."""
        self._reported: Seconds = 0.0
        """How much it has played, by its own count."""
        self._reported_at: Seconds | None = None
        self._flushed = False

    # what comes from the page

    def played(self, seconds: Seconds) -> None:
        """Take in how much the page has played."""
        with self._changed:
            self._reported, self._reported_at = seconds, time.monotonic()
            self._changed.notify_all()

    def flushed(self) -> None:
        """Take in that it has played everything."""
        with self._changed:
            self._flushed = True
            self._changed.notify_all()

    def switch(self, *, on: bool) -> None:
        """Send speech, or none; then it counts as heard at once, also what is on its way."""
        with self._changed:
            if self._on and not on:
                self._send(told("silence"))
                self._skipped += self._sent
                self._sent = self._ends_at = 0.0
            self._on = on
            self._changed.notify_all()

    # the port

    def play(self, chunk: SpeechChunk) -> None:
        """Send `chunk`; block while enough is on its way, and return without sending it if `silence` is called then."""
        with self._changed:
            silences = self._silences
            while self._goes_on(silences) and self._sent - self._heard() > ENOUGH_AHEAD:
                self._changed.wait(_POLL)
            if not self._goes_on(silences) or chunk.samples.size == 0:
                return
            if self._on:
                self._send(speech(chunk))
                self._sent += seconds_of(chunk)
                self._ends_at = max(self._ends_at, time.monotonic()) + seconds_of(chunk)
            else:
                self._skipped += seconds_of(chunk)

    def wait(self) -> None:
        """Block until all that was sent has been heard, or `silence` was called."""
        with self._changed:
            silences = self._silences
            self._flushed = False
            if self._sent:
                self._send(told("flush"))
            while self._goes_on(silences) and self._sounds():
                self._changed.wait(_POLL)
            if self._silences == silences:
                self._begin_counting()

    def _goes_on(self, silences: int) -> bool:
        return not self._closed and self._silences == silences

    def _sounds(self) -> bool:
        now = time.monotonic()
        all_heard = now >= self._ends_at - _EARLY if self._flushed else now >= self._ends_at + GRACE
        return self._sent > 0 and not all_heard

    def silence(self) -> Seconds:
        """Stop at once and drop what is on its way. May be called from any thread; returns without waiting.

        Returns:
            How much of what was played since the last `wait` or `silence` has been heard.
        """
        with self._changed:
            heard = self._skipped + self._heard()
            self._silences += 1
            self._send(told("silence"))
            self._begin_counting()
            self._changed.notify_all()
            return heard

    def _heard(self) -> Seconds:
        now = time.monotonic()
        at_most = self._sent - max(0.0, self._ends_at - now)
        at_least = self._sent - max(0.0, self._ends_at + GRACE - now)
        since_report = 0.0 if self._reported_at is None else min(now - self._reported_at, _REPORTS)
        return max(0.0, min(max(self._reported + since_report, at_least), at_most))

    def chime(self, chunk: SpeechChunk) -> None:
        """Have a short sound played at once, also where no speech is wanted. May be called from any thread; does not wait."""
        self._send(chime(chunk))

    def fade_to(self, level: float) -> None:
        """Have speech played at this share of the volume from now on. May be called from any thread; does not wait."""
        with self._changed:
            if level != self._level:
                self._level = level
                self._send(told("level", level=level))

    def close(self) -> None:
        """Let go of who plays or waits, until `reopen`. May be called twice, from any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def reopen(self) -> None:
        """Begin anew, with a page that knows nothing of what was."""
        with self._changed:
            self._closed, self._on, self._level = False, True, None
            self._begin_counting()

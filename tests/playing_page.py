"""A page's loudspeaker that takes as long as a real one, and tells what it plays."""

from __future__ import annotations

import json
import queue
import struct
import threading
import time

from assistant.types import Seconds
from assistant.web.talk.messages import Message
from assistant.web.talk.remote_speaker import RemoteSpeaker

_REPORT: Seconds = 0.1


class PlayingPage:
    """Plays what a `RemoteSpeaker` sends, in a thread of its own.

    Args:
        latency: How late everything arrives, in both directions.
    """

    def __init__(self, latency: Seconds = 0.02) -> None:
        self.speaker = RemoteSpeaker(lambda message: self._coming.put((time.monotonic() + latency, message)))
        self.messages: list[dict[str, object]] = []
        self.chimes = 0
        self._latency = latency
        self._coming: queue.SimpleQueue[tuple[Seconds, Message] | None] = queue.SimpleQueue()
        self._queued: Seconds = 0.0
        self._flush_at: Seconds | None = None
        """How much has been played when it is to be told that all was."""
        self._played: Seconds = 0.0
        self._thread = threading.Thread(target=self._play)
        self._thread.start()

    def close(self) -> None:
        self.speaker.close()
        self._coming.put(None)
        self._thread.join()

    def _play(self) -> None:
        reported_at = last = time.monotonic()
        while True:
            try:
                came = self._coming.get(timeout=0.01)
            except queue.Empty:
                came = (0.0, "")
            if came is None:
                return
            time.sleep(max(0.0, came[0] - time.monotonic()))
            now = time.monotonic()
            self._played, last = min(self._queued, self._played + now - last), now
            if self._played and now - reported_at >= _REPORT:
                reported_at = now
                self._tell(self._played)
            if self._flush_at is not None and self._played >= self._flush_at:
                self._begin_anew()
                self.speaker.flushed()
            self._take(came[1])

    def _take(self, message: Message) -> None:
        if isinstance(message, bytes):
            kind, rate = struct.unpack_from("<BI", message)
            if kind == 1:
                self._queued += (len(message) - 5) / 2 / rate
            else:
                self.chimes += 1
        elif message:
            self.messages.append(json.loads(message))
            match self.messages[-1]["type"]:
                case "silence":
                    self._tell(self._played)
                    self._begin_anew()
                case "flush":
                    self._flush_at = self._queued

    def _begin_anew(self) -> None:
        self._queued = self._played = 0.0
        self._flush_at = None

    def _tell(self, played: Seconds) -> None:
        time.sleep(self._latency)
        self.speaker.played(played)

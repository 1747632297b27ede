"""What a person on the page hears, sees and presses with, as our ports; their loudspeaker is in `remote_speaker`.

What comes through their socket is put in on the event loop, which never waits; it is taken out again in the threads that the ports
are called from. When the socket is gone, `close` lets all of them go at once.
"""

from __future__ import annotations

import collections
import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from assistant.errors import AssistantError, NothingShown
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, SAMPLE_RATE, AudioBlock, Frame, Press, Seconds

_SAMPLE_BYTES = 2
_BLOCK_BYTES = BLOCK_SAMPLES * _SAMPLE_BYTES
LONGEST_WAIT: Seconds = 5.0
"""How much sound may wait to be listened to. A network that was held up delivers seconds at once, and they are wanted; but what has
waited for longer than this belongs to a conversation that cannot keep up, or to a page that sends more than it hears."""
_MOST_BYTES = round(LONGEST_WAIT * SAMPLE_RATE) * _SAMPLE_BYTES
STALL: Seconds = 2.0
"""How long nothing may come before whoever was speaking has fallen silent: a page that is hidden, or whose microphone was let go,
sends no more, and a question must not wait for that. Where only the network was held up for so long, a question is cut in two."""
_SILENCE = AudioBlock(np.zeros(BLOCK_SAMPLES, np.float32))
_FALLS_SILENT = round(2.0 / BLOCK_SECONDS)
"""Blocks of silence that end any utterance: longer than `EndpointConfig.longest_pause` is by default."""
_LIVE_FRAMES = 3


class RemoteMicrophone:
    """A microphone at the other end; `assistant.ports.Microphone`. It is never lost: who sends nothing has nothing to say."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sound = bytearray()
        self._waited_for = False
        """Whether whoever listens has taken all there was, and waits for more."""
        self._closed = False

    def hear(self, pcm: bytes) -> None:
        """Take in what it heard: 16 bit, little-endian, at `SAMPLE_RATE`. Does not wait; what is too much drops the oldest."""
        with self._changed:
            self._sound += pcm
            del self._sound[: max(0, len(self._sound) - _MOST_BYTES)]
            self._changed.notify_all()

    def blocks(self) -> Iterator[AudioBlock]:
        """Yield sound as it comes, until `close`. When it stops coming there is silence, once, and then time stands still."""
        patience: Seconds | None = None
        while not self._closed:
            if piece := self._next(patience):
                yield AudioBlock(np.frombuffer(piece, "<i2").astype(np.float32) / np.float32(32_768))
                patience = STALL
            elif patience:
                patience = None
                for _ in range(_FALLS_SILENT):
                    yield _SILENCE

    def _next(self, patience: Seconds | None) -> bytes:
        with self._changed:
            self._waited_for = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or len(self._sound) >= _BLOCK_BYTES, patience)
            self._waited_for = False
            piece = bytes(self._sound[:_BLOCK_BYTES])
            if self._closed or len(piece) < _BLOCK_BYTES:
                return b""
            del self._sound[:_BLOCK_BYTES]
            return piece

    def catch_up(self, patience: Seconds) -> None:
        """Wait until all that has come is listened to, or for so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or (self._waited_for and len(self._sound) < _BLOCK_BYTES), patience)

    def drain(self) -> None:
        """Forget what has come and was not yielded. May be called from any thread."""
        with self._changed:
            self._sound.clear()

    def close(self) -> None:
        """End `blocks`. May be called twice, from any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class _Sent:
    """A picture that was sent, which is decoded when somebody wants to see it: that takes a tenth of a second."""

    def __init__(self, data: bytes, read: Callable[[bytes], Frame]) -> None:
        self.at = time.monotonic()
        """When it came. When it was taken only the other clock knows."""
        self._data = data
        self._read = read
        self._one_at_a_time = threading.Lock()
        self._outcome: Frame | AssistantError | None = None

    @property
    def decoded(self) -> Frame | None:
        """The picture, if it has been decoded."""
        return self._outcome if isinstance(self._outcome, Frame) else None

    def frame(self) -> Frame:
        """Return the picture.

        Raises:
            PictureUnreadable: It cannot be decoded.
        """
        with self._one_at_a_time:
            if self._outcome is None:
                try:
                    self._outcome = dataclasses.replace(self._read(self._data), captured_at=self.at)
                except AssistantError as error:
                    self._outcome = error
                self._data = b""
        if isinstance(self._outcome, AssistantError):
            raise self._outcome
        return self._outcome


class RemoteCamera:
    """A camera at the other end, or a picture that was sent; `assistant.ports.Camera`.

    Args:
        read_picture: Decodes a picture file.
    """

    def __init__(self, read_picture: Callable[[bytes], Frame]) -> None:
        self._read = read_picture
        self._changed = threading.Condition()
        self._live: collections.deque[_Sent] = collections.deque(maxlen=_LIVE_FRAMES)
        self._still: _Sent | None = None
        self._stands_still = False
        """Whether it shows `_still`, be there one or not, rather than what is live."""
        self._closed = False

    def see(self, data: bytes) -> None:
        """Take in the newest picture of the live camera. Does not wait."""
        with self._changed:
            self._live.append(_Sent(data, self._read))
            self._changed.notify_all()

    def hold_up(self, data: bytes) -> None:
        """Show this picture file from now on, as if it were new whenever it is asked for. Does not wait."""
        with self._changed:
            self._still = _Sent(data, self._read)
        self.stand_still(still=True)

    def stand_still(self, *, still: bool) -> None:
        """Show the picture file that was held up last, or what is live. Does not wait."""
        with self._changed:
            self._stands_still = still
            self._changed.notify_all()

    def latest(self, max_age: Seconds) -> Frame:
        """Return the picture that is held up, or the newest live one; wait up to `max_age` for one.

        Raises:
            NothingShown: There is none, or none younger than `max_age`.
            PictureUnreadable: It cannot be decoded.
        """
        with self._changed:
            if not self._closed and max_age > 0:
                self._changed.wait_for(lambda: self._closed or self._stands_still or self._is_young(max_age), max_age)
            sent = self._still if self._stands_still else (self._live[-1] if self._is_young(max_age) else None)
            if self._closed or max_age <= 0 or sent is None:
                raise NothingShown("the page shows nothing" if sent is None else "the page is gone")
        frame = sent.frame()
        return dataclasses.replace(frame, captured_at=time.monotonic()) if sent is self._still else frame

    def _is_young(self, max_age: Seconds) -> bool:
        return bool(self._live) and time.monotonic() - self._live[-1].at < max_age

    def recent(self, max_age: Seconds) -> list[Frame]:
        """Return the live pictures younger than `max_age` that somebody has wanted to see: the others are not decoded for this."""
        with self._changed:
            if self._closed or self._stands_still:
                return []
            young = [sent for sent in self._live if time.monotonic() - sent.at < max_age]
            return [frame for sent in young if (frame := sent.decoded)]

    def close(self) -> None:
        """Show nothing, until `reopen`; what is held up is kept. May be called twice, from any thread."""
        with self._changed:
            self._closed = True
            self._live.clear()
            self._changed.notify_all()

    def reopen(self) -> None:
        """Show again what is held up, and what comes from now on."""
        with self._changed:
            self._closed = False


class RemoteButton:
    """A button at the other end; `assistant.ports.Button`.

    Args:
        before_up: Called before a button that was held is told to be released; may wait for what was said while it was.
    """

    def __init__(self, before_up: Callable[[], None] = lambda: None) -> None:
        self._before_up = before_up
        self._pressed: queue.SimpleQueue[Press | None] = queue.SimpleQueue()
        self._closed = False

    def press(self, press: Press) -> None:
        """Take in a press. Does not wait."""
        self._pressed.put(press)

    def presses(self) -> Iterator[Press]:
        """Yield presses as they come, until `close`: DOWN and UP in turn, whatever the page makes of it."""
        held = False
        while not self._closed:
            press = self._pressed.get()
            if press is None or press is (Press.DOWN if held else Press.UP):
                continue
            if press is Press.UP:
                self._before_up()
            held = press is Press.DOWN
            yield press

    def close(self) -> None:
        """End `presses` for good. May be called twice, from any thread."""
        self._closed = True
        self._pressed.put(None)

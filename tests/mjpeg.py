"""A network camera for tests: MJPEG over HTTP on the loopback interface, with faults.

Its pictures are red and carry the time when they were taken, so that a test can tell how old one is.
"""

from __future__ import annotations

import contextlib
import enum
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from assistant.types import Pixels, Seconds

FRAMES_PER_SECOND = 30
RED = (255, 0, 0)
_BITS = 32
_CELL = 20


class Fault(enum.Enum):
    NONE = enum.auto()
    STALLED = enum.auto()
    TRUNCATED = enum.auto()
    NOT_FOUND = enum.auto()
    NO_STREAM = enum.auto()


class MjpegCamera:
    """Serves from `start` to `die`; `fault` may be set at any time."""

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self._server: _Server | None = None
        self._port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream"

    def start(self) -> None:
        """Serve; after `die` on the same port."""
        self._server = _Server(self, self._port)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def wait_for_viewer(self, timeout: Seconds = 20.0) -> None:
        """Wait until somebody watches the stream that began with `start`.

        Raises:
            TimeoutError: Nobody does.
        """
        assert self._server
        if not self._server.watched.wait(timeout):
            raise TimeoutError(f"nobody watches within {timeout} s")

    def die(self) -> None:
        """Drop all connections and refuse new ones."""
        if self._server:
            self._server.ended.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextlib.contextmanager
def serving() -> Iterator[MjpegCamera]:
    camera = MjpegCamera()
    camera.start()
    try:
        yield camera
    finally:
        camera.die()


def age(pixels: Pixels) -> Seconds:
    """Return how long ago a picture of an `MjpegCamera` was taken."""
    cells = pixels[_CELL // 2 : 2 * _CELL : _CELL, _CELL // 2 : _BITS // 2 * _CELL : _CELL, 2]
    taken_ms = sum(1 << bit for bit, level in enumerate(cells.ravel()) if level > 127)
    return (_now_ms() - taken_ms) / 1000


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, camera: MjpegCamera, port: int) -> None:
        self.camera = camera
        self.ended = threading.Event()
        self.watched = threading.Event()
        super().__init__(("127.0.0.1", port), _Connection)


class _Connection(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        fault = self.server.camera.fault
        if fault is Fault.NOT_FOUND:
            self.send_error(404)
        elif fault is Fault.NO_STREAM:
            self._send_header("text/html")
            self.wfile.write(b"<html>hello</html>")
        else:
            self._send_header("multipart/x-mixed-replace; boundary=frame")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._send_pictures()

    def _send_header(self, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()

    def _send_pictures(self) -> None:
        while not self.server.ended.wait(1 / FRAMES_PER_SECOND):
            if self.server.camera.fault is Fault.STALLED:
                continue
            self.server.watched.set()
            jpeg = _jpeg()
            if self.server.camera.fault is Fault.TRUNCATED:
                jpeg = jpeg[: len(jpeg) // 2]
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg) + jpeg + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


def _jpeg() -> bytes:
    picture = np.full((240, 320, 3), RED[::-1], np.uint8)
    now_ms = _now_ms()
    bits = np.array([now_ms >> bit & 1 for bit in range(_BITS)], np.uint8).reshape(2, -1)
    picture[: 2 * _CELL] = (bits * 255).repeat(_CELL, 0).repeat(_CELL, 1)[:, :, None]
    return cv2.imencode(".jpg", picture)[1].tobytes()


def _now_ms() -> int:
    return round(time.monotonic() * 1000) % (1 << _BITS)

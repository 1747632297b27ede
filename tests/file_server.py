"""A web server on this machine that serves files, and misbehaves on demand."""

from __future__ import annotations

import collections
import contextlib
import enum
import http.server
import re
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any


class Fault(enum.Enum):
    """What the server does wrong in one answer."""

    CUT = "closes the connection in the middle"
    STALL = "stops sending in the middle"
    CORRUPT = "sends a wrong byte"
    OTHER_LENGTH = "promises another length"
    NO_RANGES = "sends the whole file where a part was asked for"
    WRONG_PLACE = "sends another part than was asked for"
    REDIRECT = "sends the client elsewhere; no fault at all"
    NOT_FOUND = "does not have it"
    BUSY = "429"
    BROKEN = "503"


class FileServer:
    """What it serves, what it is to do wrong in its next answers, and what it was asked."""

    def __init__(self, address: str, gone: threading.Event) -> None:
        self.address = address
        self.gone = gone
        self.files: dict[str, bytes] = {}
        self.faults: collections.deque[Fault] = collections.deque()
        self.asked: list[tuple[str, str | None]] = []
        """Path and Range header of every request."""
        self.elsewhere = f"{address}/elsewhere"
        """Where `Fault.REDIRECT` sends to."""
        self.uses: int | None = None
        """How often an address is answered before it has run out, as those that hubs sign do; None for always."""
        self.retry_after: str | None = None
        """What a busy or broken server says of when to come back."""
        self.linked: dict[str, tuple[int, str]] = {}
        """Size and sha256 that Hugging Face's headers tell for a path."""
        self.rate: float | None = None
        """Bytes a second on each connection; None for as many as go through."""

    def answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        span = handler.headers["Range"]
        self.asked.append((handler.path, span))
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.REDIRECT:
            handler.send_response(HTTPStatus.FOUND)
            handler.send_header("Location", f"{self.elsewhere}{handler.path}?signed={len(self.asked)}")
            handler.end_headers()
            return
        if self.uses is not None and sum(path == handler.path for path, _ in self.asked) > self.uses:
            handler.send_error(HTTPStatus.FORBIDDEN)
            return
        content = self.files.get(handler.path.removeprefix("/elsewhere").partition("?")[0])
        if content is None or fault is Fault.NOT_FOUND:
            handler.send_error(HTTPStatus.NOT_FOUND)
        elif fault in {Fault.BUSY, Fault.BROKEN}:
            handler.send_response(int(fault.value))
            if self.retry_after:
                handler.send_header("Retry-After", self.retry_after)
            handler.end_headers()
        else:
            self._send(handler, content, span, fault)

    def answer_head(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        """Answer a request for headers, as Hugging Face does."""
        fault = self.faults.popleft() if self.faults else None
        if fault is Fault.REDIRECT:  # without any host, as for a repository that was renamed
            handler.send_response(HTTPStatus.TEMPORARY_REDIRECT)
            handler.send_header("Location", f"/elsewhere{handler.path}")
        else:
            known = self.linked.get(handler.path.replace("/elsewhere", ""))
            handler.send_response(HTTPStatus.FOUND if known else HTTPStatus.OK)
            if known:
                handler.send_header("X-Linked-Size", str(known[0]))
                handler.send_header("X-Linked-Etag", f'"{known[1]}"')
                handler.send_header("Location", "http://127.0.0.1:1/nowhere")
        handler.end_headers()

    def _send(self, handler: http.server.BaseHTTPRequestHandler, content: bytes, span: str | None, fault: Fault | None) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", span or "")
        if wanted is None or fault is Fault.NO_RANGES:
            body = content
            handler.send_response(HTTPStatus.OK)
        else:
            start = int(wanted[1]) + (fault is Fault.WRONG_PLACE)
            body = content[start : int(wanted[2]) + 1 if wanted[2] else None]
            handler.send_response(HTTPStatus.PARTIAL_CONTENT)
            handler.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(content)}")
        if fault is Fault.CORRUPT:
            body = body[:-1] + bytes([body[-1] ^ 1])
        handler.send_header("Content-Length", str(len(body) + (fault is Fault.OTHER_LENGTH)))
        handler.end_headers()
        half = fault in {Fault.CUT, Fault.STALL}
        with contextlib.suppress(ConnectionError):  # the client may have heard enough
            self._write(handler, body[: len(body) // 2] if half else body)
            if fault is Fault.STALL:
                self.gone.wait(10)

    def _write(self, handler: http.server.BaseHTTPRequestHandler, body: bytes) -> None:
        rate = self.rate  # which a test may change meanwhile
        if rate is None:
            handler.wfile.write(body)
            return
        began, step = time.monotonic(), 1 << 16
        for start in range(0, len(body), step):
            handler.wfile.write(body[start : start + step])
            time.sleep(max(0.0, began + (start + step) / rate - time.monotonic()))


@contextlib.contextmanager
def serving() -> Iterator[FileServer]:
    """Run a server for as long as the context lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def do_HEAD(self) -> None:
            server.answer_head(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    class Listener(http.server.ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exc_info()[1], ConnectionError):  # as of a client that was killed
                super().handle_error(request, client_address)

    with Listener(("127.0.0.1", 0), Handler) as listener:
        gone = threading.Event()
        server = FileServer(f"http://127.0.0.1:{listener.server_port}", gone)
        thread = threading.Thread(target=listener.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            gone.set()
            listener.shutdown()
            thread.join()

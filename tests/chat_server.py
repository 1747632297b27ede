"""A server that speaks OpenAI's protocol as a test has it: as it should, or as badly as can be."""

from __future__ import annotations

import collections
import contextlib
import http.server
import json
import select
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Respond: TypeAlias = Callable[["ChatServer", http.server.BaseHTTPRequestHandler], None]
"""Answers one request, or does something else to who sent it."""


class ChatServer:
    """What it will answer, and what it was asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answer = "The shirt is red."
        """What it says where nothing else is scripted; {question} stands for the question."""
        self.script: collections.deque[Respond] = collections.deque()
        """What becomes of the next questions, in turn."""
        self.listing: Respond = plain(200, json.dumps({"object": "list", "data": [{"id": "some-vl"}, {"id": "other:latest"}]}))
        """What becomes of the question which models there are."""
        self.asked: list[dict[str, Any]] = []
        """The questions, as they came."""
        self.headers: list[Mapping[str, str]] = []
        """What came with every request."""
        self.hung_up = threading.Event()
        """Set when somebody who was kept waiting has hung up."""
        self.gone = threading.Event()
        """Set when the server ends."""

    def respond(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.headers.append(dict(handler.headers))
        if handler.command == "GET":
            self.listing(self, handler)
            return
        request = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.asked.append(request)
        answer = self.answer.replace("{question}", str(request["messages"][-1]["content"]))
        (self.script.popleft() if self.script else said(answer))(self, handler)


def event(text: str | None = None, finish: str | None = None, **more: Any) -> bytes:
    """Return one piece of an answer as it is sent."""
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}
    return b"data: " + json.dumps({"object": "chat.completion.chunk", "choices": [choice], **more}).encode() + b"\n\n"


def said(answer: str) -> Respond:
    """Say an answer, word by word."""
    words = [f" {word}" if place else word for place, word in enumerate(answer.split(" "))]
    return streamed(event(""), *map(event, words), event(finish="stop"), b"data: [DONE]\n\n")


def streamed(*parts: bytes, then: Respond | None = None, kind: str = "text/event-stream") -> Respond:
    """Send these, each by itself, and hang up; or do something else first."""

    def respond(server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for part in parts:
            handler.wfile.write(part)
        if then:
            then(server, handler)

    return respond


def plain(status: int, body: str, kind: str = "application/json", **headers: str) -> Respond:
    """Send a whole body."""

    def respond(_server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body.encode())), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body.encode())

    return respond


def raw(data: bytes) -> Respond:
    """Send what need not be HTTP, and hang up."""

    def respond(_server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)

    return respond


def hang(server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
    """Send nothing, until the other side hangs up."""
    while not server.gone.is_set():
        readable, _, _ = select.select([handler.connection], [], [], 0.01)
        with contextlib.suppress(OSError):
            if readable and not handler.connection.recv(1):
                break
            continue
        if readable:
            break
    server.hung_up.set()


def reset(_server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
    """Break the connection off, as a machine that loses its power."""
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    handler.connection.close()


def drip(part: bytes) -> Respond:
    """Send the same again and again, until the other side hangs up."""

    def respond(server: ChatServer, handler: http.server.BaseHTTPRequestHandler) -> None:
        with contextlib.suppress(OSError):
            while not server.gone.wait(0.005):
                handler.wfile.write(part)
        server.hung_up.set()

    return respond


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[ChatServer]:
    """Run a server for as long as the context lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        wbufsize = 0

        def do_GET(self) -> None:
            server.respond(self)

        def do_POST(self) -> None:
            server.respond(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
            pass

    class Listener(http.server.ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            if not isinstance(sys.exc_info()[1], OSError | ValueError):  # whom it breaks off with, and who hangs up on it
                super().handle_error(request, client_address)

    with Listener(("127.0.0.1", port), Handler) as listener:
        if tls:
            listener.socket = tls.wrap_socket(listener.socket, server_side=True)
        server = ChatServer(f"{'https' if tls else 'http'}://127.0.0.1:{listener.server_port}/v1")
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.gone.set()
            listener.shutdown()
            thread.join()

"""The service: all parts behind one address, served by uvicorn inside the event loop that everything else runs in."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence

import anyio
import uvicorn
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.config import ServeConfig
from assistant.errors import AddressUnusable, AssistantError, PortTaken
from assistant.runtime.stream import together
from assistant.web.endpoint import Unfailing, on_error, on_http_error
from assistant.web.metrics import Counted, Metrics
from assistant.web.part import Part

_KEEP_ALIVE = 5
"""Seconds that a connection may rest."""
_FAREWELL = 3
"""Seconds that requests may still take when the service stops."""
_MOST_CONNECTIONS = 256
"""Beyond it, uvicorn itself refuses, with 503."""
_BACKLOG = 128
_MEGABYTE = 1_000_000
_PING, _PONG = 10, 10
"""Seconds between two pings of a WebSocket, and for how long an answer is waited for."""


class Application:
    """All parts as one ASGI application.

    Args:
        parts: What it consists of.
        metrics: Where requests are counted.
        guard: Lets in whom it may.
    """

    def __init__(self, parts: Sequence[Part], metrics: Metrics, guard: Callable[[ASGIApp], ASGIApp]) -> None:
        self._parts = parts
        routes = [route for part in parts for route in part.routes]
        router = Router(routes, redirect_slashes=False)
        self._served = Unfailing(ExceptionMiddleware(router, {AssistantError: on_error, HTTPException: on_http_error}))
        self._outermost = Counted(guard(self._served), routes, metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        scope["app"] = self  # makes Starlette's routes raise their 404 and 405, which become problems
        await self._outermost(scope, receive, send)

    def end(self) -> None:
        """Break off all that runs: the program is being stopped."""
        self._served.end()

    @property
    def beside(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """What is to run while it serves."""
        return [beside for part in self._parts for beside in part.beside]


def bound(serve: ServeConfig) -> socket.socket:
    """Return a socket that listens where the settings say.

    Raises:
        PortTaken: Another program listens there.
        AddressUnusable: This machine has no such address, or this user may not listen there.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            serve.host, serve.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise AddressUnusable(f"{serve.host}: {error}", serve.host) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # nothing else waits for connections that have ended
        _lose_who_is_gone(listening)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(f"{serve.host} port {serve.port}: {error}", str(serve.port)) from error
        raise AddressUnusable(f"{serve.host} port {serve.port}: {error}", serve.host) from error
    return listening


def _lose_who_is_gone(listening: socket.socket) -> None:
    """Have connections end whose other end has not acknowledged anything for a while; accepted ones take it over.

    A page whose phone has left the network says nothing. Of what was on its way to it, uvicorn waits for the end even after no
    answer came to its ping, and Linux goes on trying for a quarter of an hour.
    """
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * (_PING + _PONG))


class _Server(uvicorn.Server):
    """Leaves signals to the program around it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Application, listening: socket.socket, settings: ServeConfig, *, tls: ssl.SSLContext | None = None) -> None:
    """Serve until cancelled. Requests that run then have a few seconds to end.

    Args:
        app: What is served.
        listening: Where; closed at the end.
        settings: Of the service.
        tls: What encrypts; None for none.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=settings.body_megabytes * _MEGABYTE + 1,
        ws_ping_interval=_PING,
        ws_ping_timeout=_PONG,
        ws_per_message_deflate=False,  # sound and pictures do not become smaller
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=2 * _FAREWELL,
        server_header=False,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )
    server = _Server(config)
    ended = anyio.Event()

    async def run() -> None:
        with anyio.CancelScope(shield=True):
            await server.serve([listening])
            ended.set()

    async def stop() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            server.should_exit = True
            with anyio.move_on_after(_FAREWELL, shield=True):
                await ended.wait()
            app.end()

    with contextlib.closing(listening):
        await together(run, stop, *app.beside)

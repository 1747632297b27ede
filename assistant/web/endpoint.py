"""What all of the interface's addresses have in common: errors become problems, and nobody works for a client that has left."""

from __future__ import annotations

import logging
import traceback

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from assistant.errors import AssistantError, RequestRefused, ServiceStopping
from assistant.types import Language
from assistant.web.failures import answer_to, no_such_address, status_of
from assistant.web.language import language_of
from assistant.web.programs.live import Gone

_log = logging.getLogger(__name__)
_UNAVAILABLE = 503


class Unfailing:
    """Answers what a part of the service fails at by a problem. What failed is logged without what was asked.

    Args:
        app: What may fail.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._running: set[anyio.CancelScope] = set()

    def end(self) -> None:
        """Break off all that runs: the program is being stopped."""
        for running in self._running:
            running.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        began = False

        async def watched_send(message: Message) -> None:
            nonlocal began
            began = began or message["type"] == "http.response.start"
            await send(message)

        failed: AssistantError | None = ServiceStopping("stopped before it was answered")
        with anyio.CancelScope() as running:
            self._running.add(running)
            try:
                failed = await self._failure(scope, receive, watched_send)
            finally:
                self._running.remove(running)
        if failed and not began and scope["type"] == "http":
            await answer_to(failed, scope["path"], language_of_request(Request(scope)))(scope, receive, send)

    async def _failure(self, scope: Scope, receive: Receive, send: Send) -> AssistantError | None:
        """Serve one request or WebSocket; return what went wrong."""
        try:
            await self._app(scope, receive, send)
        except Gone:
            pass  # nobody is there to be told anything
        except (ClientDisconnect, WebSocketDisconnect):
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: a client must hear of it, and the others must be served on
            note(error)
            return AssistantError("unexpected")
        return None


def note(error: Exception) -> None:
    """Log where something failed, without its message, in which there may be what was asked."""
    places = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    _log.error("%s at\n%s", type(error).__name__, places)


async def on_error(request: Request, error: Exception) -> Response:
    """Return the problem of an error that a handler raised."""
    assert isinstance(error, AssistantError)  # noqa: S101 - it is registered for these alone
    if status_of(error) == _UNAVAILABLE and not isinstance(error, RequestRefused):
        _log.warning("%s: %s", type(error).__name__, error.detail)
    return answer_to(error, request.url.path, language_of_request(request))


async def on_http_error(request: Request, error: Exception) -> Response:
    """Return the problem of a request that belongs nowhere."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these alone
    return no_such_address(error.status_code, request.url.path, language_of_request(request), error.headers)


def language_of_request(request: Request) -> Language:
    """Return the language that a request's errors are told in: that of its question, where that is known."""
    language: Language = getattr(request.state, "language", None) or language_of(request.headers.get("accept-language"))
    return language

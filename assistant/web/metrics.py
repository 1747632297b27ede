"""What the service counts, for Prometheus. Nothing of what is asked, shown or answered is in it, nor who asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.types import Seconds, Usage

_ELSEWHERE = "elsewhere"
"""The route of what belongs to none: the addresses that strangers try are not ours to list."""
_GONE = 499
"""The status of what was not answered, because nobody was there any more: as in other servers' logs."""
_TOKEN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts for one service.

    Args:
        waiting: Tells how many requests wait for the model.
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "assistant_requests", "Requests by route and status", ["route", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram("assistant_request_seconds", "How long requests took", ["route"], registry=self.registry)
        self._first_token = Histogram(
            "assistant_first_token_seconds",
            "From a request to the first piece of its answer",
            buckets=_TOKEN_SECONDS,
            registry=self.registry,
        )
        self._tokens = Counter("assistant_tokens", "Tokens by kind", ["kind"], registry=self.registry)
        Gauge("assistant_waiting_requests", "Requests that wait for the model", registry=self.registry).set_function(waiting)

    def answered(self, first_token: Seconds, usage: Usage | None) -> None:
        """Count an answer."""
        self._first_token.observe(first_token)
        if usage:
            self._tokens.labels("prompt").inc(usage.prompt_tokens)
            self._tokens.labels("cached").inc(usage.cached_tokens)
            self._tokens.labels("answer").inc(usage.answer_tokens)

    def served(self, route: str, method: str, status: int, seconds: Seconds) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return all counts, as Prometheus reads them."""
        return generate_latest(self.registry)


class Counted:
    """Counts all requests, those that the guard refuses, too.

    Args:
        app: What serves them.
        routes: Whose requests are counted by their addresses.
        metrics: Where they are counted.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], metrics: Metrics) -> None:
        self._app = app
        self._routes = [route for route in routes if isinstance(route, Route)]
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_at = time.monotonic()
        status = _GONE

        async def watched_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        finally:
            route = next((route for route in self._routes if route.matches(scope)[0] is Match.FULL), None)
            path, method = (route.path, scope["method"]) if route else (_ELSEWHERE, "")
            self._metrics.served(path, method, status, time.monotonic() - began_at)

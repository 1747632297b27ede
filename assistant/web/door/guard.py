"""Who is let in: everything that is judged of a request before any part of the service sees it."""

from __future__ import annotations

import contextlib
import dataclasses
import hmac
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.config import ServeConfig
from assistant.types import Language, Seconds
from assistant.web.door import refusals
from assistant.web.door.addresses import own_names
from assistant.web.door.attempts import Attempts, guesser
from assistant.web.door.body import Body, Fault
from assistant.web.door.credentials import cookie_name
from assistant.web.door.host import Host, is_address, is_loopback, only_host, same_origin
from assistant.web.door.security_headers import with_security_headers
from assistant.web.language import language_of

OPEN_PATHS = frozenset(("/healthz", "/pair", "/pair/style.css", "/pair/ca.crt"))
"""What strangers may ask for."""
_SAFE_METHODS = frozenset(("GET", "HEAD"))
_OWN_SITES = frozenset(("same-origin", "none"))
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_FAULTS = {Fault.LARGE: refusals.BODY_TOO_LARGE, Fault.SLOW: refusals.BODY_TOO_SLOW}
_ALL = ""


def needs_token(serve: ServeConfig) -> bool:
    """Tell whether visitors must prove that they are known: unless nobody but this machine's own programs can be one.

    A name beside its own means that others do reach a service on 127.0.0.1: through a proxy or tunnel of this machine.
    """
    return not is_loopback(serve.host) or bool(serve.names)


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """Whom to let in."""

    serve: ServeConfig
    token: str | None
    """What visitors must know; None where nobody need."""
    now: Callable[[], Seconds] = time.monotonic


class Guard:
    """An ASGI application around another one, which sees only what may be let in.

    A right token is let in however many wrong ones there were: it has 256 bits, and nobody guesses it. What wrong ones are told
    to wait for saves work, not the token.

    Args:
        app: What is guarded.
        policy: Whom to let in.
    """

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app, self._serve = app, policy.serve
        self._token = None if policy.token is None else policy.token.encode()
        self._names = frozenset(("localhost", policy.serve.host.lower(), *own_names(), *policy.serve.names))
        self._attempts = Attempts(burst=10, every=6.0, now=policy.now)
        self._all_attempts = Attempts(burst=100, every=0.6, now=policy.now)
        self._most_bytes = policy.serve.body_megabytes * 1_000_000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket, or let the application do so."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scheme = _SCHEMES[scope["scheme"]]
        language = language_of(headers.get("accept-language"))
        host = only_host(headers.getlist("host"))
        known = host is not None and self._is_known(host)
        send = with_security_headers(send, scheme, host if known else None)
        if host is None:
            refused: Response | None = refusals.HOST_MALFORMED.answer(language)
        elif not known:
            refused = refusals.HOST_UNKNOWN.answer(language)
        elif _is_foreign(scope, headers, scheme, host):
            refused = refusals.ORIGIN_FOREIGN.answer(language)
        else:
            refused = self._stranger(scope, headers, scheme, language) or self._too_long(headers, language)
        if refused is not None:
            await refused(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)  # the length of its messages is limited where they are read
        else:
            await self._pass(scope, receive, send, language)

    def _is_known(self, host: Host) -> bool:
        # DNS rebinding needs a name, which first leads to the attacker's page and then here. Whoever asks for an address has
        # been at no other server; and no list of addresses would hold behind a forwarded port.
        return is_address(host.name) or host.name in self._names

    def _stranger(self, scope: Scope, headers: Headers, scheme: str, language: Language) -> Response | None:
        if self._token is None or scope["path"] in OPEN_PATHS:
            return None
        shown = _shown_tokens(headers, cookie_name(scheme))
        if any(hmac.compare_digest(token, self._token) for token in shown):
            return None
        wait = self._count(guesser(scope.get("client"))) if shown else 0
        if scope["type"] == "http" and scope["path"] == "/" and "text/html" in headers.get("accept", ""):
            return RedirectResponse("/pair", 303)
        if not shown:
            return refusals.TOKEN_NEEDED.answer(language, {"WWW-Authenticate": 'Bearer realm="assistant"'})
        if wait:
            return refusals.TOO_MANY_ATTEMPTS.answer(language, {"Retry-After": str(wait)})
        return refusals.TOKEN_WRONG.answer(language, {"WWW-Authenticate": 'Bearer realm="assistant", error="invalid_token"'})

    def _count(self, client: str) -> int:
        """Count a wrong token, and return how many seconds too early it comes; 0 if it may."""
        wait = max(self._attempts.wait(client), self._all_attempts.wait(_ALL))
        if not wait:
            self._attempts.failed(client)
            self._all_attempts.failed(_ALL)
        return wait

    def _too_long(self, headers: Headers, language: Language) -> Response | None:
        lengths = headers.getlist("content-length")
        if not lengths:
            return None
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            return refusals.LENGTH_MALFORMED.answer(language, {"Connection": "close"})
        if len(lengths[0]) > len(str(self._most_bytes)) or int(lengths[0]) > self._most_bytes:
            return refusals.BODY_TOO_LARGE.answer(language, {"Connection": "close"})
        return None

    async def _pass(self, scope: Scope, receive: Receive, send: Send, language: Language) -> None:
        body = Body(receive, self._most_bytes, self._serve.time_limit)
        started = False

        async def send_unless_broken(message: Message) -> None:
            nonlocal started
            if started or body.fault is None:
                started = True
                await send(message)

        with contextlib.suppress(ClientDisconnect):  # gone, or told so because of the body: nothing that a log should complain of
            await self._app(scope, body.receive, send_unless_broken)
        if body.fault is not None and not started:
            await _FAULTS[body.fault].answer(language, {"Connection": "close"})(scope, receive, send)


def _is_foreign(scope: Scope, headers: Headers, scheme: str, host: Host) -> bool:
    """Tell whether a web page of somebody else's makes a browser ask for more than to look.

    Programs send neither header. Whatever a page may only look at, it cannot read: there are no CORS headers.
    """
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return False
    sites = headers.getlist("sec-fetch-site")
    return not (same_origin(headers.getlist("origin"), scheme, host) and all(site in _OWN_SITES for site in sites))


def _shown_tokens(headers: Headers, cookie: str) -> list[bytes]:
    """Return all tokens that a request shows. Another service on this host may have set a cookie of the same name beside ours."""
    bearers = [value.partition(" ") for value in headers.getlist("authorization")]
    shown = [token.strip() for scheme, _, token in bearers if scheme.lower() == "bearer"]
    for pair in ";".join(headers.getlist("cookie")).split(";"):
        name, _, value = pair.strip().partition("=")
        if name == cookie:
            shown.append(value)
    return [token.encode() for token in shown if token]

"""The way to a server that speaks OpenAI's protocol: vLLM, llama-server, Ollama, or another assistant's own service.

Requests run on an event loop in a thread of its own, for there alone can one be let go of at any moment: while it connects, while
the server is silent, in the middle of a line. A blocking read can only be waited for.
"""

from __future__ import annotations

import contextlib
import json
import queue
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Overdue  # the builtin one only from Python 3.11
from http import HTTPStatus
from typing import Any, Literal, TypeVar

import httpx
from anyio.from_thread import start_blocking_portal

from assistant.config import OpenAiVisionConfig
from assistant.errors import Cancelled, ConfigError, ModelNotServed, ServerLost, ServerNotUnderstood, ServerSlow, ServerUntrusted
from assistant.openai_replies import EventReader, Piece, model_names, refusal
from assistant.types import AnswerChunk, Cancellation, Seconds, Usage

T = TypeVar("T")

_CONNECT: Seconds = 3.0
"""A server in the same house answers in a millisecond, one in another country in a third of a second."""
_LISTING: Seconds = 5.0
"""For the list of models, which no model is needed for."""
_POLL: Seconds = 0.02
"""How often it is looked whether a step may go on: a cancellation cannot wake anybody."""
_LISTED = 20
"""How many models are named where the right one is not among them."""
_LONGEST_BODY = 1 << 20
"""Bytes of a list of models, or of an error."""


class OpenAiServer:
    """One server. May be used from any threads, by several conversations.

    No proxy of the environment is used, for that is meant for fetching models and would see every picture; and no redirection is
    followed, for the user was told which host the pictures go to. Each request has a connection of its own: one that was kept open
    may have been closed by the server in the meantime, which shows only when a question is lost on it.

    Args:
        config: Where it is, and how it is spoken to.

    Raises:
        ConfigError: The key or the certificate cannot be read.
    """

    def __init__(self, config: OpenAiVisionConfig) -> None:
        self.host = _host(config.address)
        self._config = config
        self._headers()
        client = httpx.AsyncClient(
            verify=_trust(config),
            timeout=httpx.Timeout(None, connect=_CONNECT),  # the rest is timed by who waits
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
        )
        with contextlib.ExitStack() as stack:
            self._portal = stack.enter_context(start_blocking_portal())
            stack.enter_context(self._portal.wrap_async_context_manager(client))
            self._end = stack.pop_all()
        self._client = client
        self._tasks: set[Future[Any]] = set()
        self._starting = threading.Lock()
        self._closed = False

    def check(self) -> None:
        """Ask whether the server is there and has the model.

        Raises:
            ServerFailed, ConfigError: It is not there, or does not; the subclass says why.
        """
        names = model_names(self._ask(self._list_models, _LISTING), self.host)
        wanted = self._config.model
        if not {wanted, f"{wanted}:latest"} & set(names):  # Ollama's names have a version, which may be left out
            listed = ", ".join(names[:_LISTED]) or "none"
            raise ModelNotServed(f"{self.host} has no model {wanted}; it has: {listed}", self.host)

    def answer(self, request: Mapping[str, Any], cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Send a request for a chat completion, and yield the answer as it is written; how much it took comes last.

        Raises:
            Cancelled: Within 0.1 s; the server is hung up on.
            VisionFailed: The server failed; the subclass says how.
        """
        pieces: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        task = self._start(lambda: self._converse(request, pieces.put))
        task.add_done_callback(lambda _: pieces.put(None))
        finish, usage, written = "", None, 0
        deadline = time.monotonic() + self._config.patience
        try:
            while (piece := self._next(pieces, deadline, cancellation)) and written <= request["max_tokens"]:
                usage = piece.usage or usage
                for choice in piece.choices:
                    finish = choice.finish_reason or finish
                    if choice.delta and choice.delta.content:
                        written += 1  # a piece has one token or more: a server that knows no limit has one all the same
                        yield AnswerChunk(choice.delta.content)
                        deadline = time.monotonic() + self._config.patience
            if piece is None:
                _result(task)
        finally:
            task.cancel()
        if usage:
            cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
            ended: Literal["length", "stop"] = "length" if finish == "length" or piece else "stop"
            yield AnswerChunk("", Usage(usage.prompt_tokens, cached or 0, usage.completion_tokens, ended))

    def close(self) -> None:
        """Hang up, whatever is going on. May be called twice, from any thread."""
        with self._starting:
            closed, self._closed = self._closed, True
        for task in list(self._tasks):
            task.cancel()
        if not closed:
            self._end.close()

    def _start(self, make: Callable[[], Awaitable[T]]) -> Future[T]:
        with self._starting:
            if self._closed:
                raise Cancelled
            task = self._portal.start_task_soon(make)
            self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _ask(self, make: Callable[[], Awaitable[T]], limit: Seconds) -> T:
        task = self._start(make)
        try:
            return _result(task, limit)
        except Overdue as error:
            raise ServerSlow(f"{self.host} sent nothing for {limit:.0f} s", self.host) from error
        finally:
            task.cancel()

    def _next(self, pieces: queue.SimpleQueue[Piece | None], deadline: Seconds, cancellation: Cancellation) -> Piece | None:
        while time.monotonic() < deadline:
            if cancellation.cancelled:
                raise Cancelled
            with contextlib.suppress(queue.Empty):
                return pieces.get(timeout=_POLL)
        raise ServerSlow(f"{self.host} sent no word for {self._config.patience:.0f} s", self.host)

    # on the event loop

    async def _list_models(self) -> str:
        try:
            async with self._client.stream("GET", f"{self._config.address}/models", headers=self._headers()) as response:
                text = await _read(response)
        except httpx.HTTPError as error:
            raise self._lost(error) from error
        if response.status_code != HTTPStatus.OK:
            raise self._refusal(response, text)
        return text

    async def _converse(self, request: Mapping[str, Any], give: Callable[[Piece], None]) -> None:
        address, reader = f"{self._config.address}/chat/completions", EventReader(self.host)
        body = json.dumps({"model": self._config.model, **request, "stream": True, "stream_options": {"include_usage": True}})
        headers = {**self._headers(), "Content-Type": "application/json"}
        try:
            async with self._client.stream("POST", address, content=body, headers=headers) as response:
                if response.status_code != HTTPStatus.OK:
                    raise self._refusal(response, await _read(response))
                if "event-stream" not in response.headers.get("Content-Type", ""):
                    raise ServerNotUnderstood(f"{self.host} answers with {response.headers.get('Content-Type')!r}", self.host)
                async for data in response.aiter_bytes():
                    for piece in reader.feed(data):
                        give(piece)
                    if reader.ended:
                        return
            if not reader.finished:
                raise ServerLost(f"{self.host} hung up in mid-answer", self.host)
        except httpx.HTTPError as error:
            raise self._lost(error) from error

    def _headers(self) -> dict[str, str]:
        """Return what goes with each request. The key is read each time: a wrong one can be put right while the assistant runs."""
        headers = {"Accept-Encoding": "identity"}
        if path := self._config.key_file:
            try:
                key = path.read_text(encoding="ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"vision.key_file: {path}: {error}") from error
            if not key.isprintable() or not key:
                raise ConfigError(f"vision.key_file: {path}: it must hold the key in one line, and nothing else")
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def _refusal(self, response: httpx.Response, text: str) -> Exception:
        if response.is_redirect:
            told = f"{self.host} sends to {response.headers.get('Location')!r}, where no picture is sent"
            return ServerNotUnderstood(told, self.host)
        return refusal(response.status_code, text, self.host)

    def _lost(self, error: httpx.HTTPError) -> Exception:
        cause: BaseException | None = error
        while cause:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return ServerUntrusted(f"{self.host}: {cause.verify_message}", self.host)
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, httpx.DecodingError):
            return ServerNotUnderstood(f"{self.host}: {error}", self.host)
        return ServerLost(f"{self.host}: {type(error).__name__} {error}".strip(), self.host)


def _result(task: Future[T], limit: Seconds | None = None) -> T:
    try:
        return task.result(limit)
    except CancelledError as error:
        raise Cancelled from error


async def _read(response: httpx.Response) -> str:
    """Return what a response says, to a length that no honest one has."""
    data = b""
    async for some in response.aiter_bytes():
        data += some
        if len(data) > _LONGEST_BODY:
            break
    return data.decode(errors="replace")


def _host(address: str) -> str:
    try:
        return httpx.URL(address).host
    except httpx.InvalidURL as error:
        raise ConfigError(f"vision.address: {address}: {error}") from error


def _trust(config: OpenAiVisionConfig) -> ssl.SSLContext:
    if config.address.startswith("http:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; reading whom to trust takes 30 ms
    if config.ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return ssl.create_default_context(cafile=config.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"vision.ca_file: {config.ca_file}: {error}") from error

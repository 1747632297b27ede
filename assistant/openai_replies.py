"""What a server that speaks OpenAI's protocol sends back, read with suspicion: any program may answer at an address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import pydantic

from assistant.errors import (
    ContextFull,
    KeyRefused,
    ModelNotServed,
    PictureRefused,
    SchemaUnusable,
    ServerBusy,
    ServerFailed,
    ServerNotUnderstood,
    VisionFailed,
)

_LONGEST_STREAM = 4 << 20
"""Bytes. A piece of an answer has some 300, and an answer 1024 pieces at most."""
_LONGEST_DETAIL = 200
_END = "[DONE]"

_BY_STATUS: Mapping[int, type[VisionFailed]] = {
    HTTPStatus.UNAUTHORIZED: KeyRefused,
    HTTPStatus.FORBIDDEN: KeyRefused,
    HTTPStatus.TOO_MANY_REQUESTS: ServerBusy,
    HTTPStatus.SERVICE_UNAVAILABLE: ServerBusy,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: PictureRefused,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: PictureRefused,
}
_BY_WORDS: Sequence[tuple[type[VisionFailed], re.Pattern[str]]] = (
    (ContextFull, re.compile(r"context[ _](?:length|size|window)", re.IGNORECASE)),
    (ModelNotServed, re.compile(r"model_not_found|\bmodel\b.*\bnot (?:exist|found)", re.IGNORECASE)),
    (PictureRefused, re.compile(r"image|picture|multi-?modal|mmproj", re.IGNORECASE)),
)
"""Other statuses do not tell: llama-server has 500 for a picture that its model cannot see (llama.cpp #15377), and 400 for a
question that is too long. What is wrong stands in the words."""
_NOTHING_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


class Delta(pydantic.BaseModel):
    """What a piece adds; what else there is in it, such as a model's thoughts, is left out."""

    content: str | None = None


class Choice(pydantic.BaseModel):
    """An answer; only ever one is asked for."""

    delta: Delta | None = None
    finish_reason: str | None = None


class CachedTokens(pydantic.BaseModel):
    """How much of a prompt had been read before."""

    cached_tokens: int | None = None


class TokenCounts(pydantic.BaseModel):
    """What an answer took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: CachedTokens | None = None


class Piece(pydantic.BaseModel):
    """One event of the stream."""

    choices: list[Choice] = []
    usage: TokenCounts | None = None
    error: Any = None


class Listed(pydantic.BaseModel):
    """A model that the server has."""

    id: str


class Models(pydantic.BaseModel):
    """What ``GET /models`` answers."""

    data: list[Listed]


class EventReader:
    """Takes a stream of server-sent events apart, however it is cut. Each ``data`` line is a piece: none ever has two."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._rest = b""
        self._bytes = 0
        self.ended = False
        """Whether the server has said that nothing more comes."""
        self.finished = False
        """Whether the answer has come to its end."""

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield the pieces that are whole with `data`.

        Raises:
            VisionFailed: The server reports an error, or sends no such stream.
        """
        self._bytes += len(data)
        if self._bytes > _LONGEST_STREAM:
            raise ServerNotUnderstood(f"{self._host} sends more than {_LONGEST_STREAM} bytes for an answer", self._host)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b":")
            text = value.decode(errors="replace").strip()
            if name.strip() == b"data" and text and not self.ended:  # not a comment, such as one that keeps a connection alive
                self.ended = text == _END
                if not self.ended:
                    yield self._piece(text)
        self.finished |= self.ended

    def _piece(self, text: str) -> Piece:
        try:
            piece = Piece.model_validate_json(text)
        except pydantic.ValidationError as error:
            raise ServerNotUnderstood(f"a piece of an answer that is none: {_mistakes(error)}", self._host) from error
        if piece.error:
            code = piece.error.get("code") if isinstance(piece.error, Mapping) else None
            status = code if isinstance(code, int) else HTTPStatus.INTERNAL_SERVER_ERROR
            raise refusal(status, json.dumps({"error": piece.error}), self._host)
        self.finished |= any(choice.finish_reason for choice in piece.choices)
        return piece


def model_names(text: str, host: str) -> list[str]:
    """Return which models the server says it has.

    Raises:
        ServerNotUnderstood: That is no such list.
    """
    try:
        return [_printable(model.id) for model in Models.model_validate_json(text).data]
    except pydantic.ValidationError as error:
        raise ServerNotUnderstood(f"GET /models is answered by no list of models: {_mistakes(error)}", host) from error


def refusal(status: int, text: str, host: str) -> VisionFailed:
    """Return what it means that a server did not do what was asked.

    Args:
        status: Of HTTP.
        text: What the server says of it.
        host: Where it is.
    """
    told = _told(text)
    by_words = [kind for kind, words in _BY_WORDS if words.search(told)]
    if "response_format" in text:  # deep in what was refused, where it is one of the fields
        by_words.insert(0, SchemaUnusable)
    kind = _BY_STATUS.get(status) or next(iter(by_words), ServerNotUnderstood if status in _NOTHING_THERE else ServerFailed)
    return kind(f"{host} answers {status}: {told}", host)


def _told(text: str) -> str:
    """Return the words of an error, without what they may repeat of the request: what was asked belongs into no log."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return "no JSON"
    error = body.get("error") or body if isinstance(body, dict) else body
    said = [error.get(key) for key in ("code", "type", "message", "detail")] if isinstance(error, dict) else [error]
    words = " ".join(re.split(r"[\[{]", str(word))[0] for word in said if isinstance(word, str | int))
    return _printable(words)


def _printable(text: str) -> str:
    """Return a text without what would do something to a terminal, and not too much of it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:_LONGEST_DETAIL]


def _mistakes(error: pydantic.ValidationError) -> str:
    """Return what is wrong, without what was sent."""
    return "; ".join(f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']}" for mistake in error.errors()[:3])

"""Errors as problems: by which status and code they are told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from assistant.errors import (
    AssistantError,
    ContextFull,
    HearingFailed,
    NothingToRead,
    PictureNotFound,
    PictureUnreadable,
    PictureUseless,
    RequestRefused,
    RequestWrong,
    SchemaUnusable,
    ServiceBusy,
    ServiceStopping,
    SoundUnreadable,
    TooSlow,
)
from assistant.types import Language
from assistant.web.problems import MEDIA_TYPE, details, problem

OPENAI = "/v1/"
"""How the addresses begin that speak OpenAI's language, errors included."""
_WRONG, _SERVER = 422, 500
"""The status of a wrong request, and the one from which on it is the server's fault."""
_STATUSES: Mapping[type[AssistantError], int] = {
    AssistantError: 503,
    RequestRefused: 422,
    PictureNotFound: 404,
    ServiceBusy: 503,
    ServiceStopping: 503,
    TooSlow: 503,
    ContextFull: 422,
    SchemaUnusable: 422,
    HearingFailed: 422,
    PictureUnreadable: 422,
    PictureUseless: 422,
    NothingToRead: 422,
    SoundUnreadable: 422,
}
"""What the nearest ancestor says, holds for an error."""
_OF_ADDRESSES: Mapping[int, tuple[str, Mapping[Language, str]]] = {
    404: ("not-found", {"en": "There is nothing at this address.", "zh": "这个地址上什么也没有。"}),
    405: ("method-wrong", {"en": "This address does not take this method.", "zh": "这个地址不接受这种方法。"}),
    413: ("too-large", {"en": "This is too large.", "zh": "内容太大。"}),
    415: ("media-type-wrong", {"en": "I can't read this kind of content.", "zh": "我无法读取这种类型的内容。"}),
}
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def problem_of(error: AssistantError, language: Language) -> Response:
    """Return an error as a problem."""
    return JSONResponse(content_of(error, language), status_of(error), headers_of(error), MEDIA_TYPE)


def content_of(error: AssistantError, language: Language) -> dict[str, object]:
    """Return what the problem of an error is made of; for a request that has mistakes, with each of them."""
    told = details(status_of(error), code_of(error), error.spoken(language))
    return told | ({"mistakes": list(error.mistakes)} if isinstance(error, RequestWrong) else {})


def openai_content_of(error: AssistantError, language: Language) -> dict[str, object]:
    """Return an error as OpenAI's servers tell it."""
    status = _openai_status(status_of(error))
    code = "context_length_exceeded" if isinstance(error, ContextFull) else code_of(error).replace("-", "_")
    sentence = error.spoken(language)
    wrong = isinstance(error, RequestWrong)
    told = {"message": f"{sentence} {error.detail}" if wrong else sentence}
    told["type"] = "server_error" if status >= _SERVER else "invalid_request_error"
    return {"error": {**told, "code": code, "param": error.field if isinstance(error, RequestWrong) else None}}


def _openai_status(status: int) -> int:
    return 400 if status == _WRONG else status  # its client takes that for a BadRequestError


def answer_to(error: AssistantError, path: str, language: Language) -> Response:
    """Return an error in the form that belongs to an address."""
    if not path.startswith(OPENAI):
        return problem_of(error, language)
    return JSONResponse(openai_content_of(error, language), _openai_status(status_of(error)), headers_of(error))


def status_of(error: AssistantError) -> int:
    """Return the status that tells of an error."""
    return next(_STATUSES[ancestor] for ancestor in type(error).__mro__ if ancestor in _STATUSES)


def code_of(error: AssistantError) -> str:
    """Return what programs tell an error by, such as "too-dark"."""
    return _CAPITAL.sub("-", type(error).__name__).lower()


def headers_of(error: AssistantError) -> dict[str, str]:
    """Return what else is told of an error."""
    return {"Retry-After": str(error.after)} if isinstance(error, ServiceBusy) else {}


def no_such_address(status: int, path: str, language: Language, headers: Mapping[str, str] | None = None) -> Response:
    """Return what is told of a request that belongs nowhere, in the form that belongs to its address."""
    code, sentences = _OF_ADDRESSES.get(status, ("request-wrong", RequestWrong.sentence))
    if path.startswith(OPENAI):
        told = {"message": sentences[language], "type": "invalid_request_error", "code": code.replace("-", "_"), "param": None}
        return JSONResponse({"error": told}, status, headers)
    return problem(status, code, sentences[language], headers=headers)

"""Refusals a program can act on and a person can be read: RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, sentence: str, *, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that refuses a request.

    Args:
        status: The HTTP status.
        code: A stable word for programs.
        sentence: What happened and what to do, for a person.
        headers: What else the answer's head says.
    """
    return JSONResponse(details(status, code, sentence), status, headers, MEDIA_TYPE)


def details(status: int, code: str, sentence: str) -> dict[str, object]:
    """Return what a problem is made of; see `problem`."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence, "code": code}

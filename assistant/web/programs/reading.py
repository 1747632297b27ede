"""What programs send: JSON, or forms with files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pydantic
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from assistant.errors import RequestWrong

T = TypeVar("T")
M = TypeVar("M", bound=pydantic.BaseModel)
_MOST_FIELDS = 20
_LONGEST_FIELD = 1 << 20
"""Bytes of a field that is no file."""


class Described(pydantic.BaseModel):
    """Something that is sent; what is written about it here is in the OpenAPI document."""

    model_config = pydantic.ConfigDict(use_attribute_docstrings=True)


async def read(request: Request, model: type[M], files: Sequence[str]) -> tuple[M, dict[str, bytes]]:
    """Return what a request says, and the files in it.

    Args:
        request: JSON, or a form.
        model: What it may say. In JSON files are fields in base64, in a form they may be so.
        files: Which of its fields are files.

    Raises:
        RequestWrong: It has mistakes.
        HTTPException: It is neither JSON nor a form.
    """
    if media_type(request) == "multipart/form-data":
        fields, sent = await form(request, files)
        if "json_schema" in fields:
            fields["json_schema"] = checked(_SCHEMA.validate_json, fields["json_schema"], "json_schema")
        wanted = checked(model.model_validate, fields)
    else:
        wanted, sent = await json_body(request, model), {}
    for name in files:
        text = getattr(wanted, name)
        if text is not None:
            sent[name] = from_base64(text, name)
    return wanted, sent


def media_type(request: Request) -> str:
    """Return what kind of body a request says it has; empty where it does not say."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def json_body(request: Request, model: type[M]) -> M:
    """Return what a request in JSON says.

    Raises:
        RequestWrong: It has mistakes.
        HTTPException: It is not in JSON.
    """
    if media_type(request) != "application/json":
        raise HTTPException(415)
    return checked(model.model_validate_json, await request.body())


_SCHEMA = pydantic.TypeAdapter(dict[str, pydantic.JsonValue])


def checked(validate: Callable[[Any], T], body: Any, field: str = "body") -> T:
    """Return what a body, or a field, says.

    Raises:
        RequestWrong: It has mistakes.
    """
    try:
        return validate(body)
    except pydantic.ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        places = [".".join(str(step) for step in mistake["loc"]) for mistake in wrong]
        lines = [f"{place or field}: {mistake['msg']}" for place, mistake in zip(places, wrong, strict=True)]
        raise RequestWrong(*lines, field=places[0] or field) from None


def from_base64(text: str, field: str) -> bytes:
    """Return a file that is written in base64, perhaps in a data URL.

    Raises:
        RequestWrong: It is damaged, or some other URL.
    """
    if text.startswith("data:"):
        head, comma, text = text.partition(",")
        if not comma or not head.endswith(";base64"):
            raise RequestWrong(f"{field}: a data URL in base64 is asked for", field=field)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RequestWrong(f"{field}: it is not in base64", field=field) from None


class _InMemory(MultiPartParser):
    """Keeps files in memory: nothing that a visitor sends is written to the disk."""

    spool_max_size = 1 << 62


async def form(request: Request, files: Sequence[str]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the fields of a form, and its files by the names of theirs.

    Raises:
        RequestWrong: It is damaged, something comes twice, or a file is in a field that is for none.
    """
    try:
        parser = _InMemory(
            request.headers, request.stream(), max_files=len(files), max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FIELD
        )
        parsed = await parser.parse()
    except MultiPartException as error:
        raise RequestWrong(f"body: {error.message}") from None
    sent, fields = dict[str, bytes](), dict[str, Any]()
    try:
        for name, value in parsed.multi_items():
            if name in sent or name in fields:
                raise RequestWrong(f"{name}: it comes twice", field=name)
            if not isinstance(value, UploadFile):
                fields[name] = value
            elif name in files:
                sent[name] = await value.read()
            else:
                raise RequestWrong(f"{name}: a file, in a field that is for none", field=name)
    finally:
        await parsed.close()
    return fields, sent

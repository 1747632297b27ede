"""The OpenAPI document of the interface for programs, made from what its addresses take and give."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pydantic
from pydantic.json_schema import models_json_schema

from assistant.web.programs.chat_forms import ChatAnswer, ChatRequest, Model, Models
from assistant.web.programs.infer import InferAnswer, InferRequest
from assistant.web.programs.reading import Described
from assistant.web.programs.sound import SpeechRequest, Transcription
from assistant.web.programs.text import ReadAnswer, ReadRequest

_JSON = "application/json"
_FORM = "multipart/form-data"
_EVENTS = {"schema": {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}}
"""Of each server-sent event: OpenAPI 3.1 has no word for a stream of them, and schemathesis holds each to it."""
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}


class Health(Described):
    """That the service is there."""

    status: Literal["ok"] = "ok"
    model: str
    waiting: int
    """How many requests wait for the model."""


class Problem(Described):
    """Why a request was not served (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    """A sentence for people, in the language of the question, or of Accept-Language."""
    code: str
    """What a program tells it by, such as "too-dark"."""
    mistakes: Sequence[str] = ()
    """What is wrong with a request."""


class OpenAIFault(Described):
    """Why a request was not served."""

    message: str
    type: Literal["invalid_request_error", "server_error"]
    code: str
    param: str | None


class OpenAIError(Described):
    """Why a request was not served, in OpenAI's form."""

    error: OpenAIFault


_TAKEN: tuple[type[pydantic.BaseModel], ...] = (InferRequest, ReadRequest, ChatRequest, SpeechRequest)
_GIVEN: tuple[type[pydantic.BaseModel], ...] = (
    InferAnswer,
    ReadAnswer,
    ChatAnswer,
    Models,
    Model,
    Transcription,
    Health,
    Problem,
    OpenAIError,
)


@functools.cache
def document() -> Mapping[str, Any]:
    """Return the document, of OpenAPI 3.1."""
    modes: list[tuple[type[pydantic.BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _TAKEN),
        *((model, "serialization") for model in _GIVEN),
    ]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Assistant",
            "description": "Asks a vision-language model on this machine about pictures, and reads the text on them.",
            "version": importlib.metadata.version("assistant"),
        },
        "paths": _paths(schemas["$defs"]),
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _paths(schemas: Mapping[str, Any]) -> dict[str, Any]:
    files = {"image": _FILE, "audio": _FILE}
    form, read_form = (
        {**schema, "properties": {**schema["properties"], **sent}}
        for schema, sent in ((schemas["InferRequest"], files), (schemas["ReadRequest"], {"image": _FILE}))
    )
    asked = {_JSON: _of(InferRequest), _FORM: {"schema": form, "encoding": {"json_schema": {"contentType": _JSON}}}}
    answered = {_JSON: _of(InferAnswer), "text/event-stream": _EVENTS}
    chatted = {_JSON: _of(ChatAnswer), "text/event-stream": _EVENTS}
    heard = {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
    spoken = {"audio/wav": {"schema": _FILE}, "audio/pcm": {"schema": _FILE}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {
        "/infer": _post("Ask about a picture", asked, answered),
        "/read": _post(
            "Read the text on a picture", {_JSON: _of(ReadRequest), _FORM: {"schema": read_form}}, {_JSON: _of(ReadAnswer)}
        ),
        "/v1/chat/completions": _post("Ask in OpenAI's form", {_JSON: _of(ChatRequest)}, chatted, OpenAIError),
        "/v1/audio/transcriptions": _post(
            "Write down what is said", {_FORM: {"schema": heard}}, {_JSON: _of(Transcription)}, OpenAIError
        ),
        "/v1/audio/speech": _post("Speak a text", {_JSON: _of(SpeechRequest)}, spoken, OpenAIError),
        "/v1/models": _get("Which models there are", {_JSON: _of(Models)}, OpenAIError),
        "/v1/models/{name}": {**_get("Whether there is this model", {_JSON: _of(Model)}, OpenAIError), "parameters": [name]},
        "/healthz": _get("Whether the service is there", {_JSON: _of(Health)}),
        "/metrics": _get("What is counted, for Prometheus", {"text/plain": {"schema": {"type": "string"}}}),
    }


def _of(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}


def _get(summary: str, given: Mapping[str, Any], fault: type[pydantic.BaseModel] = Problem) -> dict[str, Any]:
    return {"get": {"summary": summary, "responses": _responses(given, fault)}}


def _post(
    summary: str, taken: Mapping[str, Any], given: Mapping[str, Any], fault: type[pydantic.BaseModel] = Problem
) -> dict[str, Any]:
    body = {"required": True, "content": taken}
    return {"post": {"summary": summary, "requestBody": body, "responses": _responses(given, fault)}}


def _responses(given: Mapping[str, Any], fault: type[pydantic.BaseModel]) -> dict[str, Any]:
    guarded = {"application/problem+json": _of(Problem)}
    refused = {"content": {**guarded, _JSON: _of(fault)} if fault is not Problem else guarded}
    return {
        "200": {"description": "It is done.", "content": given},
        "4XX": {"description": "The request is refused; what the guard refuses is a problem everywhere.", **refused},
        "503": {"description": "It cannot be done now, or took too long.", **refused},
    }

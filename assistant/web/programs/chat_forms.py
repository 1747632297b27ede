"""Requests and answers in OpenAI's form."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pydantic

from assistant.web.programs.chat_messages import Message
from assistant.web.programs.reading import Described

_Stop = Annotated[str, pydantic.Field(min_length=1, max_length=256)]


class StreamOptions(Described):
    """How a stream is to be."""

    include_usage: bool = False


class JsonSchema(Described):
    """A schema that the answer follows."""

    schema_: Annotated[dict[str, pydantic.JsonValue], pydantic.Field(alias="schema", default_factory=dict)]


class ResponseFormat(Described):
    """What the answer is to be: words, or JSON."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @property
    def schema_text(self) -> str:
        """The schema as JSON text; empty for words."""
        if self.type == "text":
            return ""
        return json.dumps(self.json_schema.schema_ if self.json_schema and self.type == "json_schema" else {"type": "object"})


class ChatRequest(Described):
    """A conversation that ends with a question. Fields of OpenAI's that are not here are ignored."""

    model: str = ""
    """Any name: there is one model, and the answer tells which."""
    messages: Annotated[list[Message], pydantic.Field(min_length=1, max_length=256)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, pydantic.Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, pydantic.Field(ge=1)] | None = None
    temperature: Annotated[float, pydantic.Field(ge=0, le=2)] | None = None
    response_format: ResponseFormat | None = None
    n: Annotated[int, pydantic.Field(ge=1, le=1)] | None = None
    stop: _Stop | Annotated[list[_Stop], pydantic.Field(max_length=4)] | None = None

    @property
    def stops(self) -> list[str]:
        """Where the answer ends, if one of these comes."""
        return [self.stop] if isinstance(self.stop, str) else self.stop or []


class ChatMessage(Described):
    """The answer."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class ChatChoice(Described):
    """The answer, and why it ended."""

    index: int = 0
    message: ChatMessage
    logprobs: None = None
    finish_reason: Literal["stop", "length"]


class CachedTokens(Described):
    """What did not have to be read anew."""

    cached_tokens: int


class ChatUsage(Described):
    """What an answer took."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: CachedTokens


class ChatAnswer(Described):
    """An answer in OpenAI's form."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage | None


class Model(Described):
    """The model that there is."""

    id: str
    object: Literal["model"] = "model"
    created: int
    """When it was loaded, in seconds since 1970."""
    owned_by: str = "assistant"


class Models(Described):
    """All models: the one that there is."""

    object: Literal["list"] = "list"
    data: list[Model]

"""``POST /v1/chat/completions``: the same conversation in OpenAI's form, for programs that speak it already."""

from __future__ import annotations

import time
import uuid
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.errors import AssistantError
from assistant.turn.sentences import language_of
from assistant.types import Language, Usage, Writing
from assistant.web.endpoint import language_of_request
from assistant.web.failures import openai_content_of
from assistant.web.programs.chat_forms import CachedTokens, ChatAnswer, ChatChoice, ChatMessage, ChatRequest, ChatUsage, Model
from assistant.web.programs.chat_messages import talk_of
from assistant.web.programs.desk import Desk, Inquiry
from assistant.web.programs.live import LiveResponse, Say, event, unless_gone
from assistant.web.programs.reading import json_body
from assistant.web.programs.stops import UntilStop


async def chat(request: Request, desk: Desk) -> Response:
    """Answer one request.

    Raises:
        AssistantError: It could not be answered; the subclass says why.
        Gone: The client left.
    """
    wanted = await json_body(request, ChatRequest)
    talk = talk_of(wanted.messages)
    request.state.language = language_of(talk.question)
    schema = wanted.response_format.schema_text if wanted.response_format else ""
    most = wanted.max_completion_tokens or wanted.max_tokens
    inquiry = Inquiry(
        talk.question,
        picture=talk.picture,
        before=talk.before,
        about=talk.about,
        system=talk.system,
        writing=Writing(temperature=wanted.temperature, max_tokens=most, schema=schema),
        needs_picture=False,
    )
    writer = _Writer(desk, inquiry, wanted)
    if wanted.stream:
        language = language_of_request(request)
        return LiveResponse(lambda say: writer.stream(say, language), 2 * desk.loaded.config.serve.time_limit)
    return JSONResponse(await unless_gone(request.receive, writer.whole))


class _Writer:
    """Writes one answer in OpenAI's form."""

    def __init__(self, desk: Desk, inquiry: Inquiry, wanted: ChatRequest) -> None:
        self._desk = desk
        self._inquiry = inquiry
        self._until_stop = UntilStop(wanted.stops)
        self._tells_usage = bool(wanted.stream_options and wanted.stream_options.include_usage)
        self._head: dict[str, Any] = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": desk.loaded.model}

    async def whole(self) -> dict[str, Any]:
        """Return the answer when it is complete."""
        answered = await self._desk.answer(self._inquiry)
        text = self._until_stop.feed(answered.text) + self._until_stop.flush()
        choice = ChatChoice(message=ChatMessage(content=text), finish_reason=self._finish(answered.usage))
        return ChatAnswer(**self._head, choices=[choice], usage=_usage(answered.usage)).model_dump()

    async def stream(self, say: Say, language: Language) -> None:
        """Say the answer as events while it is written.

        Raises:
            AssistantError: It could not be answered, and nothing was said.
        """
        began = False

        def tell(piece: str) -> None:
            nonlocal began
            if not began:
                began = True
                say(self._chunk({"role": "assistant", "content": ""}))
            if released := self._until_stop.feed(piece):
                say(self._chunk({"content": released}))

        try:
            answered = await self._desk.answer(self._inquiry, tell)
        except AssistantError as error:
            if not began:
                raise
            say(event(openai_content_of(error, language)))
            return
        tell("")
        if rest := self._until_stop.flush():
            say(self._chunk({"content": rest}))
        say(self._chunk({}, self._finish(answered.usage)))
        if self._tells_usage:
            usage = _usage(answered.usage)
            say(event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": usage and usage.model_dump()}))
        say(event("[DONE]"))

    def _chunk(self, delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if self._tells_usage else {}
        return event({**self._head, "object": "chat.completion.chunk", "choices": [choice], **usage})

    def _finish(self, usage: Usage | None) -> Literal["stop", "length"]:
        cut = usage is not None and usage.finish != "stop" and not self._until_stop.stopped
        return "length" if cut else "stop"


def model(desk: Desk) -> Model:
    """Return the model that there is."""
    return Model(id=desk.loaded.model, created=desk.since)


def _usage(usage: Usage | None) -> ChatUsage | None:
    if usage is None:
        return None
    return ChatUsage(
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.answer_tokens,
        total_tokens=usage.prompt_tokens + usage.answer_tokens,
        prompt_tokens_details=CachedTokens(cached_tokens=usage.cached_tokens),
    )

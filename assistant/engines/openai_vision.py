"""A vision-language model on a server that speaks OpenAI's protocol, asked with httpx (`assistant.openai_server`).

That protocol knows no conversation: each question is sent with the picture and with what was said before. Nor has it anything that
would read a picture before there is a question about it, so a picture leaves this machine only with a question. The parts of a
request come in the order in which they change, oldest first, so that servers which keep what they have read (vLLM, llama-server,
Ollama) read a follow-up alone.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import threading
from collections.abc import Iterator
from typing import Any

from assistant.config import OpenAiVisionConfig
from assistant.errors import Cancelled, SchemaUnusable, VisionFailed
from assistant.jpeg import jpeg
from assistant.openai_server import OpenAiServer
from assistant.turn.sampling import sampling
from assistant.types import AnswerChunk, Cancellation, Frame, Question, Rank, Writing

_HISTORY = 6000
"""Bytes of earlier questions and answers that are sent: some 1500 tokens, of English as of Chinese."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """A picture as it is sent."""

    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Exchange:
    """A question, and what was heard of its answer."""

    question: str
    answer: str

    @property
    def size(self) -> int:
        return len(self.question.encode()) + len(self.answer.encode())


@dataclasses.dataclass(frozen=True, slots=True)
class _Conversation:
    """What was said and is looked at, at one moment. It never changes: each step makes a new one."""

    past: tuple[_Exchange, ...] = ()
    """About earlier pictures, which are not sent any more."""
    picture: _Picture | None = None
    present: tuple[_Exchange, ...] = ()
    """About `picture`."""

    def looking_at(self, picture: _Picture) -> _Conversation:
        return _Conversation((*self.past, *self.present), picture)

    def plus(self, exchange: _Exchange, picture: _Picture | None) -> _Conversation:
        """Return this with one more exchange, about `picture`; the oldest go where it becomes too much.

        Then a quarter goes, so that not every question drops something and has all that follows read again.
        """
        past, present, limit = [*self.past], [*self.present], _HISTORY
        (present if picture is self.picture else past).append(exchange)
        while past + present and sum(said.size for said in past + present) > limit:
            limit = _HISTORY * 3 // 4
            del (past or present)[0]
        return dataclasses.replace(self, past=tuple(past), present=tuple(present))

    def without_last(self) -> _Conversation:
        if self.present:
            return dataclasses.replace(self, present=self.present[:-1])
        return dataclasses.replace(self, past=self.past[:-1])

    def messages(self, system: str, question: str) -> list[dict[str, Any]]:
        """Return what is sent: the picture goes with the first question about it."""
        past, present = ([exchange for exchange in part if exchange.answer] for part in (self.past, self.present))
        sent: list[dict[str, Any]] = [{"role": "system", "content": system}]
        for place, exchange in enumerate([*past, *present, _Exchange(question, "")]):
            sent.append({"role": "user", "content": _shown(exchange.question, self.picture if place == len(past) else None)})
            sent.append({"role": "assistant", "content": exchange.answer})
        return sent[:-1]


class OpenAiVision:
    """Implements `assistant.ports.VisionModel` with a server.

    Args:
        server: Where the model is.
        config: How it writes.
        system: The system prompt.
        heeds_wishes: Whether the model understands what follows a question.
        owns_server: Whether the server is done with when this is closed.
    """

    def __init__(
        self,
        server: OpenAiServer,
        config: OpenAiVisionConfig,
        system: str,
        *,
        heeds_wishes: bool = True,
        owns_server: bool = True,
    ) -> None:
        self._server = server
        self._config = config
        self._system = system
        self._heeds_wishes = heeds_wishes
        self._owns_server = owns_server
        self._conversation = _Conversation()
        self._asked: tuple[Question, _Picture | None] | None = None
        """What was asked last, and about which picture."""
        self._changing = threading.Lock()
        self._running = Cancellation()
        self._closed = False

    def look(self, frame: Frame, cancellation: Cancellation) -> None:
        """Make a picture ready to be sent with the next question. Nothing is sent yet.

        Raises:
            Cancelled: The conversation still has its former picture.
            VisionFailed: It has no pixels; the same holds.
        """
        self._begin(cancellation)
        if not frame.pixels.size:
            raise VisionFailed(f"a picture without pixels: {frame.pixels.shape}")
        data = base64.b64encode(jpeg(frame.pixels)).decode("ascii")
        with self._changing:
            if cancellation.cancelled:
                raise Cancelled
            self._conversation = self._conversation.looking_at(_Picture(f"data:image/jpeg;base64,{data}"))

    def answer(self, question: Question, cancellation: Cancellation) -> Iterator[AnswerChunk]:
        """Yield the answer piece by piece, as the server sends it.

        Raises:
            Cancelled: Within 0.1 s. The conversation does not know of the question.
            VisionFailed: The server failed; the subclass says how. The same holds.
        """
        self._begin(cancellation)
        with self._changing:
            conversation = self._conversation
            self._asked = question, conversation.picture
        text = question.text + question.wish if self._heeds_wishes else question.text
        request = {"messages": conversation.messages(self._system, _whole(text)), **self._manner(question.writing)}
        yield from self._server.answer(request, cancellation)

    def _manner(self, writing: Writing) -> dict[str, Any]:
        """Return how the answer is to be written, in what all servers understand: some refuse what is not OpenAI's own."""
        chosen = sampling(writing, self._config.preset, self._config.temperature)
        manner: dict[str, Any] = {
            "max_tokens": min(writing.max_tokens or self._config.max_tokens, self._config.max_tokens),
            "temperature": chosen.temperature,
        }
        if chosen.temperature:
            manner |= {"top_p": chosen.top_p, "presence_penalty": chosen.presence_penalty}
        if writing.schema:
            manner["response_format"] = {"type": "json_schema", "json_schema": _form(writing.schema)}
        return manner

    def remember(self, question: Question, heard: str) -> None:
        """Keep an exchange, the one that was answered last with the picture it was about. Never waits for a step that runs."""
        with self._changing:
            picture = self._conversation.picture
            if self._asked and self._asked[0] == question:
                picture = self._asked[1]
            self._conversation = self._conversation.plus(_Exchange(_whole(question.text), _whole(heard)), picture)

    def forget_last(self) -> None:
        """Forget what was remembered last. Never waits for a step that runs."""
        with self._changing:
            self._conversation = self._conversation.without_last()

    def forget(self) -> None:
        """Start a new conversation, without a picture."""
        with self._changing:
            self._conversation, self._asked = _Conversation(), None

    def another(self, rank: Rank, system: str = "") -> OpenAiVision:  # noqa: ARG002 - the port's
        """Return another conversation with the same model. Whose it is does not matter: the server serves all at once."""
        return OpenAiVision(self._server, self._config, system or self._system, heeds_wishes=self._heeds_wishes, owns_server=False)

    def close(self) -> None:
        """End what runs, and forget all; with the first conversation all others end, too."""
        self._closed = True
        self._running.cancel()
        self.forget()
        if self._owns_server:
            self._server.close()

    def _begin(self, cancellation: Cancellation) -> None:
        self._running = cancellation
        if cancellation.cancelled or self._closed:
            raise Cancelled


def _shown(text: str, picture: _Picture | None) -> str | list[dict[str, Any]]:
    return [{"type": "image_url", "image_url": {"url": picture.url}}, {"type": "text", "text": text}] if picture else text


def _form(schema: str) -> dict[str, Any]:
    try:
        return {"name": "answer", "strict": True, "schema": json.loads(schema)}
    except (ValueError, RecursionError) as error:
        raise SchemaUnusable(f"the schema is no JSON: {error}") from error


def _whole(text: str) -> str:
    """Return a text that can be sent: half a surrogate pair has no place in UTF-8."""
    return text.encode(errors="replace").decode()

"""A conversation in OpenAI's form, and what it asks: the last question, about the last picture, after all that was said before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import pydantic

from assistant.errors import PictureFarAway, RequestWrong, SeveralPictures
from assistant.turn.sentences import language_of
from assistant.web.programs.dialogue import Exchange
from assistant.web.programs.reading import Described, from_base64

_Text: TypeAlias = Annotated[str, pydantic.Field(max_length=32_000)]


class TextPart(Described):
    """A piece of a message that is words."""

    type: Literal["text"]
    text: _Text


class ImageUrl(Described):
    """Where a picture is: a data URL that holds it. Nothing is fetched."""

    url: Annotated[str, pydantic.Field(min_length=1)]


class ImagePart(Described):
    """A piece of a message that is a picture."""

    type: Literal["image_url"]
    image_url: ImageUrl


_Part: TypeAlias = Annotated[TextPart | ImagePart, pydantic.Field(discriminator="type")]
_Parts: TypeAlias = Annotated[list[_Part], pydantic.Field(max_length=64)]


class Message(Described):
    """One message."""

    role: Literal["system", "developer", "user", "assistant"]
    content: _Text | _Parts | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if isinstance(part, TextPart))
        return self.content or ""

    @property
    def pictures(self) -> list[str]:
        """The addresses of its pictures."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.image_url.url for part in parts if isinstance(part, ImagePart)]


@dataclasses.dataclass(frozen=True, slots=True)
class Talk:
    """What messages come to."""

    system: str
    before: Sequence[Exchange]
    """What was said before the last picture."""
    about: Sequence[Exchange]
    """What was said since, but the last question."""
    picture: bytes | None
    question: str


def talk_of(messages: Sequence[Message]) -> Talk:
    """Return what messages ask.

    Raises:
        RequestWrong: They do not end with a question.
        SeveralPictures: A message has more than one picture.
        PictureFarAway: A picture is an address.
    """
    system = "\n".join(message.text for message in messages if message.role in {"system", "developer"} and message.text)
    before, about, question = list[Exchange](), list[Exchange](), list[str]()
    picture: str | None = None
    for message in messages:
        if message.role == "user":
            question.append(message.text)
            if message.pictures:
                picture = _only(message.pictures)
                before, about = [*before, *about], []
        elif message.role == "assistant":
            asked = _joined(question)
            about.append(Exchange(asked, message.text, language_of(asked)))
            question.clear()
    if not _joined(question):
        raise RequestWrong("messages: the last one is to be a question in words, of role user", field="messages")
    data = None if picture is None else from_base64(picture, "messages")
    return Talk(system, before, about, data, _joined(question))


def _only(pictures: Sequence[str]) -> str:
    if len(pictures) > 1:
        raise SeveralPictures(f"{len(pictures)} pictures in one message")
    if not pictures[0].startswith("data:"):
        raise PictureFarAway("an address that is no data URL")
    return pictures[0]


def _joined(texts: Sequence[str]) -> str:
    return "\n".join(text for text in texts if text.strip()).strip()

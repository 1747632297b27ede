"""``POST /read``: a picture, and the text that is on it, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.errors import PictureNotGiven, RequestWrong
from assistant.runtime.reading import why_unread
from assistant.runtime.stream import for_each, in_thread
from assistant.turn.page import Paragraph, turned
from assistant.turn.recital import Recital
from assistant.types import Language, Quad
from assistant.web.programs import picture_files
from assistant.web.programs.desk import Desk
from assistant.web.programs.live import unless_gone
from assistant.web.programs.reading import Described, read


class ReadRequest(Described):
    """What is to be read. A form (multipart/form-data) has the same fields, with `image` as a file."""

    model_config = pydantic.ConfigDict(extra="forbid")

    image_path: Annotated[str, pydantic.Field(min_length=1, max_length=4096)] | None = None
    """A picture on the machine of the assistant, as in `/infer`."""
    image: Annotated[str, pydantic.Field(min_length=1)] | None = None
    """A picture file in base64, or a data URL of one."""
    language: Language | None = None
    """Of the reason why nothing could be read; without it, as Accept-Language says."""


class ReadLine(Described):
    """A line of text."""

    text: str
    confidence: Annotated[float, pydantic.Field(ge=0, le=1)]
    """Mean probability of its characters."""
    box: Quad
    """Its corners in pixels of the picture, right and down from the upper left one: clockwise, from where it begins to be read."""


class ReadParagraph(Described):
    """A paragraph, a heading or one row of a table."""

    text: str
    """Lines joined, with words that were cut in two whole again; the cells of a row with commas between them."""
    doubtful: bool
    """Whether some of it may be wrong."""
    lines: Sequence[ReadLine]


class ReadAnswer(Described):
    """What is written on a picture, in reading order."""

    text: str
    """All of it, a paragraph a line."""
    paragraphs: Sequence[ReadParagraph]
    cut_off: Sequence[Literal["left", "right", "top", "bottom"]]
    """At which edges of the picture text is probably cut off."""
    turned: Literal["upside down", "to the left", "to the right"] | None
    """How the page lies: on its side with its upper edge to the left, say. It was read all the same."""
    width: int
    """Of the picture, in pixels, turned as its file says."""
    height: int


async def read_text(request: Request, desk: Desk, folders: Sequence[Path]) -> Response:
    """Read one picture.

    Raises:
        AssistantError: There is no text, or it could not be read; the subclass says why.
        Gone: The client left.
    """
    wanted, files = await read(request, ReadRequest, ("image",))
    if wanted.language:
        request.state.language = wanted.language
    if "image" in files and wanted.image_path:
        raise RequestWrong("image: not together with image_path", field="image")
    if wanted.image_path:
        path, most = wanted.image_path, desk.loaded.config.serve.body_megabytes * 1_000_000
        files["image"] = await in_thread(lambda: picture_files.read(path, folders, most))
    if "image" not in files:
        raise PictureNotGiven("neither image nor image_path")
    answer = await unless_gone(request.receive, lambda: _read(desk, files["image"]))
    return JSONResponse(answer.model_dump())


async def _read(desk: Desk, picture: bytes) -> ReadAnswer:
    reader = desk.loaded.text_reader
    async with desk.line.turn():
        frame = await in_thread(lambda: desk.loaded.read_picture(picture))
        height, width, _ = frame.pixels.shape
        places = await in_thread(lambda: reader.find(frame))
        page, numbers = Recital(places, width, height), iter(range(len(places)))
        await for_each(lambda: reader.read(frame, places), lambda line: page.take(next(numbers), line))
        if not page.paragraphs:
            raise await in_thread(lambda: why_unread(frame, found=bool(places)))
    way = turned(places)
    return ReadAnswer(
        text="\n".join(paragraph.text for paragraph in page.paragraphs),
        paragraphs=[_told(paragraph) for paragraph in page.paragraphs],
        cut_off=[edge.value for edge in page.cut_off],
        turned=way.value if way else None,
        width=width,
        height=height,
    )


def _told(paragraph: Paragraph) -> ReadParagraph:
    lines = [ReadLine(text=line.text, confidence=round(line.confidence, 4), box=line.box) for line in paragraph.lines]
    return ReadParagraph(text=paragraph.text, doubtful=paragraph.doubtful, lines=lines)

"""Documents to data: the model writes what stands on a page, held to a schema, and each value is traced to the print."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Literal

import pydantic

from assistant.errors import DocumentTooLong, SchemaUnusable
from assistant.ports import TextReader, VisionModel
from assistant.runtime.asking import whole_answer
from assistant.runtime.eyes import look, refuse_useless
from assistant.runtime.stream import for_each, in_thread
from assistant.runtime.watch import Watch
from assistant.turn.documents import Kind, asked, from_prices, in_context, merged, parts, schema_of, told_twice
from assistant.turn.page import Paragraph
from assistant.turn.price_rows import price_rows
from assistant.turn.quality import judge
from assistant.turn.recital import Recital
from assistant.turn.tracing import Evidence, Field, traced
from assistant.types import AnswerChunk, Frame, Language, Question, TextLine, Writing

_MARGIN = 0.02
"""Share of the picture that is left around the lines of a part."""


@dataclasses.dataclass(frozen=True, slots=True)
class Extracted:
    """What stands on a page."""

    data: pydantic.JsonValue
    fields: Sequence[Field]
    by_print: bool = False
    """Whether the model was cut off, and all of it comes from rows of the print that end in prices."""
    complete: bool = True
    """Whether the model wrote to its own end. Where not there may be more on the page, and what is there is doubtful."""


async def read_page(frame: Frame, reader: TextReader) -> tuple[list[TextLine], list[Paragraph]]:
    """Return the lines of a picture as they were read, and the paragraphs that they make, in reading order; perhaps none.

    Raises:
        ModelError, ReadingFailed: The reader cannot be used, or failed.
    """
    places = await in_thread(lambda: reader.find(frame))
    height, width, _ = frame.pixels.shape
    page, lines = Recital(places, width, height), list[TextLine]()

    def take(line: TextLine) -> None:
        page.take(len(lines), line)
        lines.append(line)

    await for_each(lambda: reader.read(frame, places), take)
    return lines, page.paragraphs


class Extraction:
    """Makes data of documents.

    Args:
        reader: Reads print.
        vision: Writes it down; what it is asked enters no conversation.
        watch: Told what happens.
    """

    def __init__(self, reader: TextReader, vision: VisionModel, watch: Watch) -> None:
        self._reader = reader
        self._vision = vision
        self._watch = watch

    async def extract(self, frame: Frame, kind: Kind | Literal[""], schema: str, language: Language) -> Extracted:
        """Return what stands on a page.

        Args:
            frame: The picture of it. A page with much print is looked at in parts, each cut out of it.
            kind: What kind of document it is; empty where a schema says it.
            schema: A JSON schema, as JSON text; empty for the kind's own.
            language: In which the model is asked.

        Raises:
            PictureUseless: It shows nothing; the subclass says why.
            SchemaUnusable, DocumentTooLong, VisionFailed, ModelError, ReadingFailed: as the name says.
        """
        await in_thread(lambda: refuse_useless(judge(frame)))
        lines, paragraphs = await read_page(frame, self._reader)
        answers = await self._taken_down(frame, paragraphs, kind, schema, language)
        complete = all(answer.usage is None or answer.usage.finish == "stop" for answer in answers)
        try:
            written = [json.loads(answer.text) for answer in answers]
        except ValueError:
            written, complete = [], False
        if not complete and kind and (rows := from_prices(kind, price_rows(lines))) is not None:
            return Extracted(rows, traced(rows, lines), by_print=True, complete=False)
        if not written:
            raise DocumentTooLong("the model was cut off, or wrote no JSON: " + " ".join(answer.text[-80:] for answer in answers))
        data = merged(written)
        others = told_twice(written)
        fields = [
            dataclasses.replace(field, evidence=Evidence.DISAGREES, read=others[field.path]) if field.path in others else field
            for field in traced(data, lines)
        ]
        return Extracted(data, fields, complete=complete)

    async def _taken_down(
        self, frame: Frame, paragraphs: Sequence[Paragraph], kind: Kind | Literal[""], schema: str, language: Language
    ) -> list[AnswerChunk]:
        """Return what the model wrote, a document for each part of the page."""
        texts = [paragraph.text for paragraph in paragraphs]
        together, written = parts(texts), list[AnswerChunk]()
        for part in together:
            cut = _cut_out(frame, paragraphs[part.start : part.stop]) if len(together) > 1 else frame
            context = in_context(texts[part.start : part.stop], language)
            writing = Writing("document", temperature=0, schema=schema or schema_of(kind or "table"))
            await look(cut, self._vision, self._watch)
            written.append(await whole_answer(self._vision, Question(asked(kind, language), language, context, writing)))
        return written


def checked_schema(text: str) -> str:
    """Return a schema of the user's own, as JSON text.

    Raises:
        SchemaUnusable: It is no JSON object.
    """
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise SchemaUnusable(f"no JSON: {error}") from error
    if not isinstance(schema, dict):
        raise SchemaUnusable("a schema is a JSON object")
    return json.dumps(schema)


def _cut_out(frame: Frame, paragraphs: Sequence[Paragraph]) -> Frame:
    """Return the part of a picture that some paragraphs stand in."""
    corners = [corner for paragraph in paragraphs for line in paragraph.lines for corner in line.box]
    height, width, _ = frame.pixels.shape
    left, right = min(x for x, _ in corners) - _MARGIN * width, max(x for x, _ in corners) + _MARGIN * width
    top, bottom = min(y for _, y in corners) - _MARGIN * height, max(y for _, y in corners) + _MARGIN * height
    return Frame(frame.pixels[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)], frame.captured_at)

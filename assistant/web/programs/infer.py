"""``POST /infer``: a picture and a question, and what is answered."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import pydantic
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.errors import AssistantError, RequestWrong
from assistant.runtime.stream import in_thread
from assistant.turn.preferences import Detail, Preferences
from assistant.turn.prompts import wish
from assistant.turn.sentences import SentenceSplitter, language_of
from assistant.turn.tracing import Field, traced
from assistant.types import Language, Preset, Sentence, Usage, Writing
from assistant.web.endpoint import language_of_request
from assistant.web.failures import content_of
from assistant.web.programs import picture_files
from assistant.web.programs.desk import Answered, Desk, Inquiry, Timings
from assistant.web.programs.live import LiveResponse, Say, event, unless_gone
from assistant.web.programs.reading import Described, read

LONGEST_PROMPT = 4000
"""Characters; more than fits beside a picture into the context of the settings."""
_FILES = ("image", "audio")


class InferRequest(Described):
    """What is asked. A form (multipart/form-data) has the same fields, with `image` and `audio` as files."""

    model_config = pydantic.ConfigDict(extra="forbid")

    prompt: Annotated[str, pydantic.Field(max_length=LONGEST_PROMPT)] = ""
    """The question; it may be missing where it is spoken in `audio`."""
    image_path: Annotated[str, pydantic.Field(min_length=1, max_length=4096)] | None = None
    """A picture on the machine of the assistant, inside a folder that its settings allow (`serve.folders`) or among the bundled
    samples. A relative path is looked for in each of them. Links are not followed."""
    image: Annotated[str, pydantic.Field(min_length=1)] | None = None
    """A picture file in base64, or a data URL of one."""
    audio: Annotated[str, pydantic.Field(min_length=1)] | None = None
    """The spoken question: any sound file in base64, or a data URL of one."""
    preset: Preset | None = None
    """What kind of answer is wanted; each has its own sampling."""
    max_tokens: Annotated[int, pydantic.Field(ge=1, le=4096)] | None = None
    """The longest answer; never more than the settings allow."""
    temperature: Annotated[float, pydantic.Field(ge=0, le=2)] | None = None
    language: Language | None = None
    """Of the answer's own sentences; without it, that of the question."""
    detail: Detail = "brief"
    """How much is told; models that do not follow instructions ignore it."""
    session: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    """A name for the conversation: later requests with the same name know of it, and ask about its last picture if they bring none.
    It is forgotten after half an hour, or for newer ones."""
    stream: bool = False
    """Whether the answer comes while it is written, as server-sent events: `delta` {"text"}, `sentence` {"text", "language"}, and
    at the end `done` with the whole answer, or `problem`."""
    json_schema: dict[str, pydantic.JsonValue] | None = None
    """A JSON schema that the answer follows; it is then in `json`, too."""


class AnswerTimings(Described):
    """How long the parts of an answer took, in seconds since the request was read."""

    queued: float
    """Until it was its turn."""
    picture: float
    """To read the picture, judge it and look at it."""
    first_token: float
    """Until the first piece of the answer."""
    total: float


class AnswerUsage(Described):
    """What an answer took."""

    prompt_tokens: int
    cached_tokens: int
    """How many of them had been read before."""
    answer_tokens: int


class AnswerField(Described):
    """A value of the answer, and what the print in the picture says of it."""

    path: str
    """Such as "items[0].price"."""
    value: str | float | bool
    evidence: Literal["confirmed", "unconfirmed", "disagrees"]
    """Whether it stands in the print; `disagrees`: something else stands where it should."""
    read: str
    """That, or the line that it stands in; empty where there is neither."""
    box: Sequence[tuple[float, float]] | None
    """The corners of where that stands, in pixels of the picture."""


class InferAnswer(Described):
    """What is answered. What does not apply is left out."""

    text: str
    json_value: Annotated[pydantic.JsonValue, pydantic.Field(alias="json")] = None
    """The text as a value, where a schema was given. Where it was cut off, which `finish` tells, what is missing is null, or, where
    that is not allowed, empty, 0 or true; nothing where there was not even room for that."""
    fields: list[AnswerField] | None = None
    """The values of `json`, each with what the print in the picture says of it; of a picture that came with the request."""
    heard: str | None = None
    """The words of a spoken question."""
    session: str | None = None
    model: str
    language: Language
    finish: Literal["stop", "length", "loop"]
    """Whether it came to its own end, was as long as an answer may be, or went round in circles."""
    timings: AnswerTimings
    usage: AnswerUsage | None = None
    doubt: str | None = None
    """What is to be said of a picture that is dark or a little blurred."""
    warnings: list[str] | None = None
    """Where a mistake could hurt: that the print in the picture says otherwise, or that no camera can judge this."""


async def infer(request: Request, desk: Desk, folders: Sequence[Path]) -> Response:
    """Answer one request.

    Raises:
        AssistantError: It could not be answered; the subclass says why.
        Gone: The client left.
    """
    wanted, files = await read(request, InferRequest, _FILES)
    if wanted.prompt.strip():
        request.state.language = wanted.language or language_of(wanted.prompt)
    elif wanted.language:
        request.state.language = wanted.language
    if "image" in files and wanted.image_path:
        raise RequestWrong("image: not together with image_path", field="image")
    if not wanted.prompt.strip() and "audio" not in files:
        raise RequestWrong("prompt: it is empty", field="prompt")
    if wanted.image_path:
        most = desk.loaded.config.serve.body_megabytes * 1_000_000
        path = wanted.image_path
        files["image"] = await in_thread(lambda: picture_files.read(path, folders, most))
    inquiry = _inquiry(wanted, files)
    told = functools.partial(_told, wanted, desk.loaded.model)
    if wanted.stream:
        language = language_of_request(request)
        return LiveResponse(lambda say: _stream(desk, inquiry, told, say, language), 2 * desk.loaded.config.serve.time_limit)
    answered = await unless_gone(request.receive, lambda: desk.answer(inquiry))
    return JSONResponse(told(answered))


def _inquiry(wanted: InferRequest, files: Mapping[str, bytes]) -> Inquiry:
    return Inquiry(
        wanted.prompt.strip(),
        files.get("audio"),
        files.get("image"),
        wanted.session,
        language=wanted.language,
        wishes=lambda language: wish(Preferences(detail=wanted.detail), language),
        writing=Writing(
            wanted.preset,
            wanted.temperature,
            wanted.max_tokens,
            "" if wanted.json_schema is None else json.dumps(wanted.json_schema),
        ),
        traced=wanted.json_schema is not None,
    )


def _told(wanted: InferRequest, model: str, answered: Answered) -> dict[str, object]:
    """Return an answer as programs read it."""
    finish = answered.usage.finish if answered.usage else "stop"
    value = _value(answered.text) if wanted.json_schema is not None else None
    answer = InferAnswer(
        text=answered.text,
        json=value,
        fields=None if value is None else [_told_field(field) for field in traced(value, answered.lines)],
        heard=answered.heard or None,
        session=wanted.session,
        model=model,
        language=answered.question.language,
        finish=finish,
        timings=_timings(answered.timings),
        usage=_usage(answered.usage) if answered.usage else None,
        doubt=answered.doubt or None,
        warnings=list(answered.warnings) or None,
    )
    return answer.model_dump(by_alias=True, exclude_none=True)


def _told_field(field: Field) -> AnswerField:
    return AnswerField(path=field.path, value=field.value, evidence=field.evidence.value, read=field.read, box=field.box)


def _value(text: str) -> pydantic.JsonValue:
    """Return the value that JSON text stands for; None if it was cut off."""
    try:
        value: pydantic.JsonValue = json.loads(text)
    except ValueError:
        return None
    return value


def _timings(timings: Timings) -> AnswerTimings:
    return AnswerTimings(
        queued=round(timings.queued, 4),
        picture=round(timings.picture, 4),
        first_token=round(timings.first_token, 4),
        total=round(timings.total, 4),
    )


def _usage(usage: Usage) -> AnswerUsage:
    return AnswerUsage(prompt_tokens=usage.prompt_tokens, cached_tokens=usage.cached_tokens, answer_tokens=usage.answer_tokens)


async def _stream(
    desk: Desk, inquiry: Inquiry, told: Callable[[Answered], dict[str, object]], say: Say, language: Language
) -> None:
    """Say an answer as events while it is written.

    Raises:
        AssistantError: It could not be answered, and nothing was said.
    """
    splitter = SentenceSplitter()
    began = False

    def sentence(complete: Sentence) -> None:
        say(event({"text": complete.text, "language": complete.language}, "sentence"))

    def tell(piece: str) -> None:
        nonlocal began
        began = True
        say(event({"text": piece}, "delta"))
        for complete in splitter.feed(piece):
            sentence(complete)

    try:
        answered = await desk.answer(inquiry, tell)
    except AssistantError as error:
        if not began:
            raise
        say(event(content_of(error, language), "problem"))
        return
    for complete in splitter.flush():
        sentence(complete)
    say(event(told(answered), "done"))

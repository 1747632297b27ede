"""``POST /v1/audio/transcriptions`` and ``/v1/audio/speech``: the assistant's ears and voice, in OpenAI's form."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Annotated, Literal

import pydantic
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.config import FASTEST, SLOWEST
from assistant.errors import RequestWrong
from assistant.ports import Voice
from assistant.runtime.stream import for_each
from assistant.sound import Pcm, Resampler
from assistant.turn.sentences import split
from assistant.turn.speakable import speakable
from assistant.types import Manner
from assistant.web.programs.desk import Desk
from assistant.web.programs.live import LiveResponse, Say, unless_gone
from assistant.web.programs.reading import Described, form, json_body, media_type

_RATE = 24_000
"""Samples per second of what is spoken, as in OpenAI's own answers."""
_UNKNOWN_LENGTH = 0xFFFF_FFFF


class SpeechRequest(Described):
    """What is to be spoken. Fields of OpenAI's that are not here, such as `model` and `voice`, are ignored: there is one voice."""

    input: Annotated[str, pydantic.Field(min_length=1, max_length=4096)]
    response_format: Literal["wav", "pcm"] = "wav"
    """PCM is 16 bit, little-endian, one channel, 24,000 samples a second."""
    speed: Annotated[float, pydantic.Field(ge=0.25, le=4)] = 1.0


class Transcription(Described):
    """What was said."""

    text: str
    """Empty where there are no words."""


async def transcriptions(request: Request, desk: Desk) -> Response:
    """Write down what is said in a sound file; an empty text where there are no words.

    Raises:
        AssistantError: It could not be done; the subclass says why.
        Gone: The client left.
    """
    if media_type(request) != "multipart/form-data":
        raise HTTPException(415)
    _, files = await form(request, ("file",))
    if "file" not in files:
        raise RequestWrong("file: it is missing", field="file")
    text, _ = await unless_gone(request.receive, lambda: desk.transcribe(files["file"]))
    return JSONResponse(Transcription(text=text).model_dump())


async def speech(request: Request, desk: Desk) -> Response:
    """Speak a text.

    Raises:
        RequestWrong: It has mistakes.
    """
    wanted = await json_body(request, SpeechRequest)
    rate = min(FASTEST, max(SLOWEST, round(desk.loaded.config.voice.rate * wanted.speed)))

    async def produce(say: Say) -> None:
        async with desk.voice_line.turn():
            if wanted.response_format == "wav":
                say(_wav_head())
            await for_each(lambda: _spoken(desk.loaded.voice, wanted.input, rate), lambda pcm: say(pcm.astype("<i2").tobytes()))

    kind = {"wav": "audio/wav", "pcm": f"audio/pcm;rate={_RATE}"}[wanted.response_format]
    return LiveResponse(produce, 2 * desk.loaded.config.serve.time_limit, kind)


def _spoken(voice: Voice, text: str, rate: int) -> Iterator[Pcm]:
    """Yield a text's sound at `_RATE`."""
    for sentence in split(text):
        resampler: Resampler | None = None
        for chunk in voice.speak(speakable(sentence), Manner(rate)):
            resampler = resampler or Resampler(chunk.sample_rate, _RATE)
            yield resampler.resample(chunk.samples)
        if resampler:
            yield resampler.flush()


def _wav_head() -> bytes:
    """Return the head of a WAV file whose length is not known yet."""
    shape = struct.pack("<HHIIHH", 1, 1, _RATE, 2 * _RATE, 2, 16)
    unknown = struct.pack("<I", _UNKNOWN_LENGTH)
    return b"RIFF" + unknown + b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + unknown

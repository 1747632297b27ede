"""The messages between the page and the assistant, in both directions.

Text messages are JSON objects that name their type. Binary ones begin with a byte that tells what they are.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import struct
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import pydantic

from assistant.turn.preferences import Preferences
from assistant.types import Language, Seconds, SpeechChunk

Listen: TypeAlias = Literal["hands-free", "hold", "off"]
"""When the page's microphone is listened to: always, while a button is held, or never."""
Message: TypeAlias = str | bytes
"""Text or binary, as it is sent."""

MOST_TEXT_BYTES = 8 * 1024
MOST_SOUND_BYTES = 64 * 1024
MOST_FRAME_BYTES = 2 * 1024 * 1024
SOUND, FRAME, PICTURE = 1, 2, 3
"""The first byte of what the page sends: PCM of its microphone, a JPEG of its camera, a picture file."""
_SPEECH, _CHIME = 1, 2
"""The first byte of what the page gets: sound to be queued, and sound to be played at once."""


class _Message(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class Begin(_Message):
    """The first message."""

    type: Literal["begin"]
    conversation: Annotated[str, pydantic.Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
    listen: Listen
    language: Language
    preferences: dict[str, object] | None = None


class Pressed(_Message):
    """A button was pressed."""

    type: Literal["press"]
    press: Literal["down", "up", "tap"]


class Ask(_Message):
    """A question or a command was typed."""

    type: Literal["ask"]
    text: Annotated[str, pydantic.StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    preset: Literal["description", "question", "creative"] | None = None


class Show(_Message):
    """From now on questions are about the picture that was sent last, or about what is live."""

    type: Literal["still", "live"]


class SoundSwitch(_Message):
    """Speech is wanted, or not, because a screen reader reads."""

    type: Literal["sound"]
    on: bool


class Prefer(_Message):
    """Preferences were changed on the page."""

    type: Literal["prefer"]
    preferences: dict[str, object]


class Played(_Message):
    """So much of the speech has been heard."""

    type: Literal["played"]
    seconds: Annotated[float, pydantic.Field(ge=0, allow_inf_nan=False)]


class Flushed(_Message):
    """All of it has."""

    type: Literal["flushed"]


PageMessage: TypeAlias = Annotated[
    Pressed | Ask | Show | SoundSwitch | Prefer | Played | Flushed,
    pydantic.Field(discriminator="type"),
]
PAGE_MESSAGE: pydantic.TypeAdapter[PageMessage] = pydantic.TypeAdapter(PageMessage)
_PREFERENCES = pydantic.TypeAdapter(Preferences)


def told(kind: str, **fields: object) -> str:
    """Return a text message for the page."""
    return json.dumps({"type": kind, **fields}, ensure_ascii=False)


def as_json(preferences: Preferences) -> dict[str, object]:
    """Return preferences as the page keeps them, and sends them again."""
    return dataclasses.asdict(preferences)


def told_preferences(preferences: Preferences) -> str:
    """Return the message that tells the page how its visitor wants to be spoken to."""
    return told("preferences", preferences=as_json(preferences))


def speech(chunk: SpeechChunk) -> bytes:
    """Return the message with a stretch of speech."""
    return struct.pack("<BI", _SPEECH, chunk.sample_rate) + chunk.samples.astype("<i2").tobytes()


def chime(chunk: SpeechChunk) -> bytes:
    """Return the message with a short sound."""
    return struct.pack("<BI", _CHIME, chunk.sample_rate) + chunk.samples.astype("<i2").tobytes()


def seconds_of(chunk: SpeechChunk) -> Seconds:
    """Return how long a stretch of sound is."""
    return chunk.samples.size / chunk.sample_rate


def changed(preferences: Preferences, changes: Mapping[str, object]) -> Preferences:
    """Return preferences with changes from a page; a change that is wrong, as from a page of another version, is left out."""
    for name, value in changes.items():
        with contextlib.suppress(pydantic.ValidationError):
            preferences = _PREFERENCES.validate_python({**dataclasses.asdict(preferences), name: value})
    return preferences

"""What flows through the assistant, from the microphone and the camera to the loudspeaker.

Times called ``*_at`` are seconds of `time.monotonic` unless the field says *audio seconds*: those are counted in sound received and
never read from a clock, so that the core can be tested without one.
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Seconds: TypeAlias = float
Language: TypeAlias = Literal["en", "zh"]
"""Languages the assistant answers in."""
Pixels: TypeAlias = npt.NDArray[np.uint8]
"""A picture, shape (height, width, 3), RGB, 0 to 255."""
Samples: TypeAlias = npt.NDArray[np.float32]
"""Sound, shape (n,), one channel, -1 to 1."""

SAMPLE_RATE = 16_000
"""Samples per second of everything that is heard; what Silero and Whisper were trained on."""
BLOCK_SAMPLES = 512
"""Samples of one `AudioBlock`: 32 ms, the window of the Silero detector."""
BLOCK_SECONDS: Seconds = BLOCK_SAMPLES / SAMPLE_RATE


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture from the camera."""

    pixels: Pixels
    captured_at: Seconds
    """When the camera delivered it."""


Point: TypeAlias = tuple[float, float]
"""Right and down from a picture's upper left corner, in its pixels."""
Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""The corners of something flat in a picture, clockwise; of a line of text, from where it begins to be read, at its upper edge."""


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture, upright, its edges in shares of the width and height from the upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, across and down."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """Its share of the picture, if it lies within."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


@dataclasses.dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text in a picture, as it was read."""

    text: str
    """Empty where nothing could be made out."""
    confidence: float
    """Mean probability of its characters, 0 to 1; less where something may hide a point in a number."""
    box: Quad


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """`BLOCK_SAMPLES` samples from the microphone, at `SAMPLE_RATE`."""

    samples: Samples


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Utterance:
    """One thing a person said, from a little before its first sound to its last."""

    samples: Samples
    """At `SAMPLE_RATE`."""
    ended_at: Seconds
    """Where its last speech lies, in audio seconds since the microphone was opened."""
    silence: Seconds = 0.0
    """How much silence at its end told that it has ended."""
    continues: bool = False
    """Whether its first part was an utterance already, which was not answered yet."""

    @property
    def seconds(self) -> Seconds:
        """How long it is."""
        return len(self.samples) / SAMPLE_RATE


@dataclasses.dataclass(frozen=True, slots=True)
class Transcript:
    """The words of an utterance."""

    text: str
    language: Language
    confidence: float
    """Mean probability of its tokens, 0 to 1."""


@dataclasses.dataclass(frozen=True, slots=True)
class Code:
    """A bar code or QR code that a picture shows."""

    text: str
    """What stands in it; empty where it was seen but could not be read."""
    is_product: bool = False
    """Whether that is the number of an article (EAN, UPC)."""
    product: str = ""
    """What the user's own table calls that article."""


Preset: TypeAlias = Literal["description", "question", "creative", "document"]
"""What kind of answer is wanted; each has its own sampling."""


@dataclasses.dataclass(frozen=True, slots=True)
class Writing:
    """How one answer is to be written, where that differs from the settings."""

    preset: Preset | None = None
    temperature: float | None = None
    """0 to 2; 0 always takes the likeliest word."""
    max_tokens: int | None = None
    """The longest answer; never more than the settings allow. A document's, where this is empty, has all the room that is left."""
    schema: str = ""
    """A JSON schema, as JSON text, that the whole answer follows; empty for free words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What the model is asked about the picture it looks at."""

    text: str
    language: Language
    wish: str = ""
    """What the person wants of every answer, in words for the model that follow the question; it is not remembered with it."""
    writing: Writing = Writing()


class Press(enum.Enum):
    """What somebody does with a button."""

    DOWN = "down"
    UP = "up"
    TAP = "tap"
    """Down and up in one, of a button that cannot be held."""


class Rank(enum.IntEnum):
    """Whose step goes first where several conversations use one model: the lower one's."""

    ROOM = 0
    """Who speaks into this machine's microphone."""
    PAGE = 1
    """A person on the page."""
    PROGRAM = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took."""

    prompt_tokens: int
    """Of instructions, conversation, picture and question."""
    cached_tokens: int
    """How many of them had been read before."""
    answer_tokens: int
    finish: Literal["stop", "length", "loop"]
    """Whether it came to its own end, was as long as an answer may be, or went round in circles."""


@dataclasses.dataclass(frozen=True, slots=True)
class AnswerChunk:
    """A piece of the answer, as the model writes it. Pieces joined are the answer."""

    text: str
    usage: Usage | None = None
    """With the last piece, whose text may be empty; None in all others, and where it is not known."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of an answer that can be spoken by itself."""

    text: str
    language: Language
    item: int = 0
    """Which item of a bulleted list it begins, from 1; 0 if none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Manner:
    """How a sentence is spoken."""

    rate: int = 190
    """Words a minute; as fast as people talk, and what the neural voices speak at by themselves."""
    variant: str = ""
    """Which of the voice's variants for the sentence's language; empty for its default."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class SpeechChunk:
    """A stretch of spoken sound, one channel."""

    samples: npt.NDArray[np.int16]
    sample_rate: int


class Cancellation:
    """Permission for one step to go on, withdrawn once and for good, from any thread.

    It belongs to one step and is never cleared, so a late cancel can never hit a later step. The byte behind `flag` can be given to
    a C library that polls it.
    """

    __slots__ = ("_parts", "flag")

    def __init__(self) -> None:
        self.flag = bytearray(2)
        """A C string: empty while the step may go on, one character once it may not."""
        self._parts: list[Cancellation] = []

    def cancel(self) -> None:
        """Withdraw the permission; the step ends as soon as its library lets go."""
        self.flag[0] = 1
        for part in self._parts:
            part.cancel()

    def part(self) -> Cancellation:
        """Return the permission for a part of the step, which can be withdrawn alone, and is with this one."""
        part = Cancellation()
        self._parts.append(part)
        if self.cancelled:  # perhaps since before it was in the list
            part.cancel()
        return part

    @property
    def cancelled(self) -> bool:
        """Whether the permission was withdrawn."""
        return self.flag[0] != 0

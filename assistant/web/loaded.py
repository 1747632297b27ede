"""What all visitors of the service share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from assistant.config import Config
from assistant.ports import (
    CodeReader,
    PictureComparer,
    SpeechDetector,
    TextReader,
    Tracker,
    Transcriber,
    TurnDetector,
    VisionModel,
    Voice,
)
from assistant.types import Frame, Samples


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """The engines, loaded and warm. All but `make_detector` may be used from any thread, by several visitors."""

    config: Config
    vision: VisionModel
    """Visitors converse with `vision.another`."""
    model: str
    """What to call the vision-language model."""
    transcriber: Transcriber
    voice: Voice
    turn_detector: TurnDetector | None
    text_reader: TextReader
    make_detector: Callable[[], SpeechDetector]
    """Returns a new one: it remembers what one visitor's microphone heard."""
    read_picture: Callable[[bytes], Frame]
    """Returns what an uploaded picture file shows, or raises PictureUnreadable."""
    read_sound: Callable[[bytes], Samples]
    """Returns what a sound file holds, or raises SoundUnreadable."""
    code_reader: CodeReader
    picture_comparer: PictureComparer
    make_tracker: Callable[[], Tracker]
    """Returns a new one, that follows nothing yet."""

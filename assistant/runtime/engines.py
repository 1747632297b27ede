"""The engines of a running assistant but its mouth's, each behind its port."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from assistant.ports import (
    Button,
    Camera,
    CodeReader,
    Microphone,
    PictureComparer,
    SpeechDetector,
    TextReader,
    Tracker,
    Transcriber,
    TurnDetector,
    VisionModel,
    WakeWordDetector,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Engines:
    """All that a conversation hears, sees and thinks with, loaded and warm."""

    camera: Camera
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    vision: VisionModel
    text_reader: TextReader
    """Loaded when it is first used."""
    turn_detector: TurnDetector | None = None
    """None where it cannot be used: then the same silence ends every utterance."""
    wake_word: WakeWordDetector | None = None
    """None where no wake word is needed."""
    buttons: Sequence[Button] = ()
    code_reader: CodeReader = dataclasses.field(kw_only=True)
    picture_comparer: PictureComparer = dataclasses.field(kw_only=True)
    make_tracker: Callable[[], Tracker] = dataclasses.field(kw_only=True)
    """Makes one that follows nothing yet."""

    def close(self) -> None:
        """Let go of everything."""
        for button in self.buttons:
            button.close()
        for engine in (self.microphone, self.camera, self.vision):
            engine.close()

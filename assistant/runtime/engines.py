"""The engines of a running assistant but its mouth's, each behind its port."""

from __future__ import annotations

import dataclasses

from assistant.ports import Camera, Microphone, SpeechDetector, Transcriber, TurnDetector, VisionModel


@dataclasses.dataclass(frozen=True, slots=True)
class Engines:
    """All that a conversation hears, sees and thinks with, loaded and warm."""

    camera: Camera
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    vision: VisionModel
    turn_detector: TurnDetector | None = None
    """None where it cannot be used: then the same silence ends every utterance."""

    def close(self) -> None:
        """Let go of everything."""
        for engine in (self.microphone, self.camera, self.vision):
            engine.close()

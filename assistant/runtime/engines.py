"""The engines of a running assistant, each behind its port."""

from __future__ import annotations

import dataclasses

from assistant.ports import Camera, Microphone, Speaker, SpeechDetector, Transcriber, VisionModel, Voice


@dataclasses.dataclass(frozen=True, slots=True)
class Engines:
    """All that a conversation needs, loaded and warm."""

    camera: Camera
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    vision: VisionModel
    voice: Voice
    speaker: Speaker

    def close(self) -> None:
        """Let go of everything, the ones that make sound first."""
        for engine in (self.speaker, self.microphone, self.camera, self.voice, self.vision):
            engine.close()

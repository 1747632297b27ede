"""What a conversation can do beside answering questions, each a mode of its own."""

from __future__ import annotations

import dataclasses

from assistant.config import Config
from assistant.runtime.aiming import Aiming
from assistant.runtime.announcer import Announcer
from assistant.runtime.checking import Checking
from assistant.runtime.describing import Describing
from assistant.runtime.engines import Engines
from assistant.runtime.explaining import Explaining
from assistant.runtime.eyes import Eyes
from assistant.runtime.finding import Finding
from assistant.runtime.inspecting import Inspecting
from assistant.runtime.instruments import Instruments
from assistant.runtime.mouth import Mouth
from assistant.runtime.pricing import Pricing
from assistant.runtime.reading import Reading
from assistant.runtime.watch import Watch


@dataclasses.dataclass(frozen=True, slots=True)
class Modes:
    """The modes of one conversation."""

    aiming: Aiming
    checking: Checking
    describing: Describing
    explaining: Explaining
    finding: Finding
    inspecting: Inspecting
    instruments: Instruments
    pricing: Pricing
    reading: Reading

    def forget(self) -> None:
        """Forget what was read, and what is compared with."""
        self.reading.forget()
        self.inspecting.drop()


def modes_of(engines: Engines, eyes: Eyes, mouth: Mouth, announcer: Announcer, *, watch: Watch, config: Config) -> Modes:
    """Return the modes of a conversation that has these engines, eyes and mouth."""
    camera, reader, vision, max_age = engines.camera, engines.text_reader, engines.vision, config.camera.max_age
    return Modes(
        Aiming(camera, reader, mouth, max_age),
        Checking(reader, announcer.note),
        Describing(eyes, vision, reader, mouth, announcer, anticipate=config.conversation.anticipate),
        Explaining(eyes, reader, vision, mouth, announcer),
        Finding(camera, vision, mouth, watch, make_tracker=engines.make_tracker, max_age=max_age),
        Inspecting(camera, engines.picture_comparer, vision, mouth, announcer, watch=watch, max_age=max_age),
        Instruments(camera, engines.code_reader, mouth, max_age),
        Pricing(reader, mouth, announcer, watch),
        Reading(reader, mouth, announcer, watch),
    )

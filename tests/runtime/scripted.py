"""A conversation whose every sound is scripted."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import anyio
import numpy as np

from assistant.config import Config, ConversationConfig, EarconsConfig
from assistant.errors import AssistantError
from assistant.events import Event, Stage
from assistant.ports import Camera, CodeReader, Speaker, Transcriber, TurnDetector, Voice, WakeWordDetector
from assistant.runtime.conversation import Conversation
from assistant.runtime.engines import Engines
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from assistant.turn.preferences import Preferences
from assistant.turn.state import Doing, State
from assistant.types import BLOCK_SAMPLES, BLOCK_SECONDS, AudioBlock, Frame, Press, Seconds, Sentence
from tests.fakes.button import FakeButton
from tests.fakes.camera import FakeCamera
from tests.fakes.code_reader import FakeCodeReader
from tests.fakes.detector import FakeDetector
from tests.fakes.picture_comparer import FakePictureComparer
from tests.fakes.speaker import FakeSpeaker
from tests.fakes.text_reader import FakeTextReader
from tests.fakes.tracker import FakeTracker
from tests.fakes.vision import FakeVision
from tests.fakes.voice import FakeVoice

PATIENCE: Seconds = 20.0
GREETING = "Ready."


@dataclasses.dataclass(frozen=True)
class Sound:
    """So many seconds of sound, loud (speech) or quiet."""

    seconds: Seconds
    loud: bool = True
    level: float = 0.5
    """Of what is loud."""


Act: TypeAlias = Sound | AssistantError | Callable[["Scripted"], bool]
"""What the microphone does next: give sound, break, or wait in silence until something is true."""

QUIET = Sound(0.8, loud=False)
SPEECH = Sound(1.0)
COUGH = Sound(0.2)


def listening(scripted: Scripted) -> bool:
    return scripted.conversation._state is State.LISTENING


def reached(stage: Stage, times: int = 1) -> Callable[[Scripted], bool]:
    """Return the condition that `stage` was reached so often."""
    return lambda scripted: scripted.stages.count(stage) >= times


class ScriptedMicrophone:
    """Plays acts. While it waits for a condition it yields nothing, as if no time went by."""

    def __init__(self, acts: Sequence[Act]) -> None:
        self._acts = list(acts)
        self.scripted: Scripted
        self.drains = 0

    def blocks(self) -> Iterator[AudioBlock]:
        while self._acts:
            act = self._acts.pop(0)
            if isinstance(act, AssistantError):
                raise act
            if isinstance(act, Sound):
                level = act.level if act.loud else 0.0
                for _ in range(round(act.seconds / BLOCK_SECONDS)):
                    yield AudioBlock(np.full(BLOCK_SAMPLES, level, np.float32))
            else:
                self._wait(act)

    def _wait(self, condition: Callable[[Scripted], bool]) -> None:
        give_up_at = time.monotonic() + PATIENCE
        while not condition(self.scripted):
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"never true; the story so far: {self.scripted.stages}")
            time.sleep(0.002)

    def drain(self) -> None:
        self.drains += 1

    def close(self) -> None:
        self._acts.clear()


class Scripted:
    """One conversation with fakes, and what observers saw of it."""

    def __init__(
        self,
        *acts: Act,
        transcriber: Transcriber,
        vision: FakeVision,
        camera: Camera | None = None,
        voice: Voice | None = None,
        speaker: Speaker | None = None,
        turn_detector: TurnDetector | None = None,
        config: Config | None = None,
        earcons: EarconsConfig | None = None,
        by_heart: Sequence[Sentence] = (),
        wake_word: WakeWordDetector | None = None,
        button: FakeButton | None = None,
        code_reader: CodeReader | None = None,
        text_reader: FakeTextReader | None = None,
        tracker: FakeTracker | None = None,
        comparer: FakePictureComparer | None = None,
    ) -> None:
        self.microphone = ScriptedMicrophone(acts)
        self.microphone.scripted = self
        self.vision = vision
        self.voice = voice or FakeVoice()
        self.speaker = speaker or FakeSpeaker()
        self.events: list[Event] = []
        watch = Watch([self.events.append])
        self.button = button or FakeButton()
        engines = Engines(
            camera or FakeCamera(),
            self.microphone,
            FakeDetector(),
            transcriber,
            vision,
            text_reader or FakeTextReader(),
            turn_detector,
            wake_word,
            [self.button],
            code_reader=code_reader or FakeCodeReader(),
            picture_comparer=comparer or FakePictureComparer(),
            make_tracker=lambda: tracker or FakeTracker(),
        )
        self.kept: list[Preferences] = []
        self.beats: list[Seconds] = []
        """When it told that it hears, or tries to, in seconds of `time.monotonic`."""
        self.doings: list[Doing] = []
        """What it told to be doing."""
        self.presses: list[Press] = []
        """Those that the conversation has taken in."""
        self.mouth = Mouth(self.voice, self.speaker, watch, earcons, by_heart)
        self.conversation = Conversation(
            engines,
            self.mouth,
            config or Config(),
            watch,
            self.kept.append,
            beat=lambda: self.beats.append(time.monotonic()),
            tell=self.doings.append,
        )
        self._press, self.conversation._press = self.conversation._press, self._taken  # type: ignore[method-assign]

    def _taken(self, press: Press) -> None:
        self._press(press)
        self.presses.append(press)

    @property
    def stages(self) -> list[Stage]:
        return [event.stage for event in list(self.events)]

    def details(self, stage: Stage) -> list[str]:
        """Return the details of all events of a stage."""
        return [event.detail for event in self.events if event.stage is stage]

    async def run(self) -> None:
        """Hold the conversation until its script ends."""
        with anyio.fail_after(PATIENCE):
            await self.conversation.run(GREETING)


def half_duplex() -> Config:
    return Config(conversation=ConversationConfig(barge_in="off"))


def picture(seed: int) -> Frame:
    """Return a scene that no other seed resembles."""
    cells = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Frame(np.kron(cells, np.ones((16, 16, 1), np.uint8)), 0.0)


class SlowSpeaker(FakeSpeaker):
    """Never gets to the end of what it plays until it is silenced, once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.endless = threading.Event()

    def wait(self) -> None:
        self._plays_on = self.endless.is_set()
        super().wait()

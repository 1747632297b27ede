"""How long an interrupted answer is still heard: from the decision to stop until the loudspeaker is silent.

The whole chain is real: the model writes, espeak-ng speaks, PortAudio plays into a virtual loudspeaker, which is recorded.
"""

from __future__ import annotations

import contextlib
import random

import anyio
import numpy as np

from assistant.config import EspeakVoiceConfig
from assistant.engines.espeak_voice import EspeakVoice
from assistant.engines.sounddevice_speaker import SounddeviceSpeaker
from assistant.errors import VisionFailed
from assistant.ports import VisionModel
from assistant.runtime.mouth import Mouth
from assistant.runtime.watch import Watch
from assistant.types import SAMPLE_RATE, Question, Samples
from tests.virtual_sound import Recording, VirtualSound, why_not

_LOUD = 0.003
"""From which level a sample is heard."""


def to_silence_ms(vision: VisionModel, question: Question, times: int) -> list[float]:
    """Return what `heard_on_ms` does, with a sound card of its own.

    Raises:
        RuntimeError: There is no PulseAudio for the virtual loudspeaker.
    """
    if missing := why_not():
        raise RuntimeError(missing)
    sound = VirtualSound()
    try:
        sound.start()
        return heard_on_ms(sound, vision, question, times)
    finally:
        sound.stop()


def heard_on_ms(sound: VirtualSound, vision: VisionModel, question: Question, times: int) -> list[float]:
    """Interrupt `times` answers while they are heard; return how long each was heard on, in milliseconds.

    The recording lags by up to 10 ms, which counts as heard.
    """
    with contextlib.closing(SounddeviceSpeaker("")) as speaker, sound.listening() as recording:
        mouth = Mouth(EspeakVoice(EspeakVoiceConfig()), speaker, Watch())
        return [anyio.run(_interrupt, mouth, vision, question, recording) for _ in range(times)]


async def _interrupt(mouth: Mouth, vision: VisionModel, question: Question, recording: Recording) -> float:
    start = recording.samples.size
    async with anyio.create_task_group() as answering:
        answering.start_soon(_answer, mouth, vision, question)
        await anyio.to_thread.run_sync(lambda: recording.wait_until(lambda samples: _heard(samples[start:]), timeout=60))
        await anyio.sleep(random.uniform(0.1, 0.8))  # noqa: S311 - any moment will do
        decided = recording.samples.size
        answering.cancel_scope.cancel()
    enough = decided + SAMPLE_RATE
    samples = await anyio.to_thread.run_sync(lambda: recording.wait_until(lambda samples: samples.size > enough))
    loud = np.flatnonzero(np.abs(samples[decided:]) > _LOUD)
    return 1000 * (int(loud[-1]) + 1) / SAMPLE_RATE if loud.size else 0.0


async def _answer(mouth: Mouth, vision: VisionModel, question: Question) -> None:
    with contextlib.suppress(VisionFailed):  # a model of random weights may write nothing that can be spoken
        await mouth.answer(question, vision)


def _heard(samples: Samples) -> bool:
    return bool(np.max(np.abs(samples), initial=0.0) > _LOUD)

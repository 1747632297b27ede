"""Silero's speech detector, whose weights come inside faster-whisper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper.utils import get_assets_path

from assistant.errors import ModelMissing
from assistant.network import open_network
from assistant.types import BLOCK_SAMPLES, AudioBlock, Samples

_WEIGHTS = "silero_vad_v6.onnx"
_CONTEXT_SAMPLES = 64
"""The network sees this much of the block before in front of each block."""
_STATE_SHAPE = (1, 1, 128)


class SileroDetector:
    """Silero v6 on one thread; a block takes about 0.2 ms, 0.06 ms where the processor's caches still hold it.

    Raises:
        ModelMissing: faster-whisper does not bring the weights.
        ModelDamaged: They cannot be read.
    """

    def __init__(self) -> None:
        path = Path(get_assets_path(), _WEIGHTS)
        if not path.is_file():
            raise ModelMissing(f"{path} is not there. Install faster-whisper again.", _WEIGHTS)
        self._session = open_network(path)
        self._heard: Samples
        self._feed: dict[str, Any]
        self.reset()

    def probability(self, block: AudioBlock) -> float:
        """Return how likely the block holds speech, 0 to 1, in the light of the blocks since `reset`."""
        heard = self._heard[0]
        heard[:_CONTEXT_SAMPLES] = heard[-_CONTEXT_SAMPLES:]
        heard[_CONTEXT_SAMPLES:] = block.samples
        if not np.isfinite(heard).all():  # one NaN would stay in the state and make the detector deaf until the next reset
            np.nan_to_num(heard, copy=False, posinf=0.0, neginf=0.0)
        probability, self._feed["h"], self._feed["c"] = self._session.run(None, self._feed)
        return float(probability.item())

    def reset(self) -> None:
        """Forget the blocks before."""
        self._heard = np.zeros((1, _CONTEXT_SAMPLES + BLOCK_SAMPLES), np.float32)
        self._feed = {"input": self._heard, "h": np.zeros(_STATE_SHAPE, np.float32), "c": np.zeros(_STATE_SHAPE, np.float32)}

"""smart-turn v3: tells from the sound alone whether somebody who pauses has finished what they wanted to say.

The network is Whisper tiny's encoder with one output, by Daily (pipecat), BSD-2-Clause, trained on 23 languages, English and
Chinese among them: https://github.com/pipecat-ai/smart-turn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor

from assistant.errors import HearingFailed, ModelDamaged
from assistant.network import open_network
from assistant.types import SAMPLE_RATE, Samples

_WINDOW_SAMPLES = 8 * SAMPLE_RATE
"""What it was trained on: the last 8 seconds, with zeros in front of shorter sound."""
_INPUT = "input_features"
"""Whisper's log-mel spectrum, shape (1, 80, 800)."""
_VARIANCE_FLOOR = 1e-7
"""As in transformers' WhisperFeatureExtractor, which it was trained with: the sound is brought to mean 0 and variance 1 first. Of
four sounds the features below differ from that extractor's by at most 3e-5, in a range of about 2."""


class SmartTurnDetector:
    """smart-turn v3 on one thread; loads and warms the network. An answer takes about 0.1 s of one core's time (AMD EPYC, busy).

    Args:
        path: The ONNX file.

    Raises:
        ModelMissing: It is not there.
        ModelDamaged: It is truncated, or another network.
    """

    def __init__(self, path: Path) -> None:
        self._session = open_network(path)
        self._features = FeatureExtractor()
        try:
            self.finished(np.zeros(SAMPLE_RATE, np.float32))
        except Exception as error:  # onnxruntime's errors share no base class but this one
            raise ModelDamaged(f"{path}: {error}", path.name) from error

    def finished(self, samples: Samples) -> float:
        """Return how likely the turn is over, 0 to 1, by the last 8 seconds of it and the pause at their end.

        Raises:
            HearingFailed: onnxruntime could not compute it.
        """
        heard = np.nan_to_num(samples[-_WINDOW_SAMPLES:], posinf=0.0, neginf=0.0)
        window = np.pad(heard, (_WINDOW_SAMPLES - heard.size, 0))
        level = (window - window.mean()) / np.sqrt(window.var() + _VARIANCE_FLOOR)
        try:
            outputs = self._session.run(None, {_INPUT: self._features(level, padding=0)[np.newaxis]})
        except Exception as error:  # onnxruntime's errors share no base class but this one
            raise HearingFailed(f"smart-turn: {error}") from error
        return float(outputs[0].item())

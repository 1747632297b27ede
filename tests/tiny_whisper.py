"""A Whisper model that loads and runs like a real one, without trained weights: 4 MB, made in under a second.

Its decoder looks at nothing but its own position, so it hears the same words in every sound.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from assistant.types import Language

Array = npt.NDArray[np.float32]

_LANGUAGES = [code for code in _LANGUAGE_CODES if code != "yue"]  # came with large-v3 only
_TASKS = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
_SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{name}|>" for name in [*_LANGUAGES, *_TASKS])]
_TIMESTAMPS = [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
_LETTERS = sorted(pre_tokenizers.ByteLevel.alphabet())
_PLAIN = [*_LETTERS, *(f"~{index}~" for index in range(50257 - len(_LETTERS)))]
_VOCABULARY = [*_PLAIN, *_SPECIAL, *_TIMESTAMPS]  # Whisper's own 51865 tokens in number and order, and one token a byte
_IDS = {token: index for index, token in enumerate(_VOCABULARY)}

_MELS, _SOUND_POSITIONS, _TEXT_POSITIONS, _HEADS = 80, 1500, 448, 2
_CERTAIN = 10.0


def write_tiny_whisper(folder: Path, text: str, language: Language = "en", prompt: str = "") -> Path:
    """Write a model that hears `text` in `language`, told that `prompt` was said before, to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [_IDS[byte] for word, _ in pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text) for byte in word]
    before = len(prompt.encode()) + 1 if prompt else 0  # the prompt and the token that announces it
    script = {0: _IDS[f"<|{language}|>"]}  # what follows the first token is the language
    for index, token in enumerate([*letters, _IDS["<|endoftext|>"]]):
        script[before + 3 + index] = token  # after startoftranscript, language, transcribe and notimestamps
    _model(script).save(str(folder))
    _tokenizer().save(str(folder / "tokenizer.json"))
    features = {"chunk_length": 30, "feature_size": _MELS, "hop_length": 160, "n_fft": 400, "sampling_rate": 16000}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    return folder


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab={token: index for index, token in enumerate(_PLAIN)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in _SPECIAL])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in _TIMESTAMPS])
    return tokenizer


def _model(script: dict[int, int]) -> whisper_spec.WhisperSpec:
    """Return a model that writes token `script[position]` after the token at `position`."""
    width = max(32, -(-len(script) // 8) * 8)
    build = _Layers(width)
    spec = whisper_spec.WhisperSpec(1, _HEADS, 1, _HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = build.noise(width, _MELS, 3), build.zeros(width)
    encoder.conv2.weight, encoder.conv2.bias = build.noise(width, width, 3), build.zeros(width)
    encoder.position_encodings.encodings = build.noise(_SOUND_POSITIONS, width)
    build.attention(encoder.layer[0].self_attention, [3 * width, width])
    build.feed_forward(encoder.layer[0].ffn)
    build.norm(encoder.layer_norm)
    layer = decoder.layer[0]
    build.attention(layer.self_attention, [3 * width, width])
    build.attention(layer.attention, [width, 2 * width, width])
    build.feed_forward(layer.ffn)
    build.norm(decoder.layer_norm)
    # Neither the sound nor the tokens before reach the output: all that is left is the position.
    for output in (layer.self_attention.linear[1], layer.attention.linear[2], layer.ffn.linear_1):
        output.weight[:] = 0
    decoder.embeddings.weight = np.zeros((len(_VOCABULARY), width), np.float32)
    decoder.position_encodings.encodings = build.zeros(_TEXT_POSITIONS, width)
    decoder.projection.weight, decoder.projection.bias = build.zeros(len(_VOCABULARY), width), build.zeros(len(_VOCABULARY))
    for direction, (position, token) in enumerate(script.items()):
        decoder.position_encodings.encodings[position, direction] = _CERTAIN
        decoder.projection.weight[token, direction] = 2 * _CERTAIN
    return _finished(spec)


def _finished(spec: whisper_spec.WhisperSpec) -> whisper_spec.WhisperSpec:
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [_IDS["<|endoftext|>"]]
    spec.config.lang_ids = [_IDS[f"<|{language}|>"] for language in _LANGUAGES]
    spec.config.alignment_heads = [[0, 0]]
    # CTranslate2 4.8 takes a model for an English one unless token 50256 is empty, as it is in Whisper.
    spec.register_vocabulary(["" if index == len(_PLAIN) - 1 else token for index, token in enumerate(_VOCABULARY)])
    spec.validate()
    spec.optimize(quantization="int8")
    return spec


class _Layers:
    """Fills the layers of a specification with small random numbers."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._random = np.random.default_rng(0)

    def noise(self, *shape: int) -> Array:
        return self._random.normal(0, 0.05, shape).astype(np.float32)

    def zeros(self, *shape: int) -> Array:
        return np.zeros(shape, np.float32)

    def norm(self, layer: whisper_spec.common_spec.LayerNormSpec) -> None:
        layer.gamma, layer.beta = np.ones(self._width, np.float32), self.zeros(self._width)

    def linear(self, layer: whisper_spec.common_spec.LinearSpec, inputs: int, outputs: int) -> None:
        layer.weight, layer.bias = self.noise(outputs, inputs), self.zeros(outputs)

    def attention(self, layer: whisper_spec.attention_spec.MultiHeadAttentionSpec, outputs: list[int]) -> None:
        self.norm(layer.layer_norm)
        for linear, size in zip(layer.linear, outputs, strict=True):
            self.linear(linear, self._width, size)

    def feed_forward(self, layer: whisper_spec.transformer_spec.FeedForwardSpec) -> None:
        self.norm(layer.layer_norm)
        self.linear(layer.linear_0, self._width, 4 * self._width)
        self.linear(layer.linear_1, 4 * self._width, self._width)

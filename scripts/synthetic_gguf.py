"""Write a Qwen3-VL pair (language model and mmproj) of a true shape with random weights.

Architecture, tensor names, shapes, metadata and quantised block formats are the real ones; only the numbers are random. ggml's
kernels do not look at the numbers, so loading, memory and speed are those of the real model, while what it says is gibberish.
An answer never ends by itself, and its text tokenises back into the very tokens that were written::

    synthetic_gguf.py --shape tiny --folder out
    synthetic_gguf.py --shape 2b --quantisation Q4_K_M --vision-quantisation Q8_0 --folder out
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import gguf
import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
_EPSILON = 1e-6
_PATCH, _MERGE = 16, 2
"""Pixels on a patch's side, and patches on a visual token's side."""


@dataclasses.dataclass(frozen=True)
class Shape:
    """The numbers of a model's config.json that decide its size."""

    layers: int
    embedding: int
    feed_forward: int
    heads: int
    kv_heads: int
    head: int
    vocabulary: int
    vision_layers: int
    vision_embedding: int
    vision_feed_forward: int
    vision_heads: int
    deepstack: tuple[int, ...]
    """Vision layers that also feed the language model's first layers."""
    mrope: tuple[int, int, int] = (24, 20, 20)
    """Rotary dimensions of time, height and width; half of `head` together."""
    n_ctx: int = 262_144
    grid: int = 48
    """Learned positions on a side of the picture."""
    tied: bool = True
    """Whether the output matrix is the token embedding matrix."""


SHAPES: Mapping[str, Shape] = {
    # loads in a moment: for tests
    "tiny": Shape(4, 128, 256, 4, 2, 32, 1024, 4, 64, 128, 4, (0, 1, 2), mrope=(6, 5, 5), n_ctx=32_768, grid=16, tied=False),
    # as the published Qwen3-VL Instruct models
    "2b": Shape(28, 2048, 6144, 16, 8, 128, 151_936, 24, 1024, 4096, 16, (5, 11, 17)),
    "4b": Shape(36, 2560, 9728, 32, 8, 128, 151_936, 24, 1024, 4096, 16, (5, 11, 17)),
    "8b": Shape(36, 4096, 12_288, 32, 8, 128, 151_936, 27, 1152, 4304, 16, (8, 16, 24), tied=False),
}

_CONTROLS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_FIRST_CONTROL = 151_643
"""Id of <|endoftext|> in the published vocabulary."""
_WORDS = (
    " the is in on of a to and are me front what this that it left right table behind person blind help eyes answer one or two"
    " short sentences most important nearest things first cup full how many you your there"
)
_ROLES = "assistant user system What Where How And You Answer"

CHAT_TEMPLATE = (
    "{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\n' -}}"
    "{%- if m.content is string -%}{{- m.content -}}{%- else -%}{%- for p in m.content -%}"
    "{%- if p.type == 'text' -%}{{- p.text -}}{%- else -%}{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}{%- endif -%}"
    "{%- endfor -%}{%- endif -%}{{- '<|im_end|>\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}"
)
"""Short, and renders the same text as the published one for system, user and assistant."""


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """A byte-level BPE vocabulary."""

    tokens: list[str]
    kinds: list[int]
    merges: list[str]
    controls: Mapping[str, int]
    spoken: Array
    """Ids of the tokens that an answer consists of: words with a leading space."""


def vocabulary(size: int) -> Vocabulary:
    """Make up a vocabulary whose prompts have about as many tokens as with the published one."""
    alphabet = _byte_alphabet()
    space = alphabet[32]
    end = _FIRST_CONTROL if size > _FIRST_CONTROL else size - len(_CONTROLS)
    tokens, merges, known = list(alphabet), list[str](), set(alphabet)

    def grow(word: str) -> None:
        """Add every beginning of `word`, so that byte pairs merge from its start on."""
        for i in range(1, len(word)):
            if word[: i + 1] not in known and len(tokens) < end:
                known.add(word[: i + 1])
                merges.append(f"{word[:i]} {word[i]}")
                tokens.append(word[: i + 1])

    for word in _WORDS.split():
        grow(space + word)
    roles = [word[: i + 1] for word in _ROLES.split() for i in range(1, len(word))]
    words_end = end - len(set(roles))
    for word in itertools.takewhile(lambda _: len(tokens) < words_end, _pseudo_words()):
        grow(space + word)
    spoken = np.arange(len(alphabet), len(tokens))
    for word in _ROLES.split():  # their merges come last: none may cut through a word with a space
        grow(word)
    unused = [f"[unused{i}]" for i in range(size - len(tokens) - len(_CONTROLS))]
    kinds = [gguf.TokenType.NORMAL] * len(tokens)
    before, after = (unused, []) if end < _FIRST_CONTROL else ([], unused)
    kinds += [gguf.TokenType.UNUSED] * len(before)
    kinds += [gguf.TokenType.CONTROL] * len(_CONTROLS) + [gguf.TokenType.UNUSED] * len(after)
    controls = {name: len(tokens) + len(before) + i for i, name in enumerate(_CONTROLS)}
    return Vocabulary([*tokens, *before, *_CONTROLS, *after], kinds, merges, controls, spoken)


def _byte_alphabet() -> list[str]:
    """Return GPT-2's printable stand-in for each byte."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = itertools.count(256)
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def _pseudo_words() -> Iterator[str]:
    """Yield b, d, ..., ba, be, ..., bab, ...: every beginning before what it begins."""
    for length in itertools.count(1):
        letters = ("bdfgklmnprstvz" if i % 2 == 0 else "aeiou" for i in range(length))
        yield from map("".join, itertools.product(*letters))


class RandomWeights:
    """Random matrices, made directly in their block format; large ones are cut from one pool of random bytes."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._pool = np.frombuffer(self._random.bytes(1 << 25), np.uint8)

    def vector(self, n: int, mean: float) -> Array:
        """Return n numbers near `mean`, as norms and biases are."""
        return np.asarray(mean + 0.02 * self._random.standard_normal(n), np.float32)

    def matrix(self, rows: int, columns: int, kind: Any, deviation: float) -> Array:
        """Return a matrix with numbers of the given standard deviation; rows of bytes where it is quantised."""
        kinds = gguf.GGMLQuantizationType
        if kind == kinds.F32:
            return np.asarray(deviation * self._random.standard_normal((rows, columns)), np.float32)
        if kind == kinds.F16:
            table = (self._random.standard_normal(1 << 16) * deviation).astype(np.float16)
            return table[self._bytes(rows * columns * 2).view(np.uint16)].reshape(rows, columns)
        block, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = self._bytes(rows * columns // block * size).reshape(-1, size)
        if kind == kinds.Q8_0:  # scale, 32 int8; value = scale * q
            blocks[:, 0:2] = _half(deviation / 73.9)
        elif kind == kinds.Q4_K:  # scale, minimum, 8 scales and minima of 6 bits, all 32; value = 32 scale (q - 7.5)
            scale = deviation / (32 * 4.6)
            blocks[:, 0:2], blocks[:, 2:4], blocks[:, 4:12], blocks[:, 12:16] = _half(scale), _half(7.5 * scale), 0xA0, 0
        elif kind == kinds.Q6_K:  # 192 bytes of q, 16 int8 scales, all 16, scale; value = 16 scale (q - 32)
            blocks[:, 192:208], blocks[:, 208:210] = 16, _half(deviation / (16 * 18.5))
        else:
            raise ValueError(f"no random blocks of {kind!r}")
        return blocks.reshape(rows, -1)

    def _bytes(self, n: int) -> npt.NDArray[np.uint8]:
        """Return n random bytes, the caller's own."""
        start = int(self._random.integers(len(self._pool)))
        beyond = max(0, n - (len(self._pool) - start))
        return np.concatenate([self._pool[start : start + n], np.resize(self._pool, beyond)])


def _half(value: float) -> Array:
    return np.frombuffer(np.float16(value).tobytes(), np.uint8)


class TensorFile:
    """A GGUF file whose tensors are made one by one as they are written, so that 5 GB need little memory."""

    def __init__(self, path: Path, architecture: str, seed: int) -> None:
        self.header = gguf.GGUFWriter(path, architecture)
        self._random = RandomWeights(seed)
        self._makers: list[Callable[[], Array]] = []

    def vector(self, name: str, n: int, mean: float) -> None:
        """Add a norm or a bias."""
        self._add(name, (n,), gguf.GGMLQuantizationType.F32, lambda: self._random.vector(n, mean))

    def matrix(
        self, name: str, shape: tuple[int, ...], kind: Any, deviation: float | None = None, silent: Array | None = None
    ) -> None:
        """Add a matrix, its rows `silent` all zero. Where the block size does not divide a row, it is F16, as in llama.cpp."""
        columns = shape[-1]
        rows = int(np.prod(shape[:-1]))
        kind = kind if columns % gguf.GGML_QUANT_SIZES[kind][0] == 0 else gguf.GGMLQuantizationType.F16

        def make() -> Array:
            matrix = self._random.matrix(rows, columns, kind, deviation or columns**-0.5)
            if silent is not None:
                matrix[silent] = 0
            return matrix

        self._add(name, shape, kind, make)

    def _add(self, name: str, shape: tuple[int, ...], kind: Any, make: Callable[[], Array]) -> None:
        block, size = gguf.GGML_QUANT_SIZES[kind]
        self.header.add_tensor_info(name, shape, np.dtype(np.float32), int(np.prod(shape)) // block * size, raw_dtype=kind)
        self._makers.append(make)

    def write(self) -> None:
        """Write everything."""
        self.header.write_header_to_file()
        self.header.write_kv_data_to_file()
        self.header.write_ti_data_to_file()
        for make in self._makers:
            self.header.write_tensor_data(np.ascontiguousarray(make()))
        self.header.close()


def write_model(path: Path, shape: Shape, quantisation: str, seed: int = 1, template: str = CHAT_TEMPLATE) -> None:
    """Write a language model.

    Args:
        path: Where to.
        shape: How large.
        quantisation: F32, F16, Q8_0, Q4_K, Q6_K, or Q4_K_M, llama.cpp's usual mix of the last two.
        seed: Of the random numbers.
        template: The chat template; empty for none.
    """
    file = TensorFile(path, "qwen3vl", seed)
    words = vocabulary(shape.vocabulary)
    _write_model_header(file.header, shape, words, template)
    kinds = gguf.GGMLQuantizationType
    mixed = quantisation == "Q4_K_M"
    kind = kinds.Q4_K if mixed else kinds[quantisation]
    finer = kinds.Q6_K if mixed else kind
    dumb = np.setdiff1d(np.arange(shape.vocabulary), words.spoken)  # tokens that the model never writes
    embedding = (shape.vocabulary, shape.embedding)
    if shape.tied:
        file.matrix("token_embd.weight", embedding, finer, silent=dumb[dumb >= words.controls["<|endoftext|>"]])
    else:
        file.matrix("token_embd.weight", embedding, kind)
        file.matrix("output.weight", embedding, finer, silent=dumb)
    file.vector("output_norm.weight", shape.embedding, 1)
    eighth = shape.layers // 8
    for i in range(shape.layers):
        important = i < eighth or i >= 7 * eighth or (i - eighth) % 3 == 2  # noqa: PLR2004 - llama.cpp's use_more_bits()
        _write_block(file, f"blk.{i}", shape, kind, finer if important else kind)
    file.write()


def _write_model_header(header: Any, shape: Shape, words: Vocabulary, template: str) -> None:
    header.add_name("synthetic Qwen3-VL")
    header.add_context_length(shape.n_ctx)
    header.add_embedding_length(shape.embedding)
    header.add_block_count(shape.layers)
    header.add_feed_forward_length(shape.feed_forward)
    header.add_head_count(shape.heads)
    header.add_head_count_kv(shape.kv_heads)
    header.add_key_length(shape.head)
    header.add_value_length(shape.head)
    header.add_layer_norm_rms_eps(_EPSILON)
    header.add_rope_freq_base(5e6)
    header.add_rope_dimension_sections([*shape.mrope, 0])
    header.add_uint32("qwen3vl.n_deepstack_layers", len(shape.deepstack))
    header.add_tokenizer_model("gpt2")
    header.add_tokenizer_pre("qwen2")
    header.add_token_list(words.tokens)
    header.add_token_types(words.kinds)
    header.add_token_merges(words.merges)
    header.add_eos_token_id(words.controls["<|im_end|>"])
    header.add_pad_token_id(words.controls["<|endoftext|>"])
    header.add_bos_token_id(words.controls["<|endoftext|>"])
    header.add_add_bos_token(value=False)
    if template:
        header.add_chat_template(template)


def _write_block(file: TensorFile, name: str, shape: Shape, kind: Any, finer: Any) -> None:
    queries, keys = shape.heads * shape.head, shape.kv_heads * shape.head
    file.vector(f"{name}.attn_norm.weight", shape.embedding, 1)
    file.matrix(f"{name}.attn_q.weight", (queries, shape.embedding), kind)
    file.matrix(f"{name}.attn_k.weight", (keys, shape.embedding), kind)
    file.matrix(f"{name}.attn_v.weight", (keys, shape.embedding), finer)
    file.matrix(f"{name}.attn_output.weight", (shape.embedding, queries), kind)
    file.vector(f"{name}.attn_q_norm.weight", shape.head, 1)
    file.vector(f"{name}.attn_k_norm.weight", shape.head, 1)
    file.vector(f"{name}.ffn_norm.weight", shape.embedding, 1)
    file.matrix(f"{name}.ffn_gate.weight", (shape.feed_forward, shape.embedding), kind)
    file.matrix(f"{name}.ffn_up.weight", (shape.feed_forward, shape.embedding), kind)
    file.matrix(f"{name}.ffn_down.weight", (shape.embedding, shape.feed_forward), finer)


def write_mmproj(path: Path, shape: Shape, quantisation: str, seed: int = 2) -> None:
    """Write the image encoder that belongs to a language model of the same shape."""
    file = TensorFile(path, "clip", seed)
    kind = gguf.GGMLQuantizationType[quantisation]
    _write_mmproj_header(file.header, shape)
    width, merged = shape.vision_embedding, shape.vision_embedding * _MERGE**2

    def linear(name: str, outputs: int, inputs: int) -> None:
        file.matrix(f"{name}.weight", (outputs, inputs), kind)
        file.vector(f"{name}.bias", outputs, 0)

    def norm(name: str, n: int) -> None:
        file.vector(f"{name}.weight", n, 1)
        file.vector(f"{name}.bias", n, 0)

    for kernel in ("v.patch_embd.weight", "v.patch_embd.weight.1"):  # one for each of two frames of a film
        file.matrix(kernel, (width, 3, _PATCH, _PATCH), gguf.GGMLQuantizationType.F32, 0.04)
    file.vector("v.patch_embd.bias", width, 0)
    file.matrix("v.position_embd.weight", (shape.grid**2, width), gguf.GGMLQuantizationType.F32, 0.1)
    for i in range(shape.vision_layers):
        norm(f"v.blk.{i}.ln1", width)
        linear(f"v.blk.{i}.attn_qkv", 3 * width, width)
        linear(f"v.blk.{i}.attn_out", width, width)
        norm(f"v.blk.{i}.ln2", width)
        linear(f"v.blk.{i}.ffn_up", shape.vision_feed_forward, width)
        linear(f"v.blk.{i}.ffn_down", width, shape.vision_feed_forward)
    for i in shape.deepstack:
        norm(f"v.deepstack.{i}.norm", merged)
        linear(f"v.deepstack.{i}.fc1", merged, merged)
        linear(f"v.deepstack.{i}.fc2", shape.embedding, merged)
    norm("v.post_ln", width)
    linear("mm.0", merged, merged)
    linear("mm.2", shape.embedding, merged)
    file.write()


def _write_mmproj_header(header: Any, shape: Shape) -> None:
    header.add_name("synthetic Qwen3-VL mmproj")
    header.add_type(gguf.GGUFType.MMPROJ)
    header.add_clip_projector_type("qwen3vl_merger")
    header.add_clip_has_vision_encoder(value=True)
    header.add_vision_projection_dim(shape.embedding)
    header.add_vision_image_size(shape.grid * _PATCH)
    header.add_vision_patch_size(_PATCH)
    header.add_vision_embedding_length(shape.vision_embedding)
    header.add_vision_feed_forward_length(shape.vision_feed_forward)
    header.add_vision_block_count(shape.vision_layers)
    header.add_vision_head_count(shape.vision_heads)
    header.add_vision_image_mean([0.5] * 3)
    header.add_vision_image_std([0.5] * 3)
    header.add_vision_attention_layernorm_eps(_EPSILON)
    header.add_vision_spatial_merge_size(_MERGE)
    header.add_vision_use_gelu(value=True)
    header.add_vision_is_deepstack_layers([i in shape.deepstack for i in range(shape.vision_layers)])


def synthesise(name: str, folder: Path, quantisation: str = "Q8_0", vision_quantisation: str = "F16") -> tuple[Path, Path]:
    """Write the pair of the shape called `name` into `folder`, unless it is there; return model and mmproj."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / f"{name}-{quantisation}.gguf"
    mmproj = folder / f"mmproj-{name}-{vision_quantisation}.gguf"
    for path, write, kind in ((model, write_model, quantisation), (mmproj, write_mmproj, vision_quantisation)):
        if not path.exists():
            unfinished = path.with_suffix(".part")
            try:
                write(unfinished, SHAPES[name], kind)
                unfinished.rename(path)
            finally:
                unfinished.unlink(missing_ok=True)  # gigabytes, where the disk is full
    return model, mmproj


def main() -> None:
    """Write a pair where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="tiny")
    parser.add_argument("--quantisation", default="Q8_0", help="F32, F16, Q8_0, Q4_K, Q6_K or Q4_K_M")
    parser.add_argument("--vision-quantisation", default="F16", help="F32, F16 or Q8_0")
    parser.add_argument("--folder", type=Path, default=Path())
    given = parser.parse_args()
    for path in synthesise(given.shape, given.folder, given.quantisation, given.vision_quantisation):
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

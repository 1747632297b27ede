"""How much memory a vision-language model will take, computed from its files' headers before anything is loaded.

llama.cpp could be asked itself, by a load with `no_alloc`; but that takes 0.6 s and 65 MiB of the memory that is short, names the
weights' size in C++ only (`llama_get_memory_breakdown`), and knows nothing of what a session keeps beside it. The formulas of the
compute buffers were found by such loads of llama-cpp-python 0.3.36 (its log: "CPU compute buffer size"), over the shapes of 2B, 4B
and 8B, batches of 32 to 512, contexts of 1024 to 4096 and pictures of 128 to 1024 tokens. The language model's are exact, the image
encoder's up to 3 % too large.
"""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from pathlib import Path

from assistant.config import VisionConfig
from assistant.errors import AdapterUnusable, ModelError
from assistant.llama import gguf_header
from assistant.llama.gguf_header import Header

MiB = 1 << 20

_FLOAT = 4
_KV_BYTES = {"f16": 2.0, "q8_0": 34 / 32}
"""Of one number; a block of Q8_0 holds 32 in 34 bytes (ggml-common.h)."""
_REPACKED_X86 = frozenset({2, 12, 20, 39})
"""GGML_TYPE of what is repacked on x86 with AVX2: Q4_0, Q4_K, IQ4_NL, MXFP4 (ggml-cpu/repack.cpp, get_optimal_repack_type)."""
_REPACKED_ARM = _REPACKED_X86 | {8, 13, 14}
"""The same on ARM with dotprod, where Q8_0, Q5_K and Q6_K are too."""
_VOCABULARY_BYTES = 150
"""Of llama.cpp's tables for each token and each merge: 44 MiB for the 151,936 and 151,387 of Qwen."""
_PATCH_FLOATS = 3 * 16 * 16
"""A patch's pixels, three colours of 16 by 16."""
_PATCHES_PER_TOKEN = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Footprint:
    """Memory in bytes, by what takes it. On a GPU's own memory or the machine's: `device` says how much of it all."""

    mapped: int
    """Pages of the file with the weights that the processor uses, and with those that it has repacked into `copied`."""
    copied: int
    """Weights in memory of the process's own: without mmap, those on a GPU, and those that the processor has repacked."""
    passing: int
    """Pages of the file that are read only to be copied to a GPU, and given up for whatever needs memory."""
    kv: int
    """The KV cache."""
    compute: int
    """The language model's compute buffers and vocabulary."""
    vision: int
    """The image encoder's weights."""
    vision_compute: int
    """Its compute buffers, and its pictures."""
    adapters: int
    """LoRA adapters."""
    device: int
    """How much of it lies on a GPU."""

    @property
    def anonymous(self) -> int:
        """What no file stands behind."""
        return self.copied + self.kv + self.compute + self.vision + self.vision_compute + self.adapters

    @property
    def total(self) -> int:
        """All that must be there for it to work at its pace."""
        return self.mapped + self.anonymous

    @property
    def host(self) -> int:
        """The part that does not lie on a GPU."""
        return self.total - self.device

    @property
    def peak(self) -> int:
        """What is resident while memory is plentiful: what VmHWM shows."""
        return self.total + self.passing


def footprint(model: Path, mmproj: Path, config: VisionConfig, image_tokens: int) -> Footprint:
    """Compute how much memory a session will take.

    Args:
        model: The language model, a GGUF file.
        mmproj: Its image encoder.
        config: How it is to be loaded.
        image_tokens: The most tokens a picture will have.

    Raises:
        ModelMissing, ModelDamaged: A file cannot be read.
        AdapterUnusable: Nor can an adapter.
    """
    language, encoder = gguf_header.read(model), gguf_header.read(mmproj)
    number = _numbers(language)
    layers = language.layers
    on_gpu = layers + 1 if config.gpu_layers < 0 else min(config.gpu_layers, layers + 1)
    share = min(on_gpu, layers) / max(layers, 1)
    weights, repacked, on_device = _weights(language, config, layers + 1 - on_gpu)
    mapped = weights - on_device if config.mmap else 0
    kv = _kv(number, config)
    compute = _compute(number, config)
    vision = sum(tensor.bytes for tensor in encoder.tensors)
    vision_compute = _vision_compute(encoder, config, image_tokens)
    pictures = _pictures(number, image_tokens)
    adapters = sum(_adapter(lora.path) for lora in config.lora)
    device = on_device + int(kv * share) + (compute + vision + vision_compute + adapters if on_gpu else 0)
    return Footprint(
        mapped=mapped,
        copied=weights - mapped + (repacked if config.mmap else 0),
        passing=on_device if config.mmap else 0,
        kv=kv,
        compute=compute + _vocabulary(language),
        vision=vision,
        vision_compute=vision_compute + pictures,
        adapters=adapters,
        device=device,
    )


def _adapter(path: Path) -> int:
    try:
        return sum(tensor.bytes for tensor in gguf_header.read(path).tensors)
    except ModelError as error:
        raise AdapterUnusable(error.detail, path.name) from error


def _vocabulary(header: Header) -> int:
    return _VOCABULARY_BYTES * sum(header.numbers.get(f"tokenizer.ggml.{name}", 0) for name in ("tokens", "merges"))


def _numbers(header: Header) -> Callable[[str], int]:
    return lambda name: header.numbers.get(f"{header.architecture}.{name}", 0)


def _weights(header: Header, config: VisionConfig, first_on_gpu: int) -> tuple[int, int, int]:
    """Return the bytes of all weights, of those that the processor repacks, and of those on a GPU.

    The layers from `first_on_gpu` on are there, the output counting as one more; the token embeddings never are, so that a model
    whose output is its token embeddings has them twice (llama-model.cpp, load_tensors).
    """
    output = _numbers(header)("block_count")
    names = {tensor.name for tensor in header.tensors}
    kinds = _REPACKED_ARM if platform.machine() in {"arm64", "aarch64"} else _REPACKED_X86
    weights = repacked = device = 0
    for tensor in header.tensors:
        place = int(tensor.name.split(".")[1]) if tensor.name.startswith("blk.") else output
        if tensor.name == "token_embd.weight":
            twice = "output.weight" not in names
            copied = tensor.bytes if twice and first_on_gpu <= output else 0
            weights += tensor.bytes + copied
            device += copied
            continue
        weights += tensor.bytes
        if place >= first_on_gpu:
            device += tensor.bytes
        elif config.repack and tensor.kind in kinds:
            repacked += tensor.bytes
    return weights, repacked, device


def _kv(number: Callable[[str], int], config: VisionConfig) -> int:
    """Return the bytes of the KV cache (llama-kv-cache.cpp)."""
    width = number("attention.head_count_kv") * (number("attention.key_length") + number("attention.value_length"))
    return int(number("block_count") * width * config.n_ctx * _KV_BYTES[config.kv_type])


def _compute(number: Callable[[str], int], config: VisionConfig) -> int:
    """Return the bytes of the language model's compute buffers.

    What a token of a batch needs at once is most in the feed-forward part, or without flash attention perhaps in the attention:
    the input with what DeepStack adds to it, some vectors of the hidden size, and the attention mask, F16 with flash attention.
    """
    batch = min(config.n_ubatch, config.n_batch)
    hidden, heads = number("embedding_length"), number("attention.head_count")
    flash = config.flash_attention != "off"  # "auto" is on wherever it works
    carried = (1 + number("n_deepstack_layers") + 6) * hidden
    mask = config.n_ctx // 2 if flash else config.n_ctx
    forward = carried + 3 * number("feed_forward_length") + mask
    keys = number("attention.head_count_kv") * number("attention.key_length")
    attention = carried + 2 * heads * number("attention.key_length") + 2 * keys + heads * config.n_ctx + mask
    rows = number("feed_forward_length") * 1.15  # of the batch, quantised for the product with quantised weights, by ggml-cpu.c
    return int(batch * (_FLOAT * (forward if flash else max(forward, attention)) + rows))


def _vision_compute(encoder: Header, config: VisionConfig, image_tokens: int) -> int:
    """Return the bytes of the image encoder's compute buffers for a picture of that many tokens.

    Without flash attention every patch is held against every other, in each head.
    """
    hidden = encoder.numbers.get("clip.vision.embedding_length", 0)
    heads = encoder.numbers.get("clip.vision.attention.head_count", 0)
    patches = _PATCHES_PER_TOKEN * image_tokens
    flash = config.flash_attention != "off"
    floats = 10 * hidden if flash else 11 * hidden + heads * patches
    rows = encoder.numbers.get("clip.vision.feed_forward_length", 0) * 1.15  # quantised, as above
    return int(patches * (_FLOAT * floats + rows))


def _pictures(number: Callable[[str], int], image_tokens: int) -> int:
    """Return the bytes of what is kept of pictures.

    The encoder's output, a copy of it for the current picture and one for the former; the pixels as floats, twice, while they are
    being encoded.
    """
    embedding = (1 + number("n_deepstack_layers")) * number("embedding_length")
    return _FLOAT * image_tokens * (3 * embedding + 2 * _PATCHES_PER_TOKEN * _PATCH_FLOATS)

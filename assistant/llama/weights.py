"""Loading the two files of a vision-language model, with a clear error for every way in which that can fail."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp import mtmd_cpp

from assistant.config import VisionConfig
from assistant.errors import ModelDamaged, ModelError, ModelMismatch, ModelUnsupported, OutOfMemory
from assistant.llama import adapters, gguf_header
from assistant.llama.native_log import complaints
from assistant.machine import processors
from assistant.types import Cancellation

ARCHITECTURES = frozenset({"qwen2vl", "qwen3vl", "qwen3vlmoe"})
"""`general.architecture` of the Qwen-VL family (llama.cpp `src/llama-arch.cpp`); Qwen2.5-VL calls itself qwen2vl too."""
_ENCODER = "clip"
"""`general.architecture` of every mmproj."""
_NODES_PER_POLL = {"cpu": 1, "gpu": 16}
"""How many graph nodes of the image encoder run between two looks at the cancellation. Each look waits for the device:
nothing on a CPU (one node of the 2B took up to 72 ms on two cores), costly on a GPU, where nodes are short."""


class Weights:
    """A language model, its context and its image encoder, loaded and ready.

    The attributes are llama.cpp's own handles. Polling of a `Cancellation` is set up here because llama.cpp takes the image
    encoder's callback only at load time.

    Args:
        model: The language model, a GGUF file.
        mmproj: The image encoder published with it.
        config: How much of the machine to use.
        image_tokens: Fewest and most tokens of a picture.

    Raises:
        ModelMissing, ModelDamaged, ModelMismatch, ModelUnsupported, AdapterUnusable, OutOfMemory: as the name says.
    """

    def __init__(self, model: Path, mmproj: Path, config: VisionConfig, image_tokens: tuple[int, int]) -> None:
        self.model: Any = None
        self.context: Any = None
        self.vision: Any = None
        self._cancellation = Cancellation()
        # bool strlen(char *) is true once a flag holds a character: no Python, no GIL in llama.cpp's inner loop
        self._is_set = ctypes.cast(ctypes.CDLL(None).strlen, llama_cpp.ggml_abort_callback)
        self._threads = config.threads or processors()
        self._nodes_per_poll = _NODES_PER_POLL["gpu" if config.gpu_layers else "cpu"]
        self._nodes = 0
        _check(model, mmproj, config)
        llama_cpp.llama_backend_init()
        try:
            self._load_model(model, config)
            self._create_context(model, config)
            adapters.attach(config.lora, self.model, self.context)
            self._load_vision(mmproj, config, image_tokens)
        except BaseException:
            self.close()
            raise

    def _load_model(self, path: Path, config: VisionConfig) -> None:
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = config.gpu_layers
        params.load_mode = llama_cpp.LLAMA_LOAD_MODE_MMAP if config.mmap else llama_cpp.LLAMA_LOAD_MODE_NONE
        params.use_extra_bufts = config.repack
        with complaints() as lines:
            self.model = llama_cpp.llama_model_load_from_file(os.fsencode(path), params)
        if not self.model:
            raise _load_error(path, lines)
        self.vocab = llama_cpp.llama_model_get_vocab(self.model)
        self.embedding_size: int = llama_cpp.llama_model_n_embd_inp(self.model)

    def _create_context(self, path: Path, config: VisionConfig) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = min(config.n_ctx, llama_cpp.llama_model_n_ctx_train(self.model))
        params.n_batch, params.n_ubatch = config.n_batch, min(config.n_ubatch, config.n_batch)
        params.n_threads = params.n_threads_batch = self._threads
        params.flash_attn_type = _flash_attention(config)
        params.type_k = params.type_v = {"f16": llama_cpp.GGML_TYPE_F16, "q8_0": llama_cpp.GGML_TYPE_Q8_0}[config.kv_type]
        params.n_outputs_max = 1  # logits of one token per step: saves n_ubatch times the vocabulary in floats
        with complaints() as lines:
            self.context = llama_cpp.llama_init_from_model(self.model, params)
        if not self.context:
            raise OutOfMemory(f"{path}: no context of {params.n_ctx} tokens: {_joined(lines)}", path.name)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.n_ctx: int = llama_cpp.llama_n_ctx(self.context)
        self.n_batch: int = llama_cpp.llama_n_batch(self.context)

    def _load_vision(self, path: Path, config: VisionConfig, image_tokens: tuple[int, int]) -> None:
        self._on_node = llama_cpp.ggml_backend_sched_eval_callback(self._go_on)  # kept: C holds only its address
        params = mtmd_cpp.mtmd_context_params_default()
        params.use_gpu = config.gpu_layers != 0
        params.n_threads = self._threads
        params.flash_attn_type = _flash_attention(config)
        params.print_timings = False
        params.warmup = False  # it takes the memory of 2116 tokens, whatever image_max_tokens says
        params.image_min_tokens, params.image_max_tokens = image_tokens
        params.cb_eval = self._on_node
        with complaints() as lines:
            self.vision = mtmd_cpp.mtmd_init_from_file(os.fsencode(path), self.model, params)
        if not self.vision:
            raise _load_error(path, lines)
        if not mtmd_cpp.mtmd_support_vision(self.vision) or not mtmd_cpp.mtmd_decode_use_mrope(self.vision):
            raise ModelUnsupported(f"{path}: not the picture part of a Qwen vision model", path.name)

    def poll(self, cancellation: Cancellation) -> None:
        """Let the following work of the model and of the image encoder be stopped by `cancellation`."""
        self._cancellation = cancellation
        flag = (ctypes.c_char * len(cancellation.flag)).from_buffer(cancellation.flag)
        self._polled = flag  # kept: C holds only its address
        # Polled after every node, on the CPU backend only; on a GPU the batch in flight ends first.
        llama_cpp.llama_set_abort_callback(self.context, self._is_set, ctypes.cast(flag, ctypes.c_void_p))

    def _go_on(self, _tensor: Any, ask: bool, _user: Any) -> bool:  # noqa: FBT001 - llama.cpp's signature
        """Answer the scheduler: asked beforehand, pause after this node? Asked in the pause, go on?"""
        if not ask:
            return not self._cancellation.cancelled
        self._nodes += 1
        return self._nodes % self._nodes_per_poll == 0

    def chat_template(self) -> str:
        """Return the jinja template that the language model was published with, empty where there is none."""
        template = llama_cpp.llama_model_chat_template(self.model, None)
        return template.decode() if template else ""

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return token ids.

        Args:
            text: Any text.
            special: Whether control tokens such as <|im_end|> are recognised: only in text of our own, never in what was said.
        """
        data = text.encode(errors="replace")  # half a surrogate pair has no bytes
        buffer = (llama_cpp.llama_token * (len(data) + 8))()
        n = llama_cpp.llama_tokenize(self.vocab, data, len(data), buffer, len(buffer), False, special)  # noqa: FBT003
        if n < 0:
            raise ModelError(f"the text of {len(data)} bytes could not be tokenised")
        return list(buffer[:n])

    def piece(self, token: int) -> bytes:
        """Return the bytes a token stands for: perhaps a part of a character, nothing for a control token."""
        buffer = ctypes.create_string_buffer(256)
        n = llama_cpp.llama_token_to_piece(self.vocab, token, buffer, len(buffer), 0, False)  # noqa: FBT003
        return buffer.raw[: max(n, 0)]

    def close(self) -> None:
        """Free the memory. May be called twice."""
        if self.vision:
            mtmd_cpp.mtmd_free(self.vision)
        if self.context:
            llama_cpp.llama_free(self.context)
        if self.model:
            llama_cpp.llama_model_free(self.model)
        self.vision = self.context = self.model = None


def _check(model: Path, mmproj: Path, config: VisionConfig) -> None:
    """Refuse in a moment what llama.cpp would refuse late, with another reason, or not at all."""
    language, encoder = gguf_header.read(model), gguf_header.read(mmproj)
    if language.architecture not in ARCHITECTURES:
        raise ModelUnsupported(f"{model}: architecture {language.architecture!r}, not one of {sorted(ARCHITECTURES)}", model.name)
    if encoder.architecture != _ENCODER:
        raise ModelMismatch(f"{mmproj} is no image encoder: its architecture is {encoder.architecture!r}", mmproj.name)
    adapters.check(config.lora, language.architecture)


def _load_error(path: Path, lines: list[str]) -> ModelError | OutOfMemory:
    """Find the error that llama.cpp's complaints mean; it returns nothing but a null pointer."""
    said = _joined(lines)
    detail = f"{path}: {said or 'llama.cpp could not load it and did not say why'}"
    if "mismatch between text model" in said:
        return ModelMismatch(detail, path.name)
    if "unknown projector type" in said:
        return ModelUnsupported(detail, path.name)
    if "allocate" in said or "out of memory" in said or "bad_alloc" in said:
        return OutOfMemory(detail, path.name)
    return ModelDamaged(detail, path.name)


def _joined(lines: list[str]) -> str:
    return " ".join("".join(lines).split())


def _flash_attention(config: VisionConfig) -> int:
    kind: int = {
        "auto": llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO,
        "on": llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED,
        "off": llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED,
    }[config.flash_attention]
    return kind

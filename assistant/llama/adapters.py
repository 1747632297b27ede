"""LoRA adapters: small weights that were trained on top of a language model's own, added while it computes."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

import llama_cpp

from assistant.config import LoraConfig
from assistant.errors import AdapterUnusable, ModelError, OutOfMemory
from assistant.llama import gguf_header
from assistant.llama.native_log import complaints


def check(adapters: Sequence[LoraConfig], architecture: str) -> None:
    """Refuse, before gigabytes are loaded, what can be seen not to belong to a model of `architecture`.

    Raises:
        AdapterUnusable: A file is not there, damaged, no adapter, or one for another kind of model.
    """
    for lora in adapters:
        path = lora.path
        try:
            header = gguf_header.read(path)
        except ModelError as error:
            raise AdapterUnusable(error.detail, path.name) from error
        if header.texts.get("general.type") != "adapter":
            raise AdapterUnusable(f"{path} is no adapter: its general.type is {header.texts.get('general.type')!r}", path.name)
        if header.architecture != architecture:
            raise AdapterUnusable(f"{path} is for {header.architecture!r}, and the model is {architecture!r}", path.name)


def attach(adapters: Sequence[LoraConfig], model: Any, context: Any) -> None:
    """Load adapters and let them all work in a context; llama.cpp frees them with the model.

    Raises:
        AdapterUnusable: Its matrices do not fit the model's.
        OutOfMemory: It does not fit into memory.
    """
    if not adapters:
        return
    handles = (llama_cpp.llama_adapter_lora_p_ctypes * len(adapters))()
    for i, lora in enumerate(adapters):
        with complaints() as lines:
            handle = llama_cpp.llama_adapter_lora_init(model, os.fsencode(lora.path))
        if not handle:
            said = " ".join("".join(lines).split())
            kind = OutOfMemory if "allocate" in said else AdapterUnusable
            raise kind(f"{lora.path}: {said}", lora.path.name)
        handles[i] = handle
    scales = (ctypes.c_float * len(adapters))(*(lora.scale for lora in adapters))
    if llama_cpp.llama_set_adapters_lora(context, handles, len(adapters), scales):
        raise AdapterUnusable("llama.cpp could not set the adapters", adapters[-1].path.name)

"""What llama.cpp, as it is built here, can compute on."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
from llama_cpp import _ggml

from assistant.llama.native_log import complaints
from assistant.machine import Gpu

_GPU, _INTEGRATED_GPU = 1, 2
"""GGML_BACKEND_DEVICE_TYPE_GPU and _IGPU of ggml-backend.h."""


def gpus() -> list[Gpu]:
    """Return the graphics processors of this machine that it can use; none where it was built without CUDA, Vulkan or Metal."""
    with complaints():  # CUDA and Vulkan tell the terminal what they find
        llama_cpp.llama_backend_init()
        library = _library()
        devices = [library.ggml_backend_dev_get(number) for number in range(library.ggml_backend_dev_count())]
        return [_gpu(library, device) for device in devices if library.ggml_backend_dev_type(device) in {_GPU, _INTEGRATED_GPU}]


def free_gpu_memory() -> int | None:
    """Return how many bytes are free on all graphics cards together; None where there is none with a memory of its own."""
    cards = [gpu for gpu in gpus() if not gpu.integrated]
    return sum(card.free for card in cards) if cards else None


def _gpu(library: Any, device: int) -> Gpu:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    library.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
    name, description = (text(device).decode() for text in (library.ggml_backend_dev_name, library.ggml_backend_dev_description))
    return Gpu(f"{name}: {description}", total.value, free.value, library.ggml_backend_dev_type(device) == _INTEGRATED_GPU)


def _library() -> Any:
    """Return ggml, whose functions about devices llama-cpp-python does not bind."""
    library: Any = _ggml.libggml
    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    library.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    library.ggml_backend_dev_get.restype = ctypes.c_void_p
    for name in ("name", "description"):
        getattr(library, f"ggml_backend_dev_{name}").restype = ctypes.c_char_p
        getattr(library, f"ggml_backend_dev_{name}").argtypes = [ctypes.c_void_p]
    library.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    library.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)]
    library.ggml_backend_dev_memory.restype = None
    return library

"""The graphics cards that this build of llama.cpp can compute on."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp
from llama_cpp._ggml import libggml

_GPU = 1
"""GGML_BACKEND_DEVICE_TYPE_GPU (ggml-backend.h); an integrated one, which has no memory of its own, is another type."""


def gpu_memory() -> int | None:
    """Return how many bytes are free on all graphics cards together; None where llama.cpp knows of none."""
    llama_cpp.llama_backend_init()
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    found = []
    for i in range(_call("ggml_backend_dev_count", ctypes.c_size_t)):
        device = ctypes.c_void_p(_call("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t(i)))
        if _call("ggml_backend_dev_type", ctypes.c_int, device) == _GPU:
            _call("ggml_backend_dev_memory", None, device, ctypes.byref(free), ctypes.byref(total))
            found.append(free.value)
    return sum(found) if found else None


def _call(name: str, result: Any, *arguments: Any) -> Any:
    """Call a function of ggml-backend.h, which llama-cpp-python has no bindings for."""
    function = libggml[name]
    function.restype = result
    return function(*arguments)

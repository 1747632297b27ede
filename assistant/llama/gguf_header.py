"""What a GGUF file says of itself, read with ggml's own reader before the file is loaded.

llama.cpp takes an mmproj whose last tensor is cut short without a word, and calls two files in each other's place damaged.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
from pathlib import Path
from typing import Any

from llama_cpp._ggml import libggml

from assistant.errors import ModelDamaged, ModelMissing
from assistant.llama.native_log import complaints

_STRING = 8
"""GGUF_TYPE_STRING (gguf.h); asking for the string of another type aborts the process."""


class _Parameters(ctypes.Structure):
    """gguf_init_params (gguf.h): leave the data alone, and where to put the tensors' shapes."""

    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What decides whether a file can be loaded."""

    architecture: str
    """`general.architecture`, such as "qwen3vl"; "clip" for an image encoder."""
    size: int
    """How many bytes the file has at least, by its table of tensors."""


def read(path: Path) -> Header:
    """Read a file's header.

    Raises:
        ModelMissing: There is no such file, or it cannot be opened.
        ModelDamaged: It is not a GGUF file, or shorter than its header says.
    """
    try:
        with path.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error}", path.name) from error
    with complaints() as lines:
        file = _call("gguf_init_from_file", ctypes.c_void_p, os.fsencode(path), _Parameters(no_alloc=True, context=None))
    if not file:
        raise ModelDamaged(f"{path} is not a whole GGUF file: {' '.join(''.join(lines).split())}", path.name)
    handle = ctypes.c_void_p(file)
    header = Header(_architecture(handle), _size(handle))
    _call("gguf_free", None, handle)
    if size < header.size:
        raise ModelDamaged(f"{path} has {size:,} of its {header.size:,} bytes", path.name)
    return header


def _architecture(file: ctypes.c_void_p) -> str:
    key = ctypes.c_int64(_call("gguf_find_key", ctypes.c_int64, file, b"general.architecture"))
    if key.value < 0 or _call("gguf_get_kv_type", ctypes.c_int, file, key) != _STRING:
        return ""
    name: bytes = _call("gguf_get_val_str", ctypes.c_char_p, file, key)
    return name.decode(errors="replace")


def _size(file: ctypes.c_void_p) -> int:
    def of(name: str, tensor: int) -> int:
        number: int = _call(name, ctypes.c_size_t, file, ctypes.c_int64(tensor))
        return number

    tensors = range(_call("gguf_get_n_tensors", ctypes.c_int64, file))
    start: int = _call("gguf_get_data_offset", ctypes.c_size_t, file)
    return start + max((of("gguf_get_tensor_offset", i) + of("gguf_get_tensor_size", i) for i in tensors), default=0)


def _call(name: str, result: Any, *arguments: Any) -> Any:
    """Call a function of gguf.h, which llama-cpp-python has no bindings for."""
    function = libggml[name]
    function.restype = result
    return function(*arguments)

"""What a GGUF file says of itself, read with ggml's own reader before the file is loaded.

llama.cpp takes an mmproj whose last tensor is cut short without a word, and calls two files in each other's place damaged.
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llama_cpp._ggml import libggml

from assistant.errors import ModelDamaged, ModelMissing
from assistant.llama.native_log import complaints

_STRING, _ARRAY = 8, 9
"""GGUF_TYPE_STRING and GGUF_TYPE_ARRAY (gguf.h); asking for a value as another type than its own aborts the process."""
_NUMBERS = {4: ("gguf_get_val_u32", ctypes.c_uint32), 5: ("gguf_get_val_i32", ctypes.c_int32)}
"""GGUF_TYPE_UINT32 and GGUF_TYPE_INT32: sizes and counts are written in these."""


class _Parameters(ctypes.Structure):
    """gguf_init_params (gguf.h): leave the data alone, and where to put the tensors' shapes."""

    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


@dataclasses.dataclass(frozen=True, slots=True)
class Tensor:
    """One matrix or vector of weights."""

    name: str
    kind: int
    """GGML_TYPE of its numbers (ggml.h): 0 for F32, 12 for Q4_K."""
    bytes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What decides whether a file can be loaded, and how much memory that takes."""

    architecture: str
    """`general.architecture`, such as "qwen3vl"; "clip" for an image encoder."""
    size: int
    """How many bytes the file has at least, by its table of tensors."""
    texts: Mapping[str, str]
    """Metadata that are strings, by name."""
    numbers: Mapping[str, int]
    """Metadata that are whole numbers, by name; of arrays their lengths."""
    tensors: tuple[Tensor, ...]

    @property
    def layers(self) -> int:
        """How many layers the network has."""
        return self.numbers.get(f"{self.architecture}.block_count", 0)


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
    header = _header(handle)
    _call("gguf_free", None, handle)
    if size < header.size:
        raise ModelDamaged(f"{path} has {size:,} of its {header.size:,} bytes", path.name)
    return header


def _header(file: ctypes.c_void_p) -> Header:
    texts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for i in map(ctypes.c_int64, range(_call("gguf_get_n_kv", ctypes.c_int64, file))):
        key = _call("gguf_get_key", ctypes.c_char_p, file, i).decode(errors="replace")
        kind: int = _call("gguf_get_kv_type", ctypes.c_int, file, i)
        if kind == _STRING:
            texts[key] = _call("gguf_get_val_str", ctypes.c_char_p, file, i).decode(errors="replace")
        elif kind == _ARRAY:
            numbers[key] = _call("gguf_get_arr_n", ctypes.c_size_t, file, i)
        elif kind in _NUMBERS:
            function, result = _NUMBERS[kind]
            numbers[key] = _call(function, result, file, i)
    start: int = _call("gguf_get_data_offset", ctypes.c_size_t, file)
    size, tensors = start, []
    for i in map(ctypes.c_int64, range(_call("gguf_get_n_tensors", ctypes.c_int64, file))):
        name = _call("gguf_get_tensor_name", ctypes.c_char_p, file, i).decode(errors="replace")
        kind = _call("gguf_get_tensor_type", ctypes.c_int, file, i)
        tensors.append(Tensor(name, kind, _call("gguf_get_tensor_size", ctypes.c_size_t, file, i)))
        size = max(size, start + _call("gguf_get_tensor_offset", ctypes.c_size_t, file, i) + tensors[-1].bytes)
    return Header(texts.get("general.architecture", ""), size, texts, numbers, tuple(tensors))


def _call(name: str, result: Any, *arguments: Any) -> Any:
    """Call a function of gguf.h, which llama-cpp-python has no bindings for."""
    function = libggml[name]
    function.restype = result
    return function(*arguments)

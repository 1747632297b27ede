"""What llama.cpp says while it works: kept silent, its complaints kept for error messages.

llama.cpp explains a failed load only in its log. mtmd also logs the text of prompts, which is private, so nothing but errors
is ever looked at, and they only while a model is being loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

import llama_cpp
from llama_cpp import mtmd_cpp

_ERROR = 4
"""GGML_LOG_LEVEL_ERROR (ggml.h)."""
_CONTINUED = 5
"""GGML_LOG_LEVEL_CONT: goes on with the line before."""

_listener: list[str] | None = None


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _on_log(level: int, text: bytes, _user: ctypes.c_void_p) -> None:
    if _listener is not None and level in {_ERROR, _CONTINUED}:
        _listener.append(text.decode(errors="replace"))


@contextlib.contextmanager
def complaints() -> Iterator[list[str]]:
    """Silence llama.cpp from now on, and yield a list that fills with its error lines while the context lasts."""
    global _listener  # noqa: PLW0603 - llama.cpp has one log for the whole process
    llama_cpp.llama_log_set(_on_log, ctypes.c_void_p(0))
    mtmd_cpp.mtmd_helper_log_set(_on_log, ctypes.c_void_p(0))
    lines: list[str] = []
    _listener = lines
    try:
        yield lines
    finally:
        _listener = None

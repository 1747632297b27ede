"""Texts that were read from a file and know where it lies: relative paths are relative to the file they stand in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import pydantic
from typing_extensions import Self


class Written(str):
    """A text that stands in a file of `folder`."""

    __slots__ = ("folder",)
    folder: Path

    def __new__(cls, text: str, folder: Path) -> Self:
        """Return `text` as it stands there."""
        written = super().__new__(cls, text)
        written.folder = folder
        return written


def written(value: Any, folder: Path) -> Any:
    """Return what TOML has read from a file of `folder`, with every text in it as a `Written`."""
    if isinstance(value, str):
        return Written(value, folder)
    if isinstance(value, dict):
        return {key: written(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [written(item, folder) for item in value]
    return value


def _beside_file(value: Any) -> Any:
    if not isinstance(value, Written):
        return value
    try:
        return Path(value.folder, Path(value).expanduser())
    except RuntimeError as error:
        raise ValueError("the home folder of that user is not known") from error


def _name_or_file(value: Any) -> Any:
    """Make a path absolute; leave a name or an address as it is."""
    if not isinstance(value, Written):
        return value
    is_path = ("/" in value and "://" not in value) or value.endswith((".gguf", ".onnx"))
    return str(_beside_file(value)) if is_path else value


FilePath: TypeAlias = Annotated[Path, pydantic.BeforeValidator(_beside_file)]
NameOrPath: TypeAlias = Annotated[str, pydantic.BeforeValidator(_name_or_file)]
"""A name, or a path: something with a slash in it that is no address, or that ends in .gguf or .onnx."""

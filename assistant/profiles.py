"""Profiles: settings for one kind of machine, in TOML files that come with the program; and files of the user's own beside them.

A file may begin with ``extends``, the name of a profile or the path of another file, and then says only what differs from that.
``extends = "auto"`` is the profile that fits this machine.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic

from assistant.errors import ConfigError
from assistant.layers import Layer
from assistant.types import Language
from assistant.written import Written, written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PACKED = Path(__file__).with_name("configs")
CONFIGS = _PACKED if _PACKED.is_dir() else Path(__file__).parents[1] / "configs"
"""In an installed package they lie within it, in the repository beside it."""
AUTO = "auto"
"""Stands for the profile that fits this machine."""
COMMAND_LINE = "--set"


class _Header(pydantic.BaseModel):
    """What a file says about itself; the rest of it are settings."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    extends: str | None = None
    about: str = ""
    spoken: dict[Language, str] = {}


@dataclasses.dataclass(frozen=True, slots=True)
class Profile:
    """A profile, or a file of the user's own, with all that it extends."""

    name: str
    """Of the profile, or of the one that the file extends; empty where it extends none."""
    layers: tuple[Layer, ...]
    """The one at the bottom first."""
    about: str
    """What the topmost file says it is for, in a line."""
    spoken: Mapping[Language, str]
    """What the profile is called when it is spoken of."""


def names() -> list[str]:
    """Return the names of the profiles."""
    return sorted(path.stem for path in CONFIGS.glob("*.toml"))


def load(name: str, told_by: str, pick: Callable[[], str], *, below: str | None = None) -> Profile:
    """Read a profile, or a file of the user's own.

    Args:
        name: A profile's name, or a path: something with a slash in it or that ends in .toml.
        told_by: Who asks for it, for people.
        pick: Returns the name of the profile that fits this machine.
        below: What it extends, in place of what it says itself.

    Raises:
        ConfigError: A file cannot be read, or extends itself or what is not there.
    """
    return _load(Written(name, Path.cwd()), told_by, pick, below, ())


def _load(name: Written, told_by: str, pick: Callable[[], str], below: str | None, above: tuple[Path, ...]) -> Profile:
    named = pick() if name == AUTO else str(name)
    is_path = "/" in named or named.endswith(".toml")
    path = Path(name.folder, Path(named).expanduser()) if is_path else CONFIGS / f"{named}.toml"
    if not is_path and not path.is_file():
        raise ConfigError(f"{told_by}: there is no profile {named!r}; there are: {', '.join(names())}")
    if path in above:
        raise ConfigError(f"{told_by}: it extends {named!r}, which extends it in turn")
    table = _read(path)
    header = _header(table, path)
    settings = {key: value for key, value in table.items() if key not in _Header.model_fields}
    layer = Layer(f"file {path}" if is_path else f"profile {named}", settings)
    extends = below or header.extends
    if not extends:
        return Profile("" if is_path else named, (layer,), header.about, header.spoken)
    lower = _load(Written(extends, path.parent), str(path), pick, None, (*above, path))
    known = lower if is_path else Profile(named, (), header.about, header.spoken)
    return Profile(known.name, (*lower.layers, layer), header.about, known.spoken)


def _read(path: Path) -> dict[str, Any]:
    try:
        table: dict[str, Any] = written(tomllib.loads(path.read_text(encoding="utf-8")), path.absolute().parent)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return table


def _header(table: Mapping[str, Any], path: Path) -> _Header:
    try:
        return _Header.model_validate({key: table[key] for key in _Header.model_fields if key in table})
    except pydantic.ValidationError as error:
        mistakes = (f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError("\n".join(mistakes)) from error


def from_command_line(settings: Sequence[str]) -> Layer:
    """Return the layer that ``--set a.b=value`` makes; a value is written as in TOML, or is a bare word.

    Raises:
        ConfigError: One is not of that form; all of them are listed, one a line.
    """
    table: dict[str, Any] = {}
    mistakes: list[str] = []
    for setting in settings:
        name, equals, text = setting.partition("=")
        key = [part.strip() for part in name.split(".")]
        if not equals or not all(key):
            mistakes.append(f"{COMMAND_LINE} {setting}: it must look like vision.model=practice")
            continue
        section = table
        for part in key[:-1]:
            if not isinstance(section.get(part), dict):
                section[part] = {}
            section = section[part]
        section[key[-1]] = _value(text.strip())
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return Layer(COMMAND_LINE, table)


def _value(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        table = {}
    return written(table["value"], Path.cwd()) if table.keys() == {"value"} else Written(text, Path.cwd())

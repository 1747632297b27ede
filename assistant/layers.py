"""Layers of settings, each from a place of its own, laid over one another; and where each value came from.

An upper layer's values take the place of a lower one's, one by one. Where it chooses another ``kind`` in a section, nothing of the
lower ones' section is left: an espeak voice's pitch means nothing to another voice. Lists are replaced whole.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pydantic

from assistant.config import Config
from assistant.errors import ConfigError

Key: TypeAlias = tuple[str, ...]
"""The way to a value: the names of its sections, and its own."""

DEFAULT = "default"
"""Where a value comes from that no layer says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layer:
    """Settings that stand in one place."""

    origin: str
    """That place, for people."""
    table: Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """One setting as it is in the end."""

    key: str
    """With dots."""
    value: Any
    """As JSON knows it; None where it is empty."""
    origin: str

    def __str__(self) -> str:
        """Return a plain line, as TOML writes it."""
        told = "is empty" if self.value is None else f"= {json.dumps(self.value, ensure_ascii=False)}"
        return f"{self.key} {told} ({self.origin})"


@dataclasses.dataclass(frozen=True, slots=True)
class Layered:
    """What layers come to."""

    config: Config
    origins: Mapping[Key, str]
    """Of each value that a layer says."""

    def origin(self, key: Key) -> str:
        """Return where the value at `key` comes from."""
        return next((self.origins[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.origins), DEFAULT)

    def values(self) -> list[Value]:
        """Return every setting, in the order of `Config`."""
        return [Value(".".join(key), value, self.origin(key)) for key, value in _leaves(self.config.model_dump(mode="json"))]


def lay(layers: Sequence[Layer]) -> Layered:
    """Lay `layers` over one another, the first at the bottom.

    Raises:
        ConfigError: There are mistakes, all of which are listed, one a line, with the place each stands in; also those in values
            that an upper layer replaces.
    """
    kinds = {name: {"kind": section.kind} for name, section in Config() if hasattr(section, "kind")}
    table: dict[str, Any] = {}
    origins: dict[Key, str] = {}
    mistakes: dict[str, None] = {}
    for layer in (Layer(DEFAULT, kinds), *layers):
        _lay_over(table, layer.table, layer.origin, origins, ())
        mistakes |= dict.fromkeys(_mistakes(table, origins, of_values=True))
    mistakes |= dict.fromkeys(_mistakes(table, origins))
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    return Layered(Config.model_validate(table), origins)


def _mistakes(table: Mapping[str, Any], origins: Mapping[Key, str], *, of_values: bool = False) -> Iterator[str]:
    """Yield what is wrong; `of_values` only what is so whatever comes on top: what is missing, upper layers may say."""
    try:
        Config.model_validate(table)
    except pydantic.ValidationError as error:
        for mistake in error.errors():
            key = _key(mistake["loc"], table)
            if not of_values or key in origins:
                message = "there is no such setting" if mistake["type"] == "extra_forbidden" else mistake["msg"]
                yield f"{', '.join(_places(key, origins))}: {'.'.join(key)}: {message.removeprefix('Value error, ')}"


def _lay_over(table: dict[str, Any], upper: Mapping[str, Any], origin: str, origins: dict[Key, str], at: Key) -> None:
    if at and "kind" in upper and upper["kind"] != table.get("kind"):
        table.clear()
        _forget(origins, at)
    for name, value in upper.items():
        key = (*at, name)
        if isinstance(value, Mapping):
            if not isinstance(table.get(name), dict):
                table[name] = {}
                _forget(origins, key)
            _lay_over(table[name], value, origin, origins, key)
        else:
            table[name] = value
            _forget(origins, key)
            origins[key] = origin


def _forget(origins: dict[Key, str], at: Key) -> None:
    for key in [key for key in origins if key[: len(at)] == at]:
        del origins[key]


def _key(location: Sequence[int | str], table: Any) -> Key:
    """Return where a mistake stands, without the kinds that pydantic puts between: what is written there does not have them."""
    key: list[str] = []
    kind = None
    for part in location:
        if kind == part:
            kind = None
            continue
        key.append(str(part))
        if isinstance(table, Mapping):
            table = table.get(str(part))
        elif isinstance(table, list) and isinstance(part, int):
            table = table[part]
        else:
            table = None
        kind = table.get("kind") if isinstance(table, Mapping) else None
    return tuple(key)


def _places(key: Key, origins: Mapping[Key, str]) -> list[str]:
    """Return the places that say something about `key`, or else about the nearest section around it."""
    for n in range(len(key), 0, -1):
        if places := {origin: None for other, origin in origins.items() if other[:n] == key[:n] and origin != DEFAULT}:
            return list(places)
    return [DEFAULT]


def _leaves(value: Any, at: Key = ()) -> Iterator[tuple[Key, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) and value else None
    if items is None:
        yield at, value
        return
    for name, item in items:
        yield from _leaves(item, (*at, str(name)))

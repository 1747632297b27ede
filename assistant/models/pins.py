"""What must be in a file of which the catalogue knows neither size nor sha256: what a hub said at the first download.

That is trust on first use. It does not tell whether the first file was the right one, but nobody can exchange it unnoticed later: a
broken file is found, and another hub must have the same one. The pins lie beside the models, in ``pinned.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, TypeAlias

import filelock
import pydantic

from assistant.errors import ConfigError
from assistant.folders import models_folder

Sha256: TypeAlias = Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{64}$")]


class Content(pydantic.BaseModel):
    """What is in a file."""

    model_config = pydantic.ConfigDict(frozen=True)

    bytes: Annotated[int, pydantic.Field(gt=0)]
    sha256: Sha256


_PINS = pydantic.TypeAdapter(dict[str, Content])


def pins_path() -> Path:
    """Return where they lie."""
    return models_folder() / "pinned.json"


def pinned(name: str) -> Content | None:
    """Return what was pinned under a name.

    Raises:
        ConfigError: The pins cannot be read.
    """
    return _read().get(name)


def pin(name: str, content: Content) -> None:
    """Require this content under a name from now on.

    Raises:
        ConfigError: The pins cannot be read.
        OSError: They cannot be written.
    """
    path = pins_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(path.with_name(".pinned.lock")):
        pins = {key: value.model_dump() for key, value in _read().items()} | {name: content.model_dump()}
        new = path.with_name("pinned.json.part")
        new.write_text(json.dumps(pins, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        new.replace(path)


def _read() -> dict[str, Content]:
    path = pins_path()
    try:
        return _PINS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, pydantic.ValidationError) as error:
        raise ConfigError(f"{path}: cannot be read; delete it to fetch those files anew ({error})") from error

"""What a person changed by voice, kept in their state folder between starts: what differs from the configuration, as JSON.

::

    {"rate": 218, "detail": "full"}
"""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import pydantic

from assistant.folders import state_folder
from assistant.turn.preferences import Preferences

_log = logging.getLogger(__name__)
_PREFERENCES = pydantic.TypeAdapter(Preferences)


def remembered_path() -> Path:
    """Return where the file is, or will be. It is there once the assistant has introduced itself."""
    return state_folder() / "preferences.json"


def recall(path: Path, configured: Preferences) -> Preferences:
    """Return what is preferred: what is remembered, and for the rest what is configured. A damaged file is as good as none."""
    try:
        changes = json.loads(path.read_text(encoding="utf-8"))
        return _PREFERENCES.validate_python({**dataclasses.asdict(configured), **changes})
    except FileNotFoundError:
        return configured
    except (OSError, ValueError, TypeError) as error:  # pydantic's ValidationError is a ValueError
        _log.warning("%s cannot be used: %s", path, error)
        return configured


def remember(path: Path, preferences: Preferences, configured: Preferences) -> None:
    """Write down where `preferences` differ from what is configured. If that fails, they hold until the next start only."""
    now, before = dataclasses.asdict(preferences), dataclasses.asdict(configured)
    changes = {name: value for name, value in now.items() if value != before[name]}
    new = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(changes, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        _log.warning("%s: not remembered: %s", path, error)

"""Where this program keeps its models, what it remembers between starts, and what it needs only while it runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def state_folder() -> Path:
    """Return the user's folder for it, which may not be there yet.

    ``XDG_STATE_HOME`` or ~/.local/state on Linux, ~/Library/Application Support on macOS, ``LOCALAPPDATA`` on Windows.
    """
    return platformdirs.user_state_path("assistant", appauthor=False)


def models_folder() -> Path:
    """Return the folder that downloaded models lie in: ``ASSISTANT_MODELS``, or the user's data folder."""
    chosen = os.environ.get("ASSISTANT_MODELS")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("assistant", appauthor=False) / "models"


def runtime_folder() -> Path:
    """Return the user's folder for sockets, which may not be there yet.

    ``XDG_RUNTIME_DIR``, or where systemd makes it although the variable is not set (cron, ssh); elsewhere `state_folder`.
    """
    chosen = os.environ.get("XDG_RUNTIME_DIR")
    folder = Path(chosen) if chosen else Path(f"/run/user/{os.getuid()}")
    return folder / "assistant" if folder.is_dir() else state_folder()

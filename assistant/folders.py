"""Where this program keeps what it remembers between starts."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def state_folder() -> Path:
    """Return the user's folder for it, which may not be there yet.

    ``XDG_STATE_HOME`` or ~/.local/state on Linux, ~/Library/Application Support on macOS, ``LOCALAPPDATA`` on Windows.
    """
    return platformdirs.user_state_path("assistant", appauthor=False)

"""The token that lets programs and paired devices in, and where it is kept."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from assistant.errors import SecretUnusable
from assistant.folders import state_folder
from assistant.web.door import secret_file

_TOKEN_BYTES = 32


def service_folder() -> Path:
    """Return where the service keeps its secrets, which may not be there yet."""
    return state_folder() / "service"


def read_token(folder: Path) -> str:
    """Return what lets programs in, and devices once they are paired; it is made at the first time.

    Delete the file to shut out everybody.

    Raises:
        SecretUnusable: It cannot be read or made, or is no token.
    """
    path = folder / "token"
    held = secret_file.kept(path, lambda: secrets.token_urlsafe(_TOKEN_BYTES).encode()).strip()
    try:
        strong = len(base64.b64decode(held + b"=", altchars=b"-_", validate=True)) == _TOKEN_BYTES
    except ValueError:
        strong = False
    if not strong:
        raise SecretUnusable(f"{path}: it does not hold a token; delete it, and a new one is made", path.name)
    return held.decode("ascii")


def cookie_name(scheme: str) -> str:
    """Return what the cookie is called: over https a name that browsers let nobody set but this very host, over https."""
    return "__Host-assistant" if scheme == "https" else "assistant"

"""How a command of this machine asks the running service for another pairing code."""

from __future__ import annotations

import ssl
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from assistant.config import ServeConfig
from assistant.errors import NobodyServes
from assistant.web.door import certificate
from assistant.web.door.credentials import read_token
from assistant.web.door.host import Host
from assistant.web.door.invitation import Invitation

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound to
_PATIENCE = 10.0


def ask_for_invitation(serve: ServeConfig, folder: Path) -> Invitation:
    """Return a new invitation of the service that runs on this machine; the one before ends.

    Args:
        serve: Where it listens.
        folder: Where it keeps its secrets: who may read them may invite.

    Raises:
        NobodyServes: No such service runs here.
        SecretUnusable: Its secrets cannot be read.
    """
    host = Host(_EVERYWHERE.get(serve.host, serve.host), serve.port)
    url = f"{'https' if serve.https else 'http'}://{host}/pair/code"
    trusted: ssl.SSLContext | bool = True
    if serve.https:
        trusted = ssl.create_default_context(cadata=certificate.authority(folder, serve).der)
    try:
        told = httpx.post(
            url, headers={"Authorization": f"Bearer {read_token(folder)}"}, verify=trusted, timeout=_PATIENCE, trust_env=False
        ).raise_for_status()
    except httpx.HTTPError as error:
        raise NobodyServes(f"{url}: {error}") from error
    invitation = told.json()
    [secret] = parse_qs(urlsplit(invitation["path"]).query)["link"]
    return Invitation(invitation["code"], secret, time.monotonic() + invitation["seconds"])

"""A small service behind its guard, served by the real server for real clients."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from assistant.config import ServeConfig
from assistant.web.door import certificate
from assistant.web.door.guard import Guard, Policy
from assistant.web.door.pairing import Pairing

TOKEN = "T" * 43

_PAGE = """<!DOCTYPE html><html lang="en"><title>the assistant</title><h1>the assistant</h1>
<script src="/page.js"></script><script>document.title = "an inline script ran"</script></html>"""
_SCRIPT = """
const own = new WebSocket(location.origin.replace("http", "ws") + "/talk");
own.onmessage = (message) => { document.querySelector("h1").textContent = message.data; };
document.addEventListener("securitypolicyviolation", (event) => { document.body.append(event.blockedURI, " "); });
fetch("https://elsewhere.example/").catch(() => {});
"""


@dataclasses.dataclass(frozen=True)
class Served:
    """Where it is, and how a device is paired with it."""

    port: int
    trusted: Path
    """The certificate of who certifies it, PEM."""
    pairing: Pairing


@contextlib.contextmanager
def served(folder: Path, *, https: bool = True) -> Iterator[Served]:
    """Serve on a free port until the end; its secrets are kept in a folder."""
    serve = ServeConfig(https=https, body_megabytes=1)
    authority = certificate.authority(folder, serve)
    trusted = folder / "trusted.pem"
    trusted.write_text(ssl.DER_cert_to_PEM_cert(authority.der), encoding="ascii")
    context = certificate.server_context(folder, serve, authority)
    pairing = Pairing(TOKEN, authority.der)
    routes = [
        Route("/", _answer, methods=["GET", "POST"]),
        Route("/page.js", _script),
        WebSocketRoute("/talk", _talk),
        *pairing.routes(),
    ]
    settings = uvicorn.Config(
        Guard(Starlette(routes=routes), Policy(serve, TOKEN)),
        access_log=False,
        server_header=False,
        log_level="error",
        ssl_context_factory=(lambda _config, _default: context) if https else None,
    )
    server = uvicorn.Server(settings)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield Served(listening.getsockname()[1], trusted, pairing)
        finally:
            server.should_exit = True
            thread.join()


async def _answer(request: Request) -> Response:
    if request.method == "POST":
        return PlainTextResponse(str(len(await request.body())))
    return HTMLResponse(_PAGE)


async def _script(_: Request) -> Response:
    return Response(_SCRIPT, media_type="text/javascript")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("welcome")
    await socket.close()

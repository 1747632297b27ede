"""Services to be measured, each a process of its own, and a client that takes the time of their streamed answers."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.config import VisionConfig
from assistant.models.catalogue import VisionFiles
from assistant.settings import PRACTICE
from assistant.types import Seconds

HOST = "127.0.0.1"
_LOADING: Seconds = 120.0
_PATIENCE: Seconds = 300.0
"""How long a client waits for the next piece."""
PAUSE: Seconds = 0.02
"""OpenMP's threads wait for more work at full load for some milliseconds after each step: the other side must not meet them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Served:
    """A service that is ready."""

    port: int
    pid: int


@dataclasses.dataclass(frozen=True, slots=True)
class Streamed:
    """An answer, and when it came."""

    text: str
    first: Seconds
    """From sending the request, its connection being there, until the first piece was here."""
    last: Seconds
    pieces: int
    """Both services send each token by itself."""

    @property
    def tokens_per_second(self) -> float:
        """How fast it was written after its first token; 0 where there is only one."""
        return (self.pieces - 1) / (self.last - self.first) if self.last > self.first else 0.0


@contextlib.contextmanager
def ours(vision: VisionConfig, **serve: int) -> Iterator[Served]:
    """Run ``assistant serve``.

    Args:
        vision: The model, and how it is used.
        serve: Settings of the service.
    """
    with tempfile.TemporaryDirectory() as folder:
        port, config = _free_port(), Path(folder) / "config.toml"
        sections: dict[str, Mapping[str, Any]] = {
            "vision": vision.model_dump(mode="json", exclude_unset=True),
            "speaker": {"kind": "file", "path": str(Path(folder) / "said.wav")},
            "serve": {"port": port, **serve},
        }
        config.write_text(_toml(sections), encoding="utf-8")
        with _running([sys.executable, "-m", "assistant", "serve", "--config", str(config)], port, "/healthz") as served:
            yield served


@contextlib.contextmanager
def llama_server(program: Path, files: VisionFiles, vision: VisionConfig) -> Iterator[Served]:
    """Run llama.cpp's own server with the same settings. What else it keeps in memory is as it comes."""
    port, threads, tokens = _free_port(), str(vision.threads), str(vision.image_tokens)
    command = [
        str(program), "--host", HOST, "--port", str(port), "--offline", "--no-ui", "--parallel", "1",
        "--model", str(files.model), "--mmproj", str(files.mmproj), "--image-max-tokens", tokens,
        *(("--image-min-tokens", tokens) if vision.model == PRACTICE else ()),
        "--ctx-size", str(vision.n_ctx), "--batch-size", str(vision.n_batch), "--ubatch-size", str(vision.n_ubatch),
        "--cache-type-k", vision.kv_type, "--cache-type-v", vision.kv_type, "--flash-attn", vision.flash_attention,
        "--threads", threads, "--threads-batch", threads, "--gpu-layers", str(vision.gpu_layers), "--no-repack",
    ]  # fmt: skip
    with _running(command, port, "/health") as served:
        yield served


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, health: str) -> Iterator[Served]:
    """Start a service, wait until it is ready, and stop it in the end."""
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:  # noqa: S603
        try:
            if not _ready(process, port, health):
                log.seek(0)
                sys.exit(f"bench: {command[0]} did not start:\n{log.read().decode(errors='replace')[-3000:]}")
            yield Served(port, process.pid)
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[bytes], port: int, health: str) -> bool:
    deadline = time.monotonic() + _LOADING
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(_connection(port, _LOADING)) as connection:
            connection.request("GET", health)
            if connection.getresponse().status == http.client.OK:
                return True
        time.sleep(0.1)
    return False


def infer(served: Served, body: bytes) -> Streamed:
    """Send a request to ``POST /infer`` that has ``stream`` in it."""
    return _streamed(served, "/infer", body, _infer_piece)


def chat(served: Served, body: bytes) -> Streamed:
    """Send a request to ``POST /v1/chat/completions`` that has ``stream`` in it."""
    return _streamed(served, "/v1/chat/completions", body, _chat_piece)


def _streamed(served: Served, path: str, body: bytes, read: Callable[[str, str], str]) -> Streamed:
    pieces: list[str] = []
    first = last = 0.0
    with contextlib.closing(_connection(served.port, _PATIENCE)) as connection:
        connection.connect()
        time.sleep(PAUSE)
        start = time.perf_counter()
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        if response.status != http.client.OK:
            sys.exit(f"bench: {path}: {response.status} {response.read().decode()}")
        for name, data in events(response):
            if piece := read(name, data):
                last = time.perf_counter() - start
                first = first or last
                pieces.append(piece)
    return Streamed("".join(pieces), first, last, len(pieces))


def events(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Yield server-sent events, each with its name; it is "message" where none is given."""
    name, data = "", []
    for line in lines:
        field, _, value = line.decode().rstrip("\r\n").partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
        elif not field and not value and data:
            yield name or "message", "\n".join(data)
            name, data = "", []


def _infer_piece(name: str, data: str) -> str:
    return str(json.loads(data)["text"]) if name == "delta" else ""


def _chat_piece(_name: str, data: str) -> str:
    choices = json.loads(data)["choices"] if data != "[DONE]" else []
    return choices[0]["delta"].get("content") or "" if choices else ""


def data_url(jpeg: bytes) -> str:
    """Return a picture as programs send it."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def _connection(port: int, timeout: Seconds) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(HOST, port, timeout=timeout)


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _toml(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return text, numbers and truth values as TOML, in which they are written as in JSON."""
    lines = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    return "\n".join(lines) + "\n"

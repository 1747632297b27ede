"""Which tests need the machine for themselves; vision models on servers, for the suite of all vision models and for their own."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assistant.config import OpenAiVisionConfig
from assistant.engines.openai_vision import OpenAiVision
from assistant.openai_server import OpenAiServer
from assistant.turn.prompts import PRACTICE_SYSTEM
from tests import chat_server
from tests.chat_server import ChatServer
from tests.vision_models import PRACTICE


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What goes over sound devices is timed to hundredths of a second here: on a busy machine there would be gaps in it."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.get_closest_marker("sound"):
            item.add_marker("alone")


def asking(address: str, *, patience: float = 10, **settings: object) -> OpenAiVision:
    """Return a model that always says the same, as far as the server lets it. Its patience may be shorter than anybody's."""
    given = {"kind": "openai", "address": address, "model": "some-vl", "temperature": 0, "max_tokens": 48}
    config = OpenAiVisionConfig.model_validate({**given, **settings}).model_copy(update={"patience": patience})
    return OpenAiVision(OpenAiServer(config), config, PRACTICE_SYSTEM)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """Return a server that does what is scripted."""
    with chat_server.serving() as server:
        yield server


@pytest.fixture
def asked(server: ChatServer) -> Iterator[OpenAiVision]:
    """Return the model on that server."""
    with contextlib.closing(asking(server.address)) as model:
        yield model


@pytest.fixture(scope="session")
def llama_cpp_server() -> Iterator[str]:
    """Return the address of llama-cpp-python's own server, with the practice model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "model": PRACTICE[0],
        "model_alias": "practice",
        "clip_model_path": PRACTICE[1],
        "chat_format": "mtmd",
        "flash_attn": "true",  # without it, warming the image encoder up takes 4 GiB
        "n_ctx": 2048,
        "n_threads": 1,
        "port": port,
        "verbose": "false",
    }
    command = [sys.executable, "-m", "llama_cpp.server", *(str(word) for k, v in options.items() for word in (f"--{k}", v))]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}/v1"
        try:
            while process.poll() is None:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{address}/models", trust_env=False)
                    break
                time.sleep(0.05)
            assert process.poll() is None, "llama-cpp-python's server did not start"
            yield address
        finally:
            process.kill()


@pytest.fixture(scope="session")
def served_practice(llama_cpp_server: str) -> Iterator[OpenAiVision]:
    """Return the practice model on llama-cpp-python's own server."""
    with contextlib.closing(asking(llama_cpp_server, model="practice")) as model:
        yield model

"""The program with its model on a server: what is said before a picture leaves, and that it asks there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import ModelNotServed
from assistant.types import Cancellation, Question
from tests import chat_server
from tests.chat_server import ChatServer
from tests.contract.conftest import asking
from tests.e2e.assistant_process import AssistantProcess
from tests.vision_models import BOOK, SHIRT, ask, converse, room

SCENE = Path(__file__).parents[2] / "assistant" / "samples" / "scene.png"
SAID_FIRST = "My model runs in another program on this machine: your questions and pictures stay on it."


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server.serving() as server:
        yield server


def arguments(address: str, out: Path) -> list[str]:
    given = {"kind": "openai", "address": address, "model": "some-vl"}
    settings = [word for key, value in given.items() for word in ("--set", f"vision.{key}={value}")]
    return ["ask", *settings, "--image", str(SCENE), "--out", str(out), "What colour is the shirt?"]


def test_it_says_where_pictures_go_before_one_does_and_speaks_the_servers_answer(server: ChatServer, tmp_path: Path) -> None:
    with AssistantProcess(*arguments(server.address, tmp_path / "answer.wav")) as program:
        assert program.wait() == 0, program.lines
    said = [line.partition("sentence: ")[2] for line in program.lines if "sentence: " in line]
    assert said == [SAID_FIRST, "The shirt is red."]
    (asked,) = server.asked
    assert "What colour is the shirt?" in str(asked["messages"])
    assert "image_url" in str(asked["messages"])


def test_a_server_that_is_not_there_is_a_spoken_sentence(tmp_path: Path) -> None:
    with AssistantProcess(*arguments("http://127.0.0.1:1/v1", tmp_path / "error.wav")) as program:
        assert program.wait() == 1
    sentence = "I get no answer from the server 127.0.0.1, which has my model. Check that it runs, and that I am in its network."
    assert any(f"{SAID_FIRST} {sentence}" in line for line in program.lines), program.lines
    assert program.lines[-1] == sentence
    assert not any("Traceback" in line for line in program.lines)


@pytest.mark.weights
@pytest.mark.usefixtures("whisper_base")
def test_another_assistants_own_service_has_the_model(tmp_path: Path) -> None:
    settings = {"serve.port": "0", "speaker.kind": "file", "speaker.path": str(tmp_path / "said.wav")}
    given = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    with AssistantProcess("serve", "--profile", "practice", *given) as program:
        line = program.wait_for("http://127.0.0.1:")
        address = f"http://127.0.0.1:{line.partition('http://127.0.0.1:')[2].split('/')[0].split()[0].rstrip('.')}/v1"
        with (
            contextlib.closing(asking(address, model="other")) as stranger,
            pytest.raises(ModelNotServed, match="it has: practice"),
        ):
            stranger._server.check()
        with contextlib.closing(asking(address, model="practice")) as model:
            model._server.check()
            model.look(room("red", "blue"), Cancellation())
            assert converse(model, SHIRT) == "The shirt is red."
            assert "blue" in converse(model, BOOK)
            model.look(room("green"), Cancellation())
            assert ask(model, Question("衬衫是什么颜色？", "zh")) == "衬衫是绿色的。"
            usage = [chunk.usage for chunk in model.answer(SHIRT, Cancellation())][-1]
            assert usage
            assert usage.finish == "stop"
            assert 0 < usage.answer_tokens < usage.prompt_tokens

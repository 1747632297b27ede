"""The interface for programs over the real server, with a model that answers, fails and stalls as its script says."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from assistant.errors import AddressUnusable, ContextFull, LoadedSmaller, ModelError, PortTaken, VisionFailed
from assistant.types import Frame, Rank
from assistant.web import service
from tests.fakes.vision import FakeVision
from tests.serving import PATIENCE, SCENE, client, events, loaded, serving, settings
from tests.vision_models import room

FRAME = room("red")
ASKED = {"image_path": "scene.png", "prompt": "What is this?"}


def until(true: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.005)


@contextlib.contextmanager
def serve(vision: FakeVision, **changed: object) -> Iterator[httpx.Client]:
    def read_picture(_: bytes) -> Frame:
        return FRAME

    with serving(loaded(vision, settings(**changed), read_picture=read_picture)) as url, client(url) as http:
        yield http


def waiting(http: httpx.Client) -> int:
    return int(http.get("/healthz").json()["waiting"])


def shared(vision: FakeVision) -> FakeVision:
    """Return a model whose conversations are all the same one."""
    vision.another = lambda rank, system="": vision  # type: ignore[method-assign] # noqa: ARG005
    return vision


class Stalling(FakeVision):
    """Blocks in each answer after its first word, as long as it is told to; conversations share all that is seen of it."""

    def __init__(self, answers: list[str] | None = None) -> None:
        super().__init__(answers or ["one two"] * 50)
        self.go_on = threading.Event()
        self.begun = 0
        self.let_go = 0

    def another(self, rank: Rank, system: str = "") -> FakeVision:
        del system
        assert rank is Rank.PROGRAM
        return self

    def answer(self, question: Any, cancellation: Any) -> Iterator[Any]:
        self.begun += 1
        try:
            for chunk in super().answer(question, cancellation):
                yield chunk
                while not self.go_on.wait(0.002):
                    self._check(cancellation)
        finally:
            self.let_go += 1


def test_a_line_that_is_full_sends_away_and_tells_when_to_come_back() -> None:
    vision = Stalling()
    with serve(vision, waiting=2) as http, ThreadPoolExecutor(3) as visitors:
        answers = [visitors.submit(http.post, "/infer", json=ASKED) for _ in range(3)]
        until(lambda: waiting(http) == 2)
        refused = http.post("/infer", json=ASKED)
        vision.go_on.set()
        assert [answer.result().status_code for answer in answers] == [200, 200, 200]
    assert (refused.status_code, refused.json()["code"]) == (503, "service-busy")
    assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.parametrize("stream", [False, True])
def test_nobody_answers_who_has_left(stream: bool) -> None:  # noqa: FBT001 - pytest gives it
    vision = Stalling()
    with serve(vision) as http:
        body = json.dumps({**ASKED, "stream": stream}).encode()
        with socket.create_connection(("127.0.0.1", http.base_url.port or 0)) as visitor:
            head = (
                f"POST /infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            visitor.sendall(head.encode() + body)
            until(lambda: vision.begun == 1)
            assert vision.let_go == 0
        until(lambda: vision.let_go == 1)
        vision.go_on.set()
        assert http.post("/infer", json=ASKED).status_code == 200


def test_who_leaves_while_waiting_is_not_served() -> None:
    vision = Stalling()
    with serve(vision) as http, ThreadPoolExecutor(1) as visitors:
        first = visitors.submit(http.post, "/infer", json=ASKED)
        until(lambda: vision.begun == 1)
        with pytest.raises(httpx.ReadTimeout):
            http.post("/infer", json=ASKED, timeout=httpx.Timeout(PATIENCE, read=0.2))
        until(lambda: waiting(http) == 0)
        vision.go_on.set()
        assert first.result().status_code == 200
    assert vision.begun == 1


def test_who_reads_slowly_does_not_hold_the_model() -> None:
    long = " ".join(["word."] * 3000)
    vision = shared(FakeVision([long, "short"]))
    with serve(vision) as http, socket.socket() as visitor:
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        visitor.connect(("127.0.0.1", http.base_url.port))
        body = json.dumps({**ASKED, "stream": True}).encode()
        head = f"POST /infer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        visitor.sendall(head.encode() + body)
        until(lambda: vision.asked)
        assert http.post("/infer", json=ASKED).json()["text"] == "short"  # while nothing was read of the long one
        received = b""
        while b"event: done" not in received:
            received += visitor.recv(65536)
        assert received.count(b"event: delta") == 3000


def test_what_takes_too_long_is_given_up() -> None:
    vision = Stalling()
    with serve(vision, time_limit=2) as http:
        refused = http.post("/infer", json=ASKED)
        assert (refused.status_code, refused.json()["code"]) == (503, "too-slow")
        assert vision.let_go == 1
        with http.stream("POST", "/infer", json={**ASKED, "stream": True}) as response:
            told = events(list(response.iter_lines()))
        assert [name for name, _ in told] == ["delta", "problem"]
        assert json.loads(told[1][1])["code"] == "too-slow"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (VisionFailed("secret detail"), 503, "vision-failed"),
        (LoadedSmaller("", "2B"), 503, "loaded-smaller"),
        (ModelError("", "2B"), 503, "model-error"),
        (ContextFull(""), 422, "context-full"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(error: VisionFailed, status: int, code: str) -> None:
    with serve(FakeVision([error])) as http:
        refused = http.post("/infer", json={**ASKED, "prompt": "这是什么？"})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert refused.json()["detail"] == error.spoken("zh")
        assert "secret" not in refused.text


def test_what_nobody_thought_of_is_a_problem_too_and_the_service_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    vision = FakeVision(["an answer"])
    broken = [ZeroDivisionError("canary")]

    def another(rank: Rank, system: str = "") -> FakeVision:
        del rank, system
        if broken:
            raise broken.pop()
        return vision

    vision.another = another  # type: ignore[method-assign]
    with serve(vision) as http:
        refused = http.post("/infer", json=ASKED)
        assert (refused.status_code, refused.json()["code"]) == (503, "assistant-error")
        assert http.post("/infer", json=ASKED).status_code == 200
    assert "ZeroDivisionError" in caplog.text
    assert "canary" not in caplog.text + refused.text


def test_questions_answers_and_pictures_are_in_no_log(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "canary-in-the-mine"
    with serve(shared(FakeVision([f"{canary} answers", VisionFailed("broken"), f"{canary} again"]))) as http:
        picture = {"image": SCENE.read_bytes()}
        http.post("/infer", data={"prompt": canary}, files=picture)
        http.post("/infer", data={"prompt": canary, canary: canary}, files=picture)
        http.post("/infer", json={**ASKED, "prompt": canary, "json_schema": {canary: canary}, "session": canary})
        http.post("/infer", json={"image_path": canary, "prompt": canary})
        http.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": canary}]})
        http.post("/v1/chat/completions", json={"messages": [{"role": canary, "content": canary}]})
        counted = http.get("/metrics").text
    out, err = capfd.readouterr()
    service_log = "".join(record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore")))
    assert "broken" in service_log
    for text in (service_log, out, err, counted):
        assert canary not in text


def test_it_stops_while_somebody_is_served() -> None:
    vision = Stalling()
    with ThreadPoolExecutor(1) as visitors:
        with serve(vision) as http:
            answer = visitors.submit(httpx.post, f"{http.base_url}/infer", json=ASKED, timeout=PATIENCE, trust_env=False)
            until(lambda: vision.begun == 1)
        assert vision.let_go == 1
        refused = answer.result()
    assert (refused.status_code, refused.json()["code"]) == (503, "service-stopping")


def test_a_taken_port_has_a_sentence() -> None:
    with contextlib.closing(service.bound(settings())) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(PortTaken) as taken:
            service.bound(settings(port=port))
        assert str(port) in taken.value.spoken("en")
    for host in ("192.0.2.1", "no such host", "256.256.256.256"):
        with pytest.raises(AddressUnusable):
            service.bound(settings(host=host))

"""What a model on a server promises beside what all do: what is sent, what may come back, and how soon it lets go."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import io
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from PIL import Image

from assistant.config import OpenAiVisionConfig
from assistant.engines.openai_vision import OpenAiVision
from assistant.errors import (
    Cancelled,
    ConfigError,
    ContextFull,
    KeyRefused,
    ModelNotServed,
    PictureRefused,
    SchemaUnusable,
    ServerBusy,
    ServerFailed,
    ServerLost,
    ServerNotUnderstood,
    ServerSlow,
    ServerUntrusted,
    VisionFailed,
)
from assistant.jpeg import LONGEST_SIDE
from assistant.openai_server import OpenAiServer
from assistant.types import AnswerChunk, Cancellation, Question, Rank, Usage, Writing
from tests import chat_server
from tests.chat_server import ChatServer, Respond, drip, event, hang, plain, raw, reset, streamed
from tests.contract.conftest import asking
from tests.vision_models import BOOK, SHIRT, ask, converse, noise, room

LET_GO = 0.1
"""Seconds within which a cancelled step ends; the best of three, for a busy machine holds up any of them."""


def sent_texts(request: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Return who says what in a request, and whether the picture is with it."""

    def told(message: dict[str, Any]) -> tuple[str, str, bool]:
        content = message["content"]
        if isinstance(content, str):
            return message["role"], content, False
        picture, text = content
        assert (picture["type"], text["type"]) == ("image_url", "text")
        return message["role"], text["text"], True

    return [told(message) for message in request["messages"]]


def sent_picture(request: dict[str, Any]) -> Image.Image:
    (url,) = [m["content"][0]["image_url"]["url"] for m in request["messages"] if isinstance(m["content"], list)]
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


# what is sent


def test_nothing_leaves_before_there_is_a_question(server: ChatServer, asked: OpenAiVision) -> None:
    asked.look(room("red"), Cancellation())
    asked.remember(SHIRT, "The shirt is red.")
    asked.another(Rank.PAGE).look(room("red"), Cancellation())
    assert server.headers == []


def test_the_picture_goes_with_the_first_question_about_it_and_earlier_ones_are_only_told_of(
    server: ChatServer, asked: OpenAiVision
) -> None:
    asked.look(room("red"), Cancellation())
    converse(asked, SHIRT)
    asked.look(room("blue"), Cancellation())
    for question in (SHIRT, BOOK):
        server.answer = "It is blue."
        converse(asked, question)
    system = ("system", "You are the eyes of a blind person. Answer briefly.", False)
    first = [("user", SHIRT.text, False), ("assistant", "The shirt is red.", False)]
    assert sent_texts(server.asked[0]) == [system, ("user", SHIRT.text, True)]
    assert sent_texts(server.asked[1]) == [system, *first, ("user", SHIRT.text, True)]
    assert sent_texts(server.asked[2]) == [
        *sent_texts(server.asked[1]),
        ("assistant", "It is blue.", False),
        ("user", BOOK.text, False),
    ]


def test_what_was_heard_of_the_former_picture_is_not_said_of_the_new_one(server: ChatServer, asked: OpenAiVision) -> None:
    asked.look(room("red"), Cancellation())
    answer = ask(asked, SHIRT)
    asked.look(room("blue"), Cancellation())
    asked.remember(SHIRT, answer)
    ask(asked, BOOK)
    assert sent_texts(server.asked[-1])[-1] == ("user", BOOK.text, True)
    asked.remember(Question("Held elsewhere?", "en"), "Yes.")
    ask(asked, BOOK)
    assert sent_texts(server.asked[-1])[-3:] == [
        ("user", "Held elsewhere?", True),
        ("assistant", "Yes.", False),
        ("user", BOOK.text, False),
    ]


def test_what_is_forgotten_is_not_sent_any_more(server: ChatServer, asked: OpenAiVision) -> None:
    asked.look(room("red"), Cancellation())
    converse(asked, SHIRT)
    converse(asked, BOOK)
    asked.forget_last()
    ask(asked, SHIRT)
    assert [text for _, text, _ in sent_texts(server.asked[-1])[1:]] == [SHIRT.text, "The shirt is red.", SHIRT.text]
    asked.forget_last()
    asked.forget_last()
    ask(asked, SHIRT)
    assert sent_texts(server.asked[-1])[1:] == [("user", SHIRT.text, True)]
    asked.forget()
    ask(asked, SHIRT)
    assert sent_texts(server.asked[-1])[1:] == [("user", SHIRT.text, False)]


def test_an_answer_of_which_nothing_was_heard_is_left_out(server: ChatServer, asked: OpenAiVision) -> None:
    asked.remember(SHIRT, "")
    ask(asked, BOOK)
    assert sent_texts(server.asked[-1])[1:] == [("user", BOOK.text, False)]


def test_a_long_conversation_keeps_its_end_and_does_not_lose_its_beginning_anew_with_every_question(
    server: ChatServer, asked: OpenAiVision
) -> None:
    firsts = []
    for number in range(100):
        asked.remember(Question(f"Question {number}? {'x' * 100}", "en"), "y" * 100)
        ask(asked, SHIRT)
        told = sent_texts(server.asked[-1])
        assert sum(len(text) for _, text, _ in told) < 7000
        assert told[-3][1].startswith(f"Question {number}?")
        firsts.append(told[1][1])
    assert len(set(firsts)) < 20


def test_conversations_know_nothing_of_one_another_and_end_with_the_first(server: ChatServer, asked: OpenAiVision) -> None:
    other = asked.another(Rank.PAGE, "Answer in verse.")
    asked.look(room("red"), Cancellation())
    converse(asked, SHIRT)
    ask(other, BOOK)
    assert sent_texts(server.asked[-1]) == [("system", "Answer in verse.", False), ("user", BOOK.text, False)]
    third = asked.another(Rank.PROGRAM)
    third.close()
    with pytest.raises(Cancelled):
        ask(third, BOOK)
    assert ask(other, BOOK)
    asked.close()
    with pytest.raises(Cancelled):
        ask(other, BOOK)


def test_a_wish_goes_with_the_question_and_is_not_remembered(server: ChatServer, asked: OpenAiVision) -> None:
    converse(asked, dataclasses.replace(SHIRT, wish=" (At length.)"))
    ask(asked, BOOK)
    assert sent_texts(server.asked[0])[-1][1] == f"{SHIRT.text} (At length.)"
    assert sent_texts(server.asked[1])[1][1] == SHIRT.text


@pytest.mark.parametrize(
    ("height", "width", "size"), [(160, 192, (192, 160)), (1080, 1920, (1280, 720)), (4000, 10, (3, 1280)), (1, 1, (1, 1))]
)
def test_a_picture_is_sent_no_larger_than_it_is_of_use(
    server: ChatServer, asked: OpenAiVision, height: int, width: int, size: tuple[int, int]
) -> None:
    asked.look(noise(1, height, width), Cancellation())
    ask(asked, SHIRT)
    picture = sent_picture(server.asked[-1])
    assert (picture.format, picture.size) == ("JPEG", size)
    assert max(size) <= LONGEST_SIDE
    assert not picture.getexif()


def test_a_picture_without_pixels_is_refused(asked: OpenAiVision) -> None:
    with pytest.raises(VisionFailed):
        asked.look(noise(1, 0, 0), Cancellation())


def test_half_a_surrogate_pair_is_no_obstacle(server: ChatServer, asked: OpenAiVision) -> None:
    asked.remember(Question("\ud83d", "en"), "\udc00")
    assert ask(asked, Question("What \ud800 is there?", "en"))
    assert sent_texts(server.asked[-1])[-1][1] == "What ? is there?"


@pytest.mark.parametrize(
    ("settings", "writing", "manner"),
    [
        ({}, Writing(), {"temperature": 0.3, "top_p": 0.8, "presence_penalty": 1.5, "max_tokens": 200}),
        ({"preset": "document"}, Writing(), {"temperature": 0.1, "top_p": 0.8, "presence_penalty": 0.0, "max_tokens": 200}),
        ({"temperature": 0}, Writing(), {"temperature": 0, "max_tokens": 200}),
        ({}, Writing("creative", 0.9, 50), {"temperature": 0.9, "top_p": 0.95, "presence_penalty": 1.5, "max_tokens": 50}),
        ({"max_tokens": 80}, Writing(max_tokens=500, temperature=0), {"temperature": 0, "max_tokens": 80}),
    ],
)
def test_how_an_answer_is_written_is_sent(
    server: ChatServer, settings: dict[str, Any], writing: Writing, manner: dict[str, Any]
) -> None:
    with contextlib.closing(asking(server.address, **{"temperature": None, "max_tokens": 200, **settings})) as model:
        ask(model, dataclasses.replace(SHIRT, writing=writing))
    sent = server.asked[-1]
    assert {key: sent[key] for key in sent.keys() & {"temperature", "top_p", "presence_penalty", "max_tokens"}} == manner
    assert (sent["model"], sent["stream"], sent["stream_options"]) == ("some-vl", True, {"include_usage": True})
    assert "response_format" not in sent


def test_a_schema_is_sent_and_one_that_is_none_is_refused(server: ChatServer, asked: OpenAiVision) -> None:
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}}
    ask(asked, dataclasses.replace(SHIRT, writing=Writing(schema=json.dumps(schema))))
    sent = server.asked[-1]["response_format"]
    assert (sent["type"], sent["json_schema"]["schema"]) == ("json_schema", schema)
    with pytest.raises(SchemaUnusable):
        ask(asked, dataclasses.replace(SHIRT, writing=Writing(schema="{")))


def test_the_key_is_read_from_its_file_each_time(server: ChatServer, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("first-secret\n", encoding="ascii")
    with contextlib.closing(asking(server.address, key_file=key)) as model:
        ask(model, SHIRT)
        key.write_text("second-secret", encoding="ascii")
        ask(model, SHIRT)
        key.unlink()
        with pytest.raises(ConfigError, match=r"vision\.key_file"):
            ask(model, SHIRT)
    assert [headers["Authorization"] for headers in server.headers] == ["Bearer first-secret", "Bearer second-secret"]


@pytest.mark.parametrize("content", ["", "two\nlines", "schlüssel"])
def test_a_file_that_holds_no_key_is_a_mistake_in_the_settings_and_is_not_shown(tmp_path: Path, content: str) -> None:
    key = tmp_path / "key"
    key.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        asking("http://127.0.0.1:1/v1", key_file=key)
    assert "vision.key_file" in caught.value.detail
    assert not content or content not in caught.value.detail


def test_no_proxy_of_the_environment_sees_a_picture(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server.serving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        monkeypatch.delenv("no_proxy", raising=False)
        with contextlib.closing(asking(server.address)) as model:
            assert ask(model, SHIRT) == "The shirt is red."
        assert proxy.headers == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_picture_goes_to_no_other_host_than_was_told(server: ChatServer, asked: OpenAiVision, status: int) -> None:
    with chat_server.serving() as elsewhere:
        server.script.append(plain(status, "", Location=f"{elsewhere.address}/chat/completions"))
        with pytest.raises(ServerNotUnderstood, match="where no picture is sent"):
            ask(asked, SHIRT)
        assert elsewhere.headers == []


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def private(authority: trustme.CA) -> Iterator[ChatServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with chat_server.serving(context) as server:
        yield server


def test_a_server_of_ones_own_is_trusted_by_its_certificate(private: ChatServer, authority: trustme.CA, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    with contextlib.closing(asking(private.address, ca_file=ca_file)) as model:
        assert ask(model, SHIRT) == "The shirt is red."


def test_a_server_that_nobody_vouches_for_is_told_nothing(private: ChatServer) -> None:
    with contextlib.closing(asking(private.address)) as model, pytest.raises(ServerUntrusted):
        ask(model, SHIRT)
    assert private.headers == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_read_is_a_mistake_in_the_settings(tmp_path: Path, content: str | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content:
        ca_file.write_text(content, encoding="ascii")
    with pytest.raises(ConfigError, match=r"vision\.ca_file"):
        asking("https://127.0.0.1:1/v1", ca_file=ca_file)


# what comes back


def test_how_much_it_took_comes_last(server: ChatServer, asked: OpenAiVision) -> None:
    counts = {"prompt_tokens": 400, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 380}}
    for finish in ("stop", "length"):
        total = b'data: {"choices": [], "usage": ' + json.dumps(counts).encode() + b"}\n\n"
        server.script.append(streamed(event("Red."), event(finish=finish), total, b"data: [DONE]\n\n"))
        chunks = list(asked.answer(SHIRT, Cancellation()))
        assert chunks == [AnswerChunk("Red."), AnswerChunk("", Usage(400, 380, 5, "length" if finish == "length" else "stop"))]


@pytest.mark.parametrize(
    "parts",
    [
        [
            b": keep-alive\n\n",
            b"event: message\nid: 7\nretry: 10\n",
            event("It is "),
            b":\n\n",
            event("red."),
            event(finish="stop"),
        ],
        [bytes([byte]) for byte in event("It is ") + event("red.", finish="stop")],
        [event("It is ").replace(b"\n", b"\r\n"), event("red.", "stop").replace(b"\n\n", b"\n").replace(b"data: ", b"data:")],
        [event("It is "), event("red."), event(finish="stop"), b"data: [DONE]\n\n", event(" Not this.")],
        [event("It is "), event(None, reasoning_content="Hm."), b'data: {"choices": []}\n\n', event("red.", "stop"), b"data:\n\n"],
        [event("It is red."), b"data: [DONE]\n\n"],
        [b'data: {"choices": [{"delta": null}], "usage": null, "error": null}\n\n', event("It is red.", "stop")],
    ],
    ids=["comments and other fields", "byte by byte", "other line ends", "after the end", "thoughts", "no reason", "nulls"],
)
def test_every_lawful_stream_is_understood(server: ChatServer, asked: OpenAiVision, parts: list[bytes]) -> None:
    server.script.append(streamed(*parts))
    assert ask(asked, SHIRT) == "It is red."


def test_characters_that_are_cut_in_two_arrive_whole(server: ChatServer, asked: OpenAiVision) -> None:
    data = 'data: {"choices": [{"delta": {"content": "衬衫是红色的。"}, "finish_reason": "stop"}]}\n\n'.encode()
    server.script.append(streamed(*(data[i : i + 1] for i in range(len(data)))))
    assert ask(asked, SHIRT) == "衬衫是红色的。"


ERROR = {"error": {"message": "boom", "type": "server_error", "code": 500}}


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (plain(401, '{"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}'), KeyRefused),
        (plain(403, "no"), KeyRefused),
        (plain(404, '{"error": {"message": "The model `x` does not exist.", "code": 404}}'), ModelNotServed),
        (plain(404, '{"error": {"message": "model \'x\' not found, try pulling it first"}}'), ModelNotServed),
        (plain(404, '{"detail": "Not Found"}'), ServerNotUnderstood),
        (plain(405, ""), ServerNotUnderstood),
        (plain(400, '{"error": {"message": "This model\'s maximum context length is 4096 tokens"}}'), ContextFull),
        (plain(400, '{"error": {"message": "too many tokens", "type": "exceed_context_size_error"}}'), ContextFull),
        (plain(400, '{"error": {"message": "this is not a multimodal model"}}'), PictureRefused),
        (plain(400, '{"error": {"message": "response_format is not supported"}}'), SchemaUnusable),
        (plain(413, "<html>too large</html>", "text/html"), PictureRefused),
        (plain(415, ""), PictureRefused),
        (plain(422, '{"detail": [{"msg": "no", "input": "What colour is the shirt?"}]}'), ServerFailed),
        (plain(429, '{"error": "slow down"}', **{"Retry-After": "5"}), ServerBusy),
        (plain(503, '{"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}'), ServerBusy),
        (plain(500, json.dumps(ERROR)), ServerFailed),
        (plain(500, '{"error": {"message": "image input is not supported - hint: provide the mmproj"}}'), PictureRefused),
        (plain(502, "<html>Bad Gateway</html>", "text/html"), ServerFailed),
        (plain(200, "<html>Welcome to your router</html>", "text/html"), ServerNotUnderstood),
        (plain(200, '{"choices": [{"message": {"content": "Red."}}]}'), ServerNotUnderstood),
        (plain(204, ""), ServerFailed),
        (streamed(kind="text/event-stream"), ServerLost),
        (streamed(event("It is")), ServerLost),
        (streamed(event("It is"), then=reset), ServerLost),
        (streamed(event("It is")[:-9], then=reset), ServerLost),
        (reset, ServerLost),
        (raw(b""), ServerLost),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), ServerLost),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), ServerLost),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\nnot zipped"),
            ServerNotUnderstood,
        ),
        (streamed(b"data: " + b"x" * (5 << 20)), ServerNotUnderstood),
        (streamed(*[b": here" + b"x" * (1 << 20) + b"\n"] * 5), ServerNotUnderstood),
        (streamed(b"data: {not json}\n\n"), ServerNotUnderstood),
        (streamed(b"data: []\n\n"), ServerNotUnderstood),
        (streamed(b'data: {"choices": {}}\n\n'), ServerNotUnderstood),
        (streamed(b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'), ServerNotUnderstood),
        (streamed(b'data: {"usage": {"prompt_tokens": "many"}}\n\n'), ServerNotUnderstood),
        (streamed(b"data: " + b"[" * 5000 + b"\n\n"), ServerNotUnderstood),
        (streamed(b'data: {"choices": [{"delta": {"content": "\xff"}}]}\n\n', b"data: \xff\n\n"), ServerNotUnderstood),
        (streamed(event("It is"), b"data: " + json.dumps(ERROR).encode() + b"\n\n"), ServerFailed),
        (streamed(b'data: {"error": "out of memory"}\n\n'), ServerFailed),
        (streamed(b'data: {"error": {"message": "Loading model", "code": 503}}\n\n'), ServerBusy),
    ],
)
def test_whatever_is_answered_becomes_a_sentence_and_the_next_question_works(
    server: ChatServer, asked: OpenAiVision, respond: Respond, kind: type[VisionFailed]
) -> None:
    asked.look(room("red"), Cancellation())
    server.script.append(respond)
    with pytest.raises(VisionFailed) as caught:
        ask(asked, SHIRT)
    assert type(caught.value) is kind
    assert "127.0.0.1" in caught.value.spoken("en") or kind in {ContextFull, SchemaUnusable}
    assert SHIRT.text not in caught.value.detail
    assert caught.value.detail.isprintable()
    assert ask(asked, SHIRT) == "The shirt is red."
    assert sent_texts(server.asked[-1])[1:] == [("user", SHIRT.text, True)]


def test_an_error_never_ends_up_in_a_log_with_what_was_asked(server: ChatServer, asked: OpenAiVision) -> None:
    message = f'Failed to parse messages: Unsupported content part type: "image_url"; messages = [{{"text": "{SHIRT.text}"}}]'
    server.script.append(plain(500, json.dumps({"error": {"message": message}})))
    with pytest.raises(PictureRefused) as caught:
        ask(asked, SHIRT)
    assert SHIRT.text not in caught.value.detail


def test_an_answer_without_end_is_cut_where_answers_end(server: ChatServer, asked: OpenAiVision) -> None:
    server.script.append(streamed(then=drip(event("on and "))))
    assert ask(asked, dataclasses.replace(SHIRT, writing=Writing(max_tokens=20))) == "on and " * 21
    assert server.hung_up.wait(5)


@pytest.mark.parametrize(
    "respond",
    [
        hang,
        streamed(then=hang),
        streamed(event("It is"), then=hang),
        streamed(then=drip(b": I am here\n\n")),
        streamed(then=drip(event(""))),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["no headers", "headers alone", "in mid-answer", "keep-alives", "empty pieces", "half a response"],
)
def test_a_server_that_sends_no_word_is_given_up(server: ChatServer, respond: Respond) -> None:
    with contextlib.closing(asking(server.address, patience=0.4)) as model:
        server.script.append(respond)
        began = time.monotonic()
        with pytest.raises(ServerSlow):
            ask(model, SHIRT)
        assert 0.3 < time.monotonic() - began < 5
        assert server.hung_up.wait(5)
        assert ask(model, SHIRT) == "The shirt is red."


def test_the_time_in_which_nobody_reads_on_is_not_the_servers(server: ChatServer) -> None:
    with contextlib.closing(asking(server.address, patience=0.4)) as model:
        answer = model.answer(SHIRT, Cancellation())
        pieces = [next(answer).text]
        time.sleep(0.6)
        assert pieces[0] + "".join(chunk.text for chunk in answer) == "The shirt is red."


def test_a_server_that_comes_back_is_found() -> None:
    with chat_server.serving() as first:
        port = int(first.address.split(":")[2].removesuffix("/v1"))
    with contextlib.closing(asking(first.address)) as model:
        model.look(room("red"), Cancellation())
        with pytest.raises(ServerLost):
            ask(model, SHIRT)
        with chat_server.serving(port=port):
            assert ask(model, SHIRT) == "The shirt is red."


def test_a_name_that_nobody_knows_is_a_server_that_is_not_there() -> None:
    with contextlib.closing(asking("http://nobody.invalid:8000/v1")) as model, pytest.raises(ServerLost):
        ask(model, SHIRT)


# letting go


def _cancelled_after(model: OpenAiVision, moment: Callable[[], object]) -> float:
    """Ask, cancel from another thread at a moment; return how many seconds later the step has ended."""
    cancellation, at = Cancellation(), list[float]()

    def cancel() -> None:
        moment()
        at.append(time.monotonic())
        cancellation.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with pytest.raises(Cancelled):
        for _ in model.answer(SHIRT, cancellation):
            pass
    ended = time.monotonic()
    canceller.join()
    return ended - at[0]


def _has_come(server: ChatServer, number: int) -> None:
    """Wait until so many questions have come, and a moment longer, in which the answer to the last has begun."""
    while len(server.asked) < number:
        time.sleep(0.001)
    time.sleep(0.05)


@pytest.mark.parametrize(
    "respond",
    [
        hang,
        streamed(then=hang),
        streamed(event("It is"), then=hang),
        streamed(then=drip(b": here\n\n")),
        streamed(then=drip(event("x"))),
    ],
    ids=["no headers", "headers alone", "in mid-answer", "keep-alives", "while it writes"],
)
def test_a_cancelled_question_is_let_go_at_once_and_the_server_hung_up_on(
    server: ChatServer, respond: Respond, asked: OpenAiVision
) -> None:
    server.script.extend([respond] * 3)
    assert min(_cancelled_after(asked, functools.partial(_has_come, server, number)) for number in (1, 2, 3)) < LET_GO
    assert server.hung_up.wait(5)
    assert ask(asked, SHIRT) == "The shirt is red."


def test_connecting_is_let_go_at_once() -> None:
    with socket.socket() as deaf:  # its queue is full: nobody ever accepts
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                waiting = stack.enter_context(socket.socket())
                waiting.settimeout(0)
                waiting.connect_ex(address)
            model = stack.enter_context(contextlib.closing(asking(f"http://127.0.0.1:{address[1]}/v1")))
            assert min(_cancelled_after(model, lambda: time.sleep(0.1)) for _ in range(3)) < LET_GO


def test_an_answer_that_nobody_reads_on_is_hung_up_on(server: ChatServer, asked: OpenAiVision) -> None:
    server.script.append(streamed(then=drip(event("on and "))))
    answer = asked.answer(SHIRT, Cancellation())
    next(answer)
    assert isinstance(answer, Generator)
    answer.close()
    assert server.hung_up.wait(5)


@pytest.mark.parametrize("which", ["first", "other"])
def test_closing_ends_what_runs(server: ChatServer, asked: OpenAiVision, which: str) -> None:
    model = asked if which == "first" else asked.another(Rank.PAGE)
    server.script.append(hang)

    def close() -> None:
        _has_come(server, 1)
        model.close()

    closing = threading.Thread(target=close)
    closing.start()
    with pytest.raises(Cancelled):
        ask(model, SHIRT)
    closing.join()
    assert server.hung_up.wait(5)


def test_many_questions_at_once_are_not_mixed_up(server: ChatServer, asked: OpenAiVision) -> None:
    server.answer = "You asked: {question}"
    answers: dict[str, str] = {}

    def question(text: str) -> None:
        with contextlib.closing(asked.another(Rank.PAGE)) as other:
            answers[text] = ask(other, Question(text, "en"))

    threads = [threading.Thread(target=question, args=(f"What is number {number}?",)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert all(answer == f"You asked: {text}" for text, answer in answers.items())


# whether it is there


@pytest.mark.parametrize(
    ("model", "listing", "trouble"),
    [
        ("some-vl", None, None),
        ("other", None, None),
        ("third", None, ModelNotServed),
        ("some-vl", plain(401, ""), KeyRefused),
        ("some-vl", plain(404, ""), ServerNotUnderstood),
        ("some-vl", plain(200, "<html>", "text/html"), ServerNotUnderstood),
        ("some-vl", plain(200, '{"data": [{"name": "x"}]}'), ServerNotUnderstood),
        ("some-vl", plain(200, '{"data": "' + "x" * (3 << 20)), ServerNotUnderstood),
        ("some-vl", plain(302, "", Location="http://127.0.0.1:1/"), ServerNotUnderstood),
        ("some-vl", reset, ServerLost),
        ("some-vl", plain(503, ""), ServerBusy),
    ],
)
def test_the_server_is_asked_whether_it_has_the_model(
    server: ChatServer, model: str, listing: Respond | None, trouble: type[ServerFailed] | None
) -> None:
    server.listing = listing or server.listing
    config = OpenAiVisionConfig(kind="openai", address=server.address, model=model)
    with contextlib.closing(OpenAiServer(config)) as client:
        if trouble is None:
            client.check()
        else:
            with pytest.raises(ServerFailed) as caught:
                client.check()
            assert type(caught.value) is trouble


# a real server, of people who know nothing of us


def test_llama_cpp_pythons_own_server_has_the_model(llama_cpp_server: str) -> None:
    for name, there in (("practice", True), ("qwen3-vl-8b", False)):
        config = OpenAiVisionConfig(kind="openai", address=llama_cpp_server, model=name)
        with contextlib.closing(OpenAiServer(config)) as client:
            if there:
                client.check()
            else:
                with pytest.raises(ModelNotServed, match="it has: practice"):
                    client.check()


def test_a_conversation_about_two_pictures_is_held_with_a_real_server(served_practice: OpenAiVision) -> None:
    served_practice.forget()
    served_practice.look(room("red", "blue"), Cancellation())
    assert converse(served_practice, SHIRT) == "The shirt is red."
    assert "blue" in converse(served_practice, BOOK)
    served_practice.look(room("green"), Cancellation())
    assert converse(served_practice, SHIRT) == "The shirt is green."
    assert ask(served_practice, Question("衬衫是什么颜色？", "zh")) == "衬衫是绿色的。"


def test_a_question_that_is_too_long_for_a_real_server_is_told(served_practice: OpenAiVision) -> None:
    served_practice.forget()
    with pytest.raises(ServerLost):  # this one says nothing, and hangs up
        ask(served_practice, Question("word " * 3000, "en"))
    assert ask(served_practice, SHIRT)


def test_a_real_server_that_knows_no_schema_says_so(served_practice: OpenAiVision) -> None:
    served_practice.forget()
    with pytest.raises(SchemaUnusable):
        ask(served_practice, dataclasses.replace(SHIRT, writing=Writing(schema="{}")))

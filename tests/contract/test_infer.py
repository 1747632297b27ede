"""``POST /infer`` of the real service with the practice model."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from PIL import Image

from assistant.llama.session import VisionSession
from assistant.turn.crosscheck import NAME_NOT_FOUND, NOT_FOUND
from assistant.turn.reassurance import CANNOT_JUDGE
from assistant.turn.stakes import Stake
from assistant.types import Transcript
from tests.fakes.text_reader import text
from tests.fakes.transcriber import FakeTranscriber
from tests.serving import SCENE, client, events, loaded, serving, settings
from tests.vision_models import load, room

AHEAD = "An umbrella on your left, a dog ahead and a chair on your right."
COLOUR = "What colour is the shirt?"


@pytest.fixture(scope="module")
def practice() -> Iterator[VisionSession]:
    session = load(tokens=35)
    yield session
    session.close()


@pytest.fixture(scope="module")
def http(practice: VisionSession) -> Iterator[httpx.Client]:
    heard = FakeTranscriber([Transcript("What is in front of me?", "en", 0.9)])
    with serving(loaded(practice, settings(), transcriber=heard)) as url, client(url) as opened:
        yield opened


def png(shirt: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(room(shirt).pixels).save(file, "PNG")
    return file.getvalue()


def base64_of(shirt: str) -> str:
    return base64.b64encode(png(shirt)).decode()


def answer(response: httpx.Response) -> dict[str, object]:
    assert response.status_code == 200, response.text
    told = response.json()
    assert isinstance(told, dict)
    return told


def test_the_bundled_picture_is_asked_about_as_in_the_article(http: httpx.Client) -> None:
    told = answer(http.post("/infer", json={"image_path": "scene.png", "prompt": "What is in front of me?"}))
    assert told["text"] == AHEAD
    assert (told["model"], told["language"], told["finish"]) == ("practice", "en", "stop")
    assert set(told["timings"]) == {"queued", "picture", "first_token", "total"}  # type: ignore[call-overload]
    assert "heard" not in told
    assert "doubt" not in told


def test_its_whole_path_names_the_same_picture(http: httpx.Client) -> None:
    assert answer(http.post("/infer", json={"image_path": str(SCENE), "prompt": "What is in front of me?"}))["text"] == AHEAD


@pytest.mark.parametrize("head", ["", "data:image/png;base64,"])
def test_a_picture_in_base64(http: httpx.Client, head: str) -> None:
    assert answer(http.post("/infer", json={"image": head + base64_of("red"), "prompt": COLOUR}))["text"] == "The shirt is red."


def test_a_form_with_a_picture_and_a_spoken_question(http: httpx.Client) -> None:
    sound = (SCENE.parent / "question.wav").read_bytes()
    told = answer(http.post("/infer", files={"image": SCENE.read_bytes(), "audio": sound}, data={"max_tokens": "40"}))
    assert told["text"] == AHEAD
    assert told["heard"] == "What is in front of me?"


def test_a_spoken_question_without_words(practice: VisionSession) -> None:
    sound = (SCENE.parent / "question.wav").read_bytes()
    nothing = FakeTranscriber([Transcript("", "en", 0.0)])
    with serving(loaded(practice, settings(), transcriber=nothing)) as url, client(url) as http:
        refused = http.post("/infer", files={"image": SCENE.read_bytes(), "audio": sound}, data={"language": "zh"})
    assert refused.status_code == 422
    assert refused.json()["code"] == "hearing-failed"
    assert refused.json()["detail"] == "我没听清您的话，请再说一遍。"


def test_a_session_knows_its_picture(http: httpx.Client) -> None:
    first = answer(http.post("/infer", json={"session": "a", "image": base64_of("red"), "prompt": COLOUR}))
    assert (first["text"], first["session"]) == ("The shirt is red.", "a")
    answer(http.post("/infer", json={"session": "b", "image": base64_of("blue"), "prompt": COLOUR}))
    assert "red" in str(answer(http.post("/infer", json={"session": "a", "prompt": COLOUR}))["text"]).lower()
    answer(http.post("/infer", json={"session": "a", "image": base64_of("green"), "prompt": COLOUR}))
    assert "green" in str(answer(http.post("/infer", json={"session": "a", "prompt": COLOUR}))["text"]).lower()


def test_without_a_picture_there_is_nothing_to_ask_about(http: httpx.Client) -> None:
    for session in ({}, {"session": "new"}):
        refused = http.post("/infer", json={"prompt": "What is this?", **session})
        assert (refused.status_code, refused.json()["code"]) == (422, "picture-not-given")


def test_a_second_question_about_the_same_picture_finds_it_read(http: httpx.Client) -> None:
    picture = base64_of("yellow")
    answer(http.post("/infer", json={"image": picture, "prompt": COLOUR}))
    usage = answer(http.post("/infer", json={"image": picture, "prompt": "What is on my left?"}))["usage"]
    assert isinstance(usage, dict)
    assert usage["cached_tokens"] > 30  # the picture's thirty, and the instructions


def test_an_answer_as_it_is_written(http: httpx.Client) -> None:
    asked = {"image_path": "scene.png", "prompt": "What is in front of me?", "stream": True}
    with http.stream("POST", "/infer", json=asked) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = events(list(response.iter_lines()))
    names = [name for name, _ in told]
    assert names[0] == "delta"
    assert names[-1] == "done"
    assert "".join(json.loads(data)["text"] for name, data in told if name == "delta") == AHEAD
    sentences = [json.loads(data) for name, data in told if name == "sentence"]
    assert " ".join(sentence["text"] for sentence in sentences) == AHEAD
    assert json.loads(told[-1][1])["text"] == AHEAD
    assert names.index("sentence") < len(names) - 3  # before all of it was written


def test_an_error_before_the_first_word_has_its_own_status(http: httpx.Client) -> None:
    refused = http.post("/infer", json={"prompt": "What is this?", "stream": True})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def test_an_answer_that_follows_a_schema(http: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"dog": {"type": "boolean"}}, "required": ["dog"], "additionalProperties": False}
    told = answer(http.post("/infer", json={"image_path": "scene.png", "prompt": "Is there a dog?", "json_schema": schema}))
    assert told["json"] in ({"dog": True}, {"dog": False})
    assert json.loads(str(told["text"])) == told["json"]


def test_a_schema_that_is_none(http: httpx.Client) -> None:
    asked = {"image_path": "scene.png", "prompt": "Is there a dog?", "json_schema": {"type": "nonsense"}}
    refused = http.post("/infer", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "schema-unusable")


def test_a_useless_picture_is_not_asked_about(http: httpx.Client) -> None:
    file = io.BytesIO()
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save(file, "PNG")
    dark = base64.b64encode(file.getvalue()).decode()
    english = http.post("/infer", json={"image": dark, "prompt": "What is this?"})
    assert (english.status_code, english.json()["code"]) == (422, "too-dark")
    assert english.json()["detail"].startswith("It is too dark to see.")
    chinese = http.post("/infer", json={"image": dark, "prompt": "这是什么？"})
    assert chinese.json()["detail"].startswith("太暗了")


def test_a_picture_that_is_only_dark_leaves_doubt(http: httpx.Client) -> None:
    pixels = np.asarray(Image.open(SCENE).convert("RGB")) // 6
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    asked = {"image": base64.b64encode(file.getvalue()).decode(), "prompt": "What is this?"}
    assert str(answer(http.post("/infer", json=asked))["doubt"]).startswith("The picture is dark")


@pytest.mark.parametrize(
    ("asked", "mistake"),
    [
        ({"image_path": "scene.png"}, "prompt"),
        ({"image_path": "scene.png", "prompt": " \n"}, "prompt"),
        ({"image_path": "scene.png", "prompt": "a" * 4001}, "prompt"),
        ({"image_path": "scene.png", "prompt": "a", "colour": 1}, "colour"),
        ({"image_path": "scene.png", "prompt": "a", "image": "AAAA"}, "image"),
        ({"image": "no base64!", "prompt": "a"}, "image"),
        ({"image": "data:image/png,xyz", "prompt": "a"}, "image"),
        ({"image_path": "scene.png", "prompt": "a", "temperature": 3}, "temperature"),
        ({"image_path": "scene.png", "prompt": "a", "session": "../a"}, "session"),
        ({"image_path": "scene.png", "prompt": "a", "language": "de"}, "language"),
    ],
)
def test_a_request_with_a_mistake_is_told_which(http: httpx.Client, asked: dict[str, object], mistake: str) -> None:
    refused = http.post("/infer", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "request-wrong")
    assert [line.split(":")[0] for line in refused.json()["mistakes"]] == [mistake]
    assert "no base64!" not in refused.text


def test_what_is_no_json_and_no_form(http: httpx.Client) -> None:
    for kind, body, status in (
        ("application/json", b"{", 422),
        ("application/json", b"\xff\xfe", 422),
        ("application/json", b'{"prompt": "\\ud800"}', 422),
        ("multipart/form-data", b"x", 422),
        ("multipart/form-data; boundary=x", b"x", 422),
        ("text/plain", b"hello", 415),
    ):
        refused = http.post("/infer", content=body, headers={"Content-Type": kind})
        assert refused.status_code == status, (kind, body, refused.text)
        assert refused.headers["content-type"] == "application/problem+json"


def test_elsewhere_there_is_nothing(http: httpx.Client) -> None:
    assert http.get("/nothing").json()["code"] == "not-found"
    assert http.get("/infer").json()["code"] == "method-wrong"
    assert http.get("/infer").headers["allow"] == "POST"
    assert http.get("/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()["detail"].startswith("这个地址")


def test_health_and_counts(http: httpx.Client) -> None:
    assert answer(http.get("/healthz")) == {"status": "ok", "model": "practice", "waiting": 0}
    answer(http.post("/infer", json={"image_path": "scene.png", "prompt": "What is in front of me?"}))
    counted = http.get("/metrics").text
    assert 'assistant_requests_total{method="POST",route="/infer",status="200"}' in counted
    assert 'assistant_requests_total{method="",route="elsewhere",status="404"}' in counted
    assert 'assistant_tokens_total{kind="answer"}' in counted
    assert "nothing" not in counted


def test_where_a_mistake_could_hurt_there_are_warnings(practice: VisionSession) -> None:
    with serving(loaded(practice, settings(), text_reader=text("Price 9 euros"))) as url, client(url) as http:
        harmless = answer(http.post("/infer", json={"image": base64_of("red"), "prompt": COLOUR}))
        crossing = answer(http.post("/infer", json={"image": base64_of("red"), "prompt": "Can I cross the road?"}))
        price = answer(http.post("/infer", json={"image": base64_of("red"), "prompt": "How much is this?"}))
    assert "warnings" not in harmless
    assert crossing["warnings"] == [CANNOT_JUDGE[Stake.CROSSING]["en"]]
    assert price["warnings"] in ([NAME_NOT_FOUND["en"]], [NOT_FOUND["en"]])


def test_values_of_an_answer_are_held_against_the_print(practice: VisionSession) -> None:
    schema = {"type": "object", "properties": {"price": {"enum": [12.5, 99]}}, "required": ["price"], "additionalProperties": False}
    with serving(loaded(practice, settings(), text_reader=text("Price 12.50", "or 99"))) as url, client(url) as http:
        asked = {"image": base64_of("red"), "prompt": "What is the price?", "json_schema": schema}
        told = answer(http.post("/infer", json=asked))
    fields = told["fields"]
    assert isinstance(fields, list)
    (field,) = fields
    assert field["path"] == "price"
    assert field["value"] in (12.5, 99)
    assert (field["evidence"], field["read"]) == ("confirmed", "Price 12.50" if field["value"] == 12.5 else "or 99")

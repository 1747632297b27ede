"""The OpenAPI document, and what the service makes of requests that nobody in their right mind would send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from assistant.types import Frame, Rank, Transcript
from assistant.web.failures import OPENAI
from tests.fakes.transcriber import FakeTranscriber
from tests.fakes.vision import FakeVision
from tests.serving import client, loaded, serving, settings
from tests.vision_models import room

PROMISES = [status_code_conformance, content_type_conformance, response_schema_conformance]
FRAME = room("red")


class Tireless(FakeVision):
    """Always says the same, in any number of conversations."""

    def another(self, rank: Rank, system: str = "") -> FakeVision:
        del rank, system
        return Tireless(["An answer."] * 100_000)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    def read_picture(_: bytes) -> Frame:
        return FRAME

    heard = FakeTranscriber([Transcript("What is this?", "en", 0.9)] * 100_000)
    with serving(loaded(Tireless(), settings(), transcriber=heard, read_picture=read_picture)) as opened:
        yield opened


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx.Client]:
    with client(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def interface(url: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


_TAKING = ["/infer", "/read", "/v1/chat/completions", "/v1/audio/transcriptions", "/v1/audio/speech"]
_GIVING = ["/v1/models", "/v1/models/{name}", "/healthz", "/metrics"]


@pytest.mark.parametrize(
    ("path", "mode"),
    [*((path, GenerationMode.POSITIVE) for path in _TAKING + _GIVING), *((path, GenerationMode.NEGATIVE) for path in _TAKING)],
)
def test_whatever_is_sent_is_answered_as_described(interface: schemathesis.BaseSchema, path: str, mode: GenerationMode) -> None:
    operation = next(iter(interface[path].values()))

    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck))
    def send(case: Any) -> None:
        response = case.call()
        case.validate_response(response, checks=PROMISES)
        if response.status_code >= 400:
            assert response.status_code < 500 or response.status_code == 503
            kind = "application/json" if path.startswith(OPENAI) else "application/problem+json"
            assert response.headers["content-type"] == [kind]

    send()


def test_the_document_is_a_valid_one(interface: schemathesis.BaseSchema) -> None:
    interface.validate()
    assert set(interface) == {*_TAKING, *_GIVING}


_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)
_FIELDS = st.sampled_from(
    ["prompt", "image", "image_path", "session", "json_schema", "stream", "messages", "role", "content", "input", "n", "stop"]
)
_BODIES = st.binary(max_size=200) | st.dictionaries(_FIELDS, _JSON_VALUES, max_size=5).map(
    lambda fields: json.dumps(fields).encode()
)
_TYPES = st.sampled_from(
    ["application/json", "application/json; charset=utf-16", "multipart/form-data", 'multipart/form-data; boundary="', "", "a/b"]
)
_PATHS = st.sampled_from(["/infer", "/read", "/v1/chat/completions", "/v1/audio/speech", "/v1/audio/transcriptions"])


@hypothesis.given(_PATHS, _TYPES, _BODIES)
@hypothesis.settings(max_examples=150, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_no_body_is_too_odd(http: httpx.Client, path: str, kind: str, body: bytes) -> None:
    response = http.post(path, content=body, headers={"Content-Type": kind} if kind else {})
    assert response.status_code == 200 or 400 <= response.status_code < 500
    if response.status_code != 200:
        assert response.json()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"json_schema":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}",
        b'{"prompt": "a", "temperature": NaN, "image_path": "scene.png"}',
        b'{"prompt": "a", "max_tokens": 1' + b"0" * 5000 + b"}",
        b'{"prompt": "\\u0000", "image_path": "scene.png", "session": "\\u0000"}',
        b'{"prompt": "a", "prompt": "b", "image": "' + b"A" * 1_000_000 + b"!" + b'"}',
    ],
    ids=["brackets", "deep", "nan", "huge", "nul", "long"],
)
@pytest.mark.parametrize("path", ["/infer", "/v1/chat/completions", "/v1/audio/speech"])
def test_json_that_is_made_to_hurt(http: httpx.Client, path: str, body: bytes) -> None:
    response = http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert 400 <= response.status_code < 500, response.text[:200]


@pytest.mark.parametrize(
    "part",
    [
        'Content-Disposition: form-data; name="prompt"\r\n\r\n' + "a" * 2_000_000,
        'Content-Disposition: form-data; name="prompt"; filename="a"\r\n\r\na',
        'Content-Disposition: form-data; name="image"; filename="../../etc/passwd"\r\n\r\na',
        'Content-Disposition: form-data; name="json_schema"\r\n\r\n[1]',
        'Content-Disposition: form-data; name="audio"\r\n\r\n!',
        "Content-Disposition: form-data\r\n\r\na",
        "\r\n\r\n",
    ],
)
def test_forms_that_are_made_to_hurt(http: httpx.Client, part: str) -> None:
    body = f"--x\r\n{part}\r\n--x--\r\n".encode()
    response = http.post("/infer", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert 400 <= response.status_code < 500, response.text[:200]

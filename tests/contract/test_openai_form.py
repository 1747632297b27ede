"""OpenAI's own client against the real service with the practice model."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Iterator
from typing import Any

import numpy as np
import openai
import pytest
from PIL import Image

from assistant.llama.session import VisionSession
from assistant.types import Transcript
from tests.fakes.transcriber import FakeTranscriber
from tests.serving import PATIENCE, SAMPLES, SCENE, loaded, serving, settings
from tests.vision_models import load, room

AHEAD = "An umbrella on your left, a dog ahead and a chair on your right."


@pytest.fixture(scope="module")
def practice() -> Iterator[VisionSession]:
    session = load(tokens=35)
    yield session
    session.close()


@pytest.fixture(scope="module")
def client(practice: VisionSession) -> Iterator[openai.OpenAI]:
    heard = FakeTranscriber([Transcript("What is in front of me?", "en", 0.9), Transcript("", "en", 0.0)])
    http = openai.DefaultHttpxClient(trust_env=False)
    with (
        serving(loaded(practice, settings(), transcriber=heard)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", timeout=PATIENCE, max_retries=0, http_client=http) as opened,
    ):
        yield opened


def url_of(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def url_of_room(shirt: str) -> str:
    file = io.BytesIO()
    Image.fromarray(room(shirt).pixels).save(file, "PNG")
    return url_of(file.getvalue())


def seen(text: str, *urls: str) -> Any:
    pictures = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {"role": "user", "content": [{"type": "text", "text": text}, *pictures]}


SCENE_ASKED = seen("What is in front of me?", url_of(SCENE.read_bytes()))


def test_a_picture_and_a_question(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=[SCENE_ASKED])
    assert answer.choices[0].message.content == AHEAD
    assert answer.choices[0].finish_reason == "stop"
    assert answer.model == "practice"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens > 35  # the picture's


def test_a_follow_up_costs_its_own_words(client: openai.OpenAI) -> None:
    messages = [SCENE_ASKED]
    first = client.chat.completions.create(model="m", messages=messages)
    messages += [{"role": "assistant", "content": first.choices[0].message.content}]
    messages += [{"role": "user", "content": "What is on my left?"}]
    second = client.chat.completions.create(model="m", messages=messages)
    assert "umbrella" in (second.choices[0].message.content or "").lower()
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens_details is not None
    assert second.usage.prompt_tokens_details.cached_tokens is not None
    assert second.usage.prompt_tokens_details.cached_tokens >= first.usage.prompt_tokens


def test_the_last_picture_counts(client: openai.OpenAI) -> None:
    messages = [
        seen("What colour is the shirt?", url_of_room("red")),
        {"role": "assistant", "content": "The shirt is red."},
        seen("What colour is the shirt?", url_of_room("blue")),
    ]
    answer = client.chat.completions.create(model="m", messages=messages)
    assert "blue" in (answer.choices[0].message.content or "").lower()


def test_an_answer_as_it_is_written(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="m", messages=[SCENE_ASKED], stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == AHEAD
    assert len(chunks) > 10
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 10
    assert len({chunk.id for chunk in chunks}) == 1


def test_the_longest_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="m", messages=[SCENE_ASKED], max_completion_tokens=3)
    assert answer.choices[0].finish_reason == "length"
    assert AHEAD.startswith(answer.choices[0].message.content or "-")


@pytest.mark.parametrize("stream", [False, True])
def test_where_to_stop(client: openai.OpenAI, stream: bool) -> None:  # noqa: FBT001 - pytest gives it
    if stream:
        chunks = client.chat.completions.create(model="m", messages=[SCENE_ASKED], stop=[" ahead", "nothing"], stream=True)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    else:
        answer = client.chat.completions.create(model="m", messages=[SCENE_ASKED], stop=[" ahead", "nothing"])
        text = answer.choices[0].message.content or ""
    assert text == "An umbrella on your left, a dog"


def test_an_answer_that_follows_a_schema(client: openai.OpenAI) -> None:
    schema = {"type": "object", "properties": {"dog": {"type": "boolean"}}, "required": ["dog"], "additionalProperties": False}
    asked = seen("Is there a dog?", url_of(SCENE.read_bytes()))
    answer = client.chat.completions.create(
        model="m",
        messages=[asked],
        response_format={"type": "json_schema", "json_schema": {"name": "dog", "schema": schema, "strict": True}},
    )
    assert json.loads(answer.choices[0].message.content or "") in ({"dog": True}, {"dog": False})


def test_words_alone(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello?"}]
    assert client.chat.completions.create(model="m", messages=messages).choices[0].message.content is not None


def test_mistakes_are_the_clients_own_errors(client: openai.OpenAI) -> None:
    two = seen("What is this?", url_of_room("red"), url_of_room("blue"))
    far = seen("What is this?", "http://127.0.0.1/a.png")
    for messages, code in (([two], "several_pictures"), ([far], "picture_far_away")):
        with pytest.raises(openai.BadRequestError) as wrong:
            client.chat.completions.create(model="m", messages=messages)
        assert wrong.value.code == code
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="m", messages=[SCENE_ASKED], n=2)
    assert (wrong.value.code, wrong.value.param) == ("request_wrong", "n")
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "word " * 6000}])
    assert wrong.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="m", messages=[seen("What?", url_of(b"no picture"))], stream=True)
    assert wrong.value.code == "picture_format_unknown"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_which_models_there_are(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["practice"]
    assert client.models.retrieve("practice").owned_by == "assistant"


def test_what_is_said_in_a_file(client: openai.OpenAI) -> None:
    for expected in ("What is in front of me?", ""):
        with (SAMPLES / "question.wav").open("rb") as file:
            assert client.audio.transcriptions.create(model="m", file=file).text == expected
    with pytest.raises(openai.BadRequestError) as wrong:
        client.audio.transcriptions.create(model="m", file=b"no sound")
    assert wrong.value.code == "sound_unreadable"


def test_a_text_is_spoken(client: openai.OpenAI) -> None:
    spoken = client.audio.speech.create(model="m", voice="alloy", input="One two. Three.", response_format="wav").content
    with wave.open(io.BytesIO(spoken)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
    samples = np.frombuffer(spoken[44:], "<i2")
    assert len(samples) == pytest.approx(24_000 * 0.3, rel=0.05)  # the fake voice hums a tenth of a second a word
    assert np.abs(samples.astype(float)).mean() > 3000
    pcm = client.audio.speech.create(model="m", voice="alloy", input="One two. Three.", response_format="pcm").content
    assert pcm == spoken[44:]
    with pytest.raises(openai.BadRequestError):
        client.audio.speech.create(model="m", voice="alloy", input="One.", response_format="mp3")
    nothing = client.audio.speech.create(model="m", voice="alloy", input="...", response_format="pcm")
    assert nothing.content == b""

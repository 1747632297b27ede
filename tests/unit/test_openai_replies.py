"""What a server sends back, taken apart however it is cut, and whatever it is."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import VisionFailed
from assistant.openai_replies import EventReader, Piece, model_names, refusal


def read(*parts: bytes) -> list[Piece]:
    reader = EventReader("somewhere")
    return [piece for part in parts for piece in reader.feed(part)]


def words(pieces: list[Piece]) -> list[str | None]:
    return [choice.delta.content for piece in pieces for choice in piece.choices if choice.delta]


def failure(step: Callable[[], object]) -> str:
    """Return why it failed; empty if it did not."""
    try:
        step()
    except VisionFailed as error:
        return error.detail
    return ""


texts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=8)


@given(texts, st.lists(st.integers(0, 400), max_size=8), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_a_stream_may_be_cut_anywhere(said: list[str], cuts: list[int], ascii_only: bool, end: str) -> None:  # noqa: FBT001
    lines = [f"data: {json.dumps({'choices': [{'delta': {'content': text}}]}, ensure_ascii=ascii_only)}" for text in said]
    data = "".join(f": alive{end}{line}{end}{end}" for line in lines).encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert words(read(*(data[a:b] for a, b in itertools.pairwise(places)))) == said


@given(st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"data: ", b"\n", b"{", b'"choices":', b"[DONE]", b"error"]))))
def test_any_bytes_are_a_stream_or_a_failure_with_a_sentence(parts: list[bytes]) -> None:
    assert failure(lambda: read(*parts)).isprintable()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "code", "choices", "data", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.integers(100, 599), st.one_of(st.text(), json_values.map(json.dumps)))
def test_any_refusal_has_a_sentence(status: int, text: str) -> None:
    error = refusal(status, text, "somewhere")
    assert error.spoken("en")
    assert error.detail.isprintable()
    assert len(error.detail) < 300


@given(json_values.map(json.dumps))
def test_any_json_is_a_stream_a_list_or_a_failure(text: str) -> None:
    assert failure(lambda: read(f"data: {text}\n".encode())).isprintable()
    assert failure(lambda: model_names(text, "somewhere")).isprintable()


def test_models_are_listed() -> None:
    assert model_names('{"object": "list", "data": [{"id": "a", "owned_by": "me"}, {"id": "b"}]}', "x") == ["a", "b"]

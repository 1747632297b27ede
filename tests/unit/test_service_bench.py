"""What ``scripts/bench service`` makes of an event stream, and of a load."""

from __future__ import annotations

import pytest
from served import Streamed, events
from service_load import Outcome


def test_events_as_both_services_write_them() -> None:
    stream = b'event: delta\ndata: {"text": "A"}\n\ndata: {"choices": []}\r\n\r\ndata: [DONE]\n\n'
    assert list(events(stream.splitlines(keepends=True))) == [
        ("delta", '{"text": "A"}'),
        ("message", '{"choices": []}'),
        ("message", "[DONE]"),
    ]


def test_a_comment_that_keeps_the_connection_is_no_event() -> None:
    assert list(events([b": still here\n", b"\n", b"data: A\n", b"data: B\n", b"\n"])) == [("message", "A\nB")]


def test_an_event_that_is_cut_off_is_none() -> None:
    assert list(events([b"data: A\n"])) == []


def test_the_first_token_is_not_counted_in_the_speed() -> None:
    assert Streamed("words", first=1.0, last=3.0, pieces=9).tokens_per_second == pytest.approx(4.0)
    assert Streamed("word", first=1.0, last=1.0, pieces=1).tokens_per_second == 0.0


def test_memory_that_was_taken_to_warm_up_is_no_growth() -> None:
    assert Outcome(memory=[100, 300, 400, 400, 400, 400, 401, 401]).memory_growth_mib == pytest.approx(1.0)
    assert Outcome(memory=[100, 300]).memory_growth_mib == 0.0

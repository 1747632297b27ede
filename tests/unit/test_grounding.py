"""Boxes of the model's, and what is said of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.grounding import boxes_in, hour_of, is_centred, is_close, nearness, told_where, way_out
from assistant.types import Box, Language


def box(across: float, down: float = 0.5, side: float = 0.2) -> Box:
    return Box(across - side / 2, down - side / 2, across + side / 2, down + side / 2)


@pytest.mark.parametrize(
    ("reply", "boxes"),
    [
        ('[{"bbox_2d": [100, 200, 300, 400], "label": "cup"}]', [Box(0.1, 0.2, 0.3, 0.4)]),
        ('```json\n[{"bbox_2d": [0, 0, 1000, 1000]}]\n```', [Box(0, 0, 1, 1)]),
        ('{"bbox_2d": [100, 200, 300, 400]}, {"bbox_2d": [1, 2, 3, 4', [Box(0.1, 0.2, 0.3, 0.4)]),
        ('[{"bbox_2d": [-20, 900, 300, 1100]}]', [Box(0, 0.9, 0.3, 1)]),
        ('[{"bbox_2d": [300, 200, 100, 400]}]', []),
        ('[{"bbox_2d": [1, 2, 3]}, {"bbox_2d": ["a", 2, 3, 4]}, {"bbox_2d": [1, NaN, 3, 4]}]', []),
        ("There is no cup.", []),
        ("[]", []),
    ],
)
def test_the_boxes_of_a_reply(reply: str, boxes: list[Box]) -> None:
    assert boxes_in(reply) == boxes


@given(st.text() | st.lists(st.floats() | st.none() | st.text() | st.integers()).map(lambda edges: json.dumps({"bbox_2d": edges})))
def test_whatever_it_replies_boxes_lie_in_the_picture(reply: str) -> None:
    for found in boxes_in(reply):
        assert 0 <= found.left < found.right <= 1
        assert 0 <= found.top < found.bottom <= 1


@pytest.mark.parametrize(("across", "hour"), [(0.05, 11), (0.5, 12), (0.6, 12), (0.95, 1)])
def test_the_clock(across: float, hour: int) -> None:
    assert hour_of(box(across)) == hour


@pytest.mark.parametrize(
    ("place", "language", "sides", "clock"),
    [
        (box(0.1), "en", "The cup: on your left.", "The cup: at eleven o'clock."),
        (box(0.5), "en", "The cup: straight ahead.", "The cup: at twelve o'clock."),
        (box(0.9, 0.9), "en", "The cup: on your right, low down.", "The cup: at one o'clock, low down."),
        (box(0.5, side=0.8), "en", "The cup: straight ahead, close.", "The cup: at twelve o'clock, close."),
        (
            box(0.5, 0.1, side=0.05),
            "en",
            "The cup: straight ahead, high up, further away.",
            "The cup: at twelve o'clock, high up, further away.",
        ),
        (box(0.9), "zh", "杯子在您右边。", "杯子在一点方向。"),
    ],
)
def test_what_is_said(place: Box, language: Language, sides: str, clock: str) -> None:
    thing = "杯子" if language == "zh" else "cup"
    assert told_where(thing, place, "sides", language) == sides
    assert told_where(thing, place, "clock", language) == clock


def test_how_near_it_is() -> None:
    assert nearness(box(0.5)) == 1
    assert pytest.approx(nearness(box(0, 0)), abs=0.01) == 0
    assert nearness(box(0.3)) < nearness(box(0.4))
    assert is_centred(box(0.55, 0.6))
    assert not is_centred(box(0.7))
    assert is_close(box(0.5, side=0.5))
    assert not is_close(box(0.5, side=0.3))


def test_where_it_went() -> None:
    assert [way_out(box(*at))[0] for at in ((1, 0.5), (0, 0.4), (0.5, 0.95), (0.4, 0.05))] == [
        "to your right",
        "to your left",
        "downwards",
        "upwards",
    ]

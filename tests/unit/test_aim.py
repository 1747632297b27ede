"""What a hand is told that aims at a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.turn.aim import Coach, Correction, Sight, correction_for, is_steady, nearness_of
from assistant.types import Quad

WIDTH, HEIGHT = 640, 480
_MIRRORED = {Correction.LEFT: Correction.RIGHT, Correction.RIGHT: Correction.LEFT}


def line(left: float, top: float, width: float = 200, height: float = 20) -> Quad:
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


def sight(*places: Quad, blurred: bool = False) -> Sight:
    return Sight(places, WIDTH, HEIGHT, blurred)


MIDDLE = line(220, 230)
ASKEW: Quad = ((200, 200), (340, 340), (326, 354), (186, 214))


@pytest.mark.parametrize(
    ("seen", "correction"),
    [
        (sight(), Correction.NO_TEXT),
        (sight(blurred=True), Correction.STILL),
        (sight(MIDDLE), None),
        (sight(MIDDLE, blurred=True), Correction.STILL),
        (sight(line(0, 200)), Correction.LEFT),
        (sight(line(440, 200)), Correction.RIGHT),
        (sight(line(220, 0)), Correction.UP),
        (sight(line(220, 460)), Correction.DOWN),
        (sight(line(0, 200), line(440, 300)), Correction.BACK),
        (sight(line(200, 0), line(200, 460)), Correction.BACK),
        (sight(line(0, 200), blurred=True), Correction.LEFT),
        (sight(line(220, 230, 100, 6)), Correction.CLOSER),
        (sight(ASKEW), Correction.TURN),
        (sight(line(220, 130, 220, 200)), Correction.CLOSER),  # several lines that were found as one
        (sight(line(120, 130, 400, 200)), None),
    ],
)
def test_what_is_most_wrong(seen: Sight, correction: Correction | None) -> None:
    assert correction_for(seen) is correction


@given(st.lists(st.builds(line, st.integers(0, 440), st.integers(0, 460)), min_size=1, max_size=8))
def test_a_mirrored_page_needs_the_mirrored_correction(places: list[Quad]) -> None:
    def mirrored(place: Quad) -> Quad:
        a, b, c, d = ((WIDTH - x, y) for x, y in place)
        return (b, a, d, c)

    one, other = correction_for(sight(*places)), correction_for(sight(*map(mirrored, places)))
    if one is not None:
        assert other is _MIRRORED.get(one, one)


def test_the_nearer_to_the_centre_the_higher() -> None:
    assert nearness_of(sight()) is None
    assert nearness_of(sight(MIDDLE)) == 1
    assert (nearness_of(sight(line(0, 0))) or 0) < (nearness_of(sight(line(100, 100))) or 0)


def test_a_hand_that_holds_still() -> None:
    assert is_steady(sight(MIDDLE), sight(line(225, 232)))
    assert not is_steady(sight(MIDDLE), sight(line(260, 230)))
    assert not is_steady(sight(), sight(MIDDLE))


def test_who_is_talked_at_all_the_time_listens_no_more() -> None:
    coach = Coach()
    assert coach.words(Correction.LEFT, 0.0, "en") == ""  # the hand may still be on its way
    assert coach.words(Correction.LEFT, 0.1, "en") == "Move left."
    assert coach.words(Correction.LEFT, 3.0, "en") == ""
    assert coach.words(Correction.UP, 1.0, "en") == ""
    assert coach.words(Correction.UP, 1.1, "en") == ""
    assert coach.words(Correction.UP, 2.2, "zh") == "往上一点。"
    assert coach.words(Correction.UP, 6.3, "en") == "Move up."

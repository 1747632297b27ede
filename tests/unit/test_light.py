import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from assistant.turn.colour_names import decoded
from assistant.turn.light import Level, Light, Side, light_in, told
from assistant.types import Frame, Pixels
from tests.rendered_things import coded, held


def room(level: float, lamp: tuple[float, float] | None = None, slope: float = 0.0) -> Frame:
    """Return a noisy room: how much of good light it has, where a lamp shines, and how much brighter its right side is."""
    view = level * decoded(held((120, 90, 160)).pixels)
    height, width, _ = view.shape
    y, x = np.mgrid[:height, :width]
    view *= (1 + slope * (x / width - 0.5))[..., np.newaxis]
    if lamp:
        view[np.hypot(x - lamp[0] * width, y - lamp[1] * height) < 0.1 * width] = 1.0
    noisy = coded(view) + np.random.default_rng(1).normal(0, 6, view.shape)
    return Frame(np.clip(noisy, 0, 255).astype(np.uint8), 0.0)


@pytest.mark.parametrize(
    ("level", "word"), [(0, Level.DARK), (0.001, Level.DARK), (0.02, Level.DIM), (0.2, Level.LIT), (1, Level.LIT)]
)
def test_levels(level: float, word: Level) -> None:
    assert light_in(room(level)).level is word


def test_a_picture_that_is_all_white_is_very_bright() -> None:
    assert light_in(Frame(np.full((120, 160, 3), 252, np.uint8), 0.0)) == Light(Level.BRIGHT)


@pytest.mark.parametrize(
    ("lamp", "side"),
    [((0.12, 0.5), Side.LEFT), ((0.5, 0.5), Side.AHEAD), ((0.88, 0.4), Side.RIGHT), ((0.5, 0.08), Side.ABOVE)],
)
@pytest.mark.parametrize("level", [0.01, 0.03, 0.1])
def test_a_lamp_or_a_window_in_a_dark_room_is_found(lamp: tuple[float, float], side: Side, level: float) -> None:
    light = light_in(room(level, lamp))
    assert light.source is side
    assert light.level in {Level.DIM, Level.LIT}


@pytest.mark.parametrize(("slope", "side"), [(-1.4, Side.LEFT), (0.0, None), (0.3, None), (1.4, Side.RIGHT)])
def test_a_side_is_called_brighter_only_where_it_clearly_is(slope: float, side: Side | None) -> None:
    assert light_in(room(0.5, slope=slope)) == Light(Level.LIT, None, side)


def test_it_is_said_in_both_languages_and_by_the_clock() -> None:
    assert told(Light(Level.LIT), "en") == "There is enough light to see by."
    assert (
        told(Light(Level.DIM, Side.LEFT), "en") == "It is dim. Something very bright is on your left, perhaps a lamp or a window."
    )
    assert (
        told(Light(Level.LIT, None, Side.RIGHT), "en", "clock") == "There is enough light to see by. It is brighter at one o'clock."
    )
    assert told(Light(Level.DIM, Side.ABOVE), "zh") == "这里光线昏暗。上方有很亮的东西，可能是灯或窗户。"


@settings(deadline=None, max_examples=60)
@given(
    hypothesis_numpy.arrays(
        np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)), elements=st.integers(0, 255), fill=st.just(250)
    )
)
def test_any_picture_has_light_that_can_be_told(pixels: Pixels) -> None:
    assert told(light_in(Frame(pixels, 0.0)), "zh")

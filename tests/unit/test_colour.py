import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from assistant.turn.colour import ColourDoubt, Colours, colours_of, told
from assistant.turn.colour_names import decoded, lab, names_of
from assistant.types import Frame, Pixels
from tests.rendered_things import LIGHTS, PAINTS, PLAIN, held


def kinds(colours: Colours) -> list[str]:
    return [name.kind for name in colours.names]


@pytest.mark.parametrize("light", ["white", "lamp", "dim and warm"])
def test_paints_have_their_names_in_good_and_bad_light(light: str) -> None:
    named = {paint: kinds(colours_of(held(paint, LIGHTS[light], seed=number))) for number, paint in enumerate(PAINTS)}
    right = [paint for paint, (first, *more) in named.items() if first in PAINTS[paint].split() and not more]
    assert len(right) >= 0.95 * len(PAINTS), {paint: named[paint] for paint in PAINTS if paint not in right}


@pytest.mark.parametrize("light", LIGHTS)
def test_plain_colours_are_never_mistaken(light: str) -> None:
    assert {name: kinds(colours_of(held(rgb, LIGHTS[light]))) for name, rgb in PLAIN.items()} == {name: [name] for name in PLAIN}


def test_stripes_have_two_colours_and_no_third_at_their_edges() -> None:
    pairs = list(itertools.permutations(PLAIN, 2))[::4]
    named = {pair: kinds(colours_of(held(PLAIN[pair[0]], stripes=(PLAIN[pair[1]], 14)))) for pair in pairs}
    right = [pair for pair in pairs if named[pair] == list(pair)]
    assert len(right) >= 0.95 * len(pairs), {pair: named[pair] for pair in pairs if pair not in right}


def test_strongly_coloured_or_dim_light_leaves_a_doubt_and_good_light_none() -> None:
    doubts = {name: colours_of(held(PLAIN["blue"], light)).doubt for name, light in LIGHTS.items()}
    assert doubts == {name: ColourDoubt.LIGHT if name == "lamp" else None for name in LIGHTS}
    assert colours_of(held(PLAIN["blue"], (0.08, 0.08, 0.08))).doubt is ColourDoubt.LIGHT
    assert colours_of(held(PLAIN["blue"], (1.0, 0.2, 0.2))).doubt is ColourDoubt.LIGHT


@pytest.mark.parametrize(("rgb", "kind"), [((140, 140, 140), "grey"), ((230, 218, 166), "beige"), ((205, 35, 40), "red")])
def test_what_fills_the_picture_is_not_taken_for_white_and_leaves_a_doubt(rgb: tuple[int, int, int], kind: str) -> None:
    colours = colours_of(held(rgb, alone=True))
    assert (kinds(colours), colours.doubt) == ([kind], ColourDoubt.ALONE)
    assert colours_of(held((140, 140, 140))).doubt is None


def test_it_is_said_in_both_languages() -> None:
    blue, white = (names_of(lab(decoded(np.array([rgb]))))[0] for rgb in ((40, 85, 210), (255, 255, 255)))
    assert told(Colours((blue,)), "en") == "It is blue."
    assert told(Colours((blue, white)), "en") == "It is blue, with white."
    assert told(Colours((blue, white)), "zh") == "是蓝色，带白色。"
    assert told(Colours((blue,), ColourDoubt.LIGHT), "en").startswith(
        "It is blue. The light is dim or coloured, so I may be wrong."
    )
    assert told(Colours((blue,), ColourDoubt.LIGHT), "zh").startswith("是蓝色。光线较暗或带颜色")


@settings(deadline=None, max_examples=60)
@given(
    hypothesis_numpy.arrays(
        np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)), elements=st.integers(0, 255), fill=st.just(90)
    )
)
def test_any_picture_has_one_to_three_colours(pixels: Pixels) -> None:
    names = kinds(colours_of(Frame(pixels, 0.0)))
    assert 1 <= len(names) <= 3
    assert len(set(names)) == len(names)


@settings(deadline=None, max_examples=60)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_a_plain_picture_has_the_colour_of_its_pixels(rgb: tuple[int, int, int]) -> None:
    colours = colours_of(Frame(np.full((60, 80, 3), rgb, np.uint8), 0.0))
    assert colours.names == tuple(names_of(lab(decoded(np.array([rgb])))))

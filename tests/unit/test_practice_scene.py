from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from practice import fonts, scene, sprites
from practice.canvas import CELL, MAX_CELLS, Canvas, canvas
from practice.labels import GROUPS, NOTHING, SIGN_KIND, UNASKED, label
from practice.scene import CAMERA_SIZES, imagine, render
from practice.things import COLOURS, KINDS, SIGN_WORDS, Column, Scene, Sign, Thing

from assistant.types import Pixels
from assistant.vision import PRACTICE_IMAGE_TOKENS

CHAIR, CUP, DOG = 1, 0, 6
SIZE = (192, 144)
FIT = canvas(640, 480)
"""192 x 160: a bar of 8 pixels above and below the picture."""


def imagined(seed: int) -> Scene:
    return imagine(random.Random(seed))  # noqa: S311 - the same scene at every run


IMAGINED = tuple(imagined(seed) for seed in range(300))


def test_a_scene_is_a_function_of_its_seed() -> None:
    assert all(imagined(seed) == IMAGINED[seed] for seed in range(20))
    assert len(set(IMAGINED)) > 200


def test_there_are_none_to_four_things_and_now_and_then_a_sign() -> None:
    assert {len(shown.things) for shown in IMAGINED} == {0, 1, 2, 3, 4}
    assert 60 < sum(shown.sign is not None for shown in IMAGINED) < 150
    assert {thing.column for shown in IMAGINED for thing in shown.things} == {0, 1, 2}
    assert {thing.near for shown in IMAGINED for thing in shown.things} == {True, False}


def test_no_two_are_in_one_place() -> None:
    for shown in IMAGINED:
        places = [(thing.column, thing.near) for thing in shown.things]
        if shown.sign:
            places.append((shown.sign.column, False))
        assert len(set(places)) == len(places)


def test_things_stand_from_left_to_right_and_near_before_far() -> None:
    for shown in IMAGINED:
        places = [(thing.column, not thing.near) for thing in shown.things]
        assert places == sorted(places)


def test_things_of_a_kind_have_one_colour_and_it_is_theirs() -> None:
    several = 0
    for shown in IMAGINED:
        colours: dict[int, str] = {}
        for thing in shown.things:
            assert colours.setdefault(thing.kind, thing.colour) == thing.colour
            own = KINDS[thing.kind].colour
            assert thing.colour in COLOURS if own == "painted" else thing.colour == own
        several += len(colours) < len(shown.things)
    assert several > 20


def test_signs_say_a_word_a_number_or_both() -> None:
    said = [shown.sign.text for shown in IMAGINED if shown.sign]
    words = "|".join(SIGN_WORDS)
    for form in (rf"({words})", rf"({words}) [1-9]\d{{0,2}}", r"[1-9]\d{0,2}"):
        assert any(re.fullmatch(form, text) for text in said)
    assert all(re.fullmatch(rf"({words})?( ?[1-9]\d{{0,2}})?", text) for text in said)


def test_pictures_are_fitted_as_llama_cpp_does() -> None:
    assert [tuple(canvas(*size)) for size in CAMERA_SIZES] == [
        (192, 160, 192, 144),
        (224, 128, 224, 126),
        (192, 160, 192, 154),
        (160, 160, 160, 160),
        (160, 192, 144, 192),
        (128, 224, 126, 224),
    ]
    assert canvas(64, 64, (1, 35)) == Canvas(64, 64, 64, 64)
    assert canvas(8, 8, (4, 35)) == Canvas(64, 64, 64, 64)
    assert MAX_CELLS == PRACTICE_IMAGE_TOKENS


def thing(kind: int, column: Column, colour: str, box: tuple[float, float, float, float], *, near: bool = True) -> Thing:
    return Thing(kind, column, near, colour, box)


def cells(shown: Scene) -> tuple[dict[str, npt.NDArray[np.int64]], npt.NDArray[np.float32]]:
    """Return each group's labels and the boxes by row and column of the canvas."""
    labels, boxes = label(shown, FIT)
    rows, columns = FIT.down // CELL, FIT.across // CELL
    return {group.name: labels[:, n].reshape(rows, columns) for n, group in enumerate(GROUPS)}, boxes.reshape(rows, columns, 4)


def test_the_cells_of_a_thing_carry_what_it_is_and_no_others() -> None:
    chair = thing(CHAIR, 2, "red", (134 / 192, 24 / 144, 1.0, 96 / 144))  # on the canvas from 134 to 192 and from 32 to 104
    labels, boxes = cells(Scene((chair,)))
    there = np.zeros((5, 6), np.bool_)
    there[1:3, 4:6] = True
    assert (labels["kind"] == np.where(there, CHAIR, NOTHING)).all()
    assert (labels["colour"] == np.where(there, tuple(COLOURS).index("red"), UNASKED)).all()
    assert (labels["column"] == np.where(there, 2, UNASKED)).all()
    assert (labels["distance"] == np.where(there, 1, UNASKED)).all()
    assert (labels["condition"] == 0).all()
    assert (labels["word"] == UNASKED).all()
    assert labels["centre"].sum() == labels["centre"][2, 5] == 1
    np.testing.assert_allclose(boxes[there], [(134 / 192, 32 / 160, 1, 104 / 160)] * 4, rtol=1e-6)
    assert np.isnan(boxes[~there]).all()


def test_where_two_meet_a_cell_shows_the_one_that_covers_more() -> None:
    cup = thing(CUP, 0, "blue", (0, 0, 40 / 192, 88 / 144))
    dog = thing(DOG, 1, "several", (40 / 192, 0, 128 / 192, 88 / 144), near=False)
    labels, _ = cells(Scene((cup, dog)))
    assert labels["kind"][1].tolist() == [CUP, DOG, DOG, DOG, NOTHING, NOTHING]
    assert labels["distance"][1].tolist() == [1, 0, 0, 0, UNASKED, UNASKED]


def test_the_smallest_thing_has_a_cell() -> None:
    labels, _ = cells(Scene((thing(CUP, 1, "blue", (95 / 192, 71 / 144, 97 / 192, 73 / 144)),)))
    assert (labels["kind"] == CUP).any()
    assert labels["centre"].sum() == 1


@pytest.mark.parametrize(
    ("text", "word", "digits"),
    [
        ("EXIT", SIGN_WORDS.index("EXIT"), (10, 10, 10)),
        ("ROOM 12", SIGN_WORDS.index("ROOM"), (10, 1, 2)),
        ("305", len(SIGN_WORDS), (3, 0, 5)),
        ("7", len(SIGN_WORDS), (10, 10, 7)),
    ],
)
def test_the_cells_of_a_sign_carry_its_word_and_digits(text: str, word: int, digits: tuple[int, int, int]) -> None:
    labels, _ = cells(Scene((), Sign(text, 1, (64 / 192, 24 / 144, 128 / 192, 56 / 144))))
    for column in (2, 3):
        assert labels["kind"][1, column] == SIGN_KIND
        assert labels["word"][1, column] == word
        assert tuple(labels[name][1, column] for name in ("hundreds", "tens", "units")) == digits
        assert labels["colour"][1, column] == labels["distance"][1, column] == UNASKED
    assert (labels["kind"] == NOTHING).sum() == 28


def test_of_a_dark_picture_only_that_is_said() -> None:
    labels, boxes = cells(Scene(condition="dark"))
    assert (labels["condition"] == 1).all()
    assert (labels["kind"] == UNASKED).all()
    assert np.isnan(boxes).all()


@pytest.fixture(scope="module")
def drawn(scene_fonts: None) -> list[tuple[Pixels, Scene]]:  # noqa: ARG001 - skips
    return [render(seed, SIZE) for seed in range(100)]


def test_a_picture_is_a_function_of_its_seed_and_size(drawn: list[tuple[Pixels, Scene]]) -> None:
    for seed in range(5):
        pixels, shown = render(seed, SIZE)
        assert np.array_equal(pixels, drawn[seed][0])
        assert shown == drawn[seed][1]
    assert len({pixels.tobytes() for pixels, _ in drawn}) == len(drawn)
    assert all(pixels.shape == (144, 192, 3) and pixels.dtype == np.uint8 for pixels, _ in drawn)


@pytest.mark.usefixtures("scene_fonts")
def test_without_a_size_a_picture_has_a_camera_s() -> None:
    shapes = {render(seed)[0].shape for seed in range(8)}
    assert len(shapes) > 2
    assert {(width, height) for height, width, _ in shapes} <= set(CAMERA_SIZES)


def test_dark_is_dark_and_what_cannot_be_seen_is_not_told(drawn: list[tuple[Pixels, Scene]]) -> None:
    assert {shown.condition for _, shown in drawn} == {"clear", "dark", "covered"}
    for pixels, shown in drawn:
        if shown.condition == "clear":
            assert pixels.mean() > 40
        else:
            assert shown == Scene(condition=shown.condition)
        if shown.condition == "dark":
            assert pixels.mean() < 30


@pytest.mark.usefixtures("scene_fonts")
def test_a_crowded_picture_has_something_in_every_place() -> None:
    for seed in range(10):
        _, shown = render(seed, SIZE, crowded=True)
        if shown.condition == "clear":
            assert shown.sign
            assert len(shown.things) + 1 + len(shown.other_signs) == 6


@pytest.mark.usefixtures("scene_fonts")
def test_boxes_hold_the_pixels_of_their_things(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "_photograph", lambda _rng, picture, **_: np.asarray(picture))
    whole = {seed: render(seed, SIZE) for seed in range(50)}
    monkeypatch.setattr(scene, "cut_out", lambda kind, colour: Image.new("RGBA", sprites.cut_out(kind, colour).size))
    looked_at = 0
    for seed, (pixels, shown) in whole.items():
        if shown.condition != "clear" or shown.sign:  # a sign may hide what is behind it
            continue
        painted = (pixels != render(seed, SIZE)[0]).any(-1)
        outside = painted.copy()
        for one in shown.things:
            left, top, right, bottom = (round(side * length) for side, length in zip(one.box, SIZE * 2, strict=True))
            outside[top:bottom, left:right] = False
            assert painted[top:bottom, left:right].mean() > 0.15
        assert not outside.any()
        if len(shown.things) == 1:
            rows, columns = np.flatnonzero(painted.any(1)), np.flatnonzero(painted.any(0))
            np.testing.assert_allclose((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1), (left, top, right, bottom), atol=3)
            looked_at += 1
    assert looked_at > 3


def test_fonts_are_found_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    for name in (fonts._EMOJI, *fonts._SIGNS[1:]):
        (tmp_path / "deep" / name).touch()
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    monkeypatch.setattr(fonts, "_installed", fonts._installed.__wrapped__)
    assert fonts.why_not().startswith("fonts not installed: DejaVuSans.ttf (Debian: fonts-noto-color-emoji ")
    with pytest.raises(SystemExit, match=r"^practice: scenes cannot be drawn: fonts not installed: DejaVuSans\.ttf "):
        fonts.emoji_font()
    (tmp_path / "DejaVuSans.ttf").touch()
    assert fonts.why_not() == ""
    assert fonts.emoji_font() == str(tmp_path / "deep" / fonts._EMOJI)

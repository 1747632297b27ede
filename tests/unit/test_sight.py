import numpy as np
import pytest

from assistant.turn.sight import print_blurred, same_scene, scene_changed, sharpest
from assistant.types import Frame, Pixels, Quad

RANDOM = np.random.default_rng(7)


def scene(seed: int = 1, height: int = 480, width: int = 640) -> Pixels:
    """Coloured rectangles of many sizes: edges everywhere, as in a room."""
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), random.integers(60, 200, 3), np.uint8)
    for _ in range(40):
        top, left = random.integers(0, height - 20), random.integers(0, width - 20)
        pixels[top : top + random.integers(20, 200), left : left + random.integers(20, 200)] = random.integers(0, 256, 3)
    return pixels


def frame(pixels: Pixels, at: float = 0.0) -> Frame:
    return Frame(pixels, at)


def noisy(pixels: Pixels) -> Pixels:
    return np.clip(pixels + RANDOM.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)


def blurred(pixels: Pixels, by: int) -> Pixels:
    total = sum(np.roll(pixels.astype(np.float32), shift, axis=1) for shift in range(by))
    return np.asarray(total / by, np.uint8)


def test_the_sharpest_frame_is_chosen() -> None:
    sharp = frame(scene())
    assert sharpest([frame(blurred(scene(), 9)), sharp, frame(blurred(scene(), 5))]) is sharp


def test_of_equals_the_newest_is_chosen() -> None:
    frames = [frame(scene(), at) for at in (1.0, 2.0, 3.0)]
    assert sharpest(frames).captured_at == 3.0


def printed(size: int) -> tuple[Pixels, Quad]:
    """Return something like a line of print of this height, and where it is: strokes a sixth as wide, and as far apart."""
    pixels = np.full((480, 640, 3), 240, np.uint8)
    stroke = size // 6
    for left in range(100, 500, 2 * stroke):
        pixels[200 : 200 + size, left : left + stroke] = 20
        pixels[200 + size // 2 : 200 + size // 2 + stroke, left : left + 2 * stroke] = 20
    return pixels, ((96, 196), (504, 196), (504, 204 + size), (96, 204 + size))


@pytest.mark.parametrize(("size", "by", "too_much"), [(12, 1, False), (12, 5, True), (60, 5, False), (60, 25, True)])
def test_print_is_blurred_for_its_size(size: int, by: int, too_much: bool) -> None:  # noqa: FBT001 - a table
    pixels, place = printed(size)
    assert print_blurred(frame(blurred(pixels, by)), [place]) is too_much


def test_what_is_no_print_is_not_blurred() -> None:
    outside: Quad = ((700, 500), (800, 500), (800, 520), (700, 520))
    assert not print_blurred(frame(scene()), [])
    assert not print_blurred(frame(scene()), [outside])


def test_a_tiny_picture_is_no_error() -> None:
    only = frame(np.zeros((2, 2, 3), np.uint8))
    assert sharpest([only]) is only


def test_the_same_scene_under_camera_noise_is_the_same() -> None:
    assert same_scene(frame(noisy(scene())), frame(noisy(scene())))
    assert not scene_changed(frame(noisy(scene())), frame(noisy(scene())))


def test_a_small_thing_put_into_the_scene_makes_it_another() -> None:
    with_cup = scene()
    with_cup[200:240, 300:330] = 255 - with_cup[200:240, 300:330]
    assert not same_scene(frame(scene()), frame(with_cup))
    assert not scene_changed(frame(scene()), frame(with_cup))


def test_a_hands_sway_is_no_change_of_scene_but_a_turn_is() -> None:
    swayed = np.roll(scene(), 6, axis=1)
    assert not scene_changed(frame(scene()), frame(swayed))
    assert scene_changed(frame(scene(1)), frame(scene(2)))


def test_a_thing_held_up_makes_it_another_scene() -> None:
    with_card = np.full((480, 640, 3), 128, np.uint8)
    with_card[180:300, 200:456] = 235  # a tenth of the view
    assert scene_changed(frame(np.full((480, 640, 3), 128, np.uint8)), frame(with_card))
    assert scene_changed(frame(with_card), frame(np.full((480, 640, 3), 128, np.uint8)))


def test_another_scene_is_noticed_in_the_dark() -> None:
    one, other = (frame((scene(seed) * 0.12).astype(np.uint8)) for seed in (1, 2))
    assert scene_changed(one, other)
    assert not scene_changed(one, frame(np.roll(one.pixels, 6, axis=1)))


def test_frames_of_different_sizes_can_be_compared() -> None:
    assert not scene_changed(frame(scene()), frame(scene()[::2, ::2]))
    assert scene_changed(frame(scene(1)), frame(scene(2)[:9, :9]))

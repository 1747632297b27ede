from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.engines.pillow_picture import read_picture
from assistant.errors import PictureUnreadable


def saved(path: Path, mode: str = "RGB") -> Path:
    """Save a picture, red on its left half and blue on its right."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 20:, 2] = 255
    Image.fromarray(pixels).convert(mode).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGB"), ("a.png", "RGBA"), ("a.png", "P"), ("a.jpg", "CMYK"), ("a.webp", "RGB"), ("a.bmp", "RGB")]
)
def test_a_picture_of_any_usual_kind_is_read_in_its_colours(tmp_path: Path, name: str, mode: str) -> None:
    pixels = read_picture(saved(tmp_path / name, mode)).pixels
    assert pixels.shape == (20, 40, 3)
    assert pixels[10, 5].argmax() == 0
    assert pixels[10, 35].argmax() == 2


def test_a_phones_picture_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    with Image.open(saved(tmp_path / "flat.png")) as flat:
        exif = Image.Exif()
        exif[0x0112] = 6  # orientation: the phone was held upright
        flat.save(path, exif=exif)
    pixels = read_picture(path).pixels
    assert pixels.shape == (40, 20, 3)
    assert pixels[5, 10].argmax() == 0
    assert pixels[35, 10].argmax() == 2


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "glass.png")
    assert read_picture(tmp_path / "glass.png").pixels.min() == 255


def test_what_is_no_picture_is_said_by_name(tmp_path: Path) -> None:
    text, cut, empty = tmp_path / "text.png", tmp_path / "cut.png", tmp_path / "empty.jpg"
    text.write_text("no picture")
    cut.write_bytes(saved(tmp_path / "whole.png").read_bytes()[:60])
    empty.touch()
    for path in (text, cut, empty, tmp_path / "nowhere.png", tmp_path):
        with pytest.raises(PictureUnreadable, match=path.name) as caught:
            read_picture(path)
        assert path.name in caught.value.spoken("en")

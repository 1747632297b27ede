"""Picture files: what they show is asked in this process, what is refused and what is hostile of the child that decodes."""

import io
import itertools
import struct
import sys
import time
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from assistant.engines import pillow_picture, pillow_process
from assistant.engines.pillow_picture import decode_picture, read_picture
from assistant.errors import PictureDamaged, PictureFormatUnknown, PictureTooLarge, PictureTooNarrow, PictureUnreadable
from assistant.types import Pixels

PHONE = (Path(__file__).parents[1] / "pictures" / "phone.heic").read_bytes()
"""What an iPhone writes, in small: a grid of HEVC tiles that is larger than the picture, turned by irot, EXIF data that tell the
same turn once more, and a Display P3 profile. The tiles were encoded with x265 (pillow-heif), the boxes written by hand."""


def two_halves(mode: str = "RGB") -> Image.Image:
    """Return a picture, red on its left half and blue on its right."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 20:, 2] = 255
    return Image.fromarray(pixels).convert(mode)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def deep(suffix: str) -> bytes:
    """Return `two_halves` with 16 bits a colour, which Pillow cannot write."""
    return cv2.imencode(suffix, np.asarray(two_halves()).astype(np.uint16)[..., ::-1] * 257)[1].tobytes()


@pytest.fixture(autouse=True)
def _as_in_the_child() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's complaints are nobody's business
        yield


def shown(data: bytes) -> Pixels:
    return np.asarray(pillow_process.develop(pillow_process.open_picture(data)))


def near(pixels: Pixels, row: int, column: int, colour: tuple[int, int, int], tolerance: int = 12) -> bool:
    return bool(np.abs(pixels[row, column].astype(int) - colour).max() <= tolerance)


# What it shows

USUAL: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(two_halves(), "JPEG"),
    "JPEG, progressive": lambda: saved(two_halves(), "JPEG", progressive=True),
    "JPEG, CMYK": lambda: saved(two_halves("CMYK"), "JPEG"),
    "JPEG, of two pictures": lambda: saved(two_halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 20))]),
    "PNG": lambda: saved(two_halves(), "PNG"),
    "PNG, palette": lambda: saved(two_halves("P"), "PNG"),
    "PNG, alpha": lambda: saved(two_halves("RGBA"), "PNG"),
    "PNG, 16 bits": lambda: deep(".png"),
    "PNG, animated": lambda: saved(two_halves(), "PNG", save_all=True, append_images=[Image.new("RGB", (40, 20))]),
    "WebP": lambda: saved(two_halves(), "WEBP"),
    "WebP, lossless": lambda: saved(two_halves("RGBA"), "WEBP", lossless=True),
    "WebP, animated": lambda: saved(two_halves(), "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 20))]),
    "GIF": lambda: saved(two_halves(), "GIF"),
    "GIF, animated": lambda: saved(two_halves(), "GIF", save_all=True, append_images=[Image.new("RGB", (40, 20))]),
    "BMP": lambda: saved(two_halves(), "BMP"),
    "TIFF": lambda: saved(two_halves(), "TIFF"),
    "TIFF, compressed": lambda: saved(two_halves(), "TIFF", compression="tiff_lzw"),
    "TIFF, CMYK": lambda: saved(two_halves("CMYK"), "TIFF"),
    "TIFF, 16 bits": lambda: deep(".tiff"),
    "AVIF": lambda: saved(two_halves(), "AVIF"),
}


@pytest.mark.parametrize("kind", USUAL)
def test_a_picture_of_any_usual_kind_is_read_in_its_colours(kind: str) -> None:
    pixels = shown(USUAL[kind]())
    assert pixels.shape == (20, 40, 3)
    assert near(pixels, 10, 5, (255, 0, 0), 30)
    assert near(pixels, 10, 35, (0, 0, 255), 30)


def camera(size: tuple[int, int] = (1024, 768), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture as a page's camera sends it."""
    return saved(two_halves(mode).resize(size), "JPEG", **options)


def test_what_a_page_sends_of_its_camera_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_picture, "_CHILD", Path("nowhere"))
    pixels = decode_picture(camera()).pixels
    assert pixels.shape == (768, 1024, 3)
    assert near(pixels, 10, 10, (255, 0, 0))
    assert near(pixels, 10, 1000, (0, 0, 255))


@pytest.mark.parametrize(
    "data",
    [
        camera(progressive=True),
        camera(mode="CMYK"),
        camera(mode="L"),
        camera(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"),
        camera(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
        camera((2000, 1500)),
        camera((1000, 100)),
        camera()[:-900],
        b"\xff\xd8\xff" + bytes(99),
        saved(two_halves(), "PNG"),
    ],
)
def test_every_other_picture_does(data: bytes) -> None:
    assert pillow_picture._plain(data) is None


def test_what_a_phone_takes_is_turned_once_cut_to_size_and_in_its_colours() -> None:
    pixels = shown(PHONE)
    assert pixels.shape == (120, 100, 3)
    assert near(pixels, 20, 20, (0, 0, 255))
    assert near(pixels, 20, 80, (255, 0, 0))
    assert near(pixels, 100, 20, (216, 93, 24))  # which are 200, 100, 50 in Display P3
    assert near(pixels, 100, 80, (0, 255, 0))


def turned(orientation: int) -> Image.Image:
    """Return what a camera that was held like that sees of `two_halves`: its bytes, not yet turned upright."""
    seen = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    picture = corner()
    for turn in seen[orientation]:
        picture = picture.transpose(turn)
    return picture


def corner() -> Image.Image:
    """Return a picture that looks different whatever way it is turned: its upper left quarter is red."""
    picture = Image.new("RGB", (64, 32), "blue")
    picture.paste("red", (0, 0, 32, 16))
    return picture


@pytest.mark.parametrize(("kind", "orientation"), list(itertools.product(("JPEG", "PNG", "WEBP", "TIFF", "AVIF"), range(1, 9))))
def test_a_picture_is_turned_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = shown(saved(turned(orientation), kind, exif=exif))
    assert pixels.shape == (32, 64, 3)
    assert [near(pixels, row, column, (255, 0, 0), 40) for row in (8, 24) for column in (16, 48)] == [True, False, False, False]


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\2\0\0\0\4abcd\0\0\0\0"]
)
def test_damaged_exif_data_do_no_harm(exif: bytes) -> None:
    assert shown(saved(two_halves(), "JPEG", exif=exif)).shape == (20, 40, 3)


def test_transparent_parts_become_white() -> None:
    glass = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert shown(saved(glass, "PNG")).min() == 255
    assert shown(saved(glass.convert("LA"), "PNG")).min() == 255
    assert shown(saved(glass, "WEBP", lossless=True)).min() == 255
    assert shown(saved(Image.new("P", (4, 4), 0), "GIF", transparency=0)).min() == 255
    assert shown(saved(Image.new("P", (4, 4), 0), "PNG", transparency=0)).min() == 255
    assert shown(saved(Image.new("RGB", (4, 4), (1, 2, 3)), "PNG", transparency=(1, 2, 3))).min() == 255
    assert shown(saved(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG"))[0, 0].tolist() == [127, 127, 127]


def grey(levels: Any, kind: str = "TIFF") -> list[int]:
    """Return the levels that are shown of a row of grey pixels."""
    return [int(level) for level in shown(saved(Image.fromarray(np.asarray([levels])), kind))[0, :, 1]]


def test_grey_of_whatever_depth_keeps_its_brightness() -> None:
    assert grey(np.array([0, 257, 32896, 65535], np.uint16), "PNG") == [0, 1, 128, 255]
    assert grey(np.array([0, 257, 32896, 65535], np.uint16)) == [0, 1, 128, 255]
    assert grey(np.array([0, 1285], np.uint16), "PNG") == [0, 5]  # dark stays dark
    assert grey(np.array([0, 0.5, 1], np.float32)) == [0, 127, 255]
    assert grey(np.array([-1, 0, 1], np.float32)) == [0, 127, 255]
    assert grey(np.array([0, 100, 255], np.int32)) == [0, 100, 255]
    assert grey(np.array([0, 65535], np.int32)) == [0, 255]
    assert grey(np.array([0, 100_000, 200_000], np.int32)) == [0, 127, 255]
    assert grey(np.array([0, 0], np.float32)) == [0, 0]
    assert shown(saved(Image.new("1", (4, 4), 1), "PNG")).min() == 255
    assert shown(saved(Image.new("1", (4, 4), 0), "TIFF", compression="group4")).max() == 0
    assert shown(saved(Image.new("LA", (4, 4), (70, 255)), "PNG"))[0, 0].tolist() == [70, 70, 70]


def test_print_colours_are_right() -> None:
    lab = saved(Image.new("LAB", (4, 4), (136, 208, 195)), "TIFF")  # red: L 53, a 80, b 67
    assert near(shown(lab), 0, 0, (255, 0, 0), 12)
    luma, blue, red = Image.new("RGB", (16, 16), (255 - 200, 255 - 30, 255 - 60)).convert("YCbCr").split()
    inverted = [band.point(lambda level: 255 - level) for band in (luma, blue, red)]
    ycck = bytearray(saved(Image.merge("CMYK", [*inverted, Image.new("L", (16, 16), 0)]), "JPEG", quality=100))
    ycck[ycck.index(b"Adobe") + 11] = 2  # Adobe's mark for YCCK
    assert near(shown(bytes(ycck)), 8, 8, (200, 30, 60), 4)


def profile(space: Any) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def test_a_profile_is_applied_and_a_wrong_one_left_alone() -> None:
    display_p3 = PHONE[PHONE.index(b"prof") + 4 :][:444]
    sand = Image.new("RGB", (16, 16), (200, 100, 50))
    assert near(shown(saved(sand, "PNG", icc_profile=display_p3)), 0, 0, (216, 93, 24), 2)
    for wrong in (b"no profile", profile("LAB"), display_p3[:200], b"\xff" * 500):
        assert near(shown(saved(sand, "PNG", icc_profile=wrong)), 0, 0, (200, 100, 50), 1)
    assert near(shown(saved(sand.convert("L"), "JPEG", icc_profile=profile("sRGB"))), 0, 0, (124, 124, 124), 2)


@pytest.mark.parametrize(
    ("size", "kept"),
    [((60, 40), (60, 40)), ((80, 60), (56, 42)), ((120, 80), (60, 40)), ((40, 240), (20, 120)), ((20, 300), (12, 190))],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_what_is_larger_than_is_kept_is_scaled_down(
    monkeypatch: pytest.MonkeyPatch, kind: str, size: tuple[int, int], kept: tuple[int, int]
) -> None:
    monkeypatch.setattr(pillow_process, "_KEPT_PIXELS", 2400 + 10)
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    pixels = shown(saved(picture, kind))
    assert pixels.shape == (kept[1], kept[0], 3)
    assert near(pixels, 5, 2, (255, 0, 0), 30)
    assert near(pixels, -5, -3, (0, 0, 255), 30)


@pytest.mark.parametrize("levels", [np.uint16, np.int32, np.float32])
def test_deep_grey_is_scaled_down_too(monkeypatch: pytest.MonkeyPatch, levels: Any) -> None:
    monkeypatch.setattr(pillow_process, "_KEPT_PIXELS", 100)
    pixels = shown(saved(Image.fromarray(np.full((20, 20), 200).astype(levels)), "TIFF"))
    assert pixels.shape == (10, 10, 3)


# What is refused


def refused(data: bytes) -> PictureUnreadable:
    with pytest.raises(PictureUnreadable) as caught:
        decode_picture(data, "cat.jpg")
    assert "cat.jpg" in caught.value.detail
    assert "cat.jpg" in caught.value.spoken("en")
    return caught.value


def test_a_picture_is_read_from_a_file_and_from_bytes(tmp_path: Path) -> None:
    data = saved(corner(), "PNG")
    (tmp_path / "a.png").write_bytes(data)
    before = time.monotonic()
    frame = read_picture(tmp_path / "a.png")
    assert before <= frame.captured_at <= time.monotonic()
    np.testing.assert_array_equal(frame.pixels, np.asarray(corner()))
    np.testing.assert_array_equal(decode_picture(data).pixels, np.asarray(corner()))


def test_what_is_not_there_is_said_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.png", tmp_path):
        with pytest.raises(PictureUnreadable, match=path.name) as caught:
            read_picture(path)
        assert type(caught.value) is PictureUnreadable
        assert path.name in caught.value.spoken("en")


@pytest.mark.parametrize("data", [b"no picture", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF", b"<svg/>", bytes(1000)])
def test_what_is_no_picture_is_told_so(data: bytes) -> None:
    assert type(refused(data)) is PictureFormatUnknown


def test_only_the_parsers_of_the_usual_formats_see_a_file() -> None:
    assert type(refused(saved(two_halves(), "PPM"))) is PictureFormatUnknown
    assert type(refused(saved(two_halves(), "ICO", sizes=[(16, 16)]))) is PictureFormatUnknown
    assert type(refused(saved(two_halves(), "JPEG2000"))) is PictureFormatUnknown


@pytest.mark.parametrize("kind", [*USUAL, "HEIC"])
def test_a_picture_that_was_cut_off_is_refused_or_whole(kind: str) -> None:
    data = PHONE if kind == "HEIC" else USUAL[kind]()
    whole = shown(data)
    for kept in {0.1, 0.5, 0.9, 1 - 4 / len(data), 1 - 1 / len(data)}:
        try:
            pixels = shown(data[: round(kept * len(data))])
        except Exception:  # noqa: BLE001, S112 - whatever it is, the child tells it as damage: see below
            continue
        np.testing.assert_array_equal(pixels, whole)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "HEIC"])
def test_a_damaged_picture_is_told_so(kind: str) -> None:
    data = PHONE if kind == "HEIC" else USUAL[kind]()
    assert type(refused(data[: len(data) // 2])) is PictureDamaged


def test_an_empty_file_is_incomplete() -> None:
    assert type(refused(b"")) is PictureDamaged


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    written = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), *chunks, (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def rows(width: int, height: int) -> tuple[bytes, bytes]:
    return b"IDAT", zlib.compress(bytes((3 * width + 1) * height))


def tiff(tags: list[tuple[int, int, int, int]], data: bytes = b"", following: int = 0) -> bytes:
    """Return a TIFF of 10 x 10 grey pixels; `data` begin at 250."""
    usual = [(256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
    entries = sorted([*usual, *tags])
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return (b"II*\0\x08\0\0\0" + table + struct.pack("<I", following)).ljust(250, b"\0") + data


STRIP = [(259, 3, 1, 1), (273, 4, 1, 250), (278, 4, 1, 10), (279, 4, 1, 100)]
ZEROS = zlib.compress(bytes(200_000_000), 1)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header() -> None:
    for data in (
        png(60_000, 60_000, rows(10, 10)),
        png(8192, 6145, rows(10, 10)),
        b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + saved(two_halves(), "GIF")[-500:],
        b"BM"
        + struct.pack("<IHHI", 0, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
        + bytes(99),
    ):
        started_at = time.monotonic()
        assert type(refused(data)) is PictureTooLarge
        assert time.monotonic() - started_at < 5


def test_a_file_of_too_many_bytes_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pillow_picture, "_MOST_BYTES", 100)
    assert type(refused(bytes(101))) is PictureTooLarge
    with pytest.raises(PictureTooLarge):
        read_picture(Path("/dev/zero"))


def test_a_line_is_no_picture() -> None:
    assert type(refused(png(1, 60_000, rows(1, 60_000)))) is PictureTooNarrow
    assert type(refused(png(60_000, 1, rows(60_000, 1)))) is PictureTooNarrow
    assert shown(png(10, 2000, rows(10, 2000))).shape == (2000, 10, 3)


def test_no_pixels_are_no_picture() -> None:
    assert type(refused(png(0, 10, rows(0, 10)))) is PictureDamaged


HARMLESS: dict[str, Callable[[], bytes]] = {
    "a TIFF whose directories go round in circles": lambda: tiff(STRIP, bytes(100), 8),
    "a TIFF whose EXIF directory is itself": lambda: tiff([*STRIP, (0x8769, 4, 1, 8), (0x8825, 4, 1, 8)], bytes(100)),
    "a PNG with more rows than it has": lambda: png(10, 10, (b"IDAT", ZEROS)),
    "a GIF of a hundred thousand pictures": lambda: (
        (frames := saved(two_halves(), "GIF")) and frames[:-1] + frames[800:-1] * 100_000
    ),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_hostile_file_may_be_read(kind: str) -> None:
    started_at = time.monotonic()
    assert decode_picture(HARMLESS[kind]()).pixels.size <= 20 * 40 * 3
    assert time.monotonic() - started_at < 5


HARMFUL: dict[str, Callable[[], bytes]] = {
    "a PNG with a text of 200 MB": lambda: png(10, 10, (b"zTXt", b"a\0\0" + ZEROS), rows(10, 10)),
    "a PNG with a profile of 200 MB": lambda: png(10, 10, (b"iCCP", b"a\0\0" + ZEROS), rows(10, 10)),
    "a TIFF in one tile of 900 million pixels": lambda: tiff(
        [(259, 3, 1, 8), (322, 4, 1, 30_000), (323, 4, 1, 30_000), (324, 4, 1, 250), (325, 4, 1, len(ZEROS))], ZEROS
    ),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_a_file_that_takes_too_much_is_given_up(kind: str) -> None:
    started_at = time.monotonic()
    assert type(refused(HARMFUL[kind]())) in {PictureDamaged, PictureTooLarge}
    assert time.monotonic() - started_at < 15  # two seconds of processor time


SOUND = [PHONE, *(USUAL[kind]() for kind in ("JPEG", "JPEG, CMYK", "PNG", "WebP", "GIF", "TIFF", "TIFF, compressed", "AVIF"))]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SOUND)))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(data) - 1))
        data[start : start + draw(st.integers(0, 8))] = draw(st.binary(max_size=8))
    return bytes(data)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(mutated(), st.binary(max_size=100), st.sampled_from(SOUND).map(lambda data: data[:16] + data[:100])))
@example(b"\xff\xd8\xff")
def test_whatever_comes_is_a_picture_or_refused(data: bytes) -> None:
    try:
        pixels = decode_picture(data).pixels
    except PictureUnreadable:
        return
    assert pixels.ndim == 3


def test_a_child_that_crashes_or_hangs_does_not_take_the_assistant_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    monkeypatch.setattr(pillow_picture, "_CHILD", child)
    monkeypatch.setattr(pillow_picture, "_PATIENCE", 0.5)
    for program, expected in (
        ("import os; os.abort()", PictureDamaged),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", PictureTooLarge),
        ("while True: pass", PictureTooLarge),
        ("raise ImportError", PictureDamaged),
        ("print('4 4')", PictureDamaged),
        ("", PictureDamaged),
    ):
        child.write_text(program)
        assert type(refused(b"GIF")) is expected


def test_a_file_that_crashes_a_real_decoder_is_told_as_damaged() -> None:
    crashing = PHONE.replace(b"Exif\0", b"\xffxif\0", 1)  # a SIGSEGV of pi-heif 1.4.0: an item's type that is not UTF-8
    assert type(refused(crashing)) is PictureDamaged


def test_no_process_to_decode_in_is_no_fault_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert type(refused(b"GIF")) is PictureUnreadable


def test_nothing_is_printed_and_no_file_written(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    cut = saved(two_halves(), "TIFF", compression="jpeg")
    refused(cut[:100] + bytes(200) + cut[300:])
    refused(saved(two_halves(), "TIFF", compression="tiff_lzw")[:-1])
    decode_picture(saved(two_halves(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\2\1\x12\0\2\0\0\0\4abcd"))
    assert "".join(capfd.readouterr()) == ""
    assert list(tmp_path.iterdir()) == []

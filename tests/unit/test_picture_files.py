"""What a path may name, and what it may not: everything else looks as if it were not there."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import PictureNotFound, PictureUnreadable
from assistant.web.programs import picture_files

MOST = 1000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with another beside it that is nobody's business."""
    there = tmp_path_factory.mktemp("there")
    (there / "public" / "deep").mkdir(parents=True)
    (there / "public" / "a.png").write_bytes(b"a")
    (there / "public" / "deep" / "b.png").write_bytes(b"b")
    (there / "public" / "big.png").write_bytes(b"x" * (MOST + 1))
    (there / "secret").mkdir()
    (there / "secret" / "key").write_bytes(b"secret")
    (there / "publicity").mkdir()
    (there / "publicity" / "key").write_bytes(b"secret")
    (there / "public" / "link.png").symlink_to(there / "secret" / "key")
    (there / "public" / "same.png").symlink_to("a.png")
    (there / "public" / "out").symlink_to(there / "secret")
    os.mkfifo(there / "public" / "pipe")
    return there


def read(shop: Path, path: str) -> bytes:
    return picture_files.read(path, [shop / "nowhere", shop / "public"], MOST)


def test_inside_by_a_relative_and_by_a_whole_path(shop: Path) -> None:
    assert read(shop, "a.png") == b"a"
    assert read(shop, "deep/b.png") == b"b"
    assert read(shop, "./deep//b.png") == b"b"
    assert read(shop, str(shop / "public" / "deep" / "b.png")) == b"b"


def test_a_folder_that_is_itself_behind_a_link(shop: Path, tmp_path: Path) -> None:
    alias = tmp_path / "alias"
    alias.symlink_to(shop / "public")
    for path in (alias / "a.png", shop / "public" / "a.png"):
        assert picture_files.read(str(path), [alias], MOST) == b"a"


@pytest.mark.parametrize(
    "path",
    [
        "../secret/key",
        "deep/../../secret/key",
        "deep/../a.png",
        "link.png",
        "same.png",
        "out/key",
        "pipe",
        "deep",
        ".",
        "",
        "/",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/environ",
        "nothing.png",
        "a.png\0",
        "a.png\0.jpg",
        "x" * 5000,
        "a/" * 2000,
        "\udcff",
        "~/a.png",
        "file:///etc/passwd",
    ],
)
def test_all_else_is_not_there(shop: Path, path: str) -> None:
    with pytest.raises(PictureNotFound) as refused:
        read(shop, path)
    assert refused.value.spoken("en") == PictureNotFound("").spoken("en")


def test_neighbours_by_their_whole_path_are_not_there(shop: Path) -> None:
    for name in ("secret/key", "publicity/key", "public/../secret/key", "public/out/key", "public"):
        with pytest.raises(PictureNotFound):
            read(shop, f"{shop}/{name}")


def test_too_large(shop: Path) -> None:
    with pytest.raises(PictureUnreadable):
        read(shop, "big.png")


@given(
    st.lists(st.sampled_from(["..", ".", "", "deep", "out", "secret", "public", "key", "a.png", "link.png", "~", "\0"]), max_size=8)
)
def test_no_path_leads_to_the_secret(shop: Path, steps: list[str]) -> None:
    for path in ("/".join(steps), f"{shop}/public/" + "/".join(steps)):
        with contextlib.suppress(PictureNotFound):
            assert read(shop, path) in (b"a", b"b")


def test_no_path_leads_to_the_secret_while_it_is_changed(tmp_path: Path) -> None:
    """A folder that turns into a link between look and reading, again and again."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_bytes(b"secret")
    (tmp_path / "public" / "real").mkdir(parents=True)
    (tmp_path / "public" / "real" / "key").write_bytes(b"public")
    (tmp_path / "public" / "link").symlink_to(tmp_path / "secret")
    swapped, done = tmp_path / "public" / "swapped", threading.Event()

    def swap() -> None:
        while not done.is_set():
            (tmp_path / "public" / "real").rename(swapped)
            swapped.rename(tmp_path / "public" / "real")
            (tmp_path / "public" / "link").rename(swapped)
            swapped.rename(tmp_path / "public" / "link")

    swapping = threading.Thread(target=swap)
    swapping.start()
    found = set()
    try:
        for _ in range(3000):
            with contextlib.suppress(PictureNotFound):
                found.add(picture_files.read("swapped/key", [tmp_path / "public"], MOST))
    finally:
        done.set()
        swapping.join()
    assert found <= {b"public"}

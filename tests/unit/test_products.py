from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.products import full_number, read_products


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = path / "products.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_table_names_articles(tmp_path: Path) -> None:
    table = read_products(written(tmp_path, 'number,name\n4006381333931,"Marker, black"\n\n0 12345 67890 5,燕麦奶\n', "utf-8-sig"))
    assert table == {full_number("4006381333931"): "Marker, black", full_number("0012345678905"): "燕麦奶"}


def test_an_empty_table_names_none(tmp_path: Path) -> None:
    assert read_products(written(tmp_path, "")) == {}


def test_all_mistakes_are_told_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read_products(written(tmp_path, "number,name\nmilk,4006381333931\n4006381333931\n96385074,Gum\n1,\n"))
    assert [line.rpartition("products.csv, ")[2] for line in raised.value.detail.splitlines()] == [
        f"line {line}: not a number and a name" for line in (2, 3, 5)
    ]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00\x01"])
def test_what_is_no_table_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "products.csv"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"products\.csv"):
        read_products(file)


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"products\.csv"):
        read_products(tmp_path / "products.csv")

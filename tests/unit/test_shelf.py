from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from assistant import cli
from assistant.models import catalogue, pins, shelf
from assistant.models.entries import Model, ModelFile
from assistant.models.pins import Content


def file_of(content: bytes, name: str, *variants: str, role: str = "model") -> ModelFile:
    known = {"role": role, "name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return ModelFile.model_validate(known | {"variants": variants})


FAMILY = Model(
    name="small",
    kind="vision",
    licence="MIT",
    page="a page",
    variants=("q4_k_m", "q8_0"),
    files=(
        file_of(b"four", "q4.gguf", "q4_k_m"),
        file_of(b"eight bits", "q8.gguf", "q8_0"),
        file_of(b"picture", "mmproj.gguf", "q4_k_m", "q8_0", role="mmproj"),
    ),
)
OURS = Model(name="ours", kind="vision", licence="MIT", page="a page", bundled=True, files=(file_of(b"ours", "ours.gguf"),))
NEW = Model(name="new", kind="voice", licence="MIT", page="a page", files=(ModelFile(role="voice", name="new.onnx"),))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    known = {model.name: model for model in (*FAMILY.by_variant(), NEW)}
    monkeypatch.setattr(shelf, "catalogue", lambda: known)
    monkeypatch.setattr(catalogue, "catalogue", lambda: known | {"ours": OURS})
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def put(folder: Path, **contents: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.gguf").write_bytes(content)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    status = cli.main(["models", *arguments])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err


@pytest.mark.parametrize("command", [[], ["list"]])
def test_the_list_tells_what_is_here(models: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    put(models / "small", q4=b"four", mmproj=b"picture")
    assert run(capsys, *command) == (
        0,
        [
            "small: vision, here, licence MIT",
            "small-q8_0: vision, less than 1 MB to fetch, licence MIT",
            "new: voice, to fetch, the hub tells how much it is, licence MIT",
        ],
        "",
    )


def test_where_the_models_are(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"four")
    assert run(capsys, "where") == (0, [str(models)], "")
    folder = models / "small"
    assert run(capsys, "where", "small") == (
        0,
        [f"model: {folder / 'q4.gguf'}", f"mmproj: {folder / 'mmproj.gguf'} (not here)"],
        "",
    )
    assert run(capsys, "where", "large")[0] == 1


def test_whole_models_are_said_to_be(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"four", mmproj=b"picture")
    pins.pin("new/new.onnx", Content(bytes=3, sha256=hashlib.sha256(b"new").hexdigest()))
    put(models / "new")
    (models / "new" / "new.onnx").write_bytes(b"new")
    assert run(capsys, "verify") == (0, ["small: whole", "new: whole"], "")
    assert run(capsys, "verify", "small") == (0, ["small: whole"], "")


def test_a_damaged_file_is_told_and_set_aside(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"fous", q8=b"eight bits", mmproj=b"picture")
    status, lines, error = run(capsys, "verify")
    assert status == 1
    assert lines == ["small: q4.gguf is damaged, and set aside as q4.gguf.damaged", "small-q8_0: whole"]
    assert error.splitlines()[0] == "small is not whole; fetch what it lacks with: assistant models get small"
    assert (models / "small" / "q4.gguf.damaged").read_bytes() == b"fous"
    assert [file.name for file in FAMILY.by_variant().__next__().missing()] == ["q4.gguf"]


def test_a_damaged_file_that_two_models_share_damages_both(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"four", q8=b"eight bits", mmproj=b"Picture")
    status, lines, _ = run(capsys, "verify")
    assert (status, lines[1]) == (1, "small-q8_0: mmproj.gguf is not here")


def test_what_lacks_a_file_is_not_whole(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"four")
    assert run(capsys, "verify", "small")[:2] == (1, ["small: mmproj.gguf is not here"])


def test_a_file_nothing_is_known_of_cannot_be_verified(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "new")
    (models / "new" / "new.onnx").write_bytes(b"from elsewhere")
    status, lines, _ = run(capsys, "verify", "new")
    assert (status, "does not know what must be in it" in lines[0]) == (1, True)
    assert (models / "new" / "new.onnx").exists()


def test_what_is_not_here_cannot_be_verified(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, error = run(capsys, "verify", "small")
    assert (status, lines) == (1, [])
    assert "small is not here; fetch it with: assistant models get small" in error
    assert run(capsys, "verify") == (0, ["No model is here."], "")
    assert not (models / "small").exists()


def test_a_damaged_part_of_the_program_is_told(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.models.entries.CATALOGUE", models / "catalogue.toml")
    put(models / "ours", ours=b"OURS")
    assert run(capsys, "verify", "ours")[:2] == (1, ["ours: ours.gguf is damaged"])
    assert [path.name for path in models.iterdir()] == ["ours"]
    assert [path.name for path in (models / "ours").iterdir()] == ["ours.gguf"]


def test_removing_frees_what_no_other_model_needs(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(models / "small", q4=b"four", q8=b"eight bits", mmproj=b"picture")
    status, lines, _ = run(capsys, "remove", "small-q8_0")
    assert (status, lines) == (0, ["small-q8_0: mmproj.gguf stays, for small", "small-q8_0: removed, less than 1 MB"])
    assert sorted(path.name for path in (models / "small").iterdir()) == ["mmproj.gguf", "q4.gguf"]
    (models / "small" / "q4.gguf.damaged").touch()
    (models / "small" / "mmproj.gguf.part").touch()
    assert run(capsys, "remove", "small-q4_k_m")[:2] == (0, ["small: removed, less than 1 MB"])
    assert not (models / "small").exists()


def test_what_is_not_here_cannot_be_removed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "remove", "small")[0] == 1
    (models / "small").mkdir(exist_ok=True)
    status, _, error = run(capsys, "remove", "small")
    assert (status, error.splitlines()[0]) == (1, "nothing of small is here")


def test_what_comes_with_the_program_stays(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, error = run(capsys, "remove", "ours")
    assert (status, error.splitlines()[0]) == (1, "ours comes with this program, and stays")
    assert not models.exists()

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs
import pydantic
import pytest

from assistant.errors import ConfigError, ModelDamaged, ModelMissing
from assistant.folders import models_folder
from assistant.models import pins
from assistant.models.catalogue import (
    VisionFiles,
    WakeWordFiles,
    catalogue,
    find,
    kokoro_folder,
    text_files,
    turn_file,
    vision_files,
    wake_word_files,
    whisper_folder,
)
from assistant.models.entries import HubSource, Model, ModelFile, PackageSource
from assistant.models.pins import Content


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, size: int) -> Path:
    """Make a file of that size that takes no room."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    with path.open("wb") as file:
        file.truncate(size)
    return path


def put_model(models: Path, name: str) -> Path:
    model = catalogue()[name]
    for file in model.files:
        put(model.folder, file.name, file.bytes or 0)
    assert model.folder.parent == models
    return model.folder


@pytest.mark.parametrize("model", catalogue().values(), ids=lambda model: model.name)
def test_every_model_can_be_had_and_is_described(model: Model) -> None:
    kinds = [source.kind for source in model.sources]
    two_sources = kinds[:1] == ["huggingface"] and set(kinds[1:]) & {"modelscope", "packages"}
    one_source = kinds == ["packages"] if model.kind == "wake-word" else model.name in {"piper-ljspeech", "piper-huayan"}
    reads_text = model.kind == "text" and set(kinds) == {"modelscope", "packages"}
    assert model.bundled or two_sources or one_source or reads_text
    for kind in set(kinds) & {"modelscope", "packages"}:
        sources = [source for source in model.sources if source.kind == kind]
        assert all(any(source.holds(file) for source in sources) for file in model.files)
    licences = {"Apache-2.0", "BSD-2-Clause", "MIT", "CC-BY-NC-SA-4.0 (non-commercial)", "CC0-1.0", "public domain", "not stated"}
    assert model.licence in licences
    assert model.page.endswith("README.md") if model.bundled else model.page.startswith("https://")
    assert len({file.name for file in model.files}) == len(model.files)
    roles = {file.role for file in model.files}
    whisper, turbo = {"model", "config", "tokenizer", "vocabulary"}, {"features"}
    all_roles = {
        "vision": [{"model", "mmproj"}],
        "mmproj": [{"mmproj"}],
        "whisper": [whisper, whisper | turbo],
        "turn": [{"model"}],
        "wake-word": [{"spectrum", "embedding", "model"}],
        "text": [{"finder", "scribe"}],
        "voice": [{"model", "voice"}, {"voice", "config"}],
    }
    assert roles in all_roles[model.kind]


def test_only_two_files_are_not_known_yet() -> None:
    unknown = {file.name for model in catalogue().values() for file in model.files if not file.content}
    assert unknown == {"Qwen3VL-2B-Instruct-F16.gguf", "Qwen3VL-4B-Instruct-F16.gguf"}


def test_precisions_are_models_of_their_own_that_share_a_folder(models: Path) -> None:
    known = catalogue()
    sizes = {name: [file.name for file in known[name].files] for name in known if name.startswith("qwen3-vl-8b")}
    eight = "Qwen3VL-8B-Instruct"
    assert sizes == {
        "qwen3-vl-8b": [f"{eight}-Q4_K_M.gguf", f"mmproj-{eight}-Q8_0.gguf"],
        "qwen3-vl-8b-q8_0": [f"{eight}-Q8_0.gguf", f"mmproj-{eight}-Q8_0.gguf"],
        "qwen3-vl-8b-f16": [f"{eight}-F16.gguf", f"mmproj-{eight}-F16.gguf"],
        "qwen3-vl-8b-mmproj-f16": [f"mmproj-{eight}-F16.gguf"],
    }
    assert {known[name].folder for name in sizes} == {models / "qwen3-vl-8b"}
    assert find("qwen3-vl-8b-q4_k_m") == known["qwen3-vl-8b"]
    with pytest.raises(ConfigError, match="is a mmproj model"):
        vision_files("qwen3-vl-8b-mmproj-f16", None)


def test_what_was_pinned_is_required(models: Path) -> None:
    model = catalogue()["qwen3-vl-2b-f16"]
    folder = put_model(models, model.name)
    assert [file.bytes for file in model.missing()] == [None]
    with pytest.raises(ModelMissing, match="assistant models get qwen3-vl-2b-f16"):
        vision_files(model.name, None)
    pins.pin(model.pin_of(model.files[0]), Content(bytes=7, sha256="a" * 64))
    assert [file.bytes for file in model.missing()] == [7]
    with pytest.raises(ModelDamaged, match="0 bytes, where 7 are right"):
        vision_files(model.name, None)
    put(folder, model.files[0].name, 7)
    assert vision_files(model.name, None).model == folder / "Qwen3VL-2B-Instruct-F16.gguf"


def test_pins_that_cannot_be_read_are_an_error_of_ours(models: Path) -> None:
    for spoilt in ("not json", "[]", '{"a": {"bytes": 0}}'):
        (models / "pinned.json").write_text(spoilt)
        with pytest.raises(ConfigError, match=r"pinned\.json: cannot be read"):
            catalogue()["qwen3-vl-2b-f16"].missing()


@pytest.mark.parametrize("model", catalogue().values(), ids=lambda model: model.name)
def test_sources_are_pinned_and_whole(model: Model) -> None:
    for source in model.sources:
        match source:
            case HubSource(kind="huggingface"):
                assert model.page == f"https://huggingface.co/{source.repo}"
                assert len(source.revision) == 40
            case HubSource(kind="github"):
                assert source.revision == "model-files-v1.0"
            case HubSource():
                assert source.revision == ("v3.10.0" if model.kind == "text" else "master")
            case PackageSource():
                assert all("==" in package for package in source.packages)
                assert all(" --hash=sha256:" in package for package in source.packages) == source.sdists
                assert set(source.members) <= {file.name for file in model.files}


def test_the_practice_model_is_the_one_that_was_published() -> None:
    practice = catalogue()["practice"]
    assert practice.missing() == []
    for file in practice.files:
        assert hashlib.sha256((practice.folder / file.name).read_bytes()).hexdigest() == file.sha256


def test_the_practice_model_has_its_card() -> None:
    card = (catalogue()["practice"].folder / "README.md").read_text(encoding="utf-8")
    assert all(file.name in card for file in catalogue()["practice"].files)


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "abc"},
        {"sha256": None},
        {"bytes": 0},
        {"bytes": None},
        {"name": "../model.bin"},
        {"name": ".hidden"},
        {"role": "other"},
        {"more": 1},
    ],
)
def test_a_mistyped_entry_is_refused(change: dict[str, object]) -> None:
    entry = catalogue()["whisper-base"].files[0].model_dump()
    assert ModelFile.model_validate(entry).name == "model.bin"
    with pytest.raises(pydantic.ValidationError):
        ModelFile.model_validate(entry | change)


def test_models_lie_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_MODELS", raising=False)
    assert models_folder() == Path(platformdirs.user_data_dir("assistant", appauthor=False), "models")
    monkeypatch.setenv("ASSISTANT_MODELS", "~/elsewhere")
    assert models_folder() == Path.home() / "elsewhere"


def test_a_vision_model_by_name(models: Path) -> None:
    folder = put_model(models, "qwen3-vl-2b")
    assert vision_files("qwen3-vl-2b", None) == VisionFiles(
        folder / "Qwen3VL-2B-Instruct-Q4_K_M.gguf", folder / "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf", "qwen3-vl-2b"
    )


def test_another_mmproj_may_go_with_a_name(models: Path) -> None:
    folder = put_model(models, "qwen3-vl-2b")
    (folder / "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf").unlink()
    own = put(models, "mmproj-F16.gguf", 10)
    assert vision_files("qwen3-vl-2b", own).mmproj == own


def test_a_vision_model_by_path(tmp_path: Path) -> None:
    model, mmproj = put(tmp_path, "my.model.gguf", 10), put(tmp_path, "mmproj.gguf", 10)
    assert vision_files(str(model), mmproj) == VisionFiles(model, mmproj, "my.model")


def test_a_path_needs_an_mmproj(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"vision\.mmproj"):
        vision_files(str(put(tmp_path, "my.gguf", 10)), None)


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    here = put(tmp_path, "here.gguf", 10)
    for model, mmproj in ((tmp_path / "gone.gguf", here), (here, tmp_path / "gone.gguf")):
        with pytest.raises(ModelMissing) as caught:
            vision_files(str(model), mmproj)
        assert "gone.gguf" in caught.value.spoken("en")


@pytest.mark.parametrize("name", ["qwen3-vl-8b", "no-such-model"])
def test_a_vision_model_that_is_not_here(models: Path, name: str) -> None:
    assert models.is_dir()
    with pytest.raises(ModelMissing) as caught:
        vision_files(name, None)
    assert name in caught.value.spoken("en")


def test_a_vision_model_that_is_cut_short(models: Path) -> None:
    folder = put_model(models, "qwen3-vl-4b")
    put(folder, "mmproj-Qwen3VL-4B-Instruct-Q8_0.gguf", 1000)
    with pytest.raises(ModelDamaged, match="1000 bytes, where 453974304 are right"):
        vision_files("qwen3-vl-4b", None)


def test_a_whisper_model_by_name(models: Path) -> None:
    folder = put_model(models, "whisper-tiny")
    assert whisper_folder("whisper-tiny") == folder


def test_a_whisper_model_without_its_tokenizer(models: Path) -> None:
    (put_model(models, "whisper-tiny") / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match=r"tokenizer\.json.*assistant models get whisper-tiny"):
        whisper_folder("whisper-tiny")


def test_a_whisper_model_that_is_cut_short(models: Path) -> None:
    put(put_model(models, "whisper-tiny"), "model.bin", 7)
    with pytest.raises(ModelDamaged, match="7 bytes"):
        whisper_folder("whisper-tiny")


def test_a_whisper_model_by_folder(tmp_path: Path) -> None:
    assert whisper_folder(str(tmp_path)) == tmp_path


def test_a_folder_that_happens_to_have_a_models_name(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "whisper-tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    folder = put_model(models, "whisper-tiny")
    assert whisper_folder("whisper-tiny") == folder


def test_the_turn_detector(models: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models get smart-turn"):
        turn_file()
    folder = put_model(models, "smart-turn")
    assert turn_file() == folder / "smart-turn-v3.2-cpu.onnx"
    put(folder, "smart-turn-v3.2-cpu.onnx", 7)
    with pytest.raises(ModelDamaged, match="7 bytes"):
        turn_file()


def test_the_wake_word(models: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models get hey-jarvis"):
        wake_word_files("hey-jarvis")
    folder = put_model(models, "hey-jarvis")
    shared = (folder / "melspectrogram.onnx", folder / "embedding_model.onnx")
    assert wake_word_files("hey-jarvis") == WakeWordFiles(*shared, folder / "hey_jarvis_v0.1.onnx")
    put(folder, "hey_jarvis_v0.1.onnx", 7)
    with pytest.raises(ModelDamaged, match="7 bytes"):
        wake_word_files("hey-jarvis")
    own = put(models, "hey_friend.onnx", 10)
    assert wake_word_files(str(own)) == WakeWordFiles(*shared, own)
    with pytest.raises(ModelMissing, match=r"gone\.onnx"):
        wake_word_files(str(models / "gone.onnx"))


def test_the_kokoro_voice(models: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models get kokoro"):
        kokoro_folder()
    folder = put_model(models, "kokoro")
    assert kokoro_folder() == folder
    put(folder, "af_heart.bin", 7)
    with pytest.raises(ModelDamaged, match="7 bytes"):
        kokoro_folder()


@pytest.mark.parametrize("name", ["whisper-huge", "/no/such/folder"])
def test_a_whisper_model_that_does_not_exist(name: str) -> None:
    with pytest.raises(ModelMissing, match="the catalogue has only"):
        whisper_folder(name)


def test_a_model_of_the_other_kind(models: Path) -> None:
    assert models.is_dir()
    with pytest.raises(ConfigError, match="practice is a vision model"):
        whisper_folder("practice")
    with pytest.raises(ConfigError, match="whisper-base is a whisper model"):
        vision_files("whisper-base", None)
    with pytest.raises(ConfigError, match="smart-turn is a turn model; a wake-word model is needed"):
        wake_word_files("smart-turn")


def test_the_files_of_the_text_reader(models: Path) -> None:
    with pytest.raises(ModelMissing, match="assistant models get ppocr"):
        text_files()
    folder = put_model(models, "ppocr")
    assert text_files() == (folder / "PP-OCRv6_det_small.onnx", folder / "PP-OCRv6_rec_small.onnx")
    put(folder, "PP-OCRv6_rec_small.onnx", 7)
    with pytest.raises(ModelDamaged, match="7 bytes"):
        text_files()

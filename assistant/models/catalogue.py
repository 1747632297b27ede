"""The models this assistant knows, and where their files lie on this machine.

What is known stands in ``catalogue.toml``. A file counts as present when it has the size written there: its hash was checked when
it was downloaded, and reading gigabytes again at every start would cost seconds.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Literal

from assistant.errors import ConfigError, ModelDamaged, ModelMissing
from assistant.models.entries import CATALOGUE, Catalogue, Model, ModelFile, size_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEY_JARVIS = "hey-jarvis"
"""The wake word whose entry has what every openWakeWord model needs."""


@dataclasses.dataclass(frozen=True, slots=True)
class VisionFiles:
    """The two files of a vision-language model."""

    model: Path
    mmproj: Path
    name: str
    """What to call it."""


@dataclasses.dataclass(frozen=True, slots=True)
class WakeWordFiles:
    """The three networks that hear a wake word, one after the other."""

    spectrum: Path
    embedding: Path
    word: Path
    """The only one that knows which word it is."""


def catalogue() -> dict[str, Model]:
    """Return the models by name, in the catalogue's order, each precision as one of its own."""
    table = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    families = Catalogue.model_validate(table).models
    return {model.name: model for family in families for model in family.by_variant()}


def find(name: str) -> Model:
    """Return the model of that name; a model's first precision may be named in full, too: qwen3-vl-8b-q4_k_m.

    Raises:
        ModelMissing: The catalogue has none.
    """
    models = catalogue()
    for model in models.values():
        if model.variants and name == f"{model.name}-{model.variants[0]}":
            return model
    if name not in models:
        raise ModelMissing(f"{name!r} is no file or folder here, and the catalogue has only: {', '.join(models)}", name)
    return models[name]


def vision_files(model: str, mmproj: Path | None) -> VisionFiles:
    """Return the files of a vision-language model.

    Args:
        model: A name of the catalogue, or the path of a GGUF file.
        mmproj: The picture part; needed for a path, and for a name it takes the place of the catalogue's.

    Raises:
        ConfigError: A path was given without an mmproj.
        ModelMissing: A file is not there, or the catalogue has no such model.
        ModelDamaged: A file of the catalogue is there, but not whole.
    """
    if model.endswith(".gguf"):
        if mmproj is None:
            raise ConfigError(f"vision.mmproj: name the mmproj file that was published with {model}")
        path = Path(model).expanduser()
        return VisionFiles(_present(path), _present(mmproj), path.stem)
    entry = _find_kind(model, "vision")
    files = {file.role: file for file in entry.files}
    picture_part = _whole(entry, files["mmproj"]) if mmproj is None else _present(mmproj)
    return VisionFiles(_whole(entry, files["model"]), picture_part, model)


def whisper_folder(model: str) -> Path:
    """Return the folder of a speech-recognition model.

    Args:
        model: A name of the catalogue, or a folder, which is not looked into.

    Raises:
        ModelMissing: It is not there, or the catalogue has no such model.
        ModelDamaged: A file of the catalogue is there, but not whole.
    """
    folder = Path(model).expanduser()
    if model not in catalogue() and folder.is_dir():
        return folder
    entry = _find_kind(model, "whisper")
    for file in entry.files:
        _whole(entry, file)
    return entry.folder


def turn_file() -> Path:
    """Return the file of the turn detector.

    Raises:
        ModelMissing: It is not there.
        ModelDamaged: It is not whole.
    """
    entry = find("smart-turn")
    return _whole(entry, entry.files[0])


def wake_word_files(model: str) -> WakeWordFiles:
    """Return the files of a wake word.

    Args:
        model: A name of the catalogue, or the path of an openWakeWord model of the user's own (.onnx); the two networks in front of
            it are the same for all words, and come with the catalogue's.

    Raises:
        ModelMissing: A file is not there, or the catalogue has no such model.
        ModelDamaged: A file of the catalogue is there, but not whole.
    """
    entry = _find_kind(HEY_JARVIS if model.endswith(".onnx") else model, "wake-word")
    files = {file.role: file for file in entry.files}
    word = _present(Path(model).expanduser()) if model.endswith(".onnx") else _whole(entry, files["model"])
    return WakeWordFiles(_whole(entry, files["spectrum"]), _whole(entry, files["embedding"]), word)


def text_files() -> tuple[Path, Path]:
    """Return the files of the text reader: the network that finds lines, and the one that reads them.

    Raises:
        ModelMissing: One of them is not there.
        ModelDamaged: One of them is not whole.
    """
    entry = find("ppocr")
    files = {file.role: file for file in entry.files}
    return _whole(entry, files["finder"]), _whole(entry, files["scribe"])


def kokoro_folder() -> Path:
    """Return the folder of the Kokoro voice.

    Raises:
        ModelMissing: It is not there.
        ModelDamaged: It is not whole.
    """
    entry = find("kokoro")
    for file in entry.files:
        _whole(entry, file)
    return entry.folder


def _find_kind(name: str, kind: Literal["vision", "whisper", "wake-word"]) -> Model:
    entry = find(name)
    if entry.kind != kind:
        raise ConfigError(f"{name} is a {entry.kind} model; a {kind} model is needed here")
    return entry


def _present(path: Path) -> Path:
    if not path.is_file():
        raise ModelMissing(f"{path}: there is no such file", path.name)
    return path


def _whole(entry: Model, file: ModelFile) -> Path:
    file, path = entry.known(file), entry.folder / file.name
    size = size_of(path)
    if size is None or file.bytes is None:  # a file that nothing is known of was not fetched by us
        raise ModelMissing(f"{path}: not there; fetch it with: assistant models get {entry.name}", entry.name)
    if size != file.bytes:
        raise ModelDamaged(f"{path}: {size} bytes, where {file.bytes} are right", file.name)
    return path

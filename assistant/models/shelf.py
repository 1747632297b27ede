"""The models that are on this machine: which, where, whether they are whole, and away with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.errors import ModelDamaged, ModelError, ModelMissing
from assistant.folders import models_folder
from assistant.models.catalogue import catalogue, find
from assistant.models.download import BLOCK_BYTES, damaged_of, part_of
from assistant.models.entries import Model, ModelFile, size_of
from assistant.models.lock import alone_with
from assistant.models.progress import Progress, Report, megabytes


def told() -> Iterator[str]:
    """Yield what there is to know of each model, one a line."""
    for model in catalogue().values():
        missing = model.missing()
        if not missing:
            state = "here"
        elif all(file.bytes for file in missing):
            state = f"{megabytes(sum(file.bytes or 0 for file in missing))} MB to fetch"
        else:
            state = "to fetch, the hub tells how much it is"
        yield f"{model.name}: {model.kind}, {state}, licence {model.licence}"


def where(name: str | None) -> Iterator[str]:
    """Yield the folder of all models; for one of them the path of each of its files, and which are not there.

    Raises:
        ModelMissing: The catalogue has no such model.
    """
    if name is None:
        yield str(models_folder())
        return
    model = find(name)
    missing = {file.name for file in model.missing()}
    for file in model.files:
        yield f"{file.role}: {model.folder / file.name}{' (not here)' if file.name in missing else ''}"


def verify(name: str | None, report: Report) -> None:
    """Read every byte of a model, or of all that are here, and report what is damaged; that is set aside, to be fetched again.

    Raises:
        ModelMissing: The catalogue has no such model, or it is not here.
        ModelDamaged: Something is not as it was published.
    """
    models = [find(name)] if name else [model for model in catalogue().values() if _begun(model)]
    damaged: list[str] = []
    read: set[Path] = set()
    for model in models:
        if name and not _begun(model):
            raise ModelMissing(f"{model.name} is not here; fetch it with: assistant models get {model.name}", model.name)
        with alone_with(model, report):
            found = [fault for file in model.known_files for fault in _faults(model, file, report, read)]
        for fault in found or ["whole"]:
            report(f"{model.name}: {fault}")
        damaged += [model.name] if found else []
    if damaged:
        lines = [f"{name} is not whole; fetch what it lacks with: assistant models get {name}" for name in damaged]
        raise ModelDamaged("\n".join(lines), damaged[0])
    if not models:
        report("No model is here.")


def _begun(model: Model) -> bool:
    """Tell whether the file that makes the model is here: what it shares with others does not make it."""
    return size_of(model.folder / model.files[0].name) is not None


def _faults(model: Model, file: ModelFile, report: Report, read: set[Path]) -> Iterator[str]:
    path = model.folder / file.name
    content = file.content
    if size_of(path) is None:
        yield f"{file.name} is not here"
    elif content is None:
        yield f"{file.name} was not fetched by this program, which does not know what must be in it"
    elif (
        path not in read
        and sha256_of(path, Progress(f"{model.name}: {file.name}", content.bytes, report).reached) != content.sha256
    ):
        if model.bundled:
            yield f"{file.name} is damaged"
        else:
            path.replace(damaged_of(path))
            yield f"{file.name} is damaged, and set aside as {damaged_of(path).name}"
    read.add(path)


def sha256_of(path: Path, reached: Callable[[int], None] = lambda _: None) -> str:
    """Read a file to its end and return its sha256; `reached` is told after how many bytes it is.

    Raises:
        OSError: It cannot be read.
    """
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            reached(done)
    return digest.hexdigest()


def remove(name: str, report: Report) -> None:
    """Delete a model's files, with what is left of its downloads; files that another model that is here needs stay.

    Raises:
        ModelMissing: The catalogue has no such model, or nothing of it is here.
        ModelError: It comes with this program.
    """
    model = find(name)
    if model.bundled:
        raise ModelError(f"{model.name} comes with this program, and stays", model.name)
    with alone_with(model, report):
        shared = {
            file.name: other.name
            for other in catalogue().values()
            if other.folder == model.folder and other.name != model.name and not other.missing()
            for file in other.files
        }
        freed, found = 0, False
        for file in model.files:
            path = model.folder / file.name
            if file.name in shared:
                report(f"{model.name}: {file.name} stays, for {shared[file.name]}")
                continue
            for left in (path, part_of(path), damaged_of(path)):
                size = size_of(left)
                if size is not None:
                    freed, found = freed + size, True
                    left.unlink()
        if not found:
            raise ModelMissing(f"nothing of {model.name} is here", model.name)
        if not any(model.folder.iterdir()):
            model.folder.rmdir()
    report(f"{model.name}: removed, {megabytes(freed)} MB")

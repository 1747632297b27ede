"""Pictures that a program names by their path: only those inside folders that may be asked about.

Each folder on the way is opened from within the one before, and no symbolic link is followed: so a path cannot lead out, nor be
changed into one that does between the look and the reading.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from assistant.errors import PictureNotFound, PictureUnreadable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe would be waited for


def read(path: str, folders: Sequence[Path], most: int) -> bytes:
    """Return what is in a picture file.

    Args:
        path: Of the file; if it is relative, in the first of the folders that has it.
        folders: What may be looked into, with all folders inside.
        most: The largest file, in bytes.

    Raises:
        PictureNotFound: It is not there, lies elsewhere, is behind a link, or is no ordinary file: which of them is not told.
        PictureUnreadable: It is too large.
    """
    for folder in folders:
        for inside in _inside(path, folder):
            with contextlib.suppress(OSError, ValueError):  # no such file, a link, or a name with characters that none has
                return _read(folder, inside, most)
    raise PictureNotFound("no such picture in the folders that may be asked about")


def _inside(path: str, folder: Path) -> list[tuple[str, ...]]:
    """Return the steps from a folder to a path inside; none if it lies elsewhere."""
    steps = PurePosixPath(path)
    if ".." in steps.parts or not steps.name:
        return []
    if not steps.is_absolute():
        return [steps.parts]
    inside = [steps.relative_to(known).parts for known in {folder.absolute(), folder.resolve()} if steps.is_relative_to(known)]
    return [way for way in inside if way]  # not the folder itself


def _read(folder: Path, steps: tuple[str, ...], most: int) -> bytes:
    with contextlib.ExitStack() as stack:
        here = os.open(folder, _FOLDER)
        stack.callback(os.close, here)
        for step in steps[:-1]:
            here = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            stack.callback(os.close, here)
        file = stack.enter_context(open(os.open(steps[-1], _FILE | os.O_NOFOLLOW, dir_fd=here), "rb"))  # noqa: PTH123 - by descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise PictureNotFound("it is no ordinary file")
        content = file.read(most + 1)
    if len(content) > most:
        raise PictureUnreadable(f"larger than {most} bytes", steps[-1])
    return content

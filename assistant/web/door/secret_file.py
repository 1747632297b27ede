"""Files that only this user may read: the token, and the keys of certificates."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.errors import SecretUnusable

_MOST_BYTES = 65_536


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what a secret file holds, which is made if it is not there yet.

    Of several programs that make it at once, all return what the first one made.

    Raises:
        SecretUnusable: It cannot be written or read, or others could have written it.
    """
    held = read(path)
    if held is not None:
        return held
    with _refusals(path), _new(path, make()) as new, contextlib.suppress(FileExistsError):
        os.link(new, path)  # unlike a renaming, this never takes the place of what another program made
    held = read(path)
    if held is None:
        raise SecretUnusable(f"{path}: it has gone again", path.name)
    return held


def replace(path: Path, content: bytes) -> None:
    """Write a secret file in place of what it held.

    Raises:
        SecretUnusable: It cannot be written.
    """
    with _refusals(path), _new(path, content) as new:
        new.replace(path)


def read(path: Path) -> bytes | None:
    """Return what a secret file holds, or None if there is none. If others may read it, from now on they may not.

    It is not refused for that: its folder is closed to others, so nobody has; a backup that was put back is the usual reason.

    Raises:
        SecretUnusable: It cannot be read, is a link, or others could have written it and so chosen the secret.
    """
    with _refusals(path):
        try:
            # not to hang on a pipe that somebody laid there
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            state = os.fstat(file.fileno())
            if not stat.S_ISREG(state.st_mode):
                raise SecretUnusable(f"{path}: it is no file", path.name)
            if state.st_uid != os.geteuid() or state.st_mode & 0o022:
                raise SecretUnusable(f"{path}: others could have written it; delete it, and a new one is made", path.name)
            if state.st_mode & 0o077:
                os.fchmod(file.fileno(), 0o600)
            return file.read(_MOST_BYTES)


@contextlib.contextmanager
def _new(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside `path` that nobody else may read, and delete it in the end if it is still there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SecretUnusable(f"{path}: {error}", path.name) from error

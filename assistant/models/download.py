"""One file by HTTP: resumed after a cut, over several connections where that helps, put in place only when whole.

What has come is always a beginning of the file, also over several connections: the pieces are written, and hashed, in their order.
So a part left by a cut, a kill or a full disk needs no list of what is in it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import IO

import httpx

from assistant.errors import DiskFull, DownloadFailed, ModelDamaged
from assistant.models.pieces import Lanes, Pieces
from assistant.models.pins import Content
from assistant.models.progress import Progress, duration, megabytes
from assistant.models.replies import Busy, NoRanges, TryAgain, check
from assistant.types import Seconds

BLOCK_BYTES = 1 << 20
_UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""EFBIG: a stick formatted with FAT32 takes no file of 4 GiB."""


@dataclasses.dataclass(frozen=True, slots=True)
class Patience:
    """How long a hub may keep us waiting."""

    connect: Seconds = 10.0
    silence: Seconds = 30.0
    """Without a single byte. A proxy that scans a large file before it lets it through is slower than httpx's own 5 s."""
    waits: tuple[Seconds, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    """Before each new attempt; counted anew after an attempt that brought `BLOCK_BYTES`."""
    longest: Seconds = 300.0
    """A hub that wants to be left alone for longer is left for the next one."""


def part_of(target: Path) -> Path:
    """Return where a file lies while it is not whole."""
    return target.with_name(target.name + ".part")


def damaged_of(target: Path) -> Path:
    """Return where a file lies that is not what it should be."""
    return target.with_name(target.name + ".damaged")


def connected(patience: Patience) -> httpx.Client:
    """Return what asks hubs; ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY`` and ``SSL_CERT_FILE`` are honoured."""
    timeout = httpx.Timeout(patience.silence, connect=patience.connect)
    # A compressed answer could not be resumed, nor compared with the file's size.
    return httpx.Client(follow_redirects=True, timeout=timeout, headers={"Accept-Encoding": "identity"}, trust_env=True)


def download(url: str, target: Path, content: Content, progress: Progress, patience: Patience, *, lanes: Lanes) -> None:
    """Fetch a file to `target`. One that is not what it should be is set aside and fetched once more.

    Raises:
        DownloadFailed: The hub is out of reach, does not have the file, or kept failing. What came is kept for the next time.
        ModelDamaged: What the hub has is another file.
        DiskFull: There is no room for it. What came is kept.
    """
    with connected(patience) as client:
        transfer = _Transfer(client, url, target, content, progress, lanes=lanes)
        for again in (False, True):
            _persist(transfer, target.name, progress, patience)
            if transfer.sha256 == content.sha256:
                break
            _set_aside(target, content)
            if again:
                raise ModelDamaged(f"{target.name} is another file there, with sha256 {transfer.sha256}", target.name)
            progress.say(f"damaged, and set aside as {damaged_of(target).name}; fetching it once more")
            transfer.start_over()
    part_of(target).replace(target)
    damaged_of(target).unlink(missing_ok=True)


def _set_aside(target: Path, content: Content) -> None:
    part = part_of(target)
    part.replace(damaged_of(target))
    if shutil.disk_usage(target.parent).free < content.bytes:
        damaged_of(target).unlink()


def _persist(transfer: _Transfer, name: str, progress: Progress, patience: Patience) -> None:
    """Try until all is here, or patience ends."""
    failures = 0
    while True:
        before = transfer.done
        try:
            transfer.attempt()
        except (TryAgain, httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            failures = 1 if transfer.done - before >= BLOCK_BYTES else failures + 1
            after = error.after if isinstance(error, TryAgain) else 0.0
            # A hub that was never reached is left for the next source at once: closed networks are the common case.
            hopeless = isinstance(error, httpx.InvalidURL) or (isinstance(error, _UNREACHABLE) and not transfer.answered)
            if hopeless or failures > len(patience.waits) or after > patience.longest:
                wanted = f", and wants to be asked again in {duration(after)}" if after > patience.longest else ""
                raise DownloadFailed(f"{name}: {reason}{wanted}", name) from error
        except OSError as error:
            if error.errno in _NO_ROOM:
                here = megabytes(transfer.done)
                raise DiskFull(f"{name}: the disk is full; the {here} MB that came are kept ({error})", name) from error
            raise
        else:
            return
        wait = max(patience.waits[failures - 1], after)
        progress.say(f"{reason}; trying again in {duration(wait)}")
        time.sleep(wait)


class _Transfer:
    """One file on its way into its ``.part``."""

    def __init__(self, client: httpx.Client, url: str, target: Path, content: Content, progress: Progress, *, lanes: Lanes) -> None:
        self.answered = False
        self.done = 0
        """Bytes of the file that are here, and in the hash."""
        self._hash = hashlib.sha256()
        self._client = client
        self._url = url
        self._name = target.name
        self._part = part_of(target)
        self._content = content
        self._progress = progress
        self._lanes = lanes
        self._ranges = True
        """Whether the server sends parts, as far as is known."""
        self._read_part()

    def _read_part(self) -> None:
        """Hash what an earlier run has left."""
        if not self._part.exists():
            return
        if self._part.stat().st_size > self._content.bytes:
            self._part.unlink()
            return
        with self._part.open("rb") as left:
            while block := left.read(BLOCK_BYTES):
                self._add(block)
        self._progress.say(f"{megabytes(self.done)} of {megabytes(self._content.bytes)} MB are here already")

    def _add(self, block: bytes) -> None:
        self._hash.update(block)
        self.done += len(block)

    @property
    def sha256(self) -> str:
        """The hash of what is here."""
        return self._hash.hexdigest()

    def start_over(self) -> None:
        """Begin at the file's beginning."""
        self._hash, self.done = hashlib.sha256(), 0
        self._part.unlink(missing_ok=True)

    def attempt(self) -> None:
        """Fetch what is missing, or raise."""
        self._progress.begin(self.done)
        while self.done < self._content.bytes:
            self._receive()

    def _receive(self) -> None:
        worth_it = self._content.bytes - self.done >= self._lanes.from_bytes and self._lanes.connections > 1
        try:
            if worth_it and self._ranges:
                self._receive_pieces()
            else:
                self._receive_rest()
        except NoRanges:
            if not self._ranges:
                raise
            self._ranges = False  # and now as a whole
        except Busy:
            self._lanes = dataclasses.replace(self._lanes, connections=1)
            raise

    def _receive_pieces(self) -> None:
        pieces = Pieces(self._client, self._url, self._name, self._content, self._lanes)

        def on_arrival(ahead: int) -> None:
            self._progress.reached(self.done + ahead)

        with contextlib.closing(pieces.blocks(self.done, on_arrival)) as blocks, self._part.open("ab") as out:
            for block in blocks:
                self.answered = True
                self._write(out, block)

    def _receive_rest(self) -> None:
        wanted = {"Range": f"bytes={self.done}-"} if self.done and self._ranges else {}
        with self._client.stream("GET", self._url, headers=wanted) as response:
            self.answered = True
            if check(response, self._name, self._content, self.done) != self.done:
                self.start_over()
            with self._part.open("ab") as out:
                for block in response.iter_raw():  # as it comes: whole blocks would be lost in a cut
                    self._write(out, block)
        if self.done < self._content.bytes:
            raise TryAgain(f"the connection ended after {megabytes(self.done)} of {megabytes(self._content.bytes)} MB")

    def _write(self, out: IO[bytes], block: bytes) -> None:
        out.write(block)
        self._add(block)
        self._progress.reached(self.done)
        if self.done >= self._content.bytes:
            out.flush()
            os.fsync(out.fileno())  # or a power cut after the renaming could leave a file of the right size, full of zeros

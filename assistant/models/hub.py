"""One file from a model hub: resumed after a cut, checked, and put in place only when whole.

Plain HTTP in place of huggingface_hub and the ModelScope SDK: both hubs serve ``…/resolve/revision/file`` with redirects and
ranges, so one route serves both; the SDKs bring caches, tokens and telemetry, and neither compares a file with a hash of *ours*.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import time
from pathlib import Path

import httpx

from assistant.errors import DownloadFailed, ModelDamaged
from assistant.models.catalogue import HubSource, ModelFile
from assistant.models.progress import Progress, megabytes
from assistant.types import Seconds

BLOCK_BYTES = 1 << 20
_UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)


@dataclasses.dataclass(frozen=True, slots=True)
class Patience:
    """How long a hub may keep us waiting."""

    connect: Seconds = 10.0
    silence: Seconds = 30.0
    """Without a single byte. A proxy that scans a large file before it lets it through is slower than httpx's own 5 s."""
    waits: tuple[Seconds, ...] = (1.0, 2.0, 4.0, 8.0, 16.0)
    """Before each new attempt; counted anew after an attempt that brought `BLOCK_BYTES`."""


class _TryAgain(Exception):
    """An attempt ended early, and another one may bring more."""


def address(source: HubSource, name: str) -> str:
    """Return the address of a repository's file. ``HF_ENDPOINT`` and ``MODELSCOPE_ENDPOINT`` choose mirrors of the hubs."""
    if source.kind == "github":
        return f"https://github.com/{source.repo}/releases/download/{source.revision}/{source.folder}{name}"
    if source.kind == "huggingface":
        base = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    else:
        base = (os.environ.get("MODELSCOPE_ENDPOINT") or "https://modelscope.cn").rstrip("/") + "/models"
    return f"{base}/{source.repo}/resolve/{source.revision}/{source.folder}{name}"


def part_of(target: Path) -> Path:
    """Return where a file lies while it is not whole."""
    return target.with_name(target.name + ".part")


def download(url: str, file: ModelFile, target: Path, progress: Progress, patience: Patience) -> None:
    """Fetch `file` to `target`.

    Raises:
        DownloadFailed: The hub is out of reach, does not have the file, or kept failing. What came is kept for the next time.
        ModelDamaged: What the hub has is another file.
    """
    timeout = httpx.Timeout(patience.silence, connect=patience.connect)
    # A compressed answer could not be resumed, nor compared with the file's size.
    with httpx.Client(follow_redirects=True, timeout=timeout, headers={"Accept-Encoding": "identity"}) as client:
        transfer = _Transfer(client, url, file, part_of(target), progress)
        failures = 0
        while True:
            before = transfer.received
            try:
                transfer.attempt()
                break
            except (_TryAgain, httpx.HTTPError, httpx.InvalidURL) as error:
                reason = str(error) or type(error).__name__
                # A hub that was never reached is left for the next source at once: closed networks are the common case.
                hopeless = isinstance(error, httpx.InvalidURL) or (isinstance(error, _UNREACHABLE) and not transfer.answered)
                failures = 1 if transfer.received - before >= BLOCK_BYTES else failures + 1
                if hopeless or failures > len(patience.waits):
                    raise DownloadFailed(f"{file.name}: {reason}", file.name) from error
            wait = patience.waits[failures - 1]
            progress.say(f"{reason}; trying again in {wait:.0f} seconds")
            time.sleep(wait)
    part_of(target).replace(target)


class _Transfer:
    """One file on its way into its ``.part``."""

    def __init__(self, client: httpx.Client, url: str, file: ModelFile, part: Path, progress: Progress) -> None:
        self.answered = False
        self._client = client
        self._url = url
        self._file = file
        self._part = part
        self._progress = progress

    @property
    def received(self) -> int:
        """Bytes that are here."""
        return self._part.stat().st_size if self._part.exists() else 0

    def attempt(self) -> None:
        """Fetch what is missing and check the whole, or raise."""
        if self.received > self._file.bytes:
            self._part.unlink()
        resumed = self.received > 0
        digest = self._digest_of_received() if resumed else hashlib.sha256()
        if self.received < self._file.bytes:
            digest = self._receive(digest)
        if digest.hexdigest() == self._file.sha256:
            return
        self._part.unlink()
        if resumed:
            raise _TryAgain("what was here already does not fit; starting over")
        raise ModelDamaged(f"{self._file.name} is another file there, with sha256 {digest.hexdigest()}", self._file.name)

    def _digest_of_received(self) -> hashlib._Hash:
        self._progress.say(f"{megabytes(self.received)} of {megabytes(self._file.bytes)} MB are here already")
        digest = hashlib.sha256()
        with self._part.open("rb") as content:
            while block := content.read(BLOCK_BYTES):
                digest.update(block)
        return digest

    def _receive(self, digest: hashlib._Hash) -> hashlib._Hash:
        """Append what is missing; return the digest of the whole."""
        done = self.received
        with self._client.stream("GET", self._url, headers={"Range": f"bytes={done}-"} if done else {}) as response:
            self.answered = True
            if response.status_code == httpx.codes.OK:  # from its beginning, whether we asked for that or not
                done, digest = 0, hashlib.sha256()
            self._check(response, done)
            with self._part.open("ab" if done else "wb") as out:
                for block in response.iter_raw():  # as it comes: whole blocks would be lost in a cut
                    out.write(block)
                    digest.update(block)
                    done += len(block)
                    self._progress.reached(done)
        if done != self._file.bytes:
            raise _TryAgain(f"the connection ended after {megabytes(done)} of {megabytes(self._file.bytes)} MB")
        return digest

    def _check(self, response: httpx.Response, start: int) -> None:
        """Raise unless `response` brings the file's bytes from `start` to its end."""
        status = response.status_code
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS:
            raise _TryAgain(f"the server answered {status}")
        if status == httpx.codes.OK:
            offered = int(response.headers.get("Content-Length", self._file.bytes))
        elif status == httpx.codes.PARTIAL_CONTENT:
            span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
            if span is None or int(span[1]) != start:
                self._part.unlink()
                raise _TryAgain("the server resumed at another place; starting over")
            offered = int(span[2])
        else:
            raise DownloadFailed(f"{self._file.name}: the server answered {status}", self._file.name)
        if offered != self._file.bytes:
            raise ModelDamaged(
                f"{self._file.name} is another file there, of {offered} bytes in place of {self._file.bytes}", self._file.name
            )

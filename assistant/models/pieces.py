"""The rest of a file over several connections at once: hubs, and what lies between, slow each of them down by itself."""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import itertools
import threading
from collections.abc import Callable, Generator

import httpx

from assistant.models.pins import Content
from assistant.models.replies import NoRanges, TryAgain, check
from assistant.types import Seconds

_LOOK_EVERY: Seconds = 0.2


@dataclasses.dataclass(frozen=True, slots=True)
class Lanes:
    """When and how a file is fetched in pieces.

    Measured with a server on this machine that sends 5 MB a second on each connection, 64 MiB: one connection 13.8 s, two 6.8 s,
    four 3.5 s, eight 1.9 s. Where nothing limits it (256 MiB, two cores), four take 0.8 s and one 1.0 s. Hubs count requests and
    answer 429, hence no more than four.
    """

    connections: int = 4
    piece_bytes: int = 4 << 20
    """What a kill costs is at most two of these for each connection, and so is the memory they take."""
    from_bytes: int = 64 << 20
    """Less than that is there soon enough."""


class Pieces:
    """Fetches a file's rest.

    Args:
        client: Asks for it; used by several threads.
        url: Where it is.
        name: What to call it.
        content: What it is to be.
        lanes: How.
    """

    def __init__(self, client: httpx.Client, url: str, name: str, content: Content, lanes: Lanes) -> None:
        self._client = client
        self._url = url
        self._name = name
        self._content = content
        self._lanes = lanes
        self._redirected: httpx.URL | None = None
        """Where hubs send everybody for this file: asking them for each piece would take a round trip more, and they count."""
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self._ahead = 0

    def blocks(self, start: int, on_arrival: Callable[[int], None]) -> Generator[bytes]:
        """Yield what comes from `start` on, in its order.

        Args:
            start: How much is here.
            on_arrival: Told now and then how many bytes have come beyond what was yielded.

        Raises:
            NoRanges: The server does not send parts.
            TryAgain, httpx.HTTPError: A piece brought nothing; what was yielded is good.
            DownloadFailed, ModelDamaged: as `check`.
        """
        starts = iter(range(start, self._content.bytes, self._lanes.piece_bytes))
        with concurrent.futures.ThreadPoolExecutor(self._lanes.connections) as pool:
            waiting = collections.deque[concurrent.futures.Future[bytes]]()

            def submit(count: int) -> None:
                waiting.extend(pool.submit(self._piece, begin) for begin in itertools.islice(starts, count))

            try:
                submit(2 * self._lanes.connections)
                while waiting:
                    front = waiting.popleft()
                    while not concurrent.futures.wait([front], _LOOK_EVERY).done:
                        on_arrival(self._ahead)
                    block = front.result()
                    self._count(-len(block))
                    submit(1)
                    yield block
            finally:
                self._stop.set()
                for piece in waiting:
                    piece.cancel()

    def _count(self, more: int) -> None:
        with self._counting:
            self._ahead += more

    def _piece(self, start: int) -> bytes:
        end = min(start + self._lanes.piece_bytes, self._content.bytes)
        got = bytearray()
        while len(got) < end - start:
            before = len(got)
            try:
                self._receive(got, start, end)
            except httpx.TransportError:
                if len(got) == before:
                    raise
            if len(got) == before or self._stop.is_set():
                raise TryAgain("the connection ended")
        return bytes(got)

    def _receive(self, got: bytearray, start: int, end: int) -> None:
        """Add what one request brings."""
        begin = start + len(got)
        direct = self._redirected
        with self._client.stream("GET", direct or self._url, headers={"Range": f"bytes={begin}-{end - 1}"}) as response:
            expired = direct is not None and response.status_code in {
                httpx.codes.FORBIDDEN,
                httpx.codes.NOT_FOUND,
                httpx.codes.GONE,
            }
            if not expired:
                if check(response, self._name, self._content, begin) != begin or response.status_code == httpx.codes.OK:
                    raise NoRanges("the server does not send parts of a file")
                self._redirected = response.url if response.history else direct
                for block in response.iter_raw():
                    more = block[: end - start - len(got)]
                    got += more
                    self._count(len(more))
                    if self._stop.is_set():
                        return
        if expired:  # the address was signed for some time only
            self._redirected = None
            self._receive(got, start, end)

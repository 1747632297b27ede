"""What a server answered to the request for a file, or for a part of it."""

from __future__ import annotations

import email.utils
import re
import time

import httpx

from assistant.errors import DownloadFailed, ModelDamaged
from assistant.models.pins import Content
from assistant.types import Seconds


class TryAgain(Exception):
    """An attempt ended early, and another one may bring more.

    Args:
        reason: Why it ended.
        after: How long the server wants to be left alone.
    """

    def __init__(self, reason: str, after: Seconds = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class Busy(TryAgain):
    """The server wants fewer requests."""


class NoRanges(TryAgain):
    """The server does not send the part that was asked for."""


def check(response: httpx.Response, name: str, content: Content, start: int) -> int:
    """Return where in the file an answer begins that was asked for from `start`: there, or at the file's beginning.

    Raises:
        TryAgain: It brings nothing now.
        NoRanges: It brings another part.
        DownloadFailed: It will never bring anything.
        ModelDamaged: It brings a file of another size.
    """
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Busy(f"the server answered {status}", _retry_after(response))
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise TryAgain(f"the server answered {status}", _retry_after(response))
    if status == httpx.codes.OK:
        begin, offered = 0, int(response.headers.get("Content-Length", content.bytes))
    elif status == httpx.codes.PARTIAL_CONTENT:
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
        if span is None or int(span[1]) != start:
            raise NoRanges("the server sent another part than was asked for")
        begin, offered = start, int(span[2])
    else:
        raise DownloadFailed(f"{name}: the server answered {status}", name)
    if offered != content.bytes:
        raise ModelDamaged(f"{name} is another file there, of {offered} bytes in place of {content.bytes}", name)
    return begin


def _retry_after(response: httpx.Response) -> Seconds:
    """Return how long to wait (RFC 9110, 10.2.3): the header has seconds, or a date."""
    header = response.headers.get("Retry-After", "")
    if header.isdecimal():
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return 0.0

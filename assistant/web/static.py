"""The files of the page, exactly as they lie in `assistant/web/page`: no build step."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from assistant.web.part import Part

PAGE_FOLDER = Path(__file__).parent / "page"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
"""Not left to `mimetypes`, which asks the operating system: where that takes JavaScript for plain text, the page is dead."""


class _PageFiles(StaticFiles):
    """Files that browsers keep, and ask every time whether they are still the same: modules of two versions do not fit together."""

    async def get_response(self, path: str, scope: MutableMapping[str, Any]) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        if media_type := _TYPES.get(Path(path).suffix):
            response.headers["content-type"] = media_type
        return response


def page_part() -> Part:
    """Return the page: ``/`` and what lies below ``/page``."""
    files = _PageFiles(directory=PAGE_FOLDER)

    async def index(request: Request) -> Response:
        return await files.get_response("index.html", request.scope)

    return Part([Route("/", index), Mount("/page", files)])

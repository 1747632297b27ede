"""The pages that a device gets to be known by: whoever has the code or the link gets the cookie."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from assistant.types import Seconds
from assistant.web.door import pair_page, secret_file
from assistant.web.door.attempts import guesser
from assistant.web.door.credentials import cookie_name
from assistant.web.door.invitation import LIFETIME, Answer, Invitation, Invitations
from assistant.web.language import language_of

_COOKIE_SECONDS = 400 * 24 * 3600
"""The longest that browsers keep one."""
_MOST_FORM_BYTES = 4096


def write_picture(folder: Path, link: str) -> Path:
    """Draw a link as a QR code into a PNG file that only this user may read, and return its path.

    Raises:
        SecretUnusable: It cannot be written.
    """
    picture = io.BytesIO()
    segno.make_qr(link).save(picture, kind="png", scale=10, border=4)
    path = folder / "pairing.png"
    secret_file.replace(path, picture.getvalue())
    return path


class Pairing:
    """The pages, and the invitation they take.

    Args:
        token: What the cookie holds. A second secret that can do the same would protect nothing.
        authority: The certificate of who certifies this service, DER, if it has one of its own.
        now: The clock.
    """

    def __init__(self, token: str, authority: bytes | None = None, now: Callable[[], Seconds] = time.monotonic) -> None:
        self._token, self._authority = token, authority
        self._invitations = Invitations(now)

    def invite(self) -> Invitation:
        """Return what one more device is let in by; what was given out before ends."""
        return self._invitations.invite()

    def routes(self) -> list[BaseRoute]:
        """Return the pages. `Guard` opens all of them to strangers but ``/pair/code``."""
        return [
            Route("/pair", self._show, methods=["GET"]),
            Route("/pair", self._take, methods=["POST"]),
            Route("/pair/style.css", self._style, methods=["GET"]),
            Route("/pair/ca.crt", self._certificate, methods=["GET"]),
            Route("/pair/code", self._another, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        # Opening a link changes nothing: any page can make a browser do so, and previews of links would use it up.
        return self._page(request, link=request.query_params.get("link", ""))

    async def _take(self, request: Request) -> Response:
        form = await _form(request)
        link, code = form.get("link", ""), form.get("code", "")
        client = guesser(request.scope.get("client"))
        match self._invitations.take_link(link) if link else self._invitations.take_code(code, client):
            case Answer.RIGHT:
                return self._welcome(request)
            case Answer.WRONG:
                return self._page(request, 403, "wrong")
            case Answer.ENDED:
                return self._page(request, 410, "link-ended" if link else "ended")
            case Answer.LATER:
                wait = self._invitations.wait(client)
                return self._page(request, 429, "later", {"Retry-After": str(wait)}, seconds=wait)

    def _welcome(self, request: Request) -> Response:
        response = RedirectResponse("/", 303)
        scheme = request.url.scheme
        response.set_cookie(
            cookie_name(scheme), self._token, _COOKIE_SECONDS, httponly=True, samesite="strict", secure=scheme == "https"
        )
        return response

    def _page(
        self,
        request: Request,
        status: int = 200,
        fault: pair_page.Fault | None = None,
        headers: dict[str, str] | None = None,
        *,
        link: str = "",
        seconds: int = 0,
    ) -> Response:
        language = language_of(request.headers.get("accept-language"))
        page = pair_page.page(language, fault, link=link, seconds=seconds, certificate=self._authority is not None)
        return Response(page, status, headers, "text/html")

    async def _style(self, _: Request) -> Response:
        return Response(pair_page.STYLE, media_type="text/css", headers={"Cache-Control": "no-cache"})

    async def _certificate(self, _: Request) -> Response:
        if self._authority is None:
            return RedirectResponse("/pair", 303)
        # by this type, iPhones take it for a profile to be installed, and Android for a certificate
        return Response(self._authority, media_type="application/x-x509-ca-cert")

    async def _another(self, _: Request) -> Response:
        invitation = self.invite()
        content = {"code": invitation.code, "spoken": invitation.grouped, "path": invitation.path, "seconds": int(LIFETIME)}
        return JSONResponse(content)


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form; a body that is none has none."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_FORM_BYTES:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}

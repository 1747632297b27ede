"""What every answer tells a browser to forbid."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from assistant.web.door.host import Host

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    # nobody else learns of a pairing link; "no-referrer" would make browsers send the form that takes it with "Origin: null"
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self)",
}
# No Strict-Transport-Security: a browser that has seen it lets nobody past the warning about a certificate it does not know, and
# ours is home-made; nor would this name ever be reached without --https again.

_CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'{socket}; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)


def _content_policy(scheme: str, host: Host | None) -> str:
    # 'self' means the WebSocket too in Chrome since 70 and in Safari since 15.4 or 16 (webkit.org/b/235873); iPhones that
    # stopped at an earlier one need to be told. The grammar of a policy knows no IPv6 addresses.
    told = host is not None and ":" not in host.name
    return _CONTENT.format(socket=f" {'wss' if scheme == 'https' else 'ws'}://{host}" if told else "")


def with_security_headers(send: Send, scheme: str, host: Host | None) -> Send:
    """Return `send`, which adds them to the head of an answer.

    An answer may be kept by browsers only if it says so itself.

    Args:
        send: Where the answer goes.
        scheme: ``http`` or ``https``: how it was asked.
        host: What it was asked as, if that is known and ours.
    """
    policy = _content_policy(scheme, host)

    async def send_with_headers(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers.update({**_FIXED, "Content-Security-Policy": policy})
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_with_headers

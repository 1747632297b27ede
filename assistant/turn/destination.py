"""Where pictures go that are asked of a server, and how that is said: nobody can see an address in the settings who cannot see."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from assistant.types import Language

_HERE: Mapping[Language, str] = {
    "en": "My model runs in another program on this machine: your questions and pictures stay on it.",
    "zh": "我的模型在这台机器上的另一个程序里运行，您的问题和画面不会离开这台机器。",
}
_ELSEWHERE: Mapping[Language, str] = {
    "en": "With each question, its words and the picture leave this device and go to the server {host}.",
    "zh": "每次提问时，您的话和画面会离开这台设备，发送到服务器{host}。",
}
_PLAIN: Mapping[Language, str] = {"en": " They are not encrypted on the way.", "zh": "途中没有加密。"}


def is_here(address: str) -> bool:
    """Tell whether a server's address is one of this very machine that no other can have."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def destination(address: str) -> Mapping[Language, str]:
    """Return what is said of a server's address before the first picture goes there."""
    if is_here(address):
        return _HERE
    parts = urlsplit(address)
    plain = _PLAIN if parts.scheme == "http" else {"en": "", "zh": ""}
    return {
        "en": _ELSEWHERE["en"].format(host=parts.hostname) + plain["en"],
        "zh": _ELSEWHERE["zh"].format(host=parts.hostname) + plain["zh"],
    }

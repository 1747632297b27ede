"""Whom a request speaks to and where it comes from: the ``Host`` and ``Origin`` headers. Pure."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Sequence

_HOST = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?P<name>[A-Za-z0-9_.-]{1,254}))(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<host>.+)", re.ASCII)
_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65535


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A host as browsers name it, and the port if one is named."""

    name: str
    """In lower case, without brackets and closing dot; an IPv6 address in its shortest form."""
    port: int | None

    def port_for(self, scheme: str) -> int:
        """Return the port, which `scheme` tells where none is named."""
        return _PORTS[scheme] if self.port is None else self.port

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


def parse_host(text: str) -> Host | None:
    """Return what a ``Host`` header names, or None if it is malformed."""
    match = _HOST.fullmatch(text)
    if match is None:
        return None
    port = None if match["port"] is None else int(match["port"])
    if port is not None and port > _HIGHEST_PORT:
        return None
    if match["ipv6"] is None:
        name = match["name"].lower().removesuffix(".")
        return Host(name, port) if name else None
    try:
        return Host(ipaddress.IPv6Address(match["ipv6"]).compressed, port)
    except ValueError:
        return None


def only_host(headers: Sequence[str]) -> Host | None:
    """Return what the one ``Host`` header of a request names, or None if there is not exactly one or it is malformed."""
    return parse_host(headers[0]) if len(headers) == 1 else None


def is_address(name: str) -> bool:
    """Tell whether a host is named by its address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(name: str) -> bool:
    """Tell whether a host is the very machine that asks: 127.0.0.0/8, ::1 or localhost."""
    return ipaddress.ip_address(name).is_loopback if is_address(name) else name.lower() == "localhost"


def same_origin(origins: Sequence[str], scheme: str, host: Host) -> bool:
    """Tell whether the ``Origin`` headers of a request say that it comes from a page of the very origin that it asks.

    Args:
        origins: All of them; none at all is a program's, and counts as the same.
        scheme: ``http`` or ``https``: how it was asked.
        host: What it asks.
    """
    if not origins:
        return True
    match = _ORIGIN.fullmatch(origins[0])
    if len(origins) > 1 or match is None:
        return False
    origin = parse_host(match["host"])
    return (
        origin is not None
        and match["scheme"] == scheme
        and origin.name == host.name
        and origin.port_for(scheme) == host.port_for(scheme)
    )

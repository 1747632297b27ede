"""What this machine is called and where it is reached."""

from __future__ import annotations

import array
import contextlib
import dataclasses
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from assistant.config import ServeConfig
from assistant.web.door.host import Host, is_address, is_loopback

_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has (RFC 5737, RFC 3849); nothing is sent there."""
_SIOCGIFADDR = 0x8915
_INTERFACE_REQUEST = 40
_ADDRESS_AT = slice(20, 24)


@dataclasses.dataclass(frozen=True, slots=True)
class Reached:
    """One way to the service."""

    scheme: str
    host: Host

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return f"{self.scheme}://{self.host}/"


def reached_at(serve: ServeConfig, port: int) -> tuple[Reached, ...]:
    """Return how the service is reached, what is best told to people first: names, then addresses, IPv4 before IPv6.

    Args:
        serve: Where it listens.
        port: The port it got there.
    """
    names = () if is_loopback(serve.host) else serve.names
    if serve.host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not bound to
        version = 4 if serve.host == "0.0.0.0" else 6  # noqa: S104 - the same
        addresses = [address for address in own_addresses() if ipaddress.ip_address(address).version == version]
    else:
        addresses = [serve.host]
    scheme = "https" if serve.https else "http"
    return tuple(Reached(scheme, Host(name, port)) for name in (*names, *(addresses or ["localhost"])))


def own_names() -> tuple[str, ...]:
    """Return what this machine calls itself, in lower case: as it is, its first word, and that in the local network (mDNS)."""
    name = socket.gethostname().lower().rstrip(".")
    if not name or is_address(name):
        return ()
    first = name.partition(".")[0]
    return tuple(dict.fromkeys((name, first, f"{first}.local")))


def own_addresses() -> tuple[str, ...]:
    """Return the addresses others reach this machine at, the one that leads farthest first. Link-local ones are left out."""
    found = dict.fromkeys((*_towards_elsewhere(), *(_of_interfaces() if sys.platform == "linux" else ())))
    addresses = [ipaddress.ip_address(address) for address in found]
    kept = [address for address in addresses if not (address.is_loopback or address.is_link_local or address.is_unspecified)]
    return tuple(str(address) for address in sorted(kept, key=lambda address: address.version))


def _towards_elsewhere() -> Iterator[str]:
    """Yield the addresses that packets to far away would carry: to connect a UDP socket only looks up the route."""
    for family, elsewhere in _ELSEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            yield probe.getsockname()[0]


def _of_interfaces() -> Iterator[str]:
    """Yield the addresses of all interfaces: one that others are invited to, such as a hotspot, has no route to far away."""
    import fcntl  # noqa: PLC0415 - Windows has none

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = array.array("B", struct.pack(f"{_INTERFACE_REQUEST}s", name.encode()[:15]))
            with contextlib.suppress(OSError):  # this one has no IPv4 address
                fcntl.ioctl(probe, _SIOCGIFADDR, request)
                yield socket.inet_ntop(socket.AF_INET, request.tobytes()[_ADDRESS_AT])
    with contextlib.suppress(OSError):  # there is no IPv6
        for line in Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines():
            yield str(ipaddress.IPv6Address(bytes.fromhex(line.split()[0])))

from __future__ import annotations

import ipaddress

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from assistant.web.door.host import Host, is_loopback, only_host, parse_host, same_origin
from assistant.web.language import language_of

NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]{1,10}){0,3}", fullmatch=True)
PORTS = st.none() | st.integers(0, 65535)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("localhost", Host("localhost", None)),
        ("LocalHost:7860", Host("localhost", 7860)),
        ("localhost.:7860", Host("localhost", 7860)),
        ("192.168.1.20:7860", Host("192.168.1.20", 7860)),
        ("[::1]:7860", Host("::1", 7860)),
        ("[FD00:0::0002]", Host("fd00::2", None)),
    ],
)
def test_hosts_are_understood(text: str, host: Host) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ":7860",
        "localhost:",
        "localhost:70000",
        "localhost:-1",
        "localhost:7860:1",
        "user@localhost",
        "localhost, evil.example",
        "localhost/evil",
        "localhost evil.example",
        "localhost\t",
        "::1",
        "[::1",
        "[::1]x",
        "[fe80::1%eth0]",
        "[evil.example]",
        "ｌocalhost",
        "localhost:７８６０",
        "a" * 255,
    ],
)
def test_malformed_hosts_are_refused(text: str) -> None:
    assert parse_host(text) is None


def test_exactly_one_host_header_is_understood() -> None:
    assert only_host([]) is None
    assert only_host(["localhost", "evil.example"]) is None
    assert only_host(["localhost", "localhost"]) is None
    assert only_host(["localhost"]) == Host("localhost", None)


@given(NAMES, PORTS)
def test_what_a_host_is_written_as_is_understood_as_that_host(name: str, port: int | None) -> None:
    host = parse_host(str(Host(name, port)))
    assert host == Host(name, port)


@given(st.ip_addresses(v=6), PORTS)
def test_ipv6_addresses_are_understood(address: ipaddress.IPv6Address, port: int | None) -> None:
    host = parse_host(str(Host(address.compressed, port)))
    assert host is not None
    assert ipaddress.ip_address(host.name) == address
    assert host.port == port


@given(st.text(max_size=60))
@example("[]:1")
@example("[" + ":" * 45 + "]")
def test_any_header_is_either_understood_or_refused_and_never_smuggles_a_separator(text: str) -> None:
    host = parse_host(text)
    assert host is None or not set(host.name) & set(" ,/@[]\\?#;\"'\r\n\t")


@given(NAMES, PORTS, st.sampled_from(["http", "https"]))
def test_a_page_of_this_origin_is_recognised_as_one(name: str, port: int | None, scheme: str) -> None:
    host = Host(name, port)
    assert same_origin([f"{scheme}://{host}"], scheme, host)


@given(NAMES, PORTS, NAMES, PORTS)
def test_a_page_of_another_host_or_port_is_foreign(name: str, port: int | None, other: str, other_port: int | None) -> None:
    host, foreign = Host(name, port), Host(other, other_port)
    is_same = name == other and host.port_for("http") == foreign.port_for("http")
    assert same_origin([f"http://{foreign}"], "http", host) == is_same


@pytest.mark.parametrize(
    "origins",
    [
        ["null"],
        [""],
        ["http://localhost"],
        ["http://localhost:7861"],
        ["https://localhost:7860"],
        ["http://localhost:7860/"],
        ["http://localhost:7860@evil.example"],
        ["http://localhost:7860.evil.example"],
        ["HTTP://localhost:7860"],
        ["file://"],
        ["chrome-extension://localhost:7860"],
        ["http://localhost:7860", "http://localhost:7860"],
        ["http://localhost:7860 http://evil.example"],
    ],
)
def test_foreign_origins(origins: list[str]) -> None:
    assert not same_origin(origins, "http", Host("localhost", 7860))


def test_no_origin_is_a_programs() -> None:
    assert same_origin([], "http", Host("localhost", 7860))


def test_the_port_that_a_scheme_implies_need_not_be_named() -> None:
    assert same_origin(["https://assistant.example"], "https", Host("assistant.example", 443))
    assert not same_origin(["http://assistant.example"], "http", Host("assistant.example", 443))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - not bound to
        ("::", False),
        ("192.168.1.20", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_loopback(name: str, is_one: bool) -> None:  # noqa: FBT001 - a table
    assert is_loopback(name) == is_one


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh-Hant;q=0.3", "zh"),
        ("zh;q=0,en;q=0.1", "en"),
        ("zh;q=x, en;q=0.1", "en"),
        ("zh;q=nan", "en"),
    ],
)
def test_the_language_a_browser_prefers(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language


@given(st.text(max_size=80))
def test_any_wish_for_a_language_is_answered(accepted: str) -> None:
    assert language_of(accepted) in ("en", "zh")

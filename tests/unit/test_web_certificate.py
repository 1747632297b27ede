from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from assistant.config import ServeConfig
from assistant.errors import NobodyServes
from assistant.web.door import addresses, certificate, secret_file
from assistant.web.door.addresses import own_addresses, own_names, reached_at
from assistant.web.door.asking import ask_for_invitation
from assistant.web.door.invitation import Answer
from tests.served import TOKEN, Served, served

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)
SERVE = ServeConfig(host="127.0.0.1", https=True)


def leaf(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())


def made(folder: Path, serve: ServeConfig = SERVE, now: dt.datetime = NOW) -> tuple[certificate.Authority, x509.Certificate]:
    authority = certificate.authority(folder, serve, now)
    certificate.server_context(folder, serve, authority, now)
    return authority, leaf(folder)


def test_the_certificate_names_all_that_the_machine_is_called(tmp_path: Path) -> None:
    _, server = made(tmp_path, ServeConfig(names=("Jetson.Lan",)))
    named = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = named.get_values_for_type(x509.DNSName)
    assert {"localhost", "jetson.lan", *own_names()} == set(names)
    reached = {str(address) for address in named.get_values_for_type(x509.IPAddress)}
    assert {"127.0.0.1", "::1", *own_addresses()} == reached


def test_apple_and_the_public_browsers_accept_its_lifetime_and_purpose(tmp_path: Path) -> None:
    _, server = made(tmp_path)
    assert server.not_valid_after_utc - server.not_valid_before_utc <= dt.timedelta(days=397)
    assert server.not_valid_before_utc <= NOW - dt.timedelta(hours=12)  # a phone's clock may be slow
    purposes = server.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert ExtendedKeyUsageOID.SERVER_AUTH in purposes
    assert server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_iphones_offer_the_authority_to_be_trusted_because_it_has_a_common_name(tmp_path: Path) -> None:
    authority, server = made(tmp_path)
    [name] = authority.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert str(name.value).startswith("Assistant on ")
    basic = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.value.ca, basic.value.path_length, basic.critical) == (True, 0, True)
    assert x509.load_der_x509_certificate(authority.der) == authority.certificate
    server.verify_directly_issued_by(authority.certificate)


def test_keys_are_for_this_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "service"
    made(folder)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "authority.pem": 0o600,
        "server.pem": 0o600,
    }


def test_both_are_kept_between_starts(tmp_path: Path) -> None:
    authority, server = made(tmp_path)
    assert made(tmp_path, now=NOW + dt.timedelta(days=300)) == (authority, server)


def test_it_is_made_anew_before_it_ends_and_phones_need_not_trust_anew(tmp_path: Path) -> None:
    authority, server = made(tmp_path)
    again, renewed = made(tmp_path, now=NOW + dt.timedelta(days=370))
    assert again == authority
    assert renewed.serial_number != server.serial_number


def test_it_is_made_anew_when_the_clock_was_wrong(tmp_path: Path) -> None:
    _, server = made(tmp_path)
    _, earlier = made(tmp_path, now=NOW - dt.timedelta(days=20 * 365))
    assert earlier.serial_number != server.serial_number
    _, later = made(tmp_path)
    assert later.not_valid_after_utc > NOW


def test_it_is_made_anew_when_the_addresses_have_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, server = made(tmp_path)
    monkeypatch.setattr(certificate, "own_addresses", lambda: ("10.1.2.3", "fd00::9"))
    again, moved = made(tmp_path)
    assert again == authority
    named = moved.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ipaddress.ip_address("10.1.2.3") in named.get_values_for_type(x509.IPAddress)
    assert made(tmp_path)[1] == moved != server


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_damaged_files_are_made_anew(tmp_path: Path, damage: bytes) -> None:
    made(tmp_path)
    (tmp_path / "server.pem").write_bytes(damage)
    (tmp_path / "authority.pem").write_bytes(damage)
    authority, server = made(tmp_path)
    server.verify_directly_issued_by(authority.certificate)


def test_a_certificate_of_another_authority_is_not_used(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "authority.pem").unlink()
    authority, server = made(tmp_path)
    server.verify_directly_issued_by(authority.certificate)


def test_the_authority_is_made_anew_near_its_end_and_for_a_new_name(tmp_path: Path) -> None:
    authority, _ = made(tmp_path)
    assert made(tmp_path, now=NOW + dt.timedelta(days=3000))[0] == authority
    assert made(tmp_path, now=NOW + dt.timedelta(days=3400))[0] != authority
    other, server = made(tmp_path, ServeConfig(names=("jetson.lan",)))
    assert other != authority
    server.verify_directly_issued_by(other.certificate)


def test_a_name_that_no_certificate_can_hold_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "own_names", lambda: ("my_box", "my_box.local"))
    _, server = made(tmp_path)
    named = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["localhost"]


def test_old_versions_of_tls_are_refused(tmp_path: Path) -> None:
    context = certificate.server_context(tmp_path, SERVE, certificate.authority(tmp_path, SERVE))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


# It works


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("service")) as service:
        yield service


def trusting(trusted: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(trusted))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_device_that_trusts_the_authority_is_paired_over_tls(service: Served, host: str) -> None:
    url = f"https://{host}:{service.port}"
    verified = trusting(service.trusted)
    with httpx.Client(base_url=url, verify=verified, headers={"Origin": url}, trust_env=False) as device:
        assert device.get("/", headers={"Accept": "text/html"}).headers["location"] == "/pair"
        paired = device.post("/pair", data={"code": service.pairing.invite().code})
        assert paired.status_code == 303
        assert "server" not in paired.headers
        assert "the assistant" in device.get("/").text
        assert device.post("/", content=b"12345").text == "5"
        too_large = device.post("/", content=(b"x" * 100_000 for _ in range(11)))
        assert too_large.json()["code"] == "body-too-large"
        cookie = {"Cookie": f"__Host-assistant={device.cookies['__Host-assistant']}"}

    async def talk(origin: str, headers: dict[str, str]) -> str | bytes:
        # not websockets' client of threads: over TLS it now and then waits for ever where it is refused
        connection = connect(
            f"wss://{host}:{service.port}/talk", ssl=verified, origin=Origin(origin), additional_headers=headers, proxy=None
        )
        async with connection as talking:
            return await talking.recv()

    assert asyncio.run(talk(url, cookie)) == "welcome"
    for origin, headers, status in (("https://evil.example", cookie, 403), (url, {}, 401)):
        with pytest.raises(InvalidStatus) as denied:
            asyncio.run(talk(origin, headers))
        assert denied.value.response.status_code == status
        assert denied.value.response.headers["content-type"] == "application/problem+json"


def test_a_device_that_does_not_trust_the_authority_is_warned(service: Served) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://127.0.0.1:{service.port}/pair", trust_env=False)


def test_two_host_headers_do_not_get_through_the_server(service: Served) -> None:
    with (
        socket.create_connection(("127.0.0.1", service.port)) as plain,
        trusting(service.trusted).wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        connection.sendall(b"GET /pair HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_a_thief_of_the_authoritys_key_cannot_pass_for_another_site(tmp_path: Path) -> None:
    authority = certificate.authority(tmp_path, SERVE)
    stolen = trustme.CA.from_pem(authority.pem, authority.pem)
    verdicts = {name: verdict(authority, stolen.issue_cert(name), name) for name in ("localhost", "bank.example")}
    assert verdicts == {"localhost": "", "bank.example": "permitted subtree violation"}


def verdict(authority: certificate.Authority, shown: trustme.LeafCert, name: str) -> str:
    """Return why a device that trusts the authority refuses what a server shows; nothing if it does not."""
    server, device = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    shown.configure_cert(server)
    device.load_verify_locations(cadata=authority.der)
    to_server, to_device = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (device.wrap_bio(to_device, to_server, server_hostname=name), server.wrap_bio(to_server, to_device, server_side=True))
    try:
        for end in ends * 3:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    assert ends[0].getpeercert()
    return ""


# Where it is reached


def test_what_is_told_first_is_easiest_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "own_addresses", lambda: ("192.168.1.20", "10.0.0.1", "fd00::2"))

    def urls(serve: ServeConfig) -> list[str]:
        return [reached.url for reached in reached_at(serve, 7860)]

    assert urls(ServeConfig()) == ["http://127.0.0.1:7860/"]
    assert urls(ServeConfig(names=("behind.a.proxy",))) == ["http://127.0.0.1:7860/"]
    everywhere = "0.0.0.0"  # noqa: S104 - not bound to
    assert urls(ServeConfig(host=everywhere, https=True)) == ["https://192.168.1.20:7860/", "https://10.0.0.1:7860/"]
    assert urls(ServeConfig(host=everywhere, names=("jetson.lan",)))[0] == "http://jetson.lan:7860/"
    assert urls(ServeConfig(host="::")) == ["http://[fd00::2]:7860/"]
    assert urls(ServeConfig(host="192.168.1.20")) == ["http://192.168.1.20:7860/"]
    monkeypatch.setattr(addresses, "own_addresses", tuple)
    assert urls(ServeConfig(host=everywhere)) == ["http://localhost:7860/"]


def test_the_addresses_of_this_machine_are_its_own_and_lead_here() -> None:
    for address in own_addresses():
        parsed = ipaddress.ip_address(address)
        assert not any((parsed.is_loopback, parsed.is_link_local, parsed.is_unspecified))
        with socket.socket(socket.AF_INET6 if parsed.version == 6 else socket.AF_INET) as own:
            own.bind((address, 0))  # only an address of this machine can be bound


def test_a_machine_may_be_named_with_or_without_a_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Jetson.lan.")
    assert own_names() == ("jetson.lan", "jetson", "jetson.local")
    monkeypatch.setattr(socket, "gethostname", lambda: "10.0.0.1")
    assert own_names() == ()


@pytest.mark.parametrize("name", ["jetson", "JETSON.lan", "xn--bcher-kva.example", "a.b-c.d"])
def test_names_that_dns_knows_may_be_configured(name: str) -> None:
    assert ServeConfig(names=(name,)).names == (name.lower(),)


@pytest.mark.parametrize("name", ["", "bücher.example", "a b", "*.lan", "http://jetson", "jetson:7860", "-x", "x-", "a" * 254])
def test_other_names_are_mistakes(name: str) -> None:
    with pytest.raises(ValueError, match="names"):
        ServeConfig(names=(name,))


# Another code is asked for


@pytest.mark.parametrize("https", [True, False])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - not bound to
def test_a_command_of_this_machine_gets_another_code(tmp_path: Path, host: str, *, https: bool) -> None:
    with served(tmp_path, https=https) as service:
        secret_file.replace(tmp_path / "token", TOKEN.encode())
        serve = ServeConfig(host=host, https=https, port=service.port)
        first, second = ask_for_invitation(serve, tmp_path), ask_for_invitation(serve, tmp_path)
        assert first.secret != second.secret
        assert service.pairing._invitations.take_link(first.secret) is Answer.ENDED
        assert service.pairing._invitations.take_code(second.code, "") is Answer.RIGHT
        secret_file.replace(tmp_path / "token", TOKEN.lower().encode())  # of another user's service
        with pytest.raises(NobodyServes, match="401"):
            ask_for_invitation(serve, tmp_path)


def test_a_command_is_told_that_no_service_runs(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(NobodyServes):
            ask_for_invitation(ServeConfig(port=taken.getsockname()[1]), tmp_path)

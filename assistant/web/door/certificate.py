"""The certificates of ``--https``: an authority of this machine's own, and what it certifies.

An authority, not one self-signed certificate: a phone that was told to trust it goes on when the machine's addresses change.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import re
import socket
import ssl
from collections.abc import Collection
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assistant.config import ServeConfig
from assistant.web.door import secret_file
from assistant.web.door.addresses import own_addresses, own_names
from assistant.web.door.host import is_address

_LIFETIME = dt.timedelta(days=397)
"""Apple refuses certificates for longer than 825 days (support.apple.com/103769), and of public authorities more than 398."""
_AUTHORITY_LIFETIME = dt.timedelta(days=3652)
_RENEWED = dt.timedelta(days=30)
"""How long before its end one is made anew."""
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)
"""When an authority begins: a board without a battery may think that it is 1970, or a phone be slow."""

_CERTIFIABLE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII)
"""What a certificate can name; some machines have an underscore in their name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """Who certifies."""

    pem: bytes
    """Its key and certificate."""

    @property
    def certificate(self) -> x509.Certificate:
        """Return what others know of it."""
        return x509.load_pem_x509_certificate(self.pem)

    @property
    def der(self) -> bytes:
        """Return its certificate as phones install it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


def authority(folder: Path, serve: ServeConfig, now: dt.datetime | None = None) -> Authority:
    """Return the authority that is kept in a folder, which is made at first, near its end, and for a name it may not certify.

    Args:
        folder: Where secrets are kept.
        serve: What names the machine has beside its own.
        now: The time.

    Raises:
        SecretUnusable: It cannot be read or written.
    """
    now = now or dt.datetime.now(dt.timezone.utc)
    path, names = folder / "authority.pem", _names(serve)
    held = secret_file.kept(path, lambda: _new_authority(names, now))
    if not _may_certify(held, names, now):
        held = _new_authority(names, now)
        secret_file.replace(path, held)
    return Authority(held)


def server_context(folder: Path, serve: ServeConfig, certifier: Authority, now: dt.datetime | None = None) -> ssl.SSLContext:
    """Return what a server encrypts with: TLS 1.2 or later, and a certificate for all that this machine is called now.

    Args:
        folder: Where secrets are kept.
        serve: What names the machine has beside its own.
        certifier: Who certifies.
        now: The time.

    Raises:
        SecretUnusable: The certificate cannot be read or written.
    """
    now = now or dt.datetime.now(dt.timezone.utc)
    path = folder / "server.pem"
    identities = {*_names(serve), "127.0.0.1", "::1", *own_addresses()} | ({serve.host} if is_address(serve.host) else set())
    if not _certifies(secret_file.read(path), identities, certifier.certificate, now):
        leaf = trustme.CA.from_pem(certifier.pem, certifier.pem).issue_cert(
            *sorted(identities),
            organization_name="assistant",
            organization_unit_name=socket.gethostname(),
            not_before=now - dt.timedelta(days=1),
            not_after=now - dt.timedelta(days=1) + _LIFETIME,
        )
        secret_file.replace(path, leaf.private_key_and_cert_chain_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(path)
    return context


def _names(serve: ServeConfig) -> frozenset[str]:
    return frozenset(name for name in ("localhost", *own_names(), *serve.names) if _CERTIFIABLE.fullmatch(name))


def _new_authority(names: Collection[str], now: dt.datetime) -> bytes:
    """Return the key and certificate of a new one, which trustme would make without a common name.

    iPhones do not offer an authority without one to be trusted (github.com/FiloSottile/mkcert/issues/47). And this one may
    certify this machine's names only, so that whoever steals its key cannot pass for a bank: Chrome observes that since 112. It
    is not marked critical: a phone that does not know it is no worse off than without.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "assistant"),
        x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Assistant on {socket.gethostname()}"[:64]),
    ])  # fmt: skip
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_LONG_AGO)
        .not_valid_after(now + _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.NameConstraints([x509.DNSName(name) for name in sorted(names)], None), critical=False)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def _may_certify(pem: bytes, names: Collection[str], now: dt.datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    permitted = {name.value for name in constraints.permitted_subtrees or ()}
    return permitted.issuperset(names) and certificate.not_valid_after_utc - now > _LIFETIME


def _certifies(pem: bytes | None, identities: Collection[str], certifier: x509.Certificate, now: dt.datetime) -> bool:
    if pem is None:
        return False
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        certificate.verify_directly_issued_by(certifier)
        certified = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    named = {str(name.value) for name in certified}
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return named == {_plain(identity) for identity in identities} and begins <= now and ends - now > _RENEWED


def _plain(identity: str) -> str:
    return str(ipaddress.ip_address(identity)) if is_address(identity) else identity

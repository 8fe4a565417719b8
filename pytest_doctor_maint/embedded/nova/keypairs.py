"""Nova's key pairs. Private keys are given to whoever asked for them and kept nowhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.quotas import QuotaExceeded, Quotas

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.core import Core

TYPES = ("ssh", "x509")


@dataclass(frozen=True, slots=True)
class Keypair:
    """A user's key pair.

    Attributes:
        id: A number, counted from 1.
        kind: ``ssh`` or ``x509``.
        public_key: In OpenSSH's form, or a certificate as PEM.
        fingerprint: MD5 of an SSH key, SHA-1 of a certificate; pairs of hex digits with colons between.
    """

    id: int
    name: str
    user_id: str
    kind: str
    public_key: str
    fingerprint: str
    created_at: datetime


class Keypairs:
    """All users' key pairs."""

    def __init__(self, core: Core, quotas: Quotas) -> None:
        self.core = core
        self._quotas = quotas
        self._keypairs: dict[str, dict[str, Keypair]] = {}
        self._last = 0

    def of(self, user_id: str) -> list[Keypair]:
        """The user's key pairs, by name."""
        return sorted(self._keypairs.get(user_id, {}).values(), key=lambda keypair: keypair.name)

    def get(self, user_id: str, name: str) -> Keypair:
        """The user's key pair of that name.

        Raises:
            Missing: There is none.
        """
        keypair = self._keypairs.get(user_id, {}).get(name)
        if keypair is None:
            raise Missing(f"Keypair {name} not found for user {user_id}")
        return keypair

    def add(self, project_id: str, user_id: str, name: str, kind: str, public_key: str) -> Keypair:
        """Keep a public key.

        Args:
            project_id: The project whose quota says how many a user may have.
            user_id: The owner.
            name: A name that is unique among the owner's.
            kind: ``ssh`` or ``x509``.
            public_key: The key.

        Raises:
            Invalid: ``public_key`` is none of that kind.
            Conflict: The owner has one of that name.
            QuotaExceeded: The owner has as many as he may.
        """
        self.check(project_id, user_id, name)
        fingerprint = _fingerprint(kind, public_key)
        self._last += 1
        keypair = Keypair(self._last, name, user_id, kind, public_key, fingerprint, self.core.clock.now())
        self._keypairs.setdefault(user_id, {})[name] = keypair
        return keypair

    def check(self, project_id: str, user_id: str, name: str) -> None:
        """Whether the user may have one more, of that name.

        Raises:
            Conflict: He has one of that name.
            QuotaExceeded: He has as many as he may.
        """
        own = self._keypairs.get(user_id, {})
        if name in own:
            raise Conflict(f"Key pair '{name}' already exists.")
        limit = self._quotas.limits(project_id, user_id)["key_pairs"]
        if 0 <= limit <= len(own):
            raise QuotaExceeded("Quota exceeded, too many key pairs.")

    def delete(self, keypair: Keypair) -> None:
        """Remove it; servers keep the key that they were given."""
        del self._keypairs[keypair.user_id][keypair.name]


def generate(kind: str, user_id: str, now: datetime) -> tuple[str, str]:
    """A new key: what :meth:`Keypairs.add` takes as its public key, and the private key as PEM.

    It is a real secret, from the machine's own source of randomness: it does not follow from the seed.

    Args:
        kind: ``ssh``, or ``x509`` for a self-signed certificate that is good for ten years.
        user_id: Stands in the certificate's subject.
        now: From when on the certificate is good.
    """
    # It takes a while to load, and hardly any run makes keys.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    if kind == "ssh":
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
        return f"{public} Generated-by-Nova", private
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, user_id[:64] or "user")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), private


def _fingerprint(kind: str, public_key: str) -> str:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    try:
        if kind == "x509":
            # SHA-1 names the certificate here, it does not protect it.
            digest = x509.load_pem_x509_certificate(public_key.encode()).fingerprint(hashes.SHA1())  # noqa: S303
        else:
            load_ssh_public_key(public_key.encode())
            blob = base64.b64decode(public_key.split()[1], validate=True)
            digest = hashlib.md5(blob, usedforsecurity=False).digest()
    except (ValueError, IndexError, UnsupportedAlgorithm) as error:
        raise Invalid("Keypair data is invalid: failed to generate fingerprint") from error
    return digest.hex(":")

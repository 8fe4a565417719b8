"""Nova's key pairs. A private key is returned to the caller that creates it, and is not kept."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing, QuotaExceeded
from pytest_doctor_maint.embedded.nova.quotas import Quotas

TYPES = ("ssh", "x509")


@dataclass(frozen=True, slots=True)
class Keypair:
    """A user's key pair.

    Attributes:
        id: A number, counted from 1.
        kind: ``ssh`` or ``x509``.
        public_key: A key in OpenSSH's format, or a certificate as PEM.
        fingerprint: The MD5 of an SSH key or the SHA-1 of a certificate: pairs of hex digits separated by colons.
    """

    id: int
    name: str
    user_id: str
    kind: str
    public_key: str
    fingerprint: str
    created_at: datetime


class Keypairs:
    """The key pairs of all users."""

    def __init__(self, core: Core, quotas: Quotas) -> None:
        self._core = core
        self._quotas = quotas
        self._keypairs: dict[str, dict[str, Keypair]] = {}
        self._last = 0

    def of(self, user_id: str) -> list[Keypair]:
        """Return the key pairs of a user, sorted by name."""
        return sorted(self._keypairs.get(user_id, {}).values(), key=lambda keypair: keypair.name)

    def get(self, user_id: str, name: str) -> Keypair:
        """Return a key pair of a user by name.

        Raises:
            Missing: The user has no key pair with this name.
        """
        keypair = self._keypairs.get(user_id, {}).get(name)
        if keypair is None:
            raise Missing(f"Keypair {name} not found for user {user_id}")
        return keypair

    def add(self, project_id: str, user_id: str, name: str, kind: str, public_key: str) -> Keypair:
        """Add a key pair and return it.

        Args:
            project_id: The project whose quota limits the number of key pairs.
            user_id: The owner.
            name: A name that no other key pair of the owner has.
            kind: ``ssh`` or ``x509``.
            public_key: The key.

        Raises:
            Invalid: ``public_key`` is not a key of that kind.
            Conflict: The owner has a key pair with this name.
            QuotaExceeded: The owner has as many key pairs as the quota allows.
        """
        self.check(project_id, user_id, name)
        fingerprint = _fingerprint(kind, public_key)
        self._last += 1
        keypair = Keypair(self._last, name, user_id, kind, public_key, fingerprint, self._core.clock.now())
        self._keypairs.setdefault(user_id, {})[name] = keypair
        return keypair

    def check(self, project_id: str, user_id: str, name: str) -> None:
        """Raise unless the user may add a key pair with this name.

        Raises:
            Conflict: The user has a key pair with this name.
            QuotaExceeded: The user has as many key pairs as the quota allows.
        """
        own = self._keypairs.get(user_id, {})
        if name in own:
            raise Conflict(f"Key pair '{name}' already exists.")
        limit = self._quotas.limits(project_id, user_id)["key_pairs"]
        if 0 <= limit <= len(own):
            raise QuotaExceeded("Quota exceeded, too many key pairs.")

    def delete(self, keypair: Keypair) -> None:
        """Delete a key pair; servers keep the name of the key that they were created with."""
        del self._keypairs[keypair.user_id][keypair.name]


def generate(kind: str, user_id: str, now: datetime) -> tuple[str, str]:
    """Generate a key; return the public key as :meth:`Keypairs.add` takes it, and the private key as PEM.

    The key is a real secret from the machine's source of randomness; it does not depend on the seed.

    Args:
        kind: ``ssh``, or ``x509`` for a self-signed certificate that is valid for ten years.
        user_id: The common name of the certificate's subject.
        now: The beginning of the certificate's validity.
    """
    # Loading cryptography takes time, and few runs create keys.
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
            # SHA-1 identifies the certificate here; it does not protect it.
            digest = x509.load_pem_x509_certificate(public_key.encode()).fingerprint(hashes.SHA1())  # noqa: S303
        else:
            load_ssh_public_key(public_key.encode())
            blob = base64.b64decode(public_key.split()[1], validate=True)
            digest = hashlib.md5(blob, usedforsecurity=False).digest()
    except (ValueError, IndexError, UnsupportedAlgorithm) as error:
        raise Invalid("Keypair data is invalid: failed to generate fingerprint") from error
    return digest.hex(":")

"""Digests of passwords and of the secrets of application credentials.

One round of SHA-256, not the slow hash that a production cloud needs: a run logs in hundreds of times, and the
passwords are those of a cloud that lives in memory. The salt makes the digests of equal passwords differ.
"""

from __future__ import annotations

import hashlib
import hmac


def digest(salt: str, secret: str) -> str:
    """Return what is kept in place of ``secret``."""
    return f"{salt}${sha256(salt + secret)}"


def sha256(text: str) -> str:
    """Return the SHA-256 in hexadecimal of any text that JSON can contain, lone surrogates included."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches(kept: str | None, secret: str) -> bool:
    """Return True if ``kept`` is the digest of ``secret``."""
    if kept is None:
        return False
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(kept, digest(salt, secret))

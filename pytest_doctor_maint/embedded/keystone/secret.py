"""Digests of passwords and of application credentials' secrets.

One round of SHA-256, not the slow hash that a production cloud needs: a run logs in hundreds of times, and the
passwords are those of a cloud that lives in memory. The salt keeps equal passwords from showing as equal.
"""

from __future__ import annotations

import hashlib
import hmac


def digest(salt: str, secret: str) -> str:
    """What to keep instead of ``secret``."""
    return f"{salt}${sha256(salt + secret)}"


def sha256(text: str) -> str:
    """The SHA-256 of any text that JSON can carry, lone surrogates among them, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matches(kept: str | None, secret: str) -> bool:
    """Whether ``kept`` is the digest of ``secret``."""
    if kept is None:
        return False
    salt, _, _ = kept.partition("$")
    return hmac.compare_digest(kept, digest(salt, secret))

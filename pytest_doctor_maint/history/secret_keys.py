"""The keys under which JSON holds secrets, which never appear in a history or in a log."""

from __future__ import annotations

_WORDS = ("password", "passwd", "secret", "x-auth-token", "auth_token", "admin_pass", "adminpass")


def is_secret(key: str) -> bool:
    """Return True if the value of this key is a secret: a password, a token, or a secret by name."""
    lowered = key.lower()
    return lowered == "token" or any(word in lowered for word in _WORDS)

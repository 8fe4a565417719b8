"""How secrets are recognized, which never appear in a history or in a log."""

from __future__ import annotations

import re

#: The number of random bytes in a secret of a path.
SECRET_BYTES = 32
#: The path that leads monitors to the Inspector; the secret follows it.
MONITORS = "/monitors"
#: The path that leads projects to the sample admin tool; the secret follows it.
REPLIES = "/replies"

_WORDS = ("password", "passwd", "secret", "x-auth-token", "auth_token", "admin_pass", "adminpass")
#: 32 bytes in URL-safe base64 are 43 characters; no id of a session has this length.
_PATH = re.compile(rf"(/maintenance/|{MONITORS}/|{REPLIES}/)[A-Za-z0-9_-]{{43}}(?![A-Za-z0-9_-])")

#: What is before the last @ of a URL: users and passwords, also those of a message bus with several brokers.
_LOGINS = re.compile(r"(?<=://)[^\s'\"<>]*@")


def is_secret(key: str) -> bool:
    """Return True if the value of this key is a secret: a password, a token, or a secret by name."""
    lowered = key.lower()
    return lowered == "token" or any(word in lowered for word in _WORDS)


def without_url_secrets(text: str) -> str:
    """Return ``text`` with ``***`` in place of the secrets in the paths of URLs, such as those of alarms."""
    return _PATH.sub(r"\1***", text)


def without_logins(text: str) -> str:
    """Return ``text`` with ``***`` in place of the users and passwords in URLs (``https://USER:PASSWORD@HOST/``)."""
    return _LOGINS.sub("***@", text)

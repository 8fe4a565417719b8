"""Secrets in the paths of URLs, by which a server knows the callers to whom it gave a URL, as webhooks do."""

from __future__ import annotations

import hmac
import secrets
import threading

from pytest_doctor_maint.secret_keys import SECRET_BYTES
from pytest_doctor_maint.simtime.http import HttpError


class UrlSecrets:
    """The secrets that are valid in the URLs of one server.

    They come from the system's source of random numbers, not from the seed of a run: a seed can be guessed.

    Args:
        is_open: Take requests without a secret, for senders that know only the bare URL. No secret is then issued.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open
        self._valid: set[str] = set()
        self._lock = threading.Lock()

    def issue(self) -> str:
        """Return a new secret for a path; empty if the server is open."""
        if self._is_open:
            return ""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._lock:
            self._valid.add(secret)
        return secret

    def end(self, secret: str) -> None:
        """Take no more requests with this secret."""
        with self._lock:
            self._valid.discard(secret)

    def check(self, given: str) -> None:
        """Return if a request with this secret may pass.

        Raises:
            HttpError: 403, the secret is missing, wrong, or no longer valid.
        """
        with self._lock:
            # The list: each comparison is made, and takes the same time.
            matches = [hmac.compare_digest(each.encode(), given.encode()) for each in self._valid]
        if not self._is_open and not any(matches):
            raise HttpError(403, "this URL takes requests only with the secret that belongs to it")

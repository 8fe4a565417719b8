"""Secrets in the URLs of replies, so that nobody replies for a project but those who got its messages."""

from __future__ import annotations

import base64
import hmac
import json
import secrets

from pytest_doctor_maint.secret_keys import REPLIES, SECRET_BYTES
from pytest_doctor_maint.simtime.http import HttpError


class ReplySecrets:
    """The secret of each project in each session, made from a key that nobody else knows.

    The key comes from the system's source of random numbers, not from the seed of a run: a seed can be guessed.

    Args:
        is_open: Take replies without a secret, too, and send URLs without one.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        self._is_open = is_open
        self._key = secrets.token_bytes(SECRET_BYTES)

    def path(self, session_id: str, project_id: str) -> str:
        """Return the beginning of the path of the project's replies; empty if the admin tool is open."""
        return "" if self._is_open else f"{REPLIES}/{self._secret(session_id, project_id)}"

    def check(self, session_id: str, project_id: str, given: str) -> None:
        """Return if a request with this secret may pass.

        Raises:
            HttpError: 403, the secret is missing, or is not that of this project in this session.
        """
        is_right = hmac.compare_digest(self._secret(session_id, project_id).encode(), given.encode("utf-8", "replace"))
        if not self._is_open and not is_right:
            raise HttpError(403, "a project replies at the reply_url of the message, which holds a secret")

    def _secret(self, session_id: str, project_id: str) -> str:
        digest = hmac.digest(self._key, json.dumps([session_id, project_id]).encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

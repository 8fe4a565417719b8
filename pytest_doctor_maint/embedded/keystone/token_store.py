"""Tokens that were issued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.keystone.records import Target, Token, User

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.clock import Clock
    from pytest_doctor_maint.simtime.ids import Ids

LIFETIME = timedelta(hours=24)
"""How long a token is valid, in clock time."""


class TokenStore:
    """All tokens that were issued and have neither expired nor been revoked."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._tokens: dict[str, Token] = {}

    def issue(
        self,
        user: User,
        target: Target,
        methods: Sequence[str],
        *,
        parent: Token | None = None,
        expires_at: datetime | None = None,
        application_credential_id: str = "",
        trust_id: str = "",
    ) -> Token:
        """Issue a token.

        Args:
            user: The user whom the token stands for.
            target: The scope.
            methods: How the bearer authenticated.
            parent: The token that is exchanged for this one, which expires no later than that one.
            expires_at: The latest time at which the token expires.
            application_credential_id: The application credential that it is issued for.
            trust_id: The trust that it is scoped to.
        """
        now = self._clock.now()
        self._forget_expired(now)
        latest = parent.expires_at if parent else now + LIFETIME
        audit_id = self._ids.hex("audit")[:22]
        token = Token(
            id=self._ids.hex("token"),
            user_id=user.id,
            methods=tuple(dict.fromkeys(methods)),
            target=target,
            issued_at=now,
            expires_at=latest if expires_at is None else min(latest, expires_at),
            audit_ids=(audit_id, parent.audit_ids[-1]) if parent else (audit_id,),
            application_credential_id=application_credential_id,
            trust_id=trust_id,
        )
        self._tokens[token.id] = token
        return token

    def find(self, token_id: str) -> Token | None:
        """Return the token with this id, or None if the id is unknown or the token has expired."""
        token = self._tokens.get(token_id)
        return None if token is None or token.expires_at <= self._clock.now() else token

    def revoke(self, is_revoked: Callable[[Token], bool]) -> None:
        """Revoke every token for which ``is_revoked`` returns True."""
        for token in [token for token in self._tokens.values() if is_revoked(token)]:
            del self._tokens[token.id]

    def _forget_expired(self, now: datetime) -> None:
        # The oldest come first, and few expire before those that were issued after them.
        for token in list(self._tokens.values()):
            if token.expires_at > now:
                break
            del self._tokens[token.id]

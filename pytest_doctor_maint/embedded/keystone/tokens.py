"""Tokens: whom they stand for, and how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.keystone.records import UNSCOPED, Role, Target, Token, User

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.keystone.models import Keystone

LIFETIME = timedelta(hours=24)
"""How long a token is valid, in clock time."""


class Tokens:
    """All tokens that were given out and are neither expired nor revoked."""

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self._ids = keystone.core.ids
        self._clock = keystone.core.clock
        self._tokens: dict[str, Token] = {}

    def issue(
        self,
        user: User,
        target: Target,
        methods: Sequence[str],
        *,
        parent: Token | None = None,
        expires_at: Sequence[datetime | None] = (),
        application_credential_id: str = "",
        trust_id: str = "",
    ) -> Token:
        """A new token.

        Args:
            user: Whom it stands for.
            target: Its scope.
            methods: How its bearer authenticated.
            parent: The token that it was had with; it lives no longer than that one.
            expires_at: Further ends that it must not outlive.
            application_credential_id: The application credential that it was had with.
            trust_id: The trust that it is scoped to.
        """
        now = self._clock.now()
        self._forget_expired(now)
        ends = [parent.expires_at] if parent else [now + LIFETIME]
        audit_id = self._ids.hex("audit")[:22]
        token = Token(
            id=self._ids.hex("token"),
            user_id=user.id,
            methods=tuple(dict.fromkeys(methods)),
            target=target,
            issued_at=now,
            expires_at=min(ends + [end for end in expires_at if end is not None]),
            audit_ids=(audit_id, parent.audit_ids[-1]) if parent else (audit_id,),
            application_credential_id=application_credential_id,
            trust_id=trust_id,
        )
        self._tokens[token.id] = token
        return token

    def validate(self, token_id: str) -> Caller | None:
        """Who bears the token now; None when it is unknown, expired, revoked, or gives access to nothing any more."""
        token = self._tokens.get(token_id)
        if token is None or token.expires_at <= self._clock.now():
            return None
        if token.seen_at_change != self._keystone.changes:
            token.caller = self._caller(token)
            token.seen_at_change = self._keystone.changes
        return token.caller

    def get(self, token_id: str) -> Token | None:
        """The token with this id, if it is valid."""
        return self._tokens[token_id] if self.validate(token_id) else None

    def roles(self, token: Token) -> list[Role]:
        """The roles that the token gives in its scope, those implied included."""
        grants = self._keystone.grants
        delegations = self._keystone.delegations
        if token.target == UNSCOPED:
            return []
        held = grants.roles_on(token.user_id, token.target)
        if token.application_credential_id:
            credential = delegations.application_credentials[token.application_credential_id]
            return [role for role in grants.expand(credential.role_ids) if role in held]
        if token.trust_id:
            trust = delegations.trusts[token.trust_id]
            held = grants.roles_on(trust.trustor_user_id, token.target)
            return [role for role in grants.expand(trust.role_ids) if role in held]
        return held

    def revoke(self, doomed: Callable[[Token], bool]) -> None:
        """End every token that ``doomed`` says so of, for good."""
        for token in [token for token in self._tokens.values() if doomed(token)]:
            del self._tokens[token.id]

    def _caller(self, token: Token) -> Caller | None:
        directory = self._keystone.directory
        user = directory.users.get(token.user_id)
        if user is None or not self.may_log_in(user):
            return None
        project = directory.projects.get(token.target.id)
        roles = self.roles(token)
        if token.target.kind in ("project", "domain") and (project is None or not directory.usable(project)):
            return None
        if token.target != UNSCOPED and not roles:
            return None
        in_project = project is not None and token.target.kind == "project"
        return Caller(
            user_id=user.id,
            user_name=user.name,
            project_id=project.id if project is not None and in_project else "",
            project_name=project.name if project is not None and in_project else "",
            roles=frozenset(role.name for role in roles),
            domain_id=user.domain_id,
            system=token.target.kind == "system",
        )

    def may_log_in(self, user: User) -> bool:
        """Whether the user and its domain are enabled."""
        domain = self._keystone.directory.projects.get(user.domain_id)
        return user.enabled and domain is not None and domain.enabled

    def _forget_expired(self, now: datetime) -> None:
        # The oldest come first, and few end before those that came after them.
        for token in list(self._tokens.values()):
            if token.expires_at > now:
                break
            del self._tokens[token.id]

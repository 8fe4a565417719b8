"""The rights of the bearer of a token at the moment."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import AllowedRequest, Caller
from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.delegations import Delegations
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.records import UNSCOPED, Role, Token, User
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore


class Tokens:
    """Evaluates the tokens of a store: a token is valid as long as its bearer may use its scope."""

    def __init__(
        self, store: TokenStore, changes: Changes, *, directory: Directory, grants: Grants, delegations: Delegations
    ) -> None:
        self._store = store
        self._changes = changes
        self._directory = directory
        self._grants = grants
        self._delegations = delegations

    def validate(self, token_id: str) -> Caller | None:
        """Return the bearer of a token.

        Return None if the token is unknown, expired or revoked, or if its bearer no longer has access to its scope.
        """
        token = self._store.find(token_id)
        if token is None:
            return None
        if token.seen_at_change != self._changes.count:
            token.caller = self._caller(token)
            token.seen_at_change = self._changes.count
        return token.caller

    def get(self, token_id: str) -> Token | None:
        """Return the token with this id, or None if the id is unknown or the token is invalid."""
        return self._store.find(token_id) if self.validate(token_id) else None

    def roles(self, token: Token) -> list[Role]:
        """Return the roles that the token has in its scope, with the roles that they imply."""
        if token.target == UNSCOPED:
            return []
        if token.application_credential_id:
            credential = self._delegations.application_credentials[token.application_credential_id]
            held = self._grants.roles_on(token.user_id, token.target)
            return [role for role in self._grants.expand(credential.role_ids) if role in held]
        if token.trust_id:
            trust = self._delegations.trusts[token.trust_id]
            # Whoever redelegated it, the roles are those of the first trustor.
            first = self._delegations.chain(trust)[-1]
            held = self._grants.roles_on(first.trustor_user_id, token.target)
            delegated = self._grants.expand(trust.role_ids)
            # As in Keystone, a trust is worth nothing once the trustor has lost one of its roles.
            return delegated if all(role in held for role in delegated) else []
        return self._grants.roles_on(token.user_id, token.target)

    def _caller(self, token: Token) -> Caller | None:
        user = self._directory.users.get(token.user_id)
        if user is None or not all(map(self._directory.may_log_in, self._parties(user, token))):
            return None
        project = self._directory.projects.get(token.target.id)
        roles = self.roles(token)
        if token.target.kind in ("project", "domain") and (project is None or not self._directory.usable(project)):
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
            access_rules=self._access_rules(token),
        )

    def _parties(self, user: User, token: Token) -> list[User]:
        """Return the users who must be enabled for the token to be valid."""
        if not token.trust_id:
            return [user]
        chain = self._delegations.chain(self._delegations.trusts[token.trust_id])
        parties = (each for trust in chain for each in (trust.trustor_user_id, trust.trustee_user_id))
        return [self._directory.users[each] for each in parties]

    def _access_rules(self, token: Token) -> tuple[AllowedRequest, ...]:
        if not token.application_credential_id:
            return ()
        delegations = self._delegations
        credential = delegations.application_credentials[token.application_credential_id]
        rules = [delegations.access_rules[each] for each in credential.access_rule_ids]
        return tuple(AllowedRequest(rule.service, rule.method, rule.path) for rule in rules)

"""What users leave with Keystone so that others can act for them: credentials, application credentials, trusts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import (
    AccessRule,
    ApplicationCredential,
    Credential,
    Role,
    Target,
    Trust,
)
from pytest_doctor_maint.embedded.keystone.secret import digest

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.keystone.models import Keystone

MAX_REDELEGATION = 3
"""How often a trust may be handed on (Keystone's ``max_redelegation_count``)."""


class Delegations:
    """Credentials, access rules, application credentials and trusts, by id in the order of their creation."""

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self._ids = keystone.core.ids
        self.credentials: dict[str, Credential] = {}
        self.access_rules: dict[str, AccessRule] = {}
        self.application_credentials: dict[str, ApplicationCredential] = {}
        self.trusts: dict[str, Trust] = {}

    # Credentials

    def credential(self, credential_id: str) -> Credential:
        """The credential with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.credentials[credential_id]
        except KeyError:
            raise Missing("credential", credential_id) from None

    def create_credential(self, credential_id: str, user_id: str, kind: str, blob: str, **values: Any) -> Credential:
        """Keep a credential; ``values`` are further fields of :class:`Credential`.

        Raises:
            Conflict: The id is taken.
        """
        if credential_id in self.credentials:
            raise Conflict(f"Conflict occurred attempting to store credential - Duplicate ID, {credential_id}.")
        credential = Credential(credential_id, user_id, kind, blob, **values)
        self.credentials[credential.id] = credential
        return credential

    # Application credentials

    def application_credential(self, credential_id: str) -> ApplicationCredential:
        """The application credential with this id.

        Raises:
            Missing: There is none.
        """
        try:
            return self.application_credentials[credential_id]
        except KeyError:
            raise Missing("application credential", credential_id) from None

    def create_application_credential(
        self, user_id: str, project_id: str, name: str, secret: str, roles: Sequence[Role], **values: Any
    ) -> ApplicationCredential:
        """A new application credential; ``values`` are further fields of :class:`ApplicationCredential`.

        Raises:
            Conflict: The user has one of this name.
            Invalid: The user does not hold one of the roles, or it would never be valid.
        """
        if any(each.name == name and each.user_id == user_id for each in self.application_credentials.values()):
            raise Conflict(
                "Conflict occurred attempting to store application_credential - "
                f"Duplicate entry found with name {name}."
            )
        held = self._keystone.grants.roles_on(user_id, Target("project", project_id))
        if any(role not in held for role in roles) or not held:
            raise Invalid("Invalid application credential: the user does not hold every role on the project.")
        expires_at: datetime | None = values.get("expires_at")
        if expires_at is not None and expires_at <= self._keystone.core.clock.now():
            raise Invalid("Invalid application credential: it would be expired from the start.")
        credential = ApplicationCredential(
            self._ids.hex("application credential"),
            name,
            user_id,
            project_id,
            digest(self._ids.hex("password salt"), secret),
            [role.id for role in roles],
            **values,
        )
        self.application_credentials[credential.id] = credential
        return credential

    def delete_application_credential(self, credential: ApplicationCredential) -> None:
        """Remove an application credential and its tokens."""
        del self.application_credentials[credential.id]
        self._keystone.tokens.revoke(lambda token: token.application_credential_id == credential.id)

    # Access rules

    def access_rule(self, user_id: str, rule_id: str) -> AccessRule:
        """The user's access rule with this id.

        Raises:
            Missing: There is none.
        """
        rule = self.access_rules.get(rule_id)
        if rule is None or rule.user_id != user_id:
            raise Missing("access rule", rule_id)
        return rule

    def create_access_rule(self, user_id: str, service: str, method: str, path: str) -> AccessRule:
        """The user's access rule for this request; a new one when there is none yet."""
        for rule in self.access_rules.values():
            if (rule.user_id, rule.service, rule.method, rule.path) == (user_id, service, method, path):
                return rule
        rule = AccessRule(self._ids.hex("access rule"), user_id, service, method, path)
        self.access_rules[rule.id] = rule
        return rule

    def delete_access_rule(self, rule: AccessRule) -> None:
        """Remove an access rule.

        Raises:
            Forbidden: An application credential has it.
        """
        if any(rule.id in each.access_rule_ids for each in self.application_credentials.values()):
            raise Forbidden(f"Access rule {rule.id} is used by an application credential.")
        del self.access_rules[rule.id]

    # Trusts

    def trust(self, trust_id: str) -> Trust:
        """The trust with this id, as long as it is of use.

        Raises:
            Missing: There is none, or it is expired or used up.
        """
        trust = self.trusts.get(trust_id)
        if trust is None or not self.lives(trust):
            raise Missing("trust", trust_id)
        return trust

    def lives(self, trust: Trust) -> bool:
        """Whether a trust is neither expired nor used up."""
        return trust.remaining_uses != 0 and (
            trust.expires_at is None or trust.expires_at > self._keystone.core.clock.now()
        )

    def create_trust(
        self, trustor_user_id: str, trustee_user_id: str, project_id: str | None, roles: Sequence[Role], **values: Any
    ) -> Trust:
        """A new trust; ``values`` are further fields of :class:`Trust`.

        Raises:
            Missing: There is no such trustee or project, or the trustor does not hold one of the roles there.
            Invalid: It would never be valid.
        """
        self._keystone.directory.user(trustee_user_id)
        if project_id is not None:
            self._keystone.directory.project(project_id)
            held = self._keystone.grants.roles_on(trustor_user_id, Target("project", project_id))
            for role in roles:
                if role not in held:
                    raise Missing("role", role.id)
        expires_at: datetime | None = values.get("expires_at")
        if expires_at is not None and expires_at <= self._keystone.core.clock.now():
            raise Invalid("The trust would be expired from the start.")
        trust = Trust(
            self._ids.hex("trust"),
            trustor_user_id,
            trustee_user_id,
            project_id,
            role_ids=[role.id for role in roles],
            **values,
        )
        self.trusts[trust.id] = trust
        return trust

    def delete_trust(self, trust: Trust) -> None:
        """Remove a trust and its tokens."""
        del self.trusts[trust.id]
        self._keystone.tokens.revoke(lambda token: token.trust_id == trust.id)

    # What goes with other things

    def forget_user(self, user_id: str) -> None:
        """A user is gone."""
        self.credentials = {key: each for key, each in self.credentials.items() if each.user_id != user_id}
        self.access_rules = {key: each for key, each in self.access_rules.items() if each.user_id != user_id}
        self._drop_application_credentials([e for e in self.application_credentials.values() if e.user_id == user_id])
        self._drop_trusts([e for e in self.trusts.values() if user_id in (e.trustor_user_id, e.trustee_user_id)])

    def forget_project(self, project_id: str) -> None:
        """A project is gone."""
        self.credentials = {key: each for key, each in self.credentials.items() if each.project_id != project_id}
        self._drop_application_credentials(
            [e for e in self.application_credentials.values() if e.project_id == project_id]
        )
        self._drop_trusts([each for each in self.trusts.values() if each.project_id == project_id])

    def forget_role(self, role_id: str) -> None:
        """A role is gone."""
        self._drop_application_credentials([e for e in self.application_credentials.values() if role_id in e.role_ids])
        for trust in self.trusts.values():
            trust.role_ids = [each for each in trust.role_ids if each != role_id]

    def forget_grant(self, user_id: str, project_id: str) -> None:
        """A user has lost a role on a project: as in Keystone, its application credentials there go."""
        self._drop_application_credentials(
            [e for e in self.application_credentials.values() if (e.user_id, e.project_id) == (user_id, project_id)]
        )

    def _drop_application_credentials(self, doomed: Sequence[ApplicationCredential]) -> None:
        for credential in doomed:
            self.delete_application_credential(credential)

    def _drop_trusts(self, doomed: Sequence[Trust]) -> None:
        for trust in doomed:
            self.delete_trust(trust)

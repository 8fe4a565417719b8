"""With what others act for a user: credentials, application credentials with access rules, and trusts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.records import (
    AccessRule,
    ApplicationCredential,
    Credential,
    Role,
    Target,
    Trust,
)
from pytest_doctor_maint.embedded.keystone.redelegation import check_redelegation
from pytest_doctor_maint.embedded.keystone.secret import digest
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.clock import Clock
    from pytest_doctor_maint.simtime.ids import Ids


class CredentialValues(TypedDict, total=False):
    """The optional fields of a new :class:`Credential`."""

    project_id: str | None
    extra: dict[str, Any]


class ApplicationCredentialValues(TypedDict, total=False):
    """The optional fields of a new :class:`ApplicationCredential`."""

    description: str | None
    expires_at: datetime | None
    unrestricted: bool


class TrustValues(TypedDict, total=False):
    """The optional fields of a new :class:`Trust`."""

    expires_at: datetime | None
    remaining_uses: int | None
    redelegation_count: int
    extra: dict[str, Any]


class Delegations:
    """Credentials, access rules, application credentials and trusts, by id in the order of their creation.

    Args:
        clock: Decides what has expired.
        ids: Draws the ids of new resources.
        changes: Counts every change.
        directory: The users and projects.
        grants: Users can delegate the roles that they hold.
        tokens: Tokens of a deleted application credential or trust are revoked.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        changes: Changes,
        *,
        directory: Directory,
        grants: Grants,
        tokens: TokenStore,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._changes = changes
        self._directory = directory
        self._grants = grants
        self._tokens = tokens
        self.credentials: dict[str, Credential] = {}
        self.access_rules: dict[str, AccessRule] = {}
        self.application_credentials: dict[str, ApplicationCredential] = {}
        self.trusts: dict[str, Trust] = {}

    # Credentials

    def credential(self, credential_id: str) -> Credential:
        """Return the credential with this id.

        Raises:
            Missing: No credential has this id.
        """
        try:
            return self.credentials[credential_id]
        except KeyError:
            raise Missing("credential", credential_id) from None

    def create_credential(
        self, credential_id: str, user_id: str, kind: str, blob: str, **values: Unpack[CredentialValues]
    ) -> Credential:
        """Keep a credential.

        Raises:
            Conflict: There is a credential with the id.
        """
        if credential_id in self.credentials:
            raise Conflict(f"Conflict occurred attempting to store credential - Duplicate ID, {credential_id}.")
        credential = Credential(credential_id, user_id, kind, blob, **values)
        self.credentials[credential.id] = credential
        return credential

    def update_credential(self, credential: Credential, values: Mapping[str, Any]) -> None:
        """Set fields of a credential."""
        self._changes.update(credential, values)

    def delete_credential(self, credential: Credential) -> None:
        """Delete a credential."""
        del self.credentials[credential.id]

    # Application credentials

    def application_credential(self, credential_id: str) -> ApplicationCredential:
        """Return the application credential with this id.

        Raises:
            Missing: No application credential has this id.
        """
        try:
            return self.application_credentials[credential_id]
        except KeyError:
            raise Missing("application credential", credential_id) from None

    def create_application_credential(
        self,
        user_id: str,
        project_id: str,
        name: str,
        secret: str,
        roles: Sequence[Role],
        **values: Unpack[ApplicationCredentialValues],
    ) -> ApplicationCredential:
        """Create an application credential.

        Raises:
            Conflict: The user has one with the name.
            Invalid: The user does not hold one of the roles, or the application credential would never be valid.
        """
        if any(each.name == name and each.user_id == user_id for each in self.application_credentials.values()):
            raise Conflict(
                "Conflict occurred attempting to store application_credential - "
                f"Duplicate entry found with name {name}."
            )
        held = self._grants.roles_on(user_id, Target("project", project_id))
        if any(role not in held for role in roles) or not held:
            raise Invalid("Invalid application credential: the user does not hold every role on the project.")
        if self._has_passed(values.get("expires_at")):
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
        """Delete an application credential and revoke its tokens."""
        del self.application_credentials[credential.id]
        self._tokens.revoke(lambda token: token.application_credential_id == credential.id)

    # Access rules

    def access_rule(self, user_id: str, rule_id: str) -> AccessRule:
        """Return the user's access rule with this id.

        Raises:
            Missing: The user has no access rule with this id.
        """
        rule = self.access_rules.get(rule_id)
        if rule is None or rule.user_id != user_id:
            raise Missing("access rule", rule_id)
        return rule

    def create_access_rule(self, user_id: str, service: str, method: str, path: str) -> AccessRule:
        """Return the user's access rule for a request; create it if it does not exist."""
        for rule in self.access_rules.values():
            if (rule.user_id, rule.service, rule.method, rule.path) == (user_id, service, method, path):
                return rule
        rule = AccessRule(self._ids.hex("access rule"), user_id, service, method, path)
        self.access_rules[rule.id] = rule
        return rule

    def delete_access_rule(self, rule: AccessRule) -> None:
        """Delete an access rule.

        Raises:
            Forbidden: An application credential has it.
        """
        if any(rule.id in each.access_rule_ids for each in self.application_credentials.values()):
            raise Forbidden(f"Access rule {rule.id} is used by an application credential.")
        del self.access_rules[rule.id]

    # Trusts

    def trust(self, trust_id: str) -> Trust:
        """Return the trust with this id, if tokens can still be issued for it.

        Raises:
            Missing: No trust has this id, or the trust or one above it in its chain has expired or is used up.
            Forbidden: It gives more than one above it by now, or a trustee who redelegated is disabled.
        """
        trust = self.trusts.get(trust_id)
        chain = self.chain(trust) if trust is not None else []
        if trust is None or not all(map(self.is_usable, chain)):
            raise Missing("trust", trust_id)
        for child, parent in pairwise(chain):
            check_redelegation(parent, child)
            if not self._directory.may_log_in(self._directory.user(parent.trustee_user_id)):
                raise Forbidden("One of the trust agents is disabled or deleted")
        return trust

    def chain(self, trust: Trust) -> list[Trust]:
        """Return a trust, the one that it redelegates, and so on to the first one."""
        found = [trust]
        while (above := found[-1].redelegated_trust_id) is not None:
            found.append(self.trusts[above])
        return found

    def is_usable(self, trust: Trust) -> bool:
        """Return True if a trust has neither expired nor been used up."""
        return trust.remaining_uses != 0 and not self._has_passed(trust.expires_at)

    def create_trust(
        self,
        trustor_user_id: str,
        trustee_user_id: str,
        project_id: str | None,
        roles: Sequence[Role],
        *,
        impersonation: bool,
        redelegated: Trust | None = None,
        **values: Unpack[TrustValues],
    ) -> Trust:
        """Create a trust.

        Args:
            trustor_user_id: Whose roles are lent.
            trustee_user_id: To whom.
            project_id: On which project; None for a trust without roles.
            roles: Which roles.
            impersonation: True if the trustee's tokens name the trustor as their user.
            redelegated: The trust that is redelegated, if any; without ``expires_at`` the new one expires with it.
            values: The other fields.

        Raises:
            Missing: There is no such trustee or project, or the trustor does not hold one of the roles on the project.
            Invalid: The trust would never be valid.
            Forbidden: It would give more than the trust that it redelegates.
        """
        self._directory.user(trustee_user_id)
        held: Sequence[Role] = ()
        if project_id is not None:
            self._directory.project(project_id)
            held = self._grants.roles_on(trustor_user_id, Target("project", project_id))
        for role in roles:
            if role not in held:
                raise Missing("role", role.id)
        if self._has_passed(values.get("expires_at")):
            raise Invalid("The trust would be expired from the start.")
        if redelegated is not None and values.get("expires_at") is None:
            values["expires_at"] = redelegated.expires_at
        trust = Trust(
            self._ids.hex("trust"),
            trustor_user_id,
            trustee_user_id,
            project_id,
            impersonation,
            [role.id for role in roles],
            redelegated_trust_id=redelegated.id if redelegated else None,
            **values,
        )
        for each in self.chain(redelegated) if redelegated else ():
            check_redelegation(each, trust)
        self.trusts[trust.id] = trust
        return trust

    def delete_trust(self, trust: Trust) -> None:
        """Delete a trust with those that redelegate it, and revoke their tokens."""
        for each in [each for each in self.trusts.values() if each.redelegated_trust_id == trust.id]:
            self.delete_trust(each)
        del self.trusts[trust.id]
        self._tokens.revoke(lambda token: token.trust_id == trust.id)

    # What ends together with a user, project or role

    def drop_those_of_user(self, user_id: str) -> None:
        """Delete everything of a user, and the trusts in which the user takes part."""
        self.credentials = {key: each for key, each in self.credentials.items() if each.user_id != user_id}
        self.access_rules = {key: each for key, each in self.access_rules.items() if each.user_id != user_id}
        self._drop_application_credentials([e for e in self.application_credentials.values() if e.user_id == user_id])
        self._drop_trusts([e for e in self.trusts.values() if user_id in (e.trustor_user_id, e.trustee_user_id)])

    def drop_those_for_project(self, project_id: str) -> None:
        """Delete everything that is for a project."""
        self.credentials = {key: each for key, each in self.credentials.items() if each.project_id != project_id}
        self._drop_application_credentials(
            [e for e in self.application_credentials.values() if e.project_id == project_id]
        )
        self._drop_trusts([each for each in self.trusts.values() if each.project_id == project_id])

    def drop_role(self, role_id: str) -> None:
        """Delete the application credentials with a role, and take the role out of the trusts."""
        self._drop_application_credentials([e for e in self.application_credentials.values() if role_id in e.role_ids])
        for trust in self.trusts.values():
            trust.role_ids = [each for each in trust.role_ids if each != role_id]

    def drop_application_credentials_in(self, user_id: str, project_id: str) -> None:
        """Delete a user's application credentials for a project, as Keystone does when the user loses a role there."""
        self._drop_application_credentials(
            [e for e in self.application_credentials.values() if (e.user_id, e.project_id) == (user_id, project_id)]
        )

    def _drop_application_credentials(self, credentials: Sequence[ApplicationCredential]) -> None:
        for credential in credentials:
            self.delete_application_credential(credential)

    def _drop_trusts(self, trusts: Sequence[Trust]) -> None:
        for trust in trusts:
            # One above it in its chain may have taken it along.
            if trust.id in self.trusts:
                self.delete_trust(trust)

    def _has_passed(self, moment: datetime | None) -> bool:
        return moment is not None and moment <= self._clock.now()

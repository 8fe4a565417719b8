"""Authentication: from the ``auth`` object of a request to a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid, Missing, Unauthorized
from pytest_doctor_maint.embedded.keystone.records import (
    SYSTEM,
    UNSCOPED,
    ApplicationCredential,
    Project,
    Target,
    Token,
    Trust,
    User,
)
from pytest_doctor_maint.embedded.keystone.secret import matches

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.keystone.models import Keystone

METHODS = ("password", "token", "application_credential")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who authenticates, and by what."""

    user: User
    methods: tuple[str, ...]
    token: Token | None = None
    credential: ApplicationCredential | None = None


class Login:
    """Gives tokens to those who can prove who they are."""

    def __init__(self, keystone: Keystone) -> None:
        self._keystone = keystone
        self._directory = keystone.directory

    def run(self, auth: Mapping[str, Any]) -> Token:
        """A token for what ``auth`` (``{"identity": …, "scope": …}``) asks for.

        Raises:
            Invalid: It has not the API's form.
            Unauthorized: The proof is wrong, the user is disabled, or holds no role in the scope.
            Missing: The token to be exchanged is not valid.
            Forbidden: A token of an application credential or trust cannot be exchanged for another scope.
        """
        identity = self._identity(_member(auth, "identity", "auth"))
        if not self._keystone.tokens.may_log_in(identity.user):
            raise Unauthorized
        scope = auth.get("scope")
        if identity.credential is not None:
            return self._with_credential(identity, identity.credential, scope)
        if identity.token is not None and (identity.token.trust_id or identity.token.application_credential_id):
            raise Forbidden("A token of a trust or an application credential cannot be exchanged.")
        if isinstance(scope, Mapping) and "OS-TRUST:trust" in scope:
            trust_id = _text(_member(scope, "OS-TRUST:trust", "scope"), "id", "OS-TRUST:trust")
            return self._with_trust(identity, self._keystone.delegations.trusts.get(trust_id))
        target = self._default_target(identity.user) if scope is None else self._target(scope)
        if target != UNSCOPED and not self._keystone.grants.roles_on(identity.user.id, target):
            raise Unauthorized
        return self._keystone.tokens.issue(identity.user, target, identity.methods, parent=identity.token)

    # Who

    def _identity(self, identity: Mapping[str, Any]) -> Identity:
        methods = identity.get("methods")
        if not isinstance(methods, list) or not all(isinstance(method, str) for method in methods):
            raise Invalid("Expecting to find a list of methods in identity.")
        if not methods or any(method not in METHODS for method in methods):
            raise Unauthorized("Attempted to authenticate with an unsupported method.")
        found = [self._proof(method, _member(identity, method, "identity")) for method in methods]
        if any(each.user is not found[0].user for each in found):
            raise Unauthorized
        return Identity(
            found[0].user,
            tuple(method for each in found for method in each.methods),
            next((each.token for each in found if each.token), None),
            next((each.credential for each in found if each.credential), None),
        )

    def _proof(self, method: str, proof: Mapping[str, Any]) -> Identity:
        if method == "password":
            return self._password(_member(proof, "user", "password"))
        if method == "token":
            token = self._keystone.tokens.get(_text(proof, "id", "token"))
            if token is None:
                # Keystone's own answer; the token is not repeated, because messages end up in logs.
                raise Missing("token", "the one to be exchanged")
            return Identity(self._directory.users[token.user_id], ("token", *token.methods), token=token)
        return self._application_credential(proof)

    def _password(self, reference: Mapping[str, Any]) -> Identity:
        password = _text(reference, "password", "user")
        user = self._user(reference)
        if user is None or not matches(user.password, password):
            raise Unauthorized
        return Identity(user, ("password",))

    def _user(self, reference: Mapping[str, Any]) -> User | None:
        if "id" in reference:
            return self._directory.users.get(_text(reference, "id", "user"))
        name = _text(reference, "name", "user")
        domain = self._domain(_member(reference, "domain", "user"))
        return self._directory.user_named(name, domain.id) if domain else None

    def _application_credential(self, proof: Mapping[str, Any]) -> Identity:
        secret = _text(proof, "secret", "application_credential")
        known = self._keystone.delegations.application_credentials
        credential: ApplicationCredential | None
        if "id" in proof:
            credential = known.get(_text(proof, "id", "application_credential"))
        else:
            name = _text(proof, "name", "application_credential")
            user = self._user(_member(proof, "user", "application_credential"))
            own = (each for each in known.values() if user is not None and each.user_id == user.id)
            credential = next((each for each in own if each.name == name), None)
        if credential is None or not matches(credential.secret, secret):
            raise Unauthorized
        if credential.expires_at is not None and credential.expires_at <= self._keystone.core.clock.now():
            raise Unauthorized
        return Identity(self._directory.users[credential.user_id], ("application_credential",), credential=credential)

    # For what

    def _default_target(self, user: User) -> Target:
        project = self._directory.projects.get(user.default_project_id or "")
        if project is None or not self._directory.usable(project):
            return UNSCOPED
        target = Target("project", project.id)
        return target if self._keystone.grants.roles_on(user.id, target) else UNSCOPED

    def _target(self, scope: object) -> Target:
        if scope == "unscoped":
            return UNSCOPED
        if not isinstance(scope, Mapping):
            raise Invalid("Expecting scope to be an object.")
        kinds = [kind for kind in ("project", "domain", "system", "unscoped") if kind in scope]
        if len(kinds) != 1:
            raise Invalid("A scope is either a project, a domain, or the system.")
        wanted = _member(scope, kinds[0], "scope")
        if kinds[0] == "unscoped":
            return UNSCOPED
        if kinds[0] == "system":
            if wanted.get("all") is not True:
                raise Invalid("Expecting to find all: true in system.")
            return SYSTEM
        found = self._project(wanted) if kinds[0] == "project" else self._domain(wanted)
        if found is None or not self._directory.usable(found):
            raise Unauthorized
        return Target(kinds[0], found.id)

    def _project(self, reference: Mapping[str, Any]) -> Project | None:
        if "id" in reference:
            return self._directory.projects.get(_text(reference, "id", "project"))
        name = _text(reference, "name", "project")
        domain = self._domain(_member(reference, "domain", "project"))
        projects = self._directory.projects.values()
        return next((each for each in projects if domain and each.name == name and each.domain_id == domain.id), None)

    def _domain(self, reference: Mapping[str, Any]) -> Project | None:
        if "id" in reference:
            found = self._directory.projects.get(_text(reference, "id", "domain"))
            return found if found is not None and found.is_domain else None
        name = _text(reference, "name", "domain")
        return next((domain for domain in self._directory.domains() if domain.name == name), None)

    # On whose behalf

    def _with_credential(self, identity: Identity, credential: ApplicationCredential, scope: object) -> Token:
        target = Target("project", credential.project_id)
        if scope is not None and self._target(scope) != target:
            raise Unauthorized
        if not self._directory.usable(self._directory.project(credential.project_id)):
            raise Unauthorized
        return self._keystone.tokens.issue(
            identity.user,
            target,
            identity.methods,
            expires_at=(credential.expires_at,),
            application_credential_id=credential.id,
        )

    def _with_trust(self, identity: Identity, trust: Trust | None) -> Token:
        if trust is None or not self._keystone.delegations.lives(trust):
            raise Unauthorized
        if trust.trustee_user_id != identity.user.id:
            raise Forbidden("The user is not the trustee of this trust.")
        trustor = self._directory.users[trust.trustor_user_id]
        if not self._keystone.tokens.may_log_in(trustor):
            raise Forbidden("The trustor is disabled.")
        target = Target("project", trust.project_id) if trust.project_id else UNSCOPED
        if trust.project_id and not self._directory.usable(self._directory.project(trust.project_id)):
            raise Unauthorized
        held = self._keystone.grants.roles_on(trustor.id, target)
        if any(self._keystone.grants.roles[role_id] not in held for role_id in trust.role_ids):
            raise Forbidden("The trustor does not hold every role of the trust any more.")
        if trust.remaining_uses is not None:
            trust.remaining_uses -= 1
        return self._keystone.tokens.issue(
            trustor if trust.impersonation else identity.user,
            target,
            identity.methods,
            parent=identity.token,
            expires_at=(trust.expires_at,),
            trust_id=trust.id,
        )


def _member(of: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = of.get(key)
    if not isinstance(value, Mapping):
        raise Invalid(f"Expecting to find {key}, an object, in {where}.")
    return value


def _text(of: Mapping[str, Any], key: str, where: str) -> str:
    value = of.get(key)
    if not isinstance(value, str):
        raise Invalid(f"Expecting to find {key}, a string, in {where}.")
    return value

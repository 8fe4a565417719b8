"""Authentication: from the ``auth`` object of a request to a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.keystone.delegations import Delegations
from pytest_doctor_maint.embedded.keystone.directory import Directory
from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid, Missing, Unauthorized
from pytest_doctor_maint.embedded.keystone.grants import Grants
from pytest_doctor_maint.embedded.keystone.records import (
    SYSTEM,
    UNSCOPED,
    ApplicationCredential,
    Project,
    Target,
    Token,
    User,
)
from pytest_doctor_maint.embedded.keystone.secret import matches
from pytest_doctor_maint.embedded.keystone.token_store import TokenStore
from pytest_doctor_maint.embedded.keystone.tokens import Tokens

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.clock import Clock

METHODS = ("password", "token", "application_credential")
"""How a client can authenticate."""

Reference = Mapping[str, Any]
"""An object that names a user, project or domain by its id, or by its name and domain."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The user who authenticated, and how.

    Attributes:
        token: The token that the client exchanges for another, if it does.
        credential: The application credential that the client uses, if it does.
    """

    user: User
    methods: tuple[str, ...]
    token: Token | None = None
    credential: ApplicationCredential | None = None


class Login:
    """Issues tokens to clients that authenticate.

    Args:
        clock: Decides what has expired.
        store: Keeps the tokens that are issued.
        tokens: Evaluates the tokens that are exchanged.
        directory: The users, and what tokens are scoped to.
        grants: The roles of the users.
        delegations: The application credentials and trusts.
    """

    def __init__(
        self,
        clock: Clock,
        store: TokenStore,
        tokens: Tokens,
        *,
        directory: Directory,
        grants: Grants,
        delegations: Delegations,
    ) -> None:
        self._clock = clock
        self._store = store
        self._tokens = tokens
        self._directory = directory
        self._grants = grants
        self._delegations = delegations

    def authenticate(self, auth: Mapping[str, Any]) -> Token:
        """Issue a token.

        Args:
            auth: ``{"identity": ..., "scope": ...}`` in the form of the Identity API; the form is not checked here.

        Raises:
            Invalid: The scope is not exactly one of those that there are.
            Unauthorized: The proof is wrong, the user is disabled, or holds no role in the scope.
            Missing: The token to be exchanged is not valid.
            Forbidden: The token to be exchanged cannot be exchanged for this scope.
        """
        if "application_credential" in auth["identity"]["methods"] and "scope" in auth:
            # Its own scope is refused, too.
            raise Unauthorized(
                "Error authenticating with application credential: Application credentials cannot request a scope."
            )
        identity = self._identity(auth["identity"])
        if not self._directory.may_log_in(identity.user):
            raise Unauthorized
        scope = auth.get("scope")
        if identity.credential is not None:
            return self._with_credential(identity, identity.credential)
        if identity.token is not None:
            _check_exchange(identity.token, scope)
        if isinstance(scope, Mapping) and "OS-TRUST:trust" in scope:
            return self._with_trust(identity, scope["OS-TRUST:trust"]["id"])
        target = self._default_target(identity.user) if scope is None else self._target(scope)
        if target != UNSCOPED and not self._grants.roles_on(identity.user.id, target):
            raise Unauthorized
        return self._store.issue(identity.user, target, identity.methods, parent=identity.token)

    # Who authenticates

    def _identity(self, identity: Mapping[str, Any]) -> Identity:
        methods: list[str] = identity["methods"]
        if not methods or any(method not in METHODS for method in methods):
            raise Unauthorized("Attempted to authenticate with an unsupported method.")
        found = [self._proof(method, identity[method]) for method in methods]
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
            return self._password(proof["user"])
        if method == "token":
            token = self._tokens.get(proof["id"])
            if token is None:
                # Keystone's answer. The token is not repeated, because messages end up in logs.
                raise Missing("token", "the one to be exchanged")
            return Identity(self._directory.users[token.user_id], ("token", *token.methods), token=token)
        return self._application_credential(proof)

    def _password(self, reference: Reference) -> Identity:
        user = self._user(reference)
        if user is None or not matches(user.password, reference["password"]):
            raise Unauthorized
        return Identity(user, ("password",))

    def _user(self, reference: Reference) -> User | None:
        if "id" in reference:
            return self._directory.users.get(reference["id"])
        domain = self._domain(reference["domain"])
        return self._directory.user_named(reference["name"], domain.id) if domain else None

    def _application_credential(self, proof: Mapping[str, Any]) -> Identity:
        known = self._delegations.application_credentials
        credential: ApplicationCredential | None
        if "id" in proof:
            credential = known.get(proof["id"])
        else:
            user = self._user(proof["user"])
            own = (each for each in known.values() if user is not None and each.user_id == user.id)
            credential = next((each for each in own if each.name == proof["name"]), None)
        if credential is None or not matches(credential.secret, proof["secret"]):
            raise Unauthorized
        if credential.expires_at is not None and credential.expires_at <= self._clock.now():
            raise Unauthorized
        return Identity(self._directory.users[credential.user_id], ("application_credential",), credential=credential)

    # What the token is scoped to

    def _default_target(self, user: User) -> Target:
        project = self._directory.projects.get(user.default_project_id or "")
        if project is None or not self._directory.usable(project):
            return UNSCOPED
        target = Target("project", project.id)
        return target if self._grants.roles_on(user.id, target) else UNSCOPED

    def _target(self, scope: Mapping[str, Any] | str) -> Target:
        if scope == "unscoped":
            return UNSCOPED
        if isinstance(scope, str):
            raise Invalid("Expecting scope to be an object.")
        kinds = [kind for kind in ("project", "domain", "system", "unscoped") if kind in scope]
        if len(kinds) != 1:
            raise Invalid("A scope is either a project, a domain, or the system.")
        if kinds[0] == "unscoped":
            return UNSCOPED
        if kinds[0] == "system":
            return SYSTEM
        wanted: Reference = scope[kinds[0]]
        found = self._project(wanted) if kinds[0] == "project" else self._domain(wanted)
        if found is None or not self._directory.usable(found):
            raise Unauthorized
        return Target(kinds[0], found.id)

    def _project(self, reference: Reference) -> Project | None:
        if "id" in reference:
            return self._directory.projects.get(reference["id"])
        domain = self._domain(reference["domain"])
        projects = self._directory.projects_in(domain.id) if domain else []
        return next((each for each in projects if each.name == reference["name"]), None)

    def _domain(self, reference: Reference) -> Project | None:
        if "id" in reference:
            found = self._directory.projects.get(reference["id"])
            return found if found is not None and found.is_domain else None
        return next((domain for domain in self._directory.domains() if domain.name == reference["name"]), None)

    # Tokens of application credentials and trusts

    def _with_credential(self, identity: Identity, credential: ApplicationCredential) -> Token:
        target = Target("project", credential.project_id)
        if not self._directory.usable(self._directory.project(credential.project_id)):
            raise Unauthorized
        return self._store.issue(
            identity.user,
            target,
            identity.methods,
            expires_at=credential.expires_at,
            application_credential_id=credential.id,
        )

    def _with_trust(self, identity: Identity, trust_id: str) -> Token:
        try:
            trust = self._delegations.trust(trust_id)
        except Missing as error:
            raise Unauthorized from error
        if trust.trustee_user_id != identity.user.id:
            raise Forbidden("The user is not the trustee of this trust.")
        trustor = self._directory.users[trust.trustor_user_id]
        if not self._directory.may_log_in(trustor):
            raise Forbidden("The trustor is disabled.")
        target = Target("project", trust.project_id) if trust.project_id else UNSCOPED
        if trust.project_id and not self._directory.usable(self._directory.project(trust.project_id)):
            raise Unauthorized
        held = self._grants.roles_on(self._delegations.chain(trust)[-1].trustor_user_id, target)
        if any(self._grants.roles[role_id] not in held for role_id in trust.role_ids):
            raise Forbidden("The trustor does not hold every role of the trust any more.")
        if trust.remaining_uses is not None:
            trust.remaining_uses -= 1
        return self._store.issue(
            trustor if trust.impersonation else identity.user,
            target,
            identity.methods,
            parent=identity.token,
            expires_at=trust.expires_at,
            trust_id=trust.id,
        )


def _check_exchange(token: Token, scope: Mapping[str, Any] | str | None) -> None:
    """Check that a token can be exchanged for one with this scope.

    Raises:
        Forbidden: It cannot.
    """
    if token.trust_id or token.application_credential_id:
        raise Forbidden("A token of a trust or an application credential cannot be exchanged.")
    if token.target.kind == "system" and isinstance(scope, Mapping) and ("project" in scope or "domain" in scope):
        raise Forbidden("A token of the system cannot be exchanged for one of a project or a domain.")

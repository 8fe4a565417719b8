"""The records of Keystone: one class per resource, with the field names of the Identity API.

``extra`` holds the fields of a request that the API does not define; Keystone keeps them and shows them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller


class Record(Protocol):
    """A resource that clients can change."""

    id: str
    extra: dict[str, Any]


@runtime_checkable
class Optioned(Record, Protocol):
    """A resource with options (``immutable``, for example)."""

    options: dict[str, Any]


@dataclass(slots=True)
class Project:
    """A project or a domain: as in Keystone, a domain is a project that has ``is_domain`` set and no parent.

    Attributes:
        domain_id: The domain of the project; None for a domain.
        parent_id: The project or domain above this one; None for a domain.
    """

    id: str
    name: str
    domain_id: str | None
    parent_id: str | None
    description: str | None = ""
    enabled: bool = True
    is_domain: bool = False
    tags: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class User:
    """A user. ``password`` is a salted digest; None for a user without a password, who cannot log in with one."""

    id: str
    name: str
    domain_id: str
    password: str | None = field(default=None, repr=False)
    enabled: bool = True
    default_project_id: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """A group of users. ``members`` are the users' ids, in the order in which they were added."""

    id: str
    name: str
    domain_id: str
    description: str | None = ""
    members: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Role:
    """A role. A role with a ``domain_id`` never shows in a token, but the roles that it implies do."""

    id: str
    name: str
    domain_id: str | None = None
    description: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a role assignment, and the scope of a token.

    Attributes:
        kind: ``project``, ``domain``, ``system``, or empty for an unscoped token.
        id: The id of the project or domain; ``all`` for the system.
    """

    kind: str = ""
    id: str = ""


UNSCOPED = Target()
SYSTEM = Target("system", "all")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that is held on a target.

    Attributes:
        actor: ``user`` or ``group``.
        actor_id: The id of the user or group.
        inherited: True if the role is held on the projects below the target, and not on the target itself.
    """

    actor: str
    actor_id: str
    target: Target
    role_id: str
    inherited: bool = False


@dataclass(slots=True)
class Region:
    """A region of the catalog."""

    id: str
    description: str = ""
    parent_region_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class CatalogService:
    """A service of the catalog."""

    id: str
    type: str
    name: str | None = None
    enabled: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Endpoint:
    """The address of a service.

    Attributes:
        url: The URL, with ``$(project_id)s`` in place of the id of the token's project. A URL that begins with ``/``
            is a path on this cloud.
    """

    id: str
    service_id: str
    interface: str
    url: str
    region_id: str | None = None
    enabled: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Credential:
    """A credential that Keystone keeps for another service (EC2 keys, for example). ``blob`` is a JSON string."""

    id: str
    user_id: str
    type: str
    blob: str = field(repr=False)
    project_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class AccessRule:
    """A request that an application credential may be used for."""

    id: str
    user_id: str
    service: str
    method: str
    path: str


@dataclass(slots=True)
class ApplicationCredential:
    """A secret with which a program acts as a user in one project, with some of the user's roles.

    Attributes:
        secret: A salted digest.
        role_ids: The roles of its tokens, without those that they imply.
        unrestricted: True if its tokens may create and delete application credentials and trusts.
        access_rule_ids: The access rules that restrict its tokens to some requests; none: they are not restricted.
    """

    id: str
    name: str
    user_id: str
    project_id: str
    secret: str = field(repr=False)
    role_ids: list[str]
    description: str | None = None
    expires_at: datetime | None = None
    unrestricted: bool = False
    access_rule_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Trust:
    """A user (the trustor) lets another user (the trustee) act with some of the trustor's roles in one project.

    Attributes:
        impersonation: True if the tokens of the trustee name the trustor as their user.
        remaining_uses: How many more tokens can be issued; None for any number.
        redelegation_count: How many more times the trust may be redelegated.
        redelegated_trust_id: The trust that this one redelegates; None for the first of a chain.
    """

    id: str
    trustor_user_id: str
    trustee_user_id: str
    project_id: str | None
    impersonation: bool
    role_ids: list[str]
    expires_at: datetime | None = None
    remaining_uses: int | None = None
    redelegation_count: int = 0
    redelegated_trust_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """A resource that Keystone keeps without using it (a policy, a limit, an OAuth consumer)."""

    id: str
    values: dict[str, Any]


@dataclass(slots=True)
class Token:
    """A token.

    Attributes:
        user_id: The user who bears it (the trustor, for a trust with impersonation).
        methods: How the bearer authenticated.
        target: The scope.
        audit_ids: The audit id of the token, and that of the first token of its chain if it was exchanged for another.
        application_credential_id: The application credential that it was issued for, or empty.
        trust_id: The trust that it is scoped to, or empty.
        caller: The bearer as :meth:`Tokens.validate` found it at the change number ``seen_at_change``.
    """

    id: str = field(repr=False)
    user_id: str
    methods: tuple[str, ...]
    target: Target
    issued_at: datetime
    expires_at: datetime
    audit_ids: tuple[str, ...]
    application_credential_id: str = ""
    trust_id: str = ""
    caller: Caller | None = None
    seen_at_change: int = -1

    @property
    def is_delegated(self) -> bool:
        """True if the token is one of an application credential or of a trust."""
        return bool(self.application_credential_id or self.trust_id)

"""What Keystone knows: one class per resource, with the Identity API's own field names.

``extra`` holds what a client sent beyond the fields that the API names; Keystone keeps it and gives it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller


@dataclass(slots=True)
class Project:
    """A project, or a domain: as in Keystone, a domain is a project with ``is_domain`` set and no parent.

    Attributes:
        domain_id: The domain it is in; None for a domain.
        parent_id: The project or domain above it; None for a domain.
    """

    id: str
    name: str
    domain_id: str | None
    parent_id: str | None
    description: str = ""
    enabled: bool = True
    is_domain: bool = False
    tags: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class User:
    """A user. ``password`` is a salted digest, None for a user who cannot log in with one."""

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
    """A group of users; ``members`` are their ids, in the order in which they were added."""

    id: str
    name: str
    domain_id: str
    description: str = ""
    members: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Role:
    """A role; one with a ``domain_id`` never shows up in a token, only what it implies does."""

    id: str
    name: str
    domain_id: str | None = None
    description: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What a role is held on, and what a token is scoped to.

    Attributes:
        kind: ``project``, ``domain``, ``system``, or empty for an unscoped token.
        id: The project or domain; ``all`` for the system.
    """

    kind: str = ""
    id: str = ""


UNSCOPED = Target()
SYSTEM = Target("system", "all")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role held on a target.

    Attributes:
        actor: ``user`` or ``group``.
        actor_id: Which one.
        inherited: Whether it counts for the projects below the target, and not for the target itself.
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
    description: str | None = None
    enabled: bool = True
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Endpoint:
    """Where a service is found.

    Attributes:
        url: The URL, with ``$(project_id)s`` where the token's project belongs. One that begins with ``/`` is on this
            cloud.
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
    """A credential that Keystone keeps for another service (EC2 keys, for example); ``blob`` is a JSON string."""

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
        role_ids: The roles that it gives, without those they imply.
        unrestricted: Whether its tokens may make and delete application credentials and trusts.
        access_rule_ids: Rules kept with it; the services of the embedded cloud do not look at them.
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
    """A user (the trustor) lets another (the trustee) use some of its roles in one project.

    Attributes:
        impersonation: Whether the trustee's tokens name the trustor as their user.
        remaining_uses: How many tokens may still be had; None for any number.
        redelegation_count: How often it may be handed on, as it was asked for; the embedded Keystone hands none on.
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
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Document:
    """A resource that Keystone keeps for others and gives no meaning to (a policy, a limit, an OAuth consumer)."""

    id: str
    values: dict[str, Any]


@dataclass(slots=True)
class Token:
    """A token.

    Attributes:
        user_id: Whom it stands for (the trustor, for an impersonating trust).
        methods: How its bearer authenticated.
        target: Its scope.
        audit_ids: Its own audit id, and that of the first token of its chain if there was one.
        application_credential_id: The application credential it was had with, or empty.
        trust_id: The trust it is scoped to, or empty.
        caller: What :meth:`Tokens.validate` found, while nothing has changed since (``seen_at_change``).
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

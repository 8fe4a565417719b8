"""Who makes a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """What a valid token says of its bearer.

    Attributes:
        user_id: The user.
        user_name: The user's name.
        project_id: The project of the token's scope; empty for an unscoped or domain-scoped token.
        project_name: Its name.
        roles: The names of the roles held in that scope.
        domain_id: The domain that the user belongs to.
        system: Whether the token is scoped to the system.
    """

    user_id: str
    user_name: str
    project_id: str
    project_name: str
    roles: frozenset[str]
    domain_id: str = "default"
    system: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether the bearer holds the role ``admin``."""
        return "admin" in self.roles

"""The user who makes a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a valid token.

    Attributes:
        user_id: The id of the user.
        user_name: The name of the user.
        project_id: The id of the project that the token is scoped to; empty for another or no scope.
        project_name: The name of that project.
        roles: The names of the roles that the user holds in the scope.
        domain_id: The id of the user's domain.
        system: True if the token is scoped to the system.
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
        """True if the bearer holds the role ``admin``."""
        return "admin" in self.roles

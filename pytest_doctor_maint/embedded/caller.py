"""The user who makes a request."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"\{[^}]*\}|\*\*|\*|[^{}*]")
"""A part of the path of an access rule: a placeholder, a wildcard, or one character."""


@dataclass(frozen=True, slots=True)
class AllowedRequest:
    """A request that an access rule of an application credential allows.

    Attributes:
        service: The type of the service.
        method: The HTTP method.
        path: The path. ``{name}`` and ``*`` stand for one part between slashes, ``**`` for anything.
    """

    service: str
    method: str
    path: str

    def matches(self, path: str) -> bool:
        """Return True if a request's path is that of the rule, as keystonemiddleware compares them.

        Paths of rules are the users' own, so the time is bounded by the product of the two lengths.
        """
        parts = _PART.findall(self.path)
        # How many parts can have been matched so far. A wildcard stays there until the next part begins.
        reached = _skip_empty(parts, {0})
        for letter in path:
            following: set[int] = set()
            for at in reached:
                # `at` parts are matched; the last of them may take more letters if it is a wildcard.
                if at and _takes(parts[at - 1], letter) and _is_wild(parts[at - 1]):
                    following.add(at)
                if at < len(parts) and _takes(parts[at], letter):
                    following.add(at + 1)
            reached = _skip_empty(parts, following)
        return len(parts) in reached


def _is_wild(part: str) -> bool:
    return len(part) > 1 or part == "*"


def _takes(part: str, letter: str) -> bool:
    if part == "**":
        return True
    return letter != "/" if _is_wild(part) else part == letter


def _skip_empty(parts: list[str], reached: set[int]) -> set[int]:
    """Return the numbers of parts that can have been matched, with those of ``**``, which may match nothing."""
    for at in range(len(parts)):
        if at in reached and parts[at] == "**":
            reached.add(at + 1)
    return reached


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
        access_rules: The requests to which the token is restricted; none: it is not restricted.
    """

    user_id: str
    user_name: str
    project_id: str
    project_name: str
    roles: frozenset[str]
    domain_id: str = "default"
    system: bool = False
    access_rules: tuple[AllowedRequest, ...] = ()

    @property
    def is_admin(self) -> bool:
        """True if the bearer holds the role ``admin``."""
        return "admin" in self.roles

    def may_request(self, service: str, method: str, *paths: str) -> bool:
        """Return True if the access rules allow a request.

        Args:
            service: The type of the service.
            method: The HTTP method.
            paths: The path of the request. Clouds differ in whether it includes the path of the service.
        """
        return not self.access_rules or any(
            (rule.service, rule.method) == (service, method) and any(map(rule.matches, paths))
            for rule in self.access_rules
        )

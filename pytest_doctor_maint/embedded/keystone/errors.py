"""The errors of Keystone, with the HTTP status of each error."""

from __future__ import annotations

from typing import ClassVar


class IdentityError(Exception):
    """A request that Keystone refuses. The message says why."""

    status: ClassVar[int] = 400


class Invalid(IdentityError):
    """A value is not allowed."""


class Unauthorized(IdentityError):
    """The authentication failed. The message does not say why."""

    status = 401

    def __init__(self, message: str = "The request you have made requires authentication.") -> None:
        super().__init__(message)


class Forbidden(IdentityError):
    """The policy or the state of a resource does not allow it."""

    status = 403


class Missing(IdentityError):
    """There is no such resource.

    Args:
        kind: The kind of resource.
        key: Its id.
    """

    status = 404

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"Could not find {kind}: {key}.")


class Conflict(IdentityError):
    """There is such a resource already."""

    status = 409

"""What Keystone's state refuses, and with which status the API says so."""

from __future__ import annotations

from typing import ClassVar


class IdentityError(Exception):
    """Something that was asked for cannot be done. The message tells the client why."""

    status: ClassVar[int] = 400


class Invalid(IdentityError):
    """A value is not allowed."""


class Unauthorized(IdentityError):
    """Somebody is not who they say, or not any more. The message does not tell why."""

    status = 401

    def __init__(self, message: str = "The request you have made requires authentication.") -> None:
        super().__init__(message)


class Forbidden(IdentityError):
    """The state of things, or the policy, does not allow it."""

    status = 403


class Missing(IdentityError):
    """There is no such thing.

    Args:
        kind: What was looked for.
        key: Its id.
    """

    status = 404

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"Could not find {kind}: {key}.")


class Conflict(IdentityError):
    """It exists already."""

    status = 409

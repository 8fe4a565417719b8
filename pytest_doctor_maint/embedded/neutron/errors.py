"""What the Networking API refuses, in its own words."""

from __future__ import annotations


class NeutronError(Exception):
    """A request that cannot be carried out; nothing was changed.

    Args:
        status: The HTTP status that the Networking API answers with (400, 403, 404, 409 or 412).
        kind: The name of the error, as in ``NeutronError.type`` of the answer (``NetworkInUse``).
        message: What is wrong.
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


class AllocationError(NeutronError):
    """A server's networks cannot be had. ``status`` is what the Compute API answers with: 400, 403 or 409."""


def bad_request(message: str) -> NeutronError:
    """400: the request breaks a rule of its resource."""
    return NeutronError(400, "BadRequest", message)


def malformed(message: str) -> NeutronError:
    """400: the request is not of the API's form."""
    return NeutronError(400, "HTTPBadRequest", message)


def invalid(attribute: str, reason: str) -> NeutronError:
    """400: a value is not of its attribute's kind."""
    return malformed(f"Invalid input for {attribute}. Reason: {reason}.")


def invalid_input(message: str) -> NeutronError:
    """400: the values of a request do not go together."""
    return NeutronError(400, "InvalidInput", f"Invalid input for operation: {message}.")


def conflict(kind: str, message: str) -> NeutronError:
    """409: the state of something forbids it."""
    return NeutronError(409, kind, message)


def not_found(kind: str, message: str) -> NeutronError:
    """404: there is no such thing, or it is not for this caller."""
    return NeutronError(404, kind, message)


def not_allowed(rule: str) -> NeutronError:
    """403: the caller may not do this. ``rule`` is the policy's name (``create_network:shared``)."""
    return NeutronError(403, "PolicyNotAuthorized", f"rule:{rule} is disallowed by policy")

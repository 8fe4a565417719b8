"""The errors of the Networking API, in Neutron's words."""

from __future__ import annotations


class NeutronError(Exception):
    """A request that cannot be carried out. Nothing has been changed.

    Args:
        status: The HTTP status of the Networking API's answer (400, 403, 404, 409 or 412).
        kind: The name of the error, as in ``NeutronError.type`` of the answer (``NetworkInUse``).
        message: The reason.
    """

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message


class AllocationError(NeutronError):
    """A server cannot get its networks. ``status`` is the status of the Compute API's answer: 400, 403 or 409."""


def bad_request(message: str) -> NeutronError:
    """Return the error for a request that breaks a rule of its resource (400)."""
    return NeutronError(400, "BadRequest", message)


def malformed(message: str) -> NeutronError:
    """Return the error for a request that does not have the API's form (400)."""
    return NeutronError(400, "HTTPBadRequest", message)


def invalid(attribute: str, reason: str) -> NeutronError:
    """Return the error for a value that an attribute does not take (400)."""
    return malformed(f"Invalid input for {attribute}. Reason: {reason}.")


def invalid_input(message: str) -> NeutronError:
    """Return the error for values of a request that exclude each other (400)."""
    return NeutronError(400, "InvalidInput", f"Invalid input for operation: {message}.")


def conflict(kind: str, message: str) -> NeutronError:
    """Return the error for a request that the state of a resource forbids (409)."""
    return NeutronError(409, kind, message)


def not_found(kind: str, message: str) -> NeutronError:
    """Return the error for a resource that does not exist or that the caller does not see (404)."""
    return NeutronError(404, kind, message)


def not_allowed(rule: str) -> NeutronError:
    """Return the error for what a policy forbids (403). ``rule`` is the policy's name (``create_network:shared``)."""
    return NeutronError(403, "PolicyNotAuthorized", f"rule:{rule} is disallowed by policy")

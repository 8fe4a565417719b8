"""The errors with which Nova refuses a request. The HTTP side maps each type to a status."""

from __future__ import annotations


class NovaError(Exception):
    """Nova refuses a request; the text is for the caller."""


class Invalid(NovaError):
    """The request is malformed, or names something that does not exist (HTTP 400)."""


class Refused(NovaError):
    """The caller is not allowed to do this (HTTP 403)."""


class QuotaExceeded(NovaError):
    """The request would take more than a quota allows (HTTP 403)."""


class Missing(NovaError):
    """The thing does not exist, or the caller is not allowed to see it (HTTP 404)."""


class Conflict(NovaError):
    """The request cannot be carried out in the current state (HTTP 409)."""


class NoValidHost(NovaError):
    """The scheduler found no compute for the server."""

    def __init__(self) -> None:
        super().__init__("No valid host was found. ")

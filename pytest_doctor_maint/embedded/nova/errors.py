"""Ways in which Nova refuses what it is asked; the HTTP side gives each one its status."""

from __future__ import annotations


class NovaError(Exception):
    """Nova refuses; the message is for the caller."""


class Invalid(NovaError):
    """What is asked for makes no sense, or names something that is not there (HTTP 400)."""


class Refused(NovaError):
    """The caller may not do this (HTTP 403)."""


class Missing(NovaError):
    """There is no such thing, or none that the caller may see (HTTP 404)."""


class Conflict(NovaError):
    """Not in the state that things are in now (HTTP 409)."""


class NoValidHost(NovaError):
    """The scheduler found no compute that could take the server."""

    def __init__(self) -> None:
        super().__init__("No valid host was found. ")

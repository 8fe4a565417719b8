"""The errors of the Image API."""

from __future__ import annotations

from typing import ClassVar


class GlanceError(Exception):
    """A request that cannot be carried out. Nothing has been changed.

    Attributes:
        status: The HTTP status of the answer.
    """

    status: ClassVar[int]


class Invalid(GlanceError):
    """The request does not have the form that the API takes."""

    status = 400


class Forbidden(GlanceError):
    """The caller may not do this, or no caller may do this."""

    status = 403


class NotFound(GlanceError):
    """The resource does not exist, or the caller does not see it."""

    status = 404


class Conflict(GlanceError):
    """The state of the resource does not allow the request: it exists already, or has another status."""

    status = 409

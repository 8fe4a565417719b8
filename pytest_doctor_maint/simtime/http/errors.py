"""Errors that an application answers with an HTTP status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

#: Where an application leaves, in the WSGI environment, the exception of a handler that it answered.
ANSWERED = "doctor_maint.answered"


class HttpError(Exception):
    """An answer with an error status and a message.

    Args:
        status: The HTTP status, 4xx or 5xx.
        message: What was wrong, and what is allowed.
        kind: The service's own name for the error (Neutron's ``type``), where the service has one.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, message: str, *, kind: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.headers = dict(headers or {})


#: How an exception is answered: with a status and the exception's text, or with the HttpError that a function makes of
#: the exception and the request. The function takes the type of exception that it is listed for, hence Any.
ErrorAnswer = int | Callable[[Any, Any], HttpError]


class _HasStatus(Protocol):
    @property
    def status(self) -> int: ...


def with_its_status(error: _HasStatus, request: object) -> HttpError:
    """Return the answer to an exception that has the HTTP status as its attribute ``status``."""
    return HttpError(error.status, str(error))


def http_error(app: type, error: Exception, request: object) -> HttpError | None:
    """Return the answer that the attributes ``errors`` of the class ``app`` and its bases list for ``error``.

    The entry for the most specific type of exception counts; among classes, the one that comes first in the method
    resolution order of ``app``. None: ``error`` is not listed.
    """
    for kind in type(error).__mro__:
        for owner in app.__mro__:
            answer: ErrorAnswer | None = vars(owner).get("errors", {}).get(kind)
            if isinstance(answer, int):
                return HttpError(answer, str(error))
            if answer is not None:
                return answer(error, request)
    return None

"""A WSGI application that passes requests on to another server."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING

import requests

from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.body import whole_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: The header with the URL to which a request must be passed on, where that is not the same path of the origin.
TARGET_HEADER = "X-Doctor-Maint-Target"
#: The header of an answer that is the proxy's own: the server did not answer.
UNREACHABLE_HEADER = "X-Doctor-Maint-Unreachable"
#: Headers that belong to one connection, and are not passed on.
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
#: Headers of an answer that would be wrong: requests has decoded the body, and the server of the proxy always writes
#: the date and its own name.
_OURS = {"content-encoding", "date", "server"}


class Forward:
    """Passes each request on to the URL in its header, or to the same path of an origin, and returns the answer.

    Args:
        clock: The clock of the run.
        origin: The scheme and the host of the server (``http://HOST:PORT``).
        what: The name of the server in messages.
    """

    def __init__(self, clock: Clock, origin: str, what: str) -> None:
        self._origin = origin
        self._what = what
        self._session = HttpSession(clock)
        # The session serves many clients: the cookies of one must not reach another.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            name: value
            for key, value in environ.items()
            if key.startswith("HTTP_") and (name := key[5:].replace("_", "-").title()).lower() not in _HOP
        }
        # Not PATH_INFO, whose quoting is undone.
        path = environ["REQUEST_URI"].partition("?")[0]
        target = headers.pop(TARGET_HEADER.title(), "") or self._origin + path
        if query := environ.get("QUERY_STRING"):
            target = f"{target}?{query}"
        if content_type := environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = content_type
        method, body = environ["REQUEST_METHOD"], whole_body(environ)
        try:
            answer = self._session.request(method, target, data=body, headers=headers, allow_redirects=False)
        except requests.RequestException as error:
            own = [("Content-Type", "text/plain; charset=utf-8"), (UNREACHABLE_HEADER, type(error).__name__)]
            start_response("502 Bad Gateway", own)
            return [f"{self._what} at {target} does not answer: {error}".encode()]
        passed = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP | _OURS]
        start_response(f"{answer.status_code} {answer.reason}", [*passed, ("Content-Length", str(len(answer.content)))])
        return [answer.content]

"""A WSGI application that passes requests on to another server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from pytest_doctor_maint.openstack.reasons import reason_of
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.http.body import whole_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: The header with the secret of a proxy and the URL to which it must pass a request on, if that is another URL than the
#: same path of the origin.
TARGET_HEADER = "X-Doctor-Maint-Target"
#: The header of an answer that is the proxy's own: why the server did not answer.
UNREACHABLE_HEADER = "X-Doctor-Maint-Unreachable"
#: Headers that belong to one connection, and are not passed on.
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
#: Headers of an answer that would be wrong: requests has decoded the body, and the server of the proxy always writes
#: the date and its own name.
_OURS = {"content-encoding", "date", "server"}


class WrongTarget(Exception):
    """A request asks for a server that the proxy does not stand for; the message says why."""


class Forward:
    """Passes each request on to the same path of an origin, and returns the answer.

    A request of this process may name another URL, see :meth:`address`: messages may call the server by another name
    than the origin. Nobody else can use the proxy to reach another server.

    Args:
        clock: The clock of the run.
        origin: The scheme and the host of the server (``http://HOST:PORT``).
        what: The name of the server in messages.
    """

    def __init__(self, clock: Clock, origin: str, what: str) -> None:
        self._secret = secrets.token_urlsafe(16)
        self._origin = origin
        self._what = what
        self._session = HttpSession(clock)
        # The session serves many clients: the cookies of one must not reach another.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def address(self, url: str) -> dict[str, str]:
        """Return the header with which a request is passed on to ``url``."""
        return {TARGET_HEADER: f"{self._secret} {url}"}

    def _target(self, environ: WSGIEnvironment, address: str) -> str:
        """Return the URL, without its query, to which a request is passed on.

        Raises:
            WrongTarget: The request names another server, and has not the secret of this proxy.
        """
        if address:
            secret, _, url = address.partition(" ")
            if not secrets.compare_digest(secret.encode(), self._secret.encode()):
                raise WrongTarget(f"{TARGET_HEADER}: this proxy passes requests on to {self._what} alone")
            return url
        # Not PATH_INFO, whose quoting is undone.
        path: str = environ["REQUEST_URI"].partition("?")[0]
        if not path.startswith("/"):
            # The client has sent a whole URL. Behind the origin, it could make another host of it.
            try:
                path = urlsplit(path).path
            except ValueError as error:
                raise WrongTarget(f"the URL of the request is not valid: {error}") from error
            if not path.startswith("/"):
                raise WrongTarget("the path of the request must begin with /")
        return self._origin + path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            name: value
            for key, value in environ.items()
            if key.startswith("HTTP_") and (name := key[5:].replace("_", "-").title()).lower() not in _HOP
        }
        try:
            target = self._target(environ, headers.pop(TARGET_HEADER.title(), ""))
        except WrongTarget as error:
            start_response("403 Forbidden", [("Content-Type", "application/json")])
            return [json.dumps({"error": str(error)}).encode()]
        if query := environ.get("QUERY_STRING"):
            target = f"{target}?{query}"
        if content_type := environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = content_type
        method, body = environ["REQUEST_METHOD"], whole_body(environ)
        try:
            answer = self._session.request(method, target, data=body, headers=headers, allow_redirects=False)
        except requests.RequestException as error:
            reason = reason_of(error)
            own = [("Content-Type", "text/plain; charset=utf-8"), (UNREACHABLE_HEADER, ascii(reason)[1:-1])]
            start_response("502 Bad Gateway", own)
            return [f"{self._what} at {target} does not answer: {reason}".encode()]
        passed = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP | _OURS]
        start_response(f"{answer.status_code} {answer.reason}", [*passed, ("Content-Length", str(len(answer.content)))])
        return [answer.content]

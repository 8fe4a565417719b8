"""An admin tool that already runs somewhere: asked, and answered, through a recording proxy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.attach.wire_recorder import ACTOR, DEPTH, Recorder
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import SAMPLE, Dialect
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer, HttpSession
from pytest_doctor_maint.simtime.http.body import whole_body
from pytest_doctor_maint.simtime.http.nesting import is_deeper

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Where a request that takes the detour was to go.
TARGET_HEADER = "X-Doctor-Maint-Target"
_ANSWER = re.compile(r"/maintenance/[^/]+/[^/]+(/[^/]+)?/?$")
_CONSTRAINT = re.compile(r"/(?P<kind>instance|instance_group)/(?P<identifier>[^/]+)/?$")
#: What belongs to one connection, and is not passed on.
_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host", "content-length"}
#: Nor is what would not be true of the answer any more: requests has undone the encoding of the body, and the proxy's
#: server always writes the date and itself.
_OURS = {"content-encoding", "date", "server"}


class RemoteAdminTool:
    """Stands for an admin tool at ``remote``: a proxy in front of it that records the sessions and the answers.

    The admin's calls go to :attr:`url`. An answer goes where the message says, which is the admin tool itself; an app
    manager of ours takes it on the way through here (:meth:`detour`), and constraints too. What the admin tool emits,
    and what it does on the computes, does not pass here.

    Args:
        remote: Where the admin tool's API begins (``http://HOST:12347``, with ``/v1`` for Fenix).
        clock: Its time.
        history: Where the wire is recorded.
        dialect: The dialect of the admin tool.

    Attributes:
        name: The name for histories and reports.
        version: Not known, so empty.
        dialect: The dialect of the admin tool.
        url: The proxy's URL for ``remote``.

    Raises:
        OSError: There is no free port.
    """

    name: ClassVar[str] = "remote"
    version: ClassVar[str] = ""

    def __init__(self, remote: str, clock: Clock, history: History, dialect: Dialect = SAMPLE) -> None:
        self.dialect = dialect
        parts = urlsplit(remote)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._forward = _Forward(clock, self._origin)
        app = _ConstraintRecorder(Recorder(self._forward, history, lambda: self._origin), history)
        self._server = HttpServer(app, name="proxy of the admin tool", clock=clock)
        self.url = f"{self._server.url}{parts.path.rstrip('/')}"
        history.alias(self._origin, ACTOR)
        history.alias(self._server.url, ACTOR)

    def start(self) -> RemoteAdminTool:
        """Begin to pass on."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Pass on no more."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last requests, after the clock was stopped."""
        self._server.join()
        self._forward.close()

    def detour(self) -> HTTPAdapter:
        """What takes answers and constraints through the proxy, and lets everything else pass."""
        return _Detour(self._server.url)


class _ConstraintRecorder:
    """A WSGI layer that records the constraints that the admin tool takes, as Fenix records them itself."""

    def __init__(self, app: WSGIApplication, history: History) -> None:
        self._app = app
        self._history = history
        self._taken: dict[str, dict[str, Any]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        match = _CONSTRAINT.search(environ.get("PATH_INFO", ""))
        if match is None or method not in ("PUT", "DELETE"):
            return self._app(environ, start_response)
        raw = whole_body(environ)
        statuses: list[str] = []

        def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, headers, *rest)

        chunks = list(self._app(environ, note))
        if statuses[-1].startswith("2"):
            self._record(match["kind"], match["identifier"], raw if method == "PUT" else None)
        return chunks

    def _record(self, word: str, identifier: str, raw: bytes | None) -> None:
        """Record a constraint that was taken, or, without a body, taken back."""
        if raw is not None:
            self._taken[identifier] = _fields(raw)
        fields = self._taken.get(identifier)
        kind = kinds.CONSTRAINT_INSTANCE if word == "instance" else kinds.CONSTRAINT_GROUP
        # What an app manager leaves out is not guessed.
        if fields is not None and not kinds.kind(kind).required - fields.keys() - {"deleted"}:
            self._history.append(ACTOR, kind, {**fields, "deleted": raw is None})


def _fields(raw: bytes) -> dict[str, Any]:
    """The fields of a constraint; none where the body is no JSON object that the history could keep."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) and not is_deeper(body, DEPTH) else {}


class _Forward:
    """Passes each request on, to where its header says or to the admin tool, and gives back what that answers."""

    def __init__(self, clock: Clock, origin: str) -> None:
        self._clock = clock
        self._origin = origin
        self._session = HttpSession(clock)
        # It speaks for many: one client's cookies are none of another's.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Give the sockets back."""
        self._session.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        headers = {
            name: value
            for key, value in environ.items()
            if key.startswith("HTTP_") and (name := key[5:].replace("_", "-").title()).lower() not in _HOP
        }
        # As it was written: PATH_INFO is without its quoting.
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
            start_response("502 Bad Gateway", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"the admin tool at {target} does not answer: {error}".encode()]
        passed = [(name, value) for name, value in answer.headers.items() if name.lower() not in _HOP | _OURS]
        start_response(f"{answer.status_code} {answer.reason}", [*passed, ("Content-Length", str(len(answer.content)))])
        return [answer.content]


class _Detour(HTTPAdapter):
    def __init__(self, proxy: str) -> None:
        super().__init__(pool_maxsize=16)
        self._proxy = proxy

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send ``request``; an answer to an admin tool by way of the proxy."""
        url = request.url or ""
        path = urlsplit(url).path
        recorded = (request.method == "PUT" and _ANSWER.search(path)) or (
            request.method in ("PUT", "DELETE") and _CONSTRAINT.search(path)
        )
        if recorded and not url.startswith(self._proxy):
            request = request.copy()
            request.headers[TARGET_HEADER] = url.partition("?")[0]
            request.url = self._proxy + url[len(_origin(url)) :]
            # The name of the server of the URL; requests has not written it yet, http.client does.
            request.headers.pop("Host", None)
        return super().send(request, *args, **kwargs)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

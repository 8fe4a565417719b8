"""The constraints that an admin tool accepts, as events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.attach.wire_recorder import ACTOR
from pytest_doctor_maint.attach.wsgi import call
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.simtime.http.body import whole_body
from pytest_doctor_maint.simtime.nesting import read_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: The paths of constraints in Fenix's API.
CONSTRAINT = re.compile(r"/(?P<kind>instance|instance_group)/(?P<identifier>[^/]+)/?$")


class ConstraintRecorder:
    """A WSGI layer around an admin tool that records the constraints that it accepts, as Fenix records them itself.

    Args:
        app: The admin tool's application.
        history: Where to record.
    """

    def __init__(self, app: WSGIApplication, history: History) -> None:
        self._app = app
        self._history = history
        self._accepted: dict[str, dict[str, Any]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        match = CONSTRAINT.search(environ.get("PATH_INFO", ""))
        if match is None or method not in ("PUT", "DELETE"):
            return self._app(environ, start_response)
        raw = whole_body(environ)
        seen = call(self._app, environ, start_response)
        if 200 <= seen.status < 300:
            self._record(match["kind"], match["identifier"], raw if method == "PUT" else None)
        return seen.chunks

    def _record(self, word: str, identifier: str, raw: bytes | None) -> None:
        """Record a constraint that was set, or, without a body, that a constraint was deleted."""
        if raw is not None:
            body = read_json(raw)
            self._accepted[identifier] = body if isinstance(body, dict) else {}
        fields = self._accepted.get(identifier)
        kind = kinds.CONSTRAINT_INSTANCE if word == "instance" else kinds.CONSTRAINT_GROUP
        # A constraint without a required field is not recorded, since its value would be a guess.
        if fields is not None and not kinds.kind(kind).required - fields.keys() - {"deleted"}:
            self._history.append(ACTOR, kind, {**fields, "deleted": raw is None})

"""What goes over an admin tool's wire, as events. It looks at requests and answers alone, whoever the admin tool is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import ack, nack
from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.http.body import whole_body
from pytest_doctor_maint.simtime.http.nesting import is_deeper

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACTOR = "admin_tool"
#: What is nested more levels deep than this is no JSON to the history, which could not keep it.
DEPTH = 50
_SESSIONS = re.compile(r"/maintenance/?$")
_SESSION = re.compile(r"/maintenance/(?P<session_id>[^/]+)/?$")
#: Fenix takes answers about a single instance at a URL of its own.
_PROJECT = re.compile(r"/maintenance/(?P<session_id>[^/]+)/(?P<project_id>[^/]+)(?:/(?P<instance_id>[^/]+))?/?$")


class Recorder:
    """A WSGI layer around an admin tool that records sessions and answers.

    Args:
        app: The admin tool's application.
        history: Where to record.
        url: Tells the admin tool's URL (known once its server is bound).
    """

    def __init__(self, app: WSGIApplication, history: History, url: Callable[[], str]) -> None:
        self._app = app
        self._history = history
        self._url = url
        self._states: dict[str, str] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method == "PUT" and (match := _PROJECT.search(path)):
            return self._answer(environ, start_response, path, **match.groupdict())
        if method == "POST" and _SESSIONS.search(path):
            return self._create(environ, start_response)
        if method in ("GET", "DELETE") and (match := _SESSION.search(path)):
            return self._session(environ, start_response, method, match["session_id"])
        return self._app(environ, start_response)

    def _create(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = _json(whole_body(environ))
        status, answer, chunks = _call(self._app, environ, start_response)
        if status < 300 and isinstance(answer, dict) and isinstance(body, dict):
            data = {
                "session_id": answer.get("session_id"),
                # Fenix finds them itself when there are none, and tells which.
                "hosts": body.get("hosts") or answer.get("hosts", []),
                "maintenance_at": body.get("maintenance_at"),
                "workflow": body.get("workflow", "default"),
                "metadata": body.get("metadata", {}),
            }
            self._history.append(ACTOR, kinds.SESSION_CREATED, data)
        else:
            self._history.append(ACTOR, kinds.SESSION_REFUSED, {"status": status, "error": answer})
        return chunks

    def _session(
        self, environ: WSGIEnvironment, start_response: StartResponse, method: str, session_id: str
    ) -> Iterable[bytes]:
        status, answer, chunks = _call(self._app, environ, start_response)
        if status < 300 and method == "DELETE":
            self._history.append(ACTOR, kinds.SESSION_DELETED, {"session_id": session_id})
        elif status < 300 and isinstance(answer, dict) and "state" in answer:
            state = str(answer["state"])
            if self._states.get(session_id) != state:
                self._states[session_id] = state
                self._history.append(ACTOR, kinds.SESSION_STATE, {"session_id": session_id, **answer})
        return chunks

    def _answer(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        path: str,
        session_id: str,
        project_id: str,
        instance_id: str | None,
    ) -> Iterable[bytes]:
        body = _json(whole_body(environ))
        state = body.get("state") if isinstance(body, dict) else None
        # Before it is handled: what the admin tool does upon it comes after it.
        reply = self._history.append(
            "app_manager",
            kinds.REPLY,
            {
                "session_id": session_id,
                "project_id": project_id,
                "url": self._url() + path,
                "state": state,
                "body": body,
                **({"instance_id": instance_id} if instance_id else {}),
            },
            cause=self._cause(session_id, project_id, instance_id, state),
        )
        status, answer, chunks = _call(self._app, environ, start_response)
        if status >= 300:
            error = answer.get("error") if isinstance(answer, dict) else answer
            self._history.append(ACTOR, kinds.REPLY_REFUSED, {"status": status, "error": error}, cause=reply.seq)
        return chunks

    def _cause(self, session_id: str, project_id: str, instance_id: str | None, state: Any) -> int | None:
        """The notification that is answered: known from the request, or the newest that has this state."""
        if (cause := current_cause()) is not None:
            return cause
        told = self._history.of(kinds.NOTIFICATION, session_id=session_id, project_id=project_id)
        if instance_id:
            told = tuple(event for event in told if instance_id in (event.data.get("instance_ids") or ()))
        same = [event for event in told if state in (ack(event.data["state"]), nack(event.data["state"]))]
        return next((event.seq for event in reversed(same or told)), None)


def _json(raw: bytes) -> Any:
    """What ``raw`` is as JSON; None when it is none."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return None if is_deeper(value, DEPTH) else value


def _call(
    app: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
) -> tuple[int, Any, Iterable[bytes]]:
    """The application's status and JSON answer, and its body to pass on."""
    seen: list[str] = []

    def note(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        seen.append(status)
        return start_response(status, headers, *rest)

    chunks = list(app(environ, note))
    return int(seen[-1].split()[0]), _json(b"".join(chunks)), chunks

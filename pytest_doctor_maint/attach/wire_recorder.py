"""Records the requests of an admin tool's clients and its answers as events.

Only requests and answers are looked at, so that any admin tool can be recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.attach.wsgi import Seen, call
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import ack, nack
from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.http.body import whole_body
from pytest_doctor_maint.simtime.nesting import read_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACTOR = "admin_tool"
_SESSIONS = re.compile(r"/maintenance/?$")
_SESSION = re.compile(r"/maintenance/(?P<session_id>[^/]+)/?$")
#: Fenix takes replies about a single instance at a URL of its own.
_PROJECT = re.compile(r"/maintenance/(?P<session_id>[^/]+)/(?P<project_id>[^/]+)(?:/(?P<instance_id>[^/]+))?/?$")


class WireRecorder:
    """A WSGI layer around an admin tool that records sessions and replies.

    Args:
        app: The admin tool's application.
        history: Where to record.
        url: Returns the admin tool's URL, which is known when its server is bound.
    """

    def __init__(self, app: WSGIApplication, history: History, url: Callable[[], str]) -> None:
        self._app = app
        self._history = history
        self._url = url
        self._states: dict[str, str] = {}
        self._unreadable: set[tuple[str, str]] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if method == "PUT" and (match := _PROJECT.search(path)):
            return self._reply(environ, start_response, path, **match.groupdict())
        if method == "POST" and _SESSIONS.search(path):
            return self._create(environ, start_response, path)
        if method in ("GET", "DELETE") and (match := _SESSION.search(path)):
            return self._session(environ, start_response, f"{method} {path}", match["session_id"])
        return self._app(environ, start_response)

    def _create(self, environ: WSGIEnvironment, start_response: StartResponse, path: str) -> Iterable[bytes]:
        """Record that a session was created or refused."""
        body = read_json(whole_body(environ))
        seen = call(self._app, environ, start_response)
        answer = read_json(seen.body)
        if seen.is_success and not (isinstance(answer, dict) and answer.get("session_id")):
            self._note_unreadable(f"POST {path}", seen)
        elif seen.is_success and isinstance(body, dict):
            # Where there are none, Fenix finds the computes itself, and returns them.
            hosts = body.get("hosts") or answer.get("hosts")
            data = {
                "session_id": answer["session_id"],
                "hosts": [str(host) for host in hosts] if isinstance(hosts, list) else [],
                "maintenance_at": body.get("maintenance_at"),
                "workflow": body.get("workflow", "default"),
                "metadata": body.get("metadata", {}),
            }
            self._history.append(ACTOR, kinds.SESSION_CREATED, data)
        else:
            self._history.append(ACTOR, kinds.SESSION_REFUSED, {"status": seen.status, "error": answer})
        return seen.chunks

    def _session(
        self, environ: WSGIEnvironment, start_response: StartResponse, request: str, session_id: str
    ) -> Iterable[bytes]:
        """Record a new state of a session, or its deletion."""
        seen = call(self._app, environ, start_response)
        answer = read_json(seen.body)
        is_deletion = request.startswith("DELETE")
        if seen.is_success and (answer is None and seen.body if is_deletion else not _has_state(answer)):
            self._note_unreadable(request, seen)
        if seen.is_success and is_deletion:
            self._history.append(ACTOR, kinds.SESSION_DELETED, {"session_id": session_id})
        elif seen.is_success and _has_state(answer):
            state = str(answer["state"])
            if self._states.get(session_id) != state:
                self._states[session_id] = state
                self._history.append(ACTOR, kinds.SESSION_STATE, {"session_id": session_id, **answer})
        return seen.chunks

    def _note_unreadable(self, request: str, seen: Seen) -> None:
        """Record an answer that does not have what it should have, once."""
        text = seen.body[:200].decode("utf-8", "replace")
        if (request, text) not in self._unreadable:
            self._unreadable.add((request, text))
            data = {"request": request, "status": seen.status, "text": text}
            self._history.append(ACTOR, kinds.ANSWER_UNREADABLE, data)

    def _reply(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        path: str,
        session_id: str,
        project_id: str,
        instance_id: str | None,
    ) -> Iterable[bytes]:
        """Record a reply, and its refusal."""
        body = read_json(whole_body(environ))
        state = body.get("state") if isinstance(body, dict) else None
        # Before the admin tool handles the reply: what the admin tool does then comes later.
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
        seen = call(self._app, environ, start_response)
        if not seen.is_success:
            answer = read_json(seen.body)
            error = answer.get("error") if isinstance(answer, dict) else answer
            self._history.append(ACTOR, kinds.REPLY_REFUSED, {"status": seen.status, "error": error}, cause=reply.seq)
        return seen.chunks

    # Any: a state is what a client sent.
    def _cause(self, session_id: str, project_id: str, instance_id: str | None, state: Any) -> int | None:
        """Return the notification that a reply replies to: the one that the request names, or else the newest one to
        which the reply's state belongs.
        """
        if (cause := current_cause()) is not None:
            return cause
        sent = self._history.of(kinds.NOTIFICATION, session_id=session_id, project_id=project_id)
        if instance_id:
            sent = tuple(event for event in sent if instance_id in (event.data.get("instance_ids") or ()))
        same = [event for event in sent if state in (ack(event.data["state"]), nack(event.data["state"]))]
        return next((event.seq for event in reversed(same or sent)), None)


def _has_state(answer: object) -> bool:
    """Return True if an answer, as read from JSON, has the state of a session."""
    return isinstance(answer, dict) and "state" in answer

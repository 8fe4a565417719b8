"""An API that wants to know who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.actors.admin_tool.fenix.tokens import Caller, KeystoneSilent, Tokens, Unauthorized
from pytest_doctor_maint.simtime.http import Answer, App, HttpError, Request
from pytest_doctor_maint.simtime.http.nesting import is_deeper

#: What Fenix takes is flat; beyond so many levels, what reads or writes JSON may itself run out of stack.
DEPTH = 20


class ApiRequest(Request):
    """A request with its caller.

    Attributes:
        caller: Whose the request's token is; not set for what is public.
    """

    caller: Caller

    def json_object(self) -> dict[str, Any]:
        body = super().json_object()
        if is_deeper(body, DEPTH):
            raise HttpError(400, f"the body is nested more than {DEPTH} levels deep")
        return body


class SecuredApp(App):
    """Answers 401 to whom Keystone does not know, and 403 to whoever may not do what it asks.

    A route is for everybody with a token; with ``admin=True`` for the admin alone, with ``public=True`` for anybody.

    Args:
        tokens: Tells whose a token is.
    """

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        if not options.get("public"):
            request.caller = self._caller(request)
            if options.get("admin") and not request.caller.is_admin:
                raise HttpError(403, "the admin role is needed")
        return super().dispatch(request, handler, options, values)

    def _caller(self, request: Request) -> Caller:
        try:
            return self._tokens.caller(request.headers.get("X-Auth-Token", ""))
        except Unauthorized as error:
            raise HttpError(401, "X-Auth-Token: a valid token of Keystone is needed") from error
        except KeystoneSilent as error:
            raise HttpError(503, str(error)) from error

    def must_own(self, request: ApiRequest, project_id: str | None, *, or_admin: bool = False) -> None:
        """Let the request pass if its token is scoped to ``project_id``.

        Raises:
            HttpError: 403, it is not; with ``or_admin`` an admin passes, too.
        """
        caller = request.caller
        if or_admin and caller.is_admin:
            return
        if not caller.project_id or caller.project_id != project_id:
            raise HttpError(403, "a project may speak for itself alone")

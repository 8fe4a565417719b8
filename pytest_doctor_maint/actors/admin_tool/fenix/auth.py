"""An application whose callers must have a token of Keystone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pytest_doctor_maint.actors.admin_tool.base.tokens import Caller, KeystoneSilent, Tokens, Unauthorized
from pytest_doctor_maint.openstack.client_app import CloudClientApp
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, Request
from pytest_doctor_maint.simtime.nesting import is_deeper

#: The levels of JSON that a request may have. Fenix's requests are flat; with far more levels, the code that reads or
#: writes JSON may run out of stack.
DEPTH = 20


class ApiRequest(Request):
    """A request with its caller.

    Attributes:
        caller: The owner of the request's token; not set for a public route.
    """

    caller: Caller

    def json_object(self) -> dict[str, Any]:
        body = super().json_object()
        if is_deeper(body, DEPTH):
            raise HttpError(400, f"the body is nested more than {DEPTH} levels deep")
        return body


class AuthenticatedApp(CloudClientApp):
    """Answers 401 to a request without a valid token, and 403 to a request that its caller may not make.

    A route is for every caller with a token; with ``admin=True`` for the admin alone, with ``public=True`` also for
    requests without a token.

    Args:
        tokens: Finds the owner of a token.
    """

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {Unauthorized: 401, KeystoneSilent: 503}

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    @classmethod
    def refusals(cls, options: Mapping[str, Any]) -> frozenset[int]:
        return super().refusals(options) | (set() if options.get("public") else {401, 403})

    @classmethod
    def security(cls, options: Mapping[str, Any]) -> list[dict[str, list[str]]]:
        return [] if options.get("public") else [{"token": []}]

    # Any: the class of the requests is request_class, which a subclass may change.
    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        if not options.get("public"):
            token = request.headers.get("X-Auth-Token", "")
            request.caller = self._tokens.caller(token, at_once=request.method not in ("GET", "HEAD"))
            if options.get("admin") and not request.caller.is_admin:
                raise HttpError(403, "the admin role is needed")
        return super().dispatch(request, handler, options, values)

    def must_own(self, request: ApiRequest, project_id: str | None, *, or_admin: bool = False) -> None:
        """Raise HttpError (403) unless the request's token is scoped to `project_id`.

        Args:
            request: The request.
            project_id: The project; None for no project.
            or_admin: Let an admin pass too.

        Raises:
            HttpError: 403, the token belongs to another project.
        """
        caller = request.caller
        if or_admin and caller.is_admin:
            return
        if not caller.project_id or caller.project_id != project_id:
            raise HttpError(403, "the token is scoped to another project")

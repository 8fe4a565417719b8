"""A small JSON application: routes to methods, and errors that say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response

from pytest_doctor_maint.simtime.http.errors import ANSWERED, ErrorAnswer, HttpError, http_error
from pytest_doctor_maint.simtime.http.routing import routing_of
from pytest_doctor_maint.simtime.nesting import parse_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

#: What a handler returns: an object (status 200), a status and an object, these and headers, a response, or None (204).
Answer = Response | Mapping[str, Any] | list[Any] | tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | None


class Request(WerkzeugRequest):
    """A request whose JSON body is read with clear errors."""

    def json_object(self) -> dict[str, Any]:
        """Return the body, which must be a JSON object.

        Raises:
            HttpError: 400, the body is not a JSON object.
        """
        try:
            body = parse_json(self.get_data())
        except ValueError as error:
            raise HttpError(400, f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise HttpError(400, f"the body must be a JSON object, not {type(body).__name__}")
        return body


class App:
    """A WSGI application made of methods marked with :func:`~pytest_doctor_maint.simtime.http.route`.

    A handler takes the :class:`Request` and the values of the rule, and returns an :data:`Answer`.

    Attributes:
        request_class: The class of the requests that handlers take.
        errors: The answers to exceptions of handlers, by type: a status, or a function of the exception and the request
            that returns an :class:`HttpError`. A subclass lists its own types; those of its base classes are answered
            as before. Exceptions of subclasses of a listed type are answered in the same way. An exception that is not
            listed leaves the application.

    Raises:
        TypeError: A handler hides another one and drops its route, or two handlers serve the same method and path.
    """

    request_class: ClassVar[type[Request]] = Request
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {}

    def __init__(self) -> None:
        self._routing = routing_of(type(self))
        self._endpoints = [(getattr(self, name), options) for name, options in self._routing.endpoints]
        self._map = self._routing.map

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = self.request_class(environ)
        try:
            response = self.response(self._respond(request))
        except HttpError as error:
            response = self.error_response(request, error)
        self.finish(request, response)
        return response(environ, start_response)

    @classmethod
    def refusals(cls, options: Mapping[str, Any]) -> frozenset[int]:
        """Return the statuses of errors with which a route with these options may answer, whatever its handler does.

        They are for the OpenAPI document; a route adds its own with the option ``refuses``.
        """
        # A body that is wrong, that does not arrive in time, or that is too large.
        return frozenset({400, 408, 413} if "body" in options else ())

    @classmethod
    def security(cls, options: Mapping[str, Any]) -> list[dict[str, list[str]]]:
        """Return what a request to a route with these options must have, as OpenAPI's ``security``: any of the list."""
        return []

    def before_routing(self, request: Any) -> None:
        """Look at a request before its handler is searched; a service that authenticates first does so here.

        Raises:
            HttpError: The request is answered with this error, whether there is a handler for it or not.
        """

    def options_at(self, request: Request) -> list[Mapping[str, Any]]:
        """Return the options of the routes at the path of ``request``, of all methods; empty for an unknown path."""
        return self._routing.options_at(request.environ)

    # Any: a subclass takes its own class of requests.
    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        """Call the handler; services check tokens and versions here."""
        return handler(request, **values)

    def finish(self, request: Any, response: Response) -> None:
        """Add what every answer carries (a request id, for example)."""

    def error_body(self, error: HttpError) -> Any:
        """Return the JSON body of an error; services have their own forms."""
        return {"error": error.message}

    def error_response(self, request: Any, error: HttpError) -> Response:
        """Return the answer to a request that failed."""
        return self.response((error.status, self.error_body(error), error.headers))

    def response(self, answer: Answer) -> Response:
        """Return the response for what a handler returned."""
        if isinstance(answer, Response):
            return answer
        status, body = 200 if answer is not None else 204, answer
        headers: Mapping[str, str] = {}
        if isinstance(answer, tuple):
            status, body = answer[0], answer[1]
            headers = answer[2] if len(answer) == 3 else {}
        if body is None:
            return Response(status=status, headers=headers)
        return Response(json.dumps(body), status=status, headers=headers, content_type="application/json")

    def _respond(self, request: Request) -> Answer:
        """Return what the handler of ``request`` returns.

        Raises:
            HttpError: No handler serves the request, or the handler raised an exception that ``errors`` lists.
        """
        try:
            self.before_routing(request)
            endpoint, values = self._routing.match(request.environ)
            handler, options = self._endpoints[endpoint]
            return self.dispatch(request, handler, options, values)
        except HttpError:
            raise
        except HTTPException as error:
            headers = {}
            if isinstance(error, MethodNotAllowed):
                headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
            raise HttpError(error.code or 500, error.description or error.name, headers=headers) from error
        except Exception as error:
            answer = http_error(type(self), error, request)
            if answer is None:
                raise
            request.environ[ANSWERED] = error
            raise answer from error

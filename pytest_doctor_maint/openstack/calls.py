"""Plain calls through openstacksdk's proxies, and their repetition while a cloud is in trouble.

They cost a tenth more than bare requests. The resource objects of the SDK cost three to eight times as much (they
convert every attribute of every server), so frequent requests are made here and read as JSON.

An actor says with :func:`patient` for how long its requests may be repeated. keystoneauth can repeat requests by
itself, but sleeps on the machine's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import requests

from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection

Result = TypeVar("Result")

#: Seconds for which a request is repeated in the work of an actor, and while a client waits for the actor's answer.
PATIENCE, CLIENT_PATIENCE = 60.0, 5.0
#: Seconds before the first repetition, doubled for each further one, and the longest pause.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 8.0
#: The statuses that say that a request was not carried out and may be later, and those that do not tell.
NOT_TAKEN, UNKNOWN = (409, 429, 503), (500, 502, 504)
#: The methods whose requests may be carried out twice.
IDEMPOTENT = ("GET", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class _Patience:
    clock: Clock
    seconds: float
    until: datetime | None

    def deadline(self) -> datetime:
        return self.until or self.clock.now() + timedelta(seconds=self.seconds)


_PATIENCE: ContextVar[_Patience | None] = ContextVar("doctor_maint_patience", default=None)


@contextmanager
def patient(clock: Clock, seconds: float = PATIENCE, *, until: datetime | None = None) -> Iterator[None]:
    """Repeat requests within this block, and in the threads that the clock spawns there, while a cloud is in trouble.

    Outside such a block no request is repeated.

    Args:
        clock: The clock on which to wait between two requests. No lock may be held meanwhile.
        seconds: Seconds for which a request is repeated.
        until: The time until which all requests may be repeated (UTC), in place of `seconds`.
    """
    before = _PATIENCE.set(_Patience(clock, seconds, until))
    try:
        yield
    finally:
        _PATIENCE.reset(before)


def cloud_errors() -> tuple[type[Exception], ...]:
    """Return the types of the exceptions of requests to a cloud: it refuses, it fails, or it cannot be reached.

    keystoneauth's exceptions are not openstacksdk's. The libraries are imported when this function is called.
    """
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    return SDKException, ClientException, requests.RequestException


def repeated(request: Callable[[], Result], may_repeat: Callable[[Exception], bool]) -> Result:
    """Return the result of ``request()``, which is called again as long as the block's patience lasts.

    Args:
        request: Sends the request.
        may_repeat: Returns True if the request may be sent again after this one of :func:`cloud_errors`.

    Raises:
        Exception: The last error of the request.
    """
    patience = _PATIENCE.get()
    deadline = None if patience is None else patience.deadline()
    pause = FIRST_PAUSE
    while True:
        try:
            return request()
        except cloud_errors() as error:
            if patience is None or deadline is None:
                raise
            left = patience.clock.until(deadline)
            if left <= 0 or not may_repeat(error):
                raise
            # Here, so that a clock that was stopped does not hide why there was to be another attempt.
            patience.clock.sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)


def may_pass(error: Exception) -> bool:
    """Return True if the same request may succeed later: the cloud was busy, failed, or could not be reached."""
    return _status(error) in (*NOT_TAKEN, *UNKNOWN) or _is_unreachable(error)


def was_not_taken(error: Exception) -> bool:
    """Return True if the answer says that the request was not carried out, and may be later."""
    return _status(error) in NOT_TAKEN


def service(connection: Connection, name: str) -> Adapter:
    """Return openstacksdk's proxy of a service; what it must ask the service for that is repeated as a request is.

    Args:
        connection: The connection.
        name: The name of the service, such as ``compute`` or ``placement``.

    Raises:
        openstack.exceptions.SDKException: The service cannot be used.
    """
    from openstack.exceptions import NotSupported

    def may_repeat(error: Exception) -> bool:
        # openstacksdk takes a service that does not tell its versions for one that has none.
        return isinstance(error, NotSupported) or may_pass(error)

    proxy: Adapter = _translated(lambda: repeated(lambda: getattr(connection, name), may_repeat))
    return proxy


def call(proxy: Adapter, method: str, path: str, body: Any = None, **params: str | int) -> Any:
    """Send a request to a service, and return the JSON of the answer; None when the answer is empty.

    Within a block of :func:`patient`, a request that fails for the moment is repeated where that is safe: one that may
    be carried out twice, or that was not carried out.

    Args:
        proxy: The service: ``connection.compute``, ``connection.network``, ``connection.alarm`` …
        method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        path: The path below the service's endpoint.
        body: The JSON to send, if any.
        params: The query.

    Raises:
        openstack.exceptions.HttpException: The service refused, with the service's own message; NotFoundException for
            404, ConflictException for 409, and so on.
        openstack.exceptions.SDKException: The service could not be reached, or its answer is not JSON.
    """
    was_sent = False

    def send() -> Any:
        nonlocal was_sent
        # What is to be deleted may be gone after an earlier request that got no answer.
        is_gone_well = was_sent and method == "DELETE"
        was_sent = True
        return _send(proxy, method, path, body, params, is_gone_well=is_gone_well)

    def may_repeat(error: Exception) -> bool:
        return was_not_taken(error) or (method in IDEMPOTENT and may_pass(error))

    return _translated(lambda: repeated(send, may_repeat))


def change(proxy: Adapter, method: str, path: str, body: Any = None, *, is_taken: Callable[[], bool]) -> None:
    """Send a request that changes something, as :func:`call` does, and repeat any request that fails for the moment.

    Args:
        proxy: The service.
        method: ``POST``, ``PUT`` or ``DELETE``.
        path: The path below the service's endpoint.
        body: The JSON to send, if any.
        is_taken: Looks at the cloud, and returns True if the request was carried out, or is needed no more. It is asked
            after an error, before the request would be repeated.

    Raises:
        openstack.exceptions.SDKException: See :func:`call`.
    """
    is_done = False

    def send() -> None:
        if not is_done:
            _send(proxy, method, path, body, {})

    def may_repeat(error: Exception) -> bool:
        nonlocal is_done
        is_done = may_pass(error) and is_taken()
        return may_pass(error)

    _translated(lambda: repeated(send, may_repeat))


def create(proxy: Adapter, path: str, body: Any, *, find: Callable[[], Any]) -> Any:
    """Send a POST that makes something, and return the JSON of the answer.

    Within a block of :func:`patient`, a request that fails for the moment is repeated, also one of which nobody knows
    whether it was carried out.

    Args:
        proxy: The service.
        path: The path below the service's endpoint.
        body: The JSON to send.
        find: Looks for what an earlier request has made whose answer was lost, and returns what the answer had; None if
            there is nothing. It is asked before the request is repeated.

    Raises:
        openstack.exceptions.SDKException: See :func:`call`.
    """
    was_sent = False

    def send() -> Any:
        nonlocal was_sent
        if was_sent and (found := find()) is not None:
            return found
        was_sent = True
        return _send(proxy, "POST", path, body, {})

    return _translated(lambda: repeated(send, may_pass))


def _translated(request: Callable[[], Result]) -> Result:
    """Return the result of ``request()``; what keystoneauth raises becomes an error of openstacksdk."""
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    try:
        return request()
    except ClientException as error:
        raise SDKException(str(error)) from error


def _send(
    proxy: Adapter, method: str, path: str, body: Any, params: dict[str, str | int], *, is_gone_well: bool = False
) -> Any:
    """Send one request; with `is_gone_well`, what is to be deleted may be gone."""
    from keystoneauth1.adapter import Adapter
    from openstack.exceptions import SDKException, raise_from_response

    if proxy.endpoint_override is None:
        # Otherwise keystoneauth searches a copy of the whole catalog for every request, which takes longer than the
        # request.
        proxy.endpoint_override = Adapter.get_endpoint(proxy)
    # The request() of a proxy only adds metrics. For these it keeps every proxy alive, and warns of its own
    # deprecations.
    response = Adapter.request(proxy, path, method, json=body, params=params, raise_exc=False)
    if is_gone_well and response.status_code == requests.codes.not_found:
        return None
    raise_from_response(response)
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError as error:
        raise SDKException(f"the answer to {method} {path} is not JSON: {error}") from error


def _status(error: Exception) -> int | None:
    """Return the HTTP status of an answer of the cloud; None for an error without an answer."""
    response = getattr(error, "response", None)
    # openstacksdk's name, keystoneauth's, and that of requests.
    named = ((error, "status_code"), (error, "http_status"), (response, "status_code"))
    return next((found for owner, name in named if isinstance(found := getattr(owner, name, None), int)), None)


def _is_unreachable(error: Exception) -> bool:
    from keystoneauth1.exceptions import ConnectionError as Unreachable

    return _status(error) is None and isinstance(error, Unreachable | requests.RequestException)

"""Plain calls through openstacksdk's proxies.

They cost a tenth more than bare requests. The resource objects of the SDK cost three to eight times as much (they
convert every attribute of every server), so frequent requests are made here and read as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter


def call(proxy: Adapter, method: str, path: str, body: Any = None, **params: str | int) -> Any:
    """Send a request to a service, and return the JSON of the answer; None when the answer is empty.

    Args:
        proxy: The service: ``connection.compute``, ``connection.network``, ``connection.alarm`` …
        method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        path: The path below the service's endpoint.
        body: The JSON to send, if any.
        params: The query.

    Raises:
        openstack.exceptions.HttpException: The service refused, with the service's own message; NotFoundException for
            404, ConflictException for 409, and so on.
    """
    from keystoneauth1.adapter import Adapter
    from openstack.exceptions import raise_from_response

    if proxy.endpoint_override is None:
        # Otherwise keystoneauth searches a copy of the whole catalog for every request, which takes longer than the
        # request.
        proxy.endpoint_override = Adapter.get_endpoint(proxy)
    # The request() of a proxy only adds metrics. For these it keeps every proxy alive, and warns of its own
    # deprecations.
    response = Adapter.request(proxy, path, method, json=body, params=params, raise_exc=False)
    raise_from_response(response)
    return response.json() if response.content else None

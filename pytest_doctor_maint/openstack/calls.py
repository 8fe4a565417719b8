"""Plain calls through openstacksdk's proxies.

They cost a tenth more than bare requests. The SDK's resource objects make that three to eight times as much
(they convert every attribute of every server), so what is asked often is asked here, and read as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter


def call(proxy: Adapter, method: str, path: str, body: Any = None, **params: str | int) -> Any:
    """Ask a service, and give the JSON of its answer; None when that is empty.

    Args:
        proxy: The service: ``connection.compute``, ``connection.network``, ``connection.alarm`` …
        method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        path: The path below the service's endpoint.
        body: The JSON to send, if any.
        params: The query.

    Raises:
        openstack.exceptions.HttpException: The service refused, with its own words; NotFoundException for 404,
            ConflictException for 409, and so on.
    """
    from keystoneauth1.adapter import Adapter
    from openstack.exceptions import raise_from_response

    if proxy.endpoint_override is None:
        # Else keystoneauth searches a copy of the whole catalog for every request, which takes longer than that.
        proxy.endpoint_override = Adapter.get_endpoint(proxy)
    # A proxy's own request() only adds metrics, for which it keeps every proxy alive and warns of its own deprecations.
    response = Adapter.request(proxy, path, method, json=body, params=params, raise_exc=False)
    raise_from_response(response)
    return response.json() if response.content else None

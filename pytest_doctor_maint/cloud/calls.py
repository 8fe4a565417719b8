"""Plain calls through openstacksdk's proxies.

A proxy's request costs a tenth more than a bare one. The SDK's resource objects make that three to eight times as much
(they convert every attribute of every server), so what is asked often is asked here, and read as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openstack.proxy import Proxy


def call(proxy: Proxy, method: str, path: str, body: Any = None, **params: str | int) -> Any:
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
    from openstack.exceptions import raise_from_response

    response = proxy.request(path, method, json=body, params=params)
    raise_from_response(response)
    return response.json() if response.content else None

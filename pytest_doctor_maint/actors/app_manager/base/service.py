"""The admin tool as a service of the cloud: found in Keystone's catalog, and asked with the project's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    import requests
    from openstack.connection import Connection

#: Fenix's service type in the catalog.
SERVICE_TYPE = "maintenance"
UNAUTHORIZED = 401


class MaintenanceService:
    """Sends a project's requests to admin tools.

    An admin tool in the catalog wants to know who asks, as OpenStack's services do, so it gets the project's
    token. Nobody else does: a message's ``reply_url`` may lead anywhere.

    Args:
        connection: The project's.
        http: For admin tools that are no service of the cloud.
    """

    def __init__(self, connection: Connection, http: HttpSession) -> None:
        self._connection = connection
        self._http = http
        self._endpoint: str | None = None

    @property
    def endpoint(self) -> str:
        """The service's URL, with its version; empty when the catalog has none. It is looked up once, and again when
        somebody who may be it wants to know who asks.

        Raises:
            keystoneauth1.exceptions.ClientException: Keystone refused.
        """
        from keystoneauth1.exceptions import EndpointNotFound

        if self._endpoint is None:
            region = self._connection.config.get_region_name()
            try:
                found = self._connection.session.get_endpoint(
                    service_type=SERVICE_TYPE, interface="public", region_name=region
                )
            except EndpointNotFound:
                found = None
            self._endpoint = (found or "").rstrip("/")
        return self._endpoint

    def request(self, method: str, url: str, body: Any = None) -> requests.Response:
        """Ask ``url``, with ``body`` as JSON, and give the answer, whatever its status.

        Raises:
            requests.RequestException, keystoneauth1.exceptions.ClientException: Nobody answered.
        """
        if not self._is_of_the_cloud(url):
            answer = self._http.request(method, url, json=body)
            if answer.status_code != UNAUTHORIZED or not self._look_again(url):
                return answer
        # keystoneauth gets another token when the old one has run out.
        known: requests.Response = self._connection.session.request(url, method, json=body, raise_exc=False)
        return known

    def _is_of_the_cloud(self, url: str) -> bool:
        return bool(self.endpoint) and f"{url}/".startswith(f"{self.endpoint}/")

    def _look_again(self, url: str) -> bool:
        """Whether ``url`` is the service's by now: it may have come after our token, whose catalog is as old."""
        self._connection.session.invalidate()
        self._endpoint = None
        return self._is_of_the_cloud(url)

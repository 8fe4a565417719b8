"""The admin tool as a service of the cloud: found in Keystone's catalog, and asked with the project's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.net import Session

if TYPE_CHECKING:
    import requests
    from openstack.connection import Connection

#: Fenix's service type in the catalog.
SERVICE_TYPE = "maintenance"


class MaintenanceService:
    """Sends a project's requests to admin tools.

    An admin tool in the catalog wants to know who asks, as OpenStack's services do, so it gets the project's
    token. Nobody else does: a message's ``reply_url`` may lead anywhere.

    Args:
        connection: The project's.
        http: For admin tools that are no service of the cloud.
    """

    def __init__(self, connection: Connection, http: Session) -> None:
        self._connection = connection
        self._http = http
        self._endpoint: str | None = None

    @property
    def endpoint(self) -> str:
        """The service's URL, with its version; empty when the catalog has none. It is looked up once.

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
        if self.endpoint and f"{url}/".startswith(f"{self.endpoint}/"):
            # keystoneauth gets another token when the old one has run out.
            answer: requests.Response = self._connection.session.request(url, method, json=body, raise_exc=False)
            return answer
        return self._http.request(method, url, json=body)

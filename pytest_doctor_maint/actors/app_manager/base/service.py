"""The admin tool as a service of the cloud, found in Keystone's catalog and called with the project's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import HTTPError

from pytest_doctor_maint.openstack.calls import may_pass, repeated
from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    import requests
    from openstack.connection import Connection

#: The service type of Fenix in the catalog.
SERVICE_TYPE = "maintenance"
UNAUTHORIZED = 401
#: The statuses of a server that may carry the same request out later.
LATER = (429, 500, 502, 503, 504)


class MaintenanceService:
    """Sends the requests of a project to admin tools.

    An admin tool in the catalog authenticates its callers, as OpenStack's services do, so it gets the project's token.
    No other server gets the token: the ``reply_url`` of a message may lead anywhere.

    Args:
        connection: A connection of the project's user.
        http: The session for admin tools that are not a service of the cloud.
    """

    def __init__(self, connection: Connection, http: HttpSession) -> None:
        self._connection = connection
        self._http = http
        self._endpoint: str | None = None

    @property
    def endpoint(self) -> str:
        """The service's URL, with its version; empty when the catalog has no such service.

        The URL is looked up once, and again when a server answers 401 that may be the service by now.

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
        """Send a request to ``url``, with ``body`` as JSON, and return the answer, whatever its status.

        A request that gets no answer, or is to be sent again later, is repeated as long as the caller is patient. An
        admin tool may get a reply twice in this way; it refuses the second one, or takes it for the first.

        Raises:
            requests.RequestException, keystoneauth1.exceptions.ClientException: There was no answer.
        """
        answer: requests.Response | None = None

        def send() -> requests.Response:
            nonlocal answer
            answer = self._send(method, url, body)
            if answer.status_code in LATER:
                answer.raise_for_status()
            return answer

        try:
            return repeated(send, may_pass)
        except HTTPError:
            if answer is None:
                raise
            return answer

    def _send(self, method: str, url: str, body: Any) -> requests.Response:
        if not self._is_of_the_cloud(url):
            answer = self._http.request(method, url, json=body)
            if answer.status_code != UNAUTHORIZED or not self._is_of_the_cloud_by_now(url):
                return answer
        # keystoneauth gets another token when the old one has expired.
        authenticated: requests.Response = self._connection.session.request(url, method, json=body, raise_exc=False)
        return authenticated

    def _is_of_the_cloud(self, url: str) -> bool:
        return bool(self.endpoint) and f"{url}/".startswith(f"{self.endpoint}/")

    def _is_of_the_cloud_by_now(self, url: str) -> bool:
        """Return True if ``url`` belongs to the service according to a new token.

        The service may be younger than the old token, whose catalog is as old as the token.
        """
        self._connection.session.invalidate()
        self._endpoint = None
        return self._is_of_the_cloud(url)

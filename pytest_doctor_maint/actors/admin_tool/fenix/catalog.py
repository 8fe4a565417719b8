"""The admin tool's entry in Keystone's catalog, where VNFMs look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openstack.exceptions import NotFoundException

from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from openstack.connection import Connection

SERVICE_TYPE, SERVICE_NAME = "maintenance", "fenix"
#: Distinguishes our entry from that of an installed Fenix.
DESCRIPTION = "Fenix-compatible admin tool of doctor-maint"


class CatalogEntry:
    """A service of type ``maintenance`` with its endpoints.

    Args:
        connection: A connection with the admin role.
        url: The URL of the API, with its version.
    """

    def __init__(self, connection: Connection, url: str) -> None:
        self._connection = connection
        self._url = url
        self._service_id = ""

    def add(self) -> None:
        """Add the entry; an entry that an earlier run left is replaced.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        identity = self._connection.identity
        for service in call(identity, "GET", "/services", type=SERVICE_TYPE)["services"]:
            if service.get("description") == DESCRIPTION:
                call(identity, "DELETE", f"/services/{service['id']}")
        service = {"type": SERVICE_TYPE, "name": SERVICE_NAME, "description": DESCRIPTION}
        self._service_id = call(identity, "POST", "/services", {"service": service})["service"]["id"]
        region = self._connection.config.get_region_name()
        for interface in ("public", "internal", "admin"):
            endpoint = {"service_id": self._service_id, "interface": interface, "url": self._url, "region_id": region}
            call(identity, "POST", "/endpoints", {"endpoint": endpoint})

    def remove(self) -> None:
        """Remove the entry, if there is one; Keystone removes its endpoints too.

        Raises:
            openstack.exceptions.SDKException: Keystone refused.
        """
        if self._service_id:
            service_id, self._service_id = self._service_id, ""
            try:
                call(self._connection.identity, "DELETE", f"/services/{service_id}")
            except NotFoundException:
                return

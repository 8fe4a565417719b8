"""The catalog: regions, services and their endpoints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from pytest_doctor_maint.embedded.keystone.changes import Changes
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import CatalogService, Endpoint, Region

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.core import Core

INTERFACES = ("public", "internal", "admin")
SERVICES = (
    ("identity", "keystone", "/identity"),
    ("compute", "nova", "/compute/v2.1"),
    ("placement", "placement", "/placement"),
    ("network", "neutron", "/networking"),
    ("image", "glance", "/image"),
    ("alarming", "aodh", "/alarming"),
    ("block-storage", "cinder", "/volume/v3"),
    # The type and the URL by which older clients find it.
    ("volumev3", "cinderv3", "/volume/v3/$(project_id)s"),
    ("doctor-maint-notifications", "notifications", "/notifications"),
)
"""The services of the embedded cloud: type, name, and path below the cloud's URL."""

_PLACEHOLDER = re.compile(r"[$%]\((\w+)\)s")


class RegionValues(TypedDict, total=False):
    """The optional fields of a new :class:`Region`."""

    description: str
    parent_region_id: str | None
    extra: dict[str, Any]


class ServiceValues(TypedDict, total=False):
    """The optional fields of a new :class:`CatalogService`."""

    name: str | None
    enabled: bool
    extra: dict[str, Any]


class EndpointValues(TypedDict, total=False):
    """The optional fields of a new :class:`Endpoint`."""

    region_id: str | None
    enabled: bool
    extra: dict[str, Any]


class Catalog:
    """Regions, services and endpoints, by id in the order of their creation.

    Args:
        core: Has the cloud's URL and draws the ids of new resources.
        changes: Changes the records.
    """

    def __init__(self, core: Core, changes: Changes) -> None:
        self._core = core
        self._ids = core.ids
        self._changes = changes
        self.regions: dict[str, Region] = {}
        self.services: dict[str, CatalogService] = {}
        self.endpoints: dict[str, Endpoint] = {}

    def seed(self, region_id: str) -> None:
        """Create the services of the embedded cloud in a region."""
        region = self.create_region(region_id)
        for kind, name, path in SERVICES:
            service = self.create_service(kind, name=name)
            for interface in INTERFACES:
                self.create_endpoint(service.id, interface, path, region_id=region.id)

    def url(self, endpoint: Endpoint) -> str:
        """Return the absolute URL of an endpoint, with its placeholders."""
        # The cloud's URL is known only when its server has been bound, so it is prepended here.
        return self._core.url + endpoint.url if endpoint.url.startswith("/") else endpoint.url

    def entries(self, project_id: str, user_id: str) -> list[dict[str, Any]]:
        """Return the catalog as in the body of a token; without a project, only endpoints whose URL needs none."""
        found = []
        for service in self.services.values():
            if not service.enabled:
                continue
            endpoints = []
            for endpoint in self.endpoints.values():
                if endpoint.service_id != service.id or not endpoint.enabled:
                    continue
                url = self._filled(self.url(endpoint), project_id, user_id)
                if url is not None:
                    endpoints.append(
                        {
                            "id": endpoint.id,
                            "interface": endpoint.interface,
                            "region": endpoint.region_id,
                            "region_id": endpoint.region_id,
                            "url": url,
                        }
                    )
            found.append({"id": service.id, "type": service.type, "name": service.name or "", "endpoints": endpoints})
        return found

    @staticmethod
    def _filled(url: str, project_id: str, user_id: str) -> str | None:
        known = {"project_id": project_id, "tenant_id": project_id, "user_id": user_id}
        if not all(known.get(name) for name in _PLACEHOLDER.findall(url)):
            return None
        return _PLACEHOLDER.sub(lambda match: known[match[1]], url)

    # Regions

    def region(self, region_id: str) -> Region:
        """Return the region with this id.

        Raises:
            Missing: No region has this id.
        """
        try:
            return self.regions[region_id]
        except KeyError:
            raise Missing("region", region_id) from None

    def create_region(self, region_id: str | None = None, **values: Unpack[RegionValues]) -> Region:
        """Create a region.

        Raises:
            Conflict: There is a region with the id.
            Missing: There is no such parent.
        """
        if region_id in self.regions:
            raise Conflict(f"Conflict occurred attempting to store region - Duplicate ID, {region_id}.")
        if parent := values.get("parent_region_id"):
            self.region(parent)
        region = Region(region_id or self._ids.hex("region"), **values)
        self.regions[region.id] = region
        return region

    def update_region(self, region: Region, values: Mapping[str, Any]) -> None:
        """Set fields of a region.

        Raises:
            Missing: There is no such parent.
            Invalid: The region would be above itself.
        """
        above: str | None = values.get("parent_region_id")
        while above:
            if above == region.id:
                raise Invalid("A region cannot be its own parent.")
            above = self.region(above).parent_region_id
        self._changes.update(region, values)

    def delete_region(self, region: Region) -> None:
        """Delete a region and those below it.

        Raises:
            Forbidden: One of them has endpoints.
        """
        doomed = [region]
        for parent in doomed:
            doomed += [child for child in self.regions.values() if child.parent_region_id == parent.id]
        names = [each.id for each in doomed]
        if any(endpoint.region_id in names for endpoint in self.endpoints.values()):
            raise Forbidden(
                f"Unable to delete region {region.id} because it or its child regions have associated endpoints."
            )
        for name in names:
            del self.regions[name]

    # Services

    def service(self, service_id: str) -> CatalogService:
        """Return the service with this id.

        Raises:
            Missing: No service has this id.
        """
        try:
            return self.services[service_id]
        except KeyError:
            raise Missing("service", service_id) from None

    def create_service(self, kind: str, **values: Unpack[ServiceValues]) -> CatalogService:
        """Create a service of the type ``kind``."""
        service = CatalogService(self._ids.hex("catalog service"), kind, **values)
        self.services[service.id] = service
        return service

    def update_service(self, service: CatalogService, values: Mapping[str, Any]) -> None:
        """Set fields of a service."""
        self._changes.update(service, values)

    def delete_service(self, service: CatalogService) -> None:
        """Delete a service and its endpoints."""
        del self.services[service.id]
        for endpoint in [each for each in self.endpoints.values() if each.service_id == service.id]:
            self.delete_endpoint(endpoint)

    # Endpoints

    def endpoint(self, endpoint_id: str) -> Endpoint:
        """Return the endpoint with this id.

        Raises:
            Missing: No endpoint has this id.
        """
        try:
            return self.endpoints[endpoint_id]
        except KeyError:
            raise Missing("endpoint", endpoint_id) from None

    def create_endpoint(self, service_id: str, interface: str, url: str, **values: Unpack[EndpointValues]) -> Endpoint:
        """Create an endpoint.

        Raises:
            Invalid: There is no such service or region.
        """
        self._require_references({"service_id": service_id, **values})
        endpoint = Endpoint(self._ids.hex("endpoint"), service_id, interface, url, **values)
        self.endpoints[endpoint.id] = endpoint
        return endpoint

    def update_endpoint(self, endpoint: Endpoint, values: Mapping[str, Any]) -> None:
        """Set fields of an endpoint.

        Raises:
            Invalid: There is no such service or region.
        """
        self._require_references(values)
        self._changes.update(endpoint, values)

    def delete_endpoint(self, endpoint: Endpoint) -> None:
        """Delete an endpoint."""
        del self.endpoints[endpoint.id]

    def _require_references(self, values: Mapping[str, Any]) -> None:
        if "service_id" in values and values["service_id"] not in self.services:
            raise Invalid(f"Could not find service: {values['service_id']}.")
        if values.get("region_id") is not None and values["region_id"] not in self.regions:
            raise Invalid(f"Could not find region: {values['region_id']}.")

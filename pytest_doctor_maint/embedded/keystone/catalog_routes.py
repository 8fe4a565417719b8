"""The catalog: ``/v3/services``, ``/v3/endpoints``, ``/v3/regions``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.catalog import INTERFACES
from pytest_doctor_maint.embedded.keystone.errors import Invalid
from pytest_doctor_maint.embedded.keystone.records import Endpoint
from pytest_doctor_maint.simtime.http import Answer, route

_REGION_ID = schemas.nullable(schemas.text(maxLength=255))
_SERVICE = {
    "type": schemas.text(minLength=1, maxLength=255),
    "name": schemas.nullable(schemas.text(maxLength=255)),
    "enabled": schemas.FLAG,
}
NEW_SERVICE = schemas.Resource("service", _SERVICE, required=("type",))
SERVICE = schemas.Resource("service", _SERVICE)
_ENDPOINT = {
    "service_id": schemas.ID,
    "interface": schemas.text(enum=list(INTERFACES)),
    "url": schemas.URL,
    "region_id": _REGION_ID,
    "region": _REGION_ID,
    "enabled": schemas.FLAG,
}
NEW_ENDPOINT = schemas.Resource("endpoint", _ENDPOINT, required=("interface", "service_id", "url"))
ENDPOINT = schemas.Resource("endpoint", _ENDPOINT)
REGION = schemas.Resource(
    "region",
    {
        "id": {**_REGION_ID, "pattern": r"^[^/]*$"},
        "description": schemas.DESCRIPTION,
        "parent_region_id": _REGION_ID,
    },
)


class CatalogRoutes(IdentityService):
    """Services, endpoints and regions."""

    @route("POST", "/v3/services", admin=True)
    def create_service(self, request: IdentityRequest) -> Answer:
        """Create a service of the catalog."""
        values = NEW_SERVICE.read(request.json_object())
        service = self.keystone.catalog.create_service(values.pop("type"), **values)
        return 201, {"service": views.service(service, request.root)}

    @route("GET", "/v3/services")
    def list_services(self, request: IdentityRequest) -> Answer:
        """List the services of the catalog."""
        self.must_read(request)
        found = [views.service(each, request.root) for each in self.keystone.catalog.services.values()]
        return self.listing(request, "services", found, "type", "name", "enabled")

    @route("GET", "/v3/services/<service_id>")
    def show_service(self, request: IdentityRequest, service_id: str) -> Answer:
        """Show a service of the catalog."""
        self.must_read(request)
        return {"service": views.service(self.keystone.catalog.service(service_id), request.root)}

    @route("PATCH", "/v3/services/<service_id>", admin=True)
    def update_service(self, request: IdentityRequest, service_id: str) -> Answer:
        """Update a service of the catalog."""
        service = self.keystone.catalog.service(service_id)
        self.keystone.catalog.update_service(service, SERVICE.read(request.json_object(), key=service_id))
        return {"service": views.service(service, request.root)}

    @route("DELETE", "/v3/services/<service_id>", admin=True)
    def delete_service(self, request: IdentityRequest, service_id: str) -> Answer:
        """Delete a service with its endpoints."""
        self.keystone.catalog.delete_service(self.keystone.catalog.service(service_id))
        return None

    @route("POST", "/v3/endpoints", admin=True)
    def create_endpoint(self, request: IdentityRequest) -> Answer:
        """Create an endpoint."""
        values = self._endpoint_values(NEW_ENDPOINT.read(request.json_object()))
        endpoint = self.keystone.catalog.create_endpoint(
            values.pop("service_id"), values.pop("interface"), values.pop("url"), **values
        )
        return 201, {"endpoint": self._endpoint(request, endpoint)}

    def _endpoint_values(self, values: dict[str, Any]) -> dict[str, Any]:
        region = values.pop("region", None)
        if region and not values.get("region_id"):
            # With the old name of the field a missing region is created.
            if region not in self.keystone.catalog.regions:
                self.keystone.catalog.create_region(region)
            values["region_id"] = region
        return values

    def _endpoint(self, request: IdentityRequest, endpoint: Endpoint) -> dict[str, Any]:
        return views.endpoint(endpoint, self.keystone.catalog.url(endpoint), request.root)

    @route("GET", "/v3/endpoints")
    def list_endpoints(self, request: IdentityRequest) -> Answer:
        """List the endpoints."""
        self.must_read(request)
        found = [self._endpoint(request, each) for each in self.keystone.catalog.endpoints.values()]
        return self.listing(request, "endpoints", found, "interface", "service_id", "region_id", "enabled")

    @route("GET", "/v3/endpoints/<endpoint_id>")
    def show_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        """Show an endpoint."""
        self.must_read(request)
        return {"endpoint": self._endpoint(request, self.keystone.catalog.endpoint(endpoint_id))}

    @route("PATCH", "/v3/endpoints/<endpoint_id>", admin=True)
    def update_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        """Update an endpoint."""
        endpoint = self.keystone.catalog.endpoint(endpoint_id)
        values = ENDPOINT.read(request.json_object(), key=endpoint_id)
        self.keystone.catalog.update_endpoint(endpoint, self._endpoint_values(values))
        return {"endpoint": self._endpoint(request, endpoint)}

    @route("DELETE", "/v3/endpoints/<endpoint_id>", admin=True)
    def delete_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        """Delete an endpoint."""
        self.keystone.catalog.delete_endpoint(self.keystone.catalog.endpoint(endpoint_id))
        return None

    @route("POST", "/v3/regions", admin=True)
    def create_region(self, request: IdentityRequest) -> Answer:
        """Create a region."""
        return self._create_region(request, _described(REGION.read(request.json_object())))

    @route("PUT", "/v3/regions/<region_id>", admin=True)
    def create_region_with_id(self, request: IdentityRequest, region_id: str) -> Answer:
        """Create a region with a given id."""
        values = _described(REGION.read(request.json_object()))
        if values.get("id", region_id) != region_id:
            raise Invalid("Conflicting region IDs specified.")
        return self._create_region(request, {**values, "id": region_id})

    def _create_region(self, request: IdentityRequest, values: dict[str, Any]) -> Answer:
        region = self.keystone.catalog.create_region(values.pop("id", None) or None, **values)
        return 201, {"region": views.region(region, request.root)}

    @route("GET", "/v3/regions")
    def list_regions(self, request: IdentityRequest) -> Answer:
        """List the regions."""
        found = [views.region(each, request.root) for each in self.keystone.catalog.regions.values()]
        return self.listing(request, "regions", found, "parent_region_id")

    @route("GET", "/v3/regions/<region_id>")
    def show_region(self, request: IdentityRequest, region_id: str) -> Answer:
        """Show a region."""
        return {"region": views.region(self.keystone.catalog.region(region_id), request.root)}

    @route("PATCH", "/v3/regions/<region_id>", admin=True)
    def update_region(self, request: IdentityRequest, region_id: str) -> Answer:
        """Update a region."""
        region = self.keystone.catalog.region(region_id)
        values = _described(REGION.read(request.json_object(), key=region_id))
        self.keystone.catalog.update_region(region, values)
        return {"region": views.region(region, request.root)}

    @route("DELETE", "/v3/regions/<region_id>", admin=True)
    def delete_region(self, request: IdentityRequest, region_id: str) -> Answer:
        """Delete a region with those below it."""
        self.keystone.catalog.delete_region(self.keystone.catalog.region(region_id))
        return None


def _described(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a region with an empty description for a null: Keystone keeps no null of regions alone."""
    return {**values, "description": ""} if values.get("description", "") is None else values

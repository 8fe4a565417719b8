"""The catalog: ``/v3/services``, ``/v3/endpoints``, ``/v3/regions``."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.keystone import schema, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.catalog import INTERFACES
from pytest_doctor_maint.embedded.keystone.errors import Invalid
from pytest_doctor_maint.embedded.keystone.records import Endpoint
from pytest_doctor_maint.simtime.http import Answer, route

SERVICE: schema.Fields = {
    "type": schema.Text(least=1, most=255),
    "name": schema.Text(null=True, most=255),
    "description": schema.DESCRIPTION,
    "enabled": schema.FLAG,
}
ENDPOINT: schema.Fields = {
    "service_id": schema.ID,
    "interface": schema.Text(choices=INTERFACES),
    "url": schema.URL,
    "region_id": schema.Text(null=True, most=255),
    "region": schema.Text(null=True, most=255),
    "enabled": schema.FLAG,
}
REGION: schema.Fields = {
    "id": schema.Text(null=True, most=255, pattern=r"^[^/]*$"),
    "description": schema.DESCRIPTION,
    "parent_region_id": schema.Text(null=True, most=255),
}


class CatalogRoutes(IdentityService):
    """Services, endpoints and regions."""

    @route("POST", "/v3/services", admin=True)
    def create_service(self, request: IdentityRequest) -> Answer:
        values = schema.read(request.json_object(), "service", SERVICE, required=("type",))
        service = self.keystone.catalog.create_service(values.pop("type"), **values)
        return 201, {"service": views.service(service, request.root)}

    @route("GET", "/v3/services")
    def list_services(self, request: IdentityRequest) -> Answer:
        self.must_read(request)
        found = [views.service(each, request.root) for each in self.keystone.catalog.services.values()]
        return self.listing(request, "services", found, "type", "name", "enabled")

    @route("GET", "/v3/services/<service_id>")
    def show_service(self, request: IdentityRequest, service_id: str) -> Answer:
        self.must_read(request)
        return {"service": views.service(self.keystone.catalog.service(service_id), request.root)}

    @route("PATCH", "/v3/services/<service_id>", admin=True)
    def update_service(self, request: IdentityRequest, service_id: str) -> Answer:
        service = self.keystone.catalog.service(service_id)
        self.keystone.update(service, schema.read(request.json_object(), "service", SERVICE, key=service_id))
        return {"service": views.service(service, request.root)}

    @route("DELETE", "/v3/services/<service_id>", admin=True)
    def delete_service(self, request: IdentityRequest, service_id: str) -> Answer:
        self.keystone.catalog.delete_service(self.keystone.catalog.service(service_id))
        return None

    @route("POST", "/v3/endpoints", admin=True)
    def create_endpoint(self, request: IdentityRequest) -> Answer:
        values = self._endpoint_values(
            schema.read(request.json_object(), "endpoint", ENDPOINT, required=("interface", "service_id", "url"))
        )
        endpoint = self.keystone.catalog.create_endpoint(
            values.pop("service_id"), values.pop("interface"), values.pop("url"), **values
        )
        return 201, {"endpoint": self._endpoint(request, endpoint)}

    def _endpoint_values(self, values: dict[str, Any]) -> dict[str, Any]:
        region = values.pop("region", None)
        if region and not values.get("region_id"):
            # The older name of the field makes the region that it names.
            if region not in self.keystone.catalog.regions:
                self.keystone.catalog.create_region(region)
            values["region_id"] = region
        return values

    def _endpoint(self, request: IdentityRequest, endpoint: Endpoint) -> dict[str, Any]:
        return views.endpoint(endpoint, self.keystone.catalog.url(endpoint), request.root)

    @route("GET", "/v3/endpoints")
    def list_endpoints(self, request: IdentityRequest) -> Answer:
        self.must_read(request)
        found = [self._endpoint(request, each) for each in self.keystone.catalog.endpoints.values()]
        return self.listing(request, "endpoints", found, "interface", "service_id", "region_id", "enabled")

    @route("GET", "/v3/endpoints/<endpoint_id>")
    def show_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        self.must_read(request)
        return {"endpoint": self._endpoint(request, self.keystone.catalog.endpoint(endpoint_id))}

    @route("PATCH", "/v3/endpoints/<endpoint_id>", admin=True)
    def update_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        endpoint = self.keystone.catalog.endpoint(endpoint_id)
        values = schema.read(request.json_object(), "endpoint", ENDPOINT, key=endpoint_id)
        self.keystone.catalog.update_endpoint(endpoint, self._endpoint_values(values))
        return {"endpoint": self._endpoint(request, endpoint)}

    @route("DELETE", "/v3/endpoints/<endpoint_id>", admin=True)
    def delete_endpoint(self, request: IdentityRequest, endpoint_id: str) -> Answer:
        del self.keystone.catalog.endpoints[self.keystone.catalog.endpoint(endpoint_id).id]
        return None

    @route("POST", "/v3/regions", admin=True)
    def create_region(self, request: IdentityRequest) -> Answer:
        body = request.json_object()
        return self._create_region(request, schema.read(body, "region", REGION))

    @route("PUT", "/v3/regions/<region_id>", admin=True)
    def create_region_with_id(self, request: IdentityRequest, region_id: str) -> Answer:
        values = schema.read(request.json_object(), "region", REGION)
        if values.get("id", region_id) != region_id:
            raise Invalid("Conflicting region IDs specified.")
        return self._create_region(request, {**values, "id": region_id})

    def _create_region(self, request: IdentityRequest, values: dict[str, Any]) -> Answer:
        values["description"] = values.get("description") or ""
        region = self.keystone.catalog.create_region(values.pop("id", None) or None, **values)
        return 201, {"region": views.region(region, request.root)}

    @route("GET", "/v3/regions")
    def list_regions(self, request: IdentityRequest) -> Answer:
        found = [views.region(each, request.root) for each in self.keystone.catalog.regions.values()]
        return self.listing(request, "regions", found, "parent_region_id")

    @route("GET", "/v3/regions/<region_id>")
    def show_region(self, request: IdentityRequest, region_id: str) -> Answer:
        return {"region": views.region(self.keystone.catalog.region(region_id), request.root)}

    @route("PATCH", "/v3/regions/<region_id>", admin=True)
    def update_region(self, request: IdentityRequest, region_id: str) -> Answer:
        region = self.keystone.catalog.region(region_id)
        values = schema.read(request.json_object(), "region", REGION, key=region_id)
        self.keystone.catalog.update_region(region, values)
        return {"region": views.region(region, request.root)}

    @route("DELETE", "/v3/regions/<region_id>", admin=True)
    def delete_region(self, request: IdentityRequest, region_id: str) -> Answer:
        self.keystone.catalog.delete_region(self.keystone.catalog.region(region_id))
        return None

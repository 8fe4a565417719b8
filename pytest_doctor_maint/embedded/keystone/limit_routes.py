"""Unified limits: ``/v3/registered_limits`` and ``/v3/limits``, kept for the services that would enforce them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone import schema, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Document
from pytest_doctor_maint.simtime.http import Answer, route

REGISTERED: schema.Fields = {
    "service_id": schema.ID,
    "region_id": schema.Text(null=True, least=1, most=255),
    "resource_name": schema.NAME,
    "default_limit": schema.Number(least=-1),
    "description": schema.DESCRIPTION,
}
LIMIT: schema.Fields = {
    "service_id": schema.ID,
    "region_id": schema.Text(null=True, least=1, most=255),
    "resource_name": schema.NAME,
    "resource_limit": schema.Number(least=-1),
    "project_id": schema.Text(null=True, least=1, most=64),
    "domain_id": schema.Text(null=True, least=1, most=64),
    "description": schema.DESCRIPTION,
}
_PLACE = ("service_id", "region_id", "resource_name")


class LimitRoutes(IdentityService):
    """Registered limits (defaults) and limits (of a project or domain)."""

    @route("POST", "/v3/registered_limits", admin=True)
    def create_registered_limits(self, request: IdentityRequest) -> Answer:
        found = _items(request, "registered_limits", REGISTERED, ("service_id", "resource_name", "default_limit"))
        blank = {"region_id": None, "description": None}
        return 201, self._create(request, "registered_limit", [{**blank, **each} for each in found], _PLACE)

    @route("POST", "/v3/limits", admin=True)
    def create_limits(self, request: IdentityRequest) -> Answer:
        found = _items(request, "limits", LIMIT, ("service_id", "resource_name", "resource_limit"))
        blank = {"region_id": None, "description": None, "project_id": None, "domain_id": None}
        limits = [{**blank, **each} for each in found]
        for limit in limits:
            if (limit["project_id"] is None) == (limit["domain_id"] is None):
                raise Invalid("A limit is either of a project or of a domain.")
            if limit["project_id"] is not None:
                self.keystone.directory.project(limit["project_id"])
            else:
                self.keystone.directory.domain(limit["domain_id"])
            registered = self.keystone.documents["registered_limit"].values()
            if not any(_same(each.values, limit, _PLACE) for each in registered):
                raise Forbidden("Unable to create a limit that has no corresponding registered limit.")
        return 201, self._create(request, "limit", limits, (*_PLACE, "project_id", "domain_id"))

    def _create(
        self, request: IdentityRequest, kind: str, found: list[dict[str, Any]], unique: tuple[str, ...]
    ) -> dict[str, Any]:
        kept = self.keystone.documents[kind]
        for place, each in enumerate(found):
            if each["service_id"] not in self.keystone.catalog.services:
                raise Invalid(f"Could not find service: {each['service_id']}.")
            if each["region_id"] is not None and each["region_id"] not in self.keystone.catalog.regions:
                raise Invalid(f"Could not find region: {each['region_id']}.")
            others = [*(document.values for document in kept.values()), *found[:place]]
            if any(_same(other, each, unique) for other in others):
                raise Conflict(f"Conflict occurred attempting to store {kind} - Duplicate entry.")
        documents = [Document(self.core.ids.hex(kind), each) for each in found]
        kept.update((document.id, document) for document in documents)
        return {f"{kind}s": [views.document(each, f"{kind}s", request.root) for each in documents]}

    @route("GET", "/v3/registered_limits")
    def list_registered_limits(self, request: IdentityRequest) -> Answer:
        kept = self.keystone.documents["registered_limit"].values()
        found = [views.document(each, "registered_limits", request.root) for each in kept]
        return self.listing(request, "registered_limits", found, *_PLACE)

    @route("GET", "/v3/limits")
    def list_limits(self, request: IdentityRequest) -> Answer:
        kept = [each for each in self.keystone.documents["limit"].values() if self._sees(request, each)]
        found = [views.document(each, "limits", request.root) for each in kept]
        return self.listing(request, "limits", found, *_PLACE, "project_id", "domain_id")

    def _sees(self, request: IdentityRequest, limit: Document) -> bool:
        own = (request.token.target.kind, request.token.target.id)
        owner = (
            ("project", limit.values["project_id"])
            if limit.values["project_id"]
            else ("domain", limit.values["domain_id"])
        )
        return self.reads_all(request) or own == owner

    @route("GET", "/v3/limits/model")
    def show_limit_model(self, request: IdentityRequest) -> Answer:
        description = "Limit enforcement and validation does not take project hierarchy into consideration."
        return {"model": {"name": "flat", "description": description}}

    @route("GET", "/v3/registered_limits/<limit_id>")
    def show_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        limit = self._limit("registered_limit", limit_id)
        return {"registered_limit": views.document(limit, "registered_limits", request.root)}

    @route("GET", "/v3/limits/<limit_id>")
    def show_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        limit = self._limit("limit", limit_id)
        if not self._sees(request, limit):
            raise self.forbidden(request)
        return {"limit": views.document(limit, "limits", request.root)}

    @route("PATCH", "/v3/registered_limits/<limit_id>", admin=True)
    def update_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        limit = self._limit("registered_limit", limit_id)
        values = schema.read(request.json_object(), "registered_limit", REGISTERED, key=limit_id)
        values.pop("extra", None)
        limit.values.update(values)
        return {"registered_limit": views.document(limit, "registered_limits", request.root)}

    @route("PATCH", "/v3/limits/<limit_id>", admin=True)
    def update_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        limit = self._limit("limit", limit_id)
        values = schema.read(request.json_object(), "limit", LIMIT, key=limit_id)
        if not values.keys() <= {"resource_limit", "description"}:
            raise Invalid("Only resource_limit and description of a limit can be changed.")
        limit.values.update(values)
        return {"limit": views.document(limit, "limits", request.root)}

    @route("DELETE", "/v3/registered_limits/<limit_id>", admin=True)
    def delete_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        limit = self._limit("registered_limit", limit_id)
        if any(_same(each.values, limit.values, _PLACE) for each in self.keystone.documents["limit"].values()):
            raise Forbidden(f"Unable to delete registered limit {limit_id}: there are limits that rest on it.")
        del self.keystone.documents["registered_limit"][limit_id]
        return None

    @route("DELETE", "/v3/limits/<limit_id>", admin=True)
    def delete_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        del self.keystone.documents["limit"][self._limit("limit", limit_id).id]
        return None

    def _limit(self, kind: str, limit_id: str) -> Document:
        try:
            return self.keystone.documents[kind][limit_id]
        except KeyError:
            raise Missing(kind.replace("_", " "), limit_id) from None


def _items(
    request: IdentityRequest, member: str, fields: schema.Fields, required: tuple[str, ...]
) -> list[dict[str, Any]]:
    body = request.json_object()
    schema.check(body, {member: schema.Items(schema.Object())}, required=(member,))
    found: list[Mapping[str, Any]] = body[member]
    if not found:
        raise Invalid(f"Expecting to find at least one item in {member}.")
    for each in found:
        schema.check(each, fields, required=required)
    return [{key: value for key, value in each.items() if key in fields} for each in found]


def _same(left: Mapping[str, Any], right: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return all(left[key] == right[key] for key in keys)

"""Unified limits: ``/v3/registered_limits`` and ``/v3/limits``. No service of the embedded cloud enforces them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Conflict, Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Document
from pytest_doctor_maint.simtime.http import Answer, route

_NUMBER = {"type": "integer", "minimum": -1}
_REGISTERED = {
    "service_id": schemas.ID,
    "region_id": schemas.nullable(schemas.text(minLength=1, maxLength=255)),
    "resource_name": schemas.NAME,
    "default_limit": _NUMBER,
    "description": schemas.DESCRIPTION,
}
_LIMIT = {
    "service_id": schemas.ID,
    "region_id": schemas.nullable(schemas.text(minLength=1, maxLength=255)),
    "resource_name": schemas.NAME,
    "resource_limit": _NUMBER,
    "project_id": schemas.REFERENCE,
    "domain_id": schemas.REFERENCE,
    "description": schemas.DESCRIPTION,
}
NEW_REGISTERED_LIMITS = schemas.Resources(
    "registered_limits", _REGISTERED, required=("service_id", "resource_name", "default_limit")
)
NEW_LIMITS = schemas.Resources("limits", _LIMIT, required=("service_id", "resource_name", "resource_limit"))
REGISTERED_LIMIT = schemas.Resource("registered_limit", _REGISTERED)
LIMIT = schemas.Resource("limit", _LIMIT)
_PLACE = ("service_id", "region_id", "resource_name")


class LimitRoutes(IdentityService):
    """Registered limits (defaults), and limits of projects and domains."""

    @route("POST", "/v3/registered_limits", admin=True)
    def create_registered_limits(self, request: IdentityRequest) -> Answer:
        """Create registered limits."""
        found = NEW_REGISTERED_LIMITS.read(request.json_object())
        blank = {"region_id": None, "description": None}
        return 201, self._create(request, "registered_limit", [{**blank, **each} for each in found], _PLACE)

    @route("POST", "/v3/limits", admin=True)
    def create_limits(self, request: IdentityRequest) -> Answer:
        """Create limits of projects or domains."""
        found = NEW_LIMITS.read(request.json_object())
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
        """List the registered limits."""
        kept = self.keystone.documents["registered_limit"].values()
        found = [views.document(each, "registered_limits", request.root) for each in kept]
        return self.listing(request, "registered_limits", found, *_PLACE)

    @route("GET", "/v3/limits")
    def list_limits(self, request: IdentityRequest) -> Answer:
        """List the limits that the caller may read."""
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
        """Show the enforcement model, which is flat."""
        description = "Limit enforcement and validation does not take project hierarchy into consideration."
        return {"model": {"name": "flat", "description": description}}

    @route("GET", "/v3/registered_limits/<limit_id>")
    def show_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Show a registered limit."""
        limit = self._limit("registered_limit", limit_id)
        return {"registered_limit": views.document(limit, "registered_limits", request.root)}

    @route("GET", "/v3/limits/<limit_id>")
    def show_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Show a limit."""
        known = self.keystone.documents["limit"].get(limit_id)
        if not (self.reads_all(request) if known is None else self._sees(request, known)):
            raise self.forbidden(request)
        limit = self._limit("limit", limit_id)
        return {"limit": views.document(limit, "limits", request.root)}

    @route("PATCH", "/v3/registered_limits/<limit_id>", admin=True)
    def update_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Update a registered limit."""
        limit = self._limit("registered_limit", limit_id)
        values = REGISTERED_LIMIT.read(request.json_object(), key=limit_id)
        values.pop("extra", None)
        limit.values.update(values)
        return {"registered_limit": views.document(limit, "registered_limits", request.root)}

    @route("PATCH", "/v3/limits/<limit_id>", admin=True)
    def update_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Update a limit."""
        limit = self._limit("limit", limit_id)
        values = LIMIT.read(request.json_object(), key=limit_id)
        if not values.keys() <= {"resource_limit", "description"}:
            raise Invalid("Only resource_limit and description of a limit can be changed.")
        if not values.get("description"):
            # Keystone takes no description away.
            values.pop("description", None)
        limit.values.update(values)
        return {"limit": views.document(limit, "limits", request.root)}

    @route("DELETE", "/v3/registered_limits/<limit_id>", admin=True)
    def delete_registered_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Delete a registered limit on which no limit rests."""
        limit = self._limit("registered_limit", limit_id)
        if any(_same(each.values, limit.values, _PLACE) for each in self.keystone.documents["limit"].values()):
            raise Forbidden(f"Unable to delete registered limit {limit_id}: there are limits that rest on it.")
        del self.keystone.documents["registered_limit"][limit_id]
        return None

    @route("DELETE", "/v3/limits/<limit_id>", admin=True)
    def delete_limit(self, request: IdentityRequest, limit_id: str) -> Answer:
        """Delete a limit."""
        del self.keystone.documents["limit"][self._limit("limit", limit_id).id]
        return None

    def _limit(self, kind: str, limit_id: str) -> Document:
        try:
            return self.keystone.documents[kind][limit_id]
        except KeyError:
            raise Missing(kind.replace("_", " "), limit_id) from None


def _same(left: Mapping[str, Any], right: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    return all(left[key] == right[key] for key in keys)

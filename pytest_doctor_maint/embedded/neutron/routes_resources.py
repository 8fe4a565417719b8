"""Networking API: listing, showing, creating, updating and deleting the resources of every collection."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.bodies import changes, check_rights, inner
from pytest_doctor_maint.embedded.neutron.collection import INTERNAL, Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, malformed
from pytest_doctor_maint.embedded.neutron.listing import listing, selected
from pytest_doctor_maint.embedded.neutron.service import NeutronService, check_revision
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route


class ResourceRoutes(NeutronService):
    """The routes of every collection."""

    @route("GET", "/v2.0/<path>")
    def list_resources(self, request: ServiceRequest, path: str) -> Answer:
        collection = self.collection(path)
        page = listing(collection, request.caller, list(request.args.items(multi=True)), request.base_url)
        key = path.replace("-", "_")
        answer: Record = {key: page.records}
        if page.links:
            answer[f"{key}_links"] = page.links
        return answer

    @route("POST", "/v2.0/<path>")
    def create_resource(self, request: ServiceRequest, path: str) -> Answer:
        collection = self.collection(path)
        name, many = collection.kind.name, path.replace("-", "_")
        body = request.json_object()
        if many in body:
            return 201, {many: self._create_many(request, collection, body[many])}
        record = collection.create(inner(body, name), request.caller)
        return 201, {name: collection.view(record, request.caller)}

    def _create_many(self, request: ServiceRequest, collection: Collection, bodies: object) -> list[Record]:
        """Create all resources of a list. If one cannot be created, the request is refused, and none is left."""
        if not isinstance(bodies, list) or not bodies:
            raise malformed("Resources required")
        made: list[Record] = []
        for body in bodies:
            # Each body may be the value of an object with one key, as in a request for one resource.
            name = collection.kind.name
            wrapped = isinstance(body, dict) and set(body) == {name}
            made.append(collection.create(body[name] if wrapped else body, request.caller))
        return [collection.view(record, request.caller) for record in made]

    @route("GET", "/v2.0/<path>/<record_id>")
    def show_resource(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        collection = self.collection(path)
        record = collection.view(collection.find(record_id, request.caller), request.caller)
        return {collection.kind.name: selected(record, request.args.getlist("fields"))}

    @route("PUT", "/v2.0/<path>/<record_id>")
    def update_resource(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        collection = self.collection(path)
        body = inner(request.json_object(), collection.kind.name)
        try:
            check_rights(collection.kind, body, request.caller)
        except NeutronError:
            # What the caller does not see or own is reported first.
            collection.find_own(record_id, request.caller, "update")
            raise
        # A malformed body is reported first, also to callers who do not see the resource.
        changes(collection.kind, body, INTERNAL)
        record = collection.find_own(record_id, request.caller, "update")
        check_revision(request, record)
        collection.update(record, body, request.caller)
        return {collection.kind.name: collection.view(record, request.caller)}

    @route("DELETE", "/v2.0/<path>/<record_id>")
    def delete_resource(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        collection = self.collection(path)
        record = collection.find_own(record_id, request.caller, "delete")
        check_revision(request, record)
        collection.delete(record, request.caller)
        return None

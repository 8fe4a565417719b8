"""Networking API: what all resources have in common (list, show, create, update, delete, tags)."""

from __future__ import annotations

import re
from typing import Any

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record, changes
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, invalid, malformed, not_found
from pytest_doctor_maint.embedded.neutron.listing import listing, selected
from pytest_doctor_maint.embedded.neutron.service import NeutronService
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

MOST_TAGS = 50


class ResourceRoutes(NeutronService):
    """The routes of every collection."""

    def collection(self, path: str) -> Collection:
        """The collection with this path.

        Raises:
            NeutronError: 404, there is none.
        """
        for collection in self.neutron.collections:
            if collection.kind.collection == path:
                return collection
        raise not_found("HTTPNotFound", "The resource could not be found.")

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
        record = collection.create(_inner(body, name), request.caller)
        return 201, {name: collection.view(record, request.caller)}

    def _create_many(self, request: ServiceRequest, collection: Collection, bodies: Any) -> list[Record]:
        if not isinstance(bodies, list) or not bodies:
            raise malformed("Resources required")
        made: list[Record] = []
        try:
            for body in bodies:
                # Each may stand in an object of its own.
                name = collection.kind.name
                inner = body[name] if isinstance(body, dict) and set(body) == {name} else body
                made.append(collection.create(inner, request.caller))
        except NeutronError:
            # All or none.
            for record in reversed(made):
                collection.delete(record, self.neutron.internal)
            raise
        return [collection.view(record, request.caller) for record in made]

    @route("GET", "/v2.0/<path>/<record_id>")
    def show_resource(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        collection = self.collection(path)
        record = collection.view(collection.find(record_id, request.caller), request.caller)
        return {collection.kind.name: selected(record, request.args.getlist("fields"))}

    @route("PUT", "/v2.0/<path>/<record_id>")
    def update_resource(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        collection = self.collection(path)
        body = _inner(request.json_object(), collection.kind.name)
        # What is malformed is said first, also to those who do not see the resource.
        changes(collection.kind, body, self.neutron.internal)
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

    # -- tags --------------------------------------------------------------------------------------------------------

    def _tagged(self, request: ServiceRequest, path: str, record_id: str, action: str = "") -> Record:
        collection = self.collection(path)
        if not collection.kind.tags:
            raise not_found("HTTPNotFound", "The resource could not be found.")
        if not action:
            return collection.find(record_id, request.caller)
        record = collection.find_own(record_id, request.caller, action)
        check_revision(request, record)
        return record

    def _tag(self, path: str, record: Record, tags: list[str]) -> None:
        if len(tags) > MOST_TAGS:
            raise malformed(f"A resource has at most {MOST_TAGS} tags")
        self.collection(path).put(record, {"tags": tags})

    @route("GET", "/v2.0/<path>/<record_id>/tags")
    def list_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        return {"tags": self._tagged(request, path, record_id)["tags"]}

    @route("PUT", "/v2.0/<path>/<record_id>/tags")
    def replace_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        tags = _tags(request.json_object())
        self._tag(path, self._tagged(request, path, record_id, "update"), tags)
        return {"tags": tags}

    @route("POST", "/v2.0/<path>/<record_id>/tags")
    def add_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        tags = _tags(request.json_object())
        record = self._tagged(request, path, record_id, "update")
        self._tag(path, record, list(dict.fromkeys([*record["tags"], *tags])))
        return 201, {"tags": record["tags"]}

    @route("DELETE", "/v2.0/<path>/<record_id>/tags")
    def remove_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        self._tag(path, self._tagged(request, path, record_id, "update"), [])
        return None

    @route("GET", "/v2.0/<path>/<record_id>/tags/<tag>")
    def has_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        if tag not in self._tagged(request, path, record_id)["tags"]:
            raise not_found("TagNotFound", f"Tag {tag} could not be found.")
        return None

    @route("PUT", "/v2.0/<path>/<record_id>/tags/<tag>")
    def add_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        try:
            checks.tag(tag)
        except ValueError as error:
            raise invalid("tag", str(error)) from error
        record = self._tagged(request, path, record_id, "update")
        if tag not in record["tags"]:
            self._tag(path, record, [*record["tags"], tag])
        return 201, None

    @route("DELETE", "/v2.0/<path>/<record_id>/tags/<tag>")
    def remove_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        record = self._tagged(request, path, record_id, "update")
        if tag not in record["tags"]:
            raise not_found("TagNotFound", f"Tag {tag} could not be found.")
        self._tag(path, record, [one for one in record["tags"] if one != tag])
        return None


def _inner(body: Record, name: str) -> Any:
    if name not in body:
        raise malformed(f"Unable to find '{name}' in request body")
    return body[name]


def _tags(body: Record) -> list[str]:
    try:
        return checks.tags(_inner(body, "tags"))
    except ValueError as error:
        raise invalid("tags", str(error)) from error


def check_revision(request: ServiceRequest, record: Record) -> None:
    """Whether the request's ``If-Match: revision_number=N``, if any, holds.

    Raises:
        NeutronError: 400, it names no revision; 412, the resource has another one.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return
    named = re.fullmatch(r'\s*"?revision_number="?(\d+)"?\s*', header)
    if named is None:
        raise malformed(f"Invalid If-Match value: {header}")
    if int(named[1]) != record.get("revision_number"):
        raise NeutronError(
            412,
            "RevisionNumberConstraintFailed",
            f"Constrained to {named[1]}, but current revision is {record.get('revision_number')}",
        )

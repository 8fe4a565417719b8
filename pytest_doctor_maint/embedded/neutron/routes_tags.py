"""Networking API: tags of resources."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.bodies import checked, inner
from pytest_doctor_maint.embedded.neutron.errors import malformed, not_found
from pytest_doctor_maint.embedded.neutron.service import NeutronService, check_revision, resource_not_found
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: The largest number of tags of a resource.
MOST_TAGS = 50


class TagRoutes(NeutronService):
    """The tags of the resources of every collection whose resources can be tagged."""

    @route("GET", "/v2.0/<path>/<record_id>/tags")
    def list_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        return {"tags": self._tagged(request, path, record_id)["tags"]}

    @route("PUT", "/v2.0/<path>/<record_id>/tags")
    def replace_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        tags = _tags(request)
        self._set(path, self._own(request, path, record_id), tags)
        return {"tags": tags}

    @route("POST", "/v2.0/<path>/<record_id>/tags")
    def add_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        tags = _tags(request)
        record = self._own(request, path, record_id)
        self._set(path, record, list(dict.fromkeys([*record["tags"], *tags])))
        return 201, {"tags": record["tags"]}

    @route("DELETE", "/v2.0/<path>/<record_id>/tags")
    def remove_tags(self, request: ServiceRequest, path: str, record_id: str) -> Answer:
        self._set(path, self._own(request, path, record_id), [])
        return None

    @route("GET", "/v2.0/<path>/<record_id>/tags/<tag>")
    def has_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        if tag not in self._tagged(request, path, record_id)["tags"]:
            raise not_found("TagNotFound", f"Tag {tag} could not be found.")
        return None

    @route("PUT", "/v2.0/<path>/<record_id>/tags/<tag>")
    def add_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        checked("tag", checks.tag, tag)
        record = self._own(request, path, record_id)
        if tag not in record["tags"]:
            self._set(path, record, [*record["tags"], tag])
        return 201, None

    @route("DELETE", "/v2.0/<path>/<record_id>/tags/<tag>")
    def remove_tag(self, request: ServiceRequest, path: str, record_id: str, tag: str) -> Answer:
        record = self._own(request, path, record_id)
        if tag not in record["tags"]:
            raise not_found("TagNotFound", f"Tag {tag} could not be found.")
        self._set(path, record, [one for one in record["tags"] if one != tag])
        return None

    def _tagged(self, request: ServiceRequest, path: str, record_id: str) -> Record:
        collection = self.collection(path)
        if not collection.kind.tags:
            raise resource_not_found()
        return collection.find(record_id, request.caller)

    def _own(self, request: ServiceRequest, path: str, record_id: str) -> Record:
        collection = self.collection(path)
        if not collection.kind.tags:
            raise resource_not_found()
        record = collection.find_own(record_id, request.caller, "update")
        check_revision(request, record)
        return record

    def _set(self, path: str, record: Record, tags: list[str]) -> None:
        if len(tags) > MOST_TAGS:
            raise malformed(f"A resource has at most {MOST_TAGS} tags")
        self.collection(path).table.put(record, {"tags": tags})


def _tags(request: ServiceRequest) -> list[str]:
    tags: list[str] = checked("tags", checks.tags, inner(request.json_object(), "tags"))
    return tags

"""Nova's version documents."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.microversions import LOWEST, dotted
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route


class VersionRoutes(NovaService):
    """The version documents, which need no token."""

    @route("GET", "/", public=True)
    def list_versions(self, request: NovaRequest) -> Answer:
        return {"versions": [self._version(request, legacy=True), self._version(request, legacy=False)]}

    @route("GET", "/v2.1", public=True)
    def show_version(self, request: NovaRequest) -> Answer:
        document = self._version(request, legacy=request.legacy)
        document["links"].append({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
        kind = f"application/vnd.openstack.compute+json;version={'2' if request.legacy else '2.1'}"
        document["media-types"] = [{"base": "application/json", "type": kind}]
        return {"version": document}

    def _version(self, request: NovaRequest, *, legacy: bool) -> dict[str, Any]:
        return {
            "id": "v2.0" if legacy else "v2.1",
            "status": "SUPPORTED" if legacy else "CURRENT",
            "version": "" if legacy else dotted(self.highest),
            "min_version": "" if legacy else dotted(LOWEST),
            "updated": "2011-01-21T11:33:21Z" if legacy else "2013-07-23T11:33:21Z",
            "links": [{"rel": "self", "href": f"{self.bookmark_url(request)}/{'v2' if legacy else 'v2.1'}/"}],
        }

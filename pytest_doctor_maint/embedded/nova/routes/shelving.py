"""Actions that shelve servers and bring them back."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Refused
from pytest_doctor_maint.embedded.nova.routes.actions import ACCEPTED, ActionRoutes, action
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, NAME, anything, nullable, section
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.simtime.http import Answer

UNSHELVE = Schemas(
    anything("unshelve"),
    {
        (2, 77): section("unshelve", {"availability_zone": NAME}, ["availability_zone"], nullable=True),
        (2, 91): section("unshelve", {"availability_zone": nullable(ANY_STRING), "host": ANY_STRING}, nullable=True),
    },
)


class ShelvingRoutes(ActionRoutes):
    """Actions that shelve servers and bring them back."""

    @action("shelve", Schemas(anything("shelve")))
    def shelve_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        self.nova.shelving.shelve(server, request.action("shelve"))
        return ACCEPTED

    @action("shelveOffload", Schemas(anything("shelveOffload")), admin=True)
    def shelve_offload_server(self, request: NovaRequest, server: Server, value: object) -> Answer:
        self.nova.shelving.offload(server, request.action("shelveOffload"))
        return ACCEPTED

    @action("unshelve", UNSHELVE)
    def unshelve_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        # Before 2.77 the value of "unshelve" does not matter.
        place = value if value and request.version >= (2, 77) else {}
        host = place.get("host")
        if host is not None and not request.caller.is_admin:
            raise Refused("Policy doesn't allow os_compute_api:os-shelve:unshelve_to_host to be performed.")
        self.nova.shelving.unshelve(
            server,
            request.action("unshelve"),
            host,
            rezoned="availability_zone" in place,
            zone=place.get("availability_zone"),
        )
        return ACCEPTED

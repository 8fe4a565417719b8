"""``/os-server-external-events``: events that other services report to Nova."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import UUID, array, enum, object_, string
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

_NAMES = ["network-changed", "network-vif-plugged", "network-vif-unplugged", "network-vif-deleted"]
_NAMES_2_51 = [*_NAMES, "volume-extended"]
_NAMES_2_76 = [*_NAMES_2_51, "power-update"]
_NAMES_2_82 = [*_NAMES_2_76, "accelerator-request-bound"]
_NAMES_2_93 = [*_NAMES_2_82, "volume-reimaged"]


def _events(names: list[str]) -> dict[str, Any]:
    event = {
        "name": enum(*names),
        "server_uuid": UUID,
        "status": enum("failed", "completed", "in-progress"),
        "tag": string(0, 255),
    }
    return object_({"events": array(object_(event, ["name", "server_uuid"]), minItems=1)}, ["events"])


CREATE = Schemas(
    _events(_NAMES),
    {
        (2, 51): _events(_NAMES_2_51),
        (2, 76): _events(_NAMES_2_76),
        (2, 82): _events(_NAMES_2_82),
        (2, 93): _events(_NAMES_2_93),
    },
)


class ExternalEventRoutes(NovaService):
    """``/os-server-external-events``."""

    @route("POST", "/v2.1/os-server-external-events", role="service")
    def create_external_events(self, request: NovaRequest) -> Answer:
        """Report events of other services."""
        # No operation of this cloud waits for such an event (a port is plugged): they are accepted and ignored.
        answers: list[dict[str, Any]] = []
        for event in request.valid_body(CREATE)["events"]:
            known = event["server_uuid"] in self.nova.servers
            status = event.get("status", "completed")
            answers.append({**event, "status": status if known else "failed", "code": 200 if known else 404})
        codes = {answer["code"] for answer in answers}
        if codes == {404}:
            raise Missing("No instances found for any event")
        return (200 if codes == {200} else 207), {"events": answers}

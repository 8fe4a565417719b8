"""``/os-services``: Nova's services."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.embedded.nova.compute import Compute, Controller
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.routes.hosts import CONTROLLER
from pytest_doctor_maint.embedded.nova.schema import Json, Schemas, is_uuid
from pytest_doctor_maint.embedded.nova.schema_types import ANY_STRING, BOOLEAN, HOST, enum, many, object_, query, string
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import boolean
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, route

_UPDATE: Json = {"host": HOST, "binary": string(1, 255), "disabled_reason": string(1, 255)}
_UPDATE_2_53: Json = {
    "status": enum("enabled", "disabled"),
    "disabled_reason": string(1, 255),
    "forced_down": BOOLEAN,
}
UPDATE = Schemas(
    object_(_UPDATE, ["host", "binary"]),
    {
        (2, 11): object_({**_UPDATE, "forced_down": BOOLEAN}, ["host", "binary"]),
        (2, 53): object_(_UPDATE_2_53),
    },
)
_LIST = {"host": many(ANY_STRING), "binary": many(ANY_STRING)}
LIST = Schemas(query(_LIST), {(2, 75): query(_LIST, closed=True)})


class ServiceRoutes(NovaService):
    """``/os-services``."""

    @route("GET", "/v2.1/os-services", admin=True)
    def list_services(self, request: NovaRequest) -> Answer:
        args, nova = request.valid_query(LIST), self.nova
        host, binary = args.get("host"), args.get("binary")
        services: list[Compute | Controller] = [*nova.controllers, *nova.known_computes()]
        shown = [self._service(request, service) for service in services]
        return {
            "services": [
                item for item in shown if host in (None, "", item["host"]) and binary in (None, "", item["binary"])
            ]
        }

    def _service(self, request: NovaRequest, service: Compute | Controller) -> dict[str, Any]:
        shown: dict[str, Any]
        if isinstance(service, Controller):
            shown = {
                "id": service.number,
                "binary": service.binary,
                "host": CONTROLLER,
                "zone": INTERNAL_ZONE,
                "status": "enabled",
                "state": "up",
                "updated_at": micros(request.now),
                "disabled_reason": None,
                "forced_down": False,
            }
            uuid = service.uuid
        else:
            shown = {
                "id": service.number,
                "binary": "nova-compute",
                "host": service.host,
                "zone": self.nova.zone_of(service.host),
                "status": service.status,
                "state": service.state,
                "updated_at": micros(service.last_seen or request.now),
                "disabled_reason": service.disabled_reason,
                "forced_down": service.forced_down,
            }
            uuid = service.service_uuid
        if request.version >= (2, 53):
            shown["id"] = uuid
        if request.version < (2, 11):
            del shown["forced_down"]
        return shown

    # -- changing ----------------------------------------------------------------------------------------------------

    @route("PUT", "/v2.1/os-services/<action>", admin=True)
    def update_service(self, request: NovaRequest, action: str) -> Answer:
        """Update a service; the path names an action up to 2.52, and a service from 2.53 on."""
        if request.version >= (2, 53):
            return self._update_by_uuid(request, action)
        actions = ["enable", "disable", "disable-log-reason"]
        if action not in (actions if request.version < (2, 11) else [*actions, "force-down"]):
            raise Missing("Unknown action")
        fields = request.valid_body(UPDATE)
        answer: dict[str, Any] = {"host": fields["host"], "binary": fields["binary"]}
        if action == "force-down":
            if "forced_down" not in fields:
                raise Invalid("Missing forced_down field")
            forced_down = boolean(fields["forced_down"])
            if not forced_down:
                self.nova.services.check_may_be_up(fields["host"])
            compute = self._by_host(fields)
            self.nova.set_service(compute, forced_down=forced_down)
            return {"service": {**answer, "forced_down": compute.forced_down}}
        reason = fields.get("disabled_reason") if action == "disable-log-reason" else None
        if action == "disable-log-reason" and reason is None:
            raise Invalid("Missing disabled reason field")
        status = answer["status"] = "enabled" if action == "enable" else "disabled"
        self.nova.set_service(self._by_host(fields), status=status, reason=reason)
        if reason is not None:
            answer["disabled_reason"] = reason
        return {"service": answer}

    def _update_by_uuid(self, request: NovaRequest, uuid: str) -> Answer:
        fields = request.valid_body(UPDATE)
        compute = self._by_uuid(uuid)
        status = fields.get("status")
        if status == "enabled" and "disabled_reason" in fields:
            raise Invalid("Specifying 'disabled_reason' with status 'enabled' is invalid.")
        forced_down = boolean(fields["forced_down"]) if "forced_down" in fields else None
        if forced_down is False:
            self.nova.services.check_may_be_up(compute.host)
        if status is None and forced_down is None:
            raise Invalid("No updates were requested. Fields 'status' or 'forced_down' should be specified.")
        self.nova.set_service(compute, status=status, reason=fields.get("disabled_reason"), forced_down=forced_down)
        return {"service": self._service(request, compute)}

    @route("DELETE", "/v2.1/os-services/<service_id>", admin=True)
    def delete_service(self, request: NovaRequest, service_id: str) -> Answer:
        if request.version >= (2, 53):
            compute = self._by_uuid(service_id)
        else:
            if not service_id.isdigit():
                raise Invalid(f"Invalid service id {service_id}.")
            found = [one for one in self.nova.known_computes() if str(one.number) == service_id]
            if not found:
                raise Missing(f"Service {service_id} could not be found.")
            compute = found[0]
        self.nova.services.delete(compute)
        return None

    def _by_host(self, fields: dict[str, Any]) -> Compute:
        host, binary = fields["host"], fields["binary"]
        if binary != "nova-compute":
            raise Invalid(f"Updating a {binary} service is not supported. Only nova-compute services can be updated.")
        if not self.nova.has_compute(host):
            raise Missing(f"Could not find binary {binary} on host {host}.")
        return self.nova.computes[host]

    def _by_uuid(self, uuid: str) -> Compute:
        if not is_uuid(uuid):
            raise Invalid(f"Invalid uuid {uuid}")
        for compute in self.nova.known_computes():
            if compute.service_uuid == uuid:
                return compute
        for controller in self.nova.controllers:
            if controller.uuid == uuid:
                raise Invalid(
                    f"Updating a {controller.binary} service is not supported. "
                    "Only nova-compute services can be updated."
                )
        raise Missing(f"Service {uuid} could not be found.")

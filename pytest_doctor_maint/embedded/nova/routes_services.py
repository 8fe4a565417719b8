"""``/os-services``: what Nova is made of."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.aggregates import INTERNAL_ZONE
from pytest_doctor_maint.embedded.nova.body import Reader, boolean, one_of, text, values
from pytest_doctor_maint.embedded.nova.compute import Compute, Controller
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.readers import hostname, is_uuid
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import micros
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

CONTROLLER_HOST = "controller"


class ServicesRoutes(NovaService):
    """Listing services, enabling and disabling them, forcing them down."""

    @route("GET", "/v2.1/os-services", admin=True)
    def list_services(self, request: NovaRequest) -> Answer:
        nova = self.nova
        host, binary = request.args.get("host"), request.args.get("binary")
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
                "host": CONTROLLER_HOST,
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

    @route("PUT", "/v2.1/os-services/<action>", admin=True)
    def update_service(self, request: NovaRequest, action: str) -> Answer:
        if request.version >= (2, 53):
            return self._update_by_uuid(request, action)
        actions = {"enable", "disable", "disable-log-reason"} | (
            {"force-down"} if request.version >= (2, 11) else set()
        )
        if action not in actions:
            raise HttpError(404, "Unknown action")
        readers: dict[str, Reader] = {"host": hostname, "binary": text(1, 255)}
        if action == "disable-log-reason":
            readers["disabled_reason"] = text(1, 255)
        elif action == "force-down":
            readers["forced_down"] = boolean
        elif request.version < (2, 11):
            readers["disabled_reason"] = text(1, 255)
        required = [name for name in readers if name != "disabled_reason" or action == "disable-log-reason"]
        fields = values(request.json_object(), readers, required)
        compute = self._by_host(fields["host"], fields["binary"])
        answer = {"host": fields["host"], "binary": fields["binary"]}
        if action == "force-down":
            self.nova.set_service(compute, forced_down=fields["forced_down"])
            return {"service": {**answer, "forced_down": compute.forced_down}}
        status = "enabled" if action == "enable" else "disabled"
        reason = fields.get("disabled_reason") if action == "disable-log-reason" else None
        self.nova.set_service(compute, status=status, reason=reason)
        answer["status"] = status
        if reason is not None:
            answer["disabled_reason"] = reason
        return {"service": answer}

    def _update_by_uuid(self, request: NovaRequest, uuid: str) -> Answer:
        readers: dict[str, Reader] = {
            "status": one_of("enabled", "disabled"),
            "disabled_reason": text(1, 255),
            "forced_down": boolean,
        }
        fields = values(request.json_object(), readers)
        compute = self._by_uuid(uuid)
        status = fields.get("status")
        if not fields:
            raise Invalid("No updates were requested. Fields 'status' or 'forced_down' should be specified.")
        if "disabled_reason" in fields and status != "disabled":
            raise Invalid("Specifying 'disabled_reason' requires that status is 'disabled'.")
        self.nova.set_service(
            compute, status=status, reason=fields.get("disabled_reason"), forced_down=fields.get("forced_down")
        )
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

    def _by_host(self, host: str, binary: str) -> Compute:
        compute = self.nova.computes.get(host)
        if compute is None or compute.deleted or binary != "nova-compute":
            raise Missing(f"Could not find binary {binary} on host {host}.")
        return compute

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

"""``/servers/ID/os-instance-actions``: the operations that were requested for a server."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.instance_actions import ActionEvent, InstanceAction
from pytest_doctor_maint.embedded.nova.routes.period import PERIOD_2_66, SINCE, in_period
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import ONE_PAGING, query
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.views import digest, micros
from pytest_doctor_maint.simtime.http import Answer, route

LIST = Schemas(
    query(),
    {
        (2, 58): query(SINCE, ONE_PAGING, closed=True),
        (2, 66): query(PERIOD_2_66, ONE_PAGING, closed=True),
    },
)


class InstanceActionRoutes(NovaService):
    """The instance actions of servers."""

    @route("GET", "/v2.1/servers/<server_id>/os-instance-actions")
    def list_instance_actions(self, request: NovaRequest, server_id: str) -> Answer:
        request.valid_query(LIST)
        server = self._server(request, server_id)
        found = server.actions[::-1]
        answer: dict[str, Any] = {}
        if request.version >= (2, 58):
            found, more = self.page(request, in_period(request, found), lambda action: action.request_id)
            if more:
                path = f"servers/{server_id}/os-instance-actions"
                answer["links"] = self.next_page(request, path, found[-1].request_id)
        return {"instanceActions": [self._action(request, server, action) for action in found], **answer}

    @route("GET", "/v2.1/servers/<server_id>/os-instance-actions/<request_id>")
    def show_instance_action(self, request: NovaRequest, server_id: str, request_id: str) -> Answer:
        server = self._server(request, server_id)
        for action in server.actions:
            if action.request_id == request_id:
                shown = self._action(request, server, action)
                if request.caller.is_admin or request.version >= (2, 51):
                    shown["events"] = [self._event(request, server, event) for event in action.events[::-1]]
                return {"instanceAction": shown}
        raise Missing(f"Action {request_id} for instance {server_id} not found")

    def _server(self, request: NovaRequest, server_id: str) -> Server:
        """Return the server with this id; from 2.21 on it may be deleted."""
        caller = request.caller
        gone = self.nova.gone.get(server_id)
        if (
            gone is not None
            and request.version >= (2, 21)
            and (caller.is_admin or gone.project_id == caller.project_id)
        ):
            return gone
        return self.nova.server(server_id, caller)

    def _action(self, request: NovaRequest, server: Server, action: InstanceAction) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "action": action.action,
            "instance_uuid": server.id,
            "request_id": action.request_id,
            "user_id": action.user_id,
            "project_id": action.project_id,
            "start_time": micros(action.started_at),
            "message": action.message,
        }
        if request.version >= (2, 58):
            shown["updated_at"] = micros(action.updated_at)
        return shown

    def _event(self, request: NovaRequest, server: Server, event: ActionEvent) -> dict[str, Any]:
        admin = request.caller.is_admin
        shown: dict[str, Any] = {
            "event": event.name,
            "start_time": micros(event.started_at),
            "finish_time": micros(event.finished_at),
            "result": event.result,
        }
        if admin or request.version < (2, 51):
            shown["traceback"] = event.traceback
        if request.version >= (2, 62):
            shown["hostId"] = digest(f"{server.project_id}{event.host}") if event.host else ""
            if admin:
                shown["host"] = event.host
        if request.version >= (2, 84):
            shown["details"] = event.traceback
        return shown

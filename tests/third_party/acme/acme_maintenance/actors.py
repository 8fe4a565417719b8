"""An admin tool, an app manager and an Inspector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pytest_doctor_maint import (
    SAMPLE,
    ActorSpec,
    AdminToolContext,
    AdminToolSettings,
    App,
    AppManager,
    HttpServer,
    InspectorContext,
    Request,
    SampleAdminTool,
    Workflow,
    parse_alarm,
    route,
)


class AcmeWorkflow(Workflow):
    """Maintains the computes in the reverse of the order in which the admin named them."""

    def maintain(self) -> None:
        self.hosts.reverse()
        super().maintain()


class AcmeAdminTool(SampleAdminTool):
    """The sample admin tool with another workflow."""

    name = "acme-admin-tool"
    version = "1.2.3"
    workflows: ClassVar[Mapping[str, type[Workflow]]] = {"default": AcmeWorkflow}


class AcmeAppManager(AppManager):
    """An app manager without a name of its own."""


class AcmeInspector:
    """An Inspector written from scratch: it subscribes to maintenance, and counts the reports of monitors."""

    name = "acme-inspector"
    version = ""

    def __init__(self, context: InspectorContext) -> None:
        self.reports = 0
        self._context = context
        self._alarm_id = ""
        self._server = HttpServer(_Api(self), name="inspector", clock=context.clock)
        self.url = self._server.url
        context.history.alias(self.url, "inspector")

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def join(self) -> None:
        self._server.join()

    def subscribe(self) -> None:
        rule = {"event_type": "maintenance.host"}
        url = f"{self.url}/maintenance"
        alarm = {"name": "acme", "type": "event", "event_rule": rule, "alarm_actions": [url], "repeat_actions": True}
        self._alarm_id = self._aodh("POST", "/v2/alarms", json=alarm).json()["alarm_id"]

    def unsubscribe(self) -> None:
        if self._alarm_id:
            self._aodh("DELETE", f"/v2/alarms/{self._alarm_id}")
            self._alarm_id = ""

    def receive(self, body: Mapping[str, Any]) -> None:
        alarm = parse_alarm(body)
        data = {**alarm.notification, "subscriber_id": self._context.connection.session.get_project_id()}
        self._context.history.append("inspector", "alarm", data)

    def _aodh(self, method: str, path: str, **options: Any) -> Any:
        filters = {"service_type": "alarming", "interface": "public"}
        return self._context.connection.session.request(path, method, endpoint_filter=filters, **options)


class _Api(App):
    def __init__(self, inspector: AcmeInspector) -> None:
        super().__init__()
        self._inspector = inspector

    @route("POST", "/maintenance")
    def alarm(self, request: Request) -> dict[str, Any]:
        self._inspector.receive(request.json_object())
        return {}

    @route("PUT", "/events")
    def events(self, request: Request) -> dict[str, Any]:
        self._inspector.reports += 1
        return {}


def _make_admin_tool(context: AdminToolContext[AdminToolSettings]) -> AcmeAdminTool:
    return AcmeAdminTool(context)


ADMIN_TOOL = ActorSpec(
    summary="the admin tool of Acme", make=_make_admin_tool, settings=AdminToolSettings, dialect=SAMPLE
)
APP_MANAGER = ActorSpec(summary="the app manager of Acme", make=AcmeAppManager)
INSPECTOR = ActorSpec(summary="the Inspector of Acme", make=AcmeInspector)

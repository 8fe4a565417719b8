"""A correct application without a redundant pair and without a floating IP passes: what it need not have is not judged.

Its app manager is written as a foreign one would be: it knows the messages and Nova, and nothing of our application.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pytest_doctor_maint import (
    App,
    AppManagerContext,
    Clock,
    HttpServer,
    HttpSession,
    ProjectMessage,
    Request,
    Scenario,
    judge,
    parse_alarm,
    route,
)
from pytest_doctor_maint.actors.alarms import record_alarm
from pytest_doctor_maint.openstack.alarms import subscribe, unsubscribe
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.waiters import wait_for_gone, wait_for_server
from pytest_doctor_maint.protocol import ANSWERED, SCHEDULED_EVENT, parse_project_message
from pytest_doctor_maint.report import failure_text
from pytest_doctor_maint.simtime.http import Answer
from pytest_doctor_maint.testbed.settings import TestbedSettings

if TYPE_CHECKING:
    from openstack.connection import Connection

NEED_NOT_HAVE = {"act_and_stby_never_both_down", "act_and_stby_on_two_computes", "downtime_is_zero"}


class PlainAppManager(App):
    """Three servers alone: no server group, no network, no floating IP. It agrees to every message."""

    name, version = "plain", ""

    def __init__(self, context: AppManagerContext) -> None:
        super().__init__()
        self.context, self.project_id = context, context.project_id
        self.server = HttpServer(self, name="app_manager doctor", clock=context.clock)
        self.url = self.server.url
        self.http = HttpSession(context.clock)
        self.servers: list[str] = []
        self.alarm = ""

    def start(self) -> PlainAppManager:
        self.server.start()
        return self

    def stop(self) -> None:
        self.server.stop()

    def join(self) -> None:
        self.server.join()
        self.http.close()

    def deploy(
        self,
        *,
        image: str,
        flavor: str,
        external_network: str,
        instances: int,
        placement: Mapping[str, str],
        placer: Connection | None,
    ) -> None:
        compute, clock = self.context.connection.compute, self.context.clock
        for number in range(3):
            server = {"name": f"plain_{number}", "imageRef": image, "flavorRef": flavor, "networks": "none"}
            self.servers.append(call(compute, "POST", "/servers", {"server": server})["server"]["id"])
        for server_id in self.servers:
            wait_for_server(clock, self.context.connection, server_id, {"ACTIVE"}, timeout=60)

    def withdraw(self, clock: Clock | None = None) -> None:
        for server_id in self.servers:
            call(self.context.connection.compute, "DELETE", f"/servers/{server_id}")
            wait_for_gone(clock or self.context.clock, self.context.connection, server_id, timeout=60)

    def subscribe(self) -> None:
        url = f"{self.url}/alarm"
        self.alarm = subscribe(self.context.connection, name="plain", event_type=SCHEDULED_EVENT, url=url)

    def unsubscribe(self) -> None:
        unsubscribe(self.context.connection, self.alarm)

    @route("POST", "/alarm")
    def receive(self, request: Request) -> Answer:
        alarm = parse_alarm(request.json_object())
        message = parse_project_message(alarm.traits)
        record_alarm(self.context.history, "app_manager", alarm, self.project_id)
        if message.step in ANSWERED:
            self.context.clock.spawn(lambda: self.reply(message), "plain")
        return 200, {}

    def reply(self, message: ProjectMessage) -> None:
        instances = message.instance_ids
        if isinstance(instances, str):
            instances = self.http.request("GET", instances).json()["instance_ids"]
        chosen = dict.fromkeys(instances, "MIGRATE") if message.allowed_actions else {}
        body = {"session_id": message.session_id, "state": f"ACK_{message.state}", "instance_actions": chosen}
        self.http.request("PUT", message.reply_url, json=body).raise_for_status()


def test_an_application_of_single_servers_passes() -> None:
    # given computes with a correct application that has neither a redundant pair nor a floating IP
    settings = TestbedSettings(wire="memory", make_app_manager=PlainAppManager)
    # when they are maintained
    history = Scenario(settings).on(3).with_any_application().carry_out().history
    judgement = judge(history)
    # then all that the application is about holds, and what it need not have is not judged
    assert failure_text(judgement, history, None) == ""
    assert {verdict.claim for verdict in judgement.not_applicable()} > NEED_NOT_HAVE
    assert {"everything_is_active_in_the_end", "messages_are_answered"} < {each.claim for each in judgement.judged()}
    # but a test that asks for zero downtime fails
    assert not judge(history, ["downtime_is_zero"]).holds

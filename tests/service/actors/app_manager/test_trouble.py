"""Every message that asks for a reply gets one, ACK or NACK, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.servers import ServerState
from pytest_doctor_maint.protocol import ANSWERED, Action, Step
from pytest_doctor_maint.simtime.http import HttpServer
from tests.support.app_managers import AppManagerBench, CloudBench
from tests.support.troubled_cloud import EachOnce, LostAnswer, TroubledAdapter

MakeBench = Callable[..., CloudBench]
ACT, STANDBY = "doctor_ha_app_0", "doctor_ha_app_1"
ALONE = [f"doctor_nonha_app_{number}" for number in range(4)]
ALL = sorted([ACT, STANDBY, *ALONE])


def deployed(make: MakeBench, policy: Policy | None = None) -> CloudBench:
    bench = make(policy)
    bench.deploy_as_placed()
    return bench


def active(bench: CloudBench) -> list[str]:
    """Return the names of the servers of the application, after all work has ended; each must be ACTIVE."""
    bench.clock.sleep(600)
    assert {server.status for server in bench.servers().values()} == {"ACTIVE"}
    return sorted(bench.servers())


# -- no time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [-30.0, 0.0, 1.0, 2.0, 3.0, 5.0])
@pytest.mark.parametrize("step", ANSWERED)
def test_a_window_that_is_past_or_too_short(make_cloud_bench: MakeBench, step: Step, window: float) -> None:
    """Where the project refuses to scale down, it has all its instances again in the end."""
    bench = deployed(make_cloud_bench)
    bench.send(step, ACT, *ALONE, window=window)
    bench.clock.sleep(300)
    (state,) = bench.reply_states()
    assert state in (f"ACK_{step}", f"NACK_{step}")
    is_smaller = (step, state) == (Step.DOWN_SCALE, "ACK_DOWN_SCALE")
    assert len(active(bench)) == (4 if is_smaller else 6)


def test_there_is_no_time_to_remove_an_instance(make_cloud_bench: MakeBench) -> None:
    """The due time is as long after the message as the app manager needs for its reply: nothing is touched."""
    bench = deployed(make_cloud_bench)
    before = {server.id for server in bench.servers().values()}
    bench.send("DOWN_SCALE", *ALL, window=1)
    bench.clock.sleep(1)
    assert bench.reply_states() == ["NACK_DOWN_SCALE"]
    assert active(bench) == ALL
    assert {server.id for server in bench.servers().values()} == before


def slow_to_delete(bench: CloudBench, seconds: float) -> None:
    """Let Nova take so many seconds to delete a server."""
    timings = bench.lab.cloud.core.timings
    object.__setattr__(timings, "delete", seconds)


def test_instances_that_take_too_long_to_be_removed_are_created_again(make_cloud_bench: MakeBench) -> None:
    bench = deployed(make_cloud_bench)
    began = bench.clock.now()
    slow_to_delete(bench, 20.0)
    bench.send("DOWN_SCALE", *ALL, window=10)
    bench.clock.sleep(60)
    assert bench.reply_states() == ["NACK_DOWN_SCALE"]
    ((at, _),) = bench.replies
    assert at <= (began - bench.admin_tool.began).total_seconds() + 10
    assert active(bench) == ALL


@pytest.mark.parametrize(("window", "state"), [(30, "ACK_DOWN_SCALE"), (20, "NACK_DOWN_SCALE")])
def test_all_instances_share_one_window(make_cloud_bench: MakeBench, window: float, state: str) -> None:
    bench = deployed(make_cloud_bench)
    slow_to_delete(bench, 20.0)
    bench.send("DOWN_SCALE", *ALL, window=window)
    bench.clock.sleep(120)
    assert bench.reply_states() == [state]


def test_a_due_time_that_was_past_is_no_limit(make_cloud_bench: MakeBench) -> None:
    """Fenix's release of 2019 subtracts the window, and waits all the same."""
    bench = deployed(make_cloud_bench)
    bench.send("SCALE_IN", *ALL, window=-60)
    bench.clock.sleep(60)
    assert bench.reply_states() == ["ACK_SCALE_IN"]
    assert len(active(bench)) == 4


def test_instances_are_taken_back_after_a_refusal(make_cloud_bench: MakeBench) -> None:
    """There is no time to re-create the instance in the full cloud, so its project refuses, and creates it later."""
    bench = deployed(make_cloud_bench, Policy(action=Action.OWN_ACTION))
    bench.send("PREPARE_MAINTENANCE", ALONE[2], window=2)
    bench.clock.sleep(60)
    assert bench.reply_states() == ["NACK_PREPARE_MAINTENANCE"]
    assert active(bench) == ALL
    assert sorted(bench.manager.application.ids) == ALL
    assert not any(bench.manager.guard.is_handed_over(server.id) for server in bench.servers().values())


# -- trouble with the cloud --------------------------------------------------------------------------------------------


def test_the_quota_is_gone_when_the_scale_is_to_be_restored(
    make_cloud_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = deployed(make_cloud_bench)
    bench.send("DOWN_SCALE", *ALL)
    bench.clock.sleep(60)
    quota = {"quota_set": {"instances": 4, "force": True}}
    call(bench.admin.compute, "PUT", f"/os-quota-sets/{bench.project_id}", quota)
    with caplog.at_level(logging.WARNING):
        bench.send("MAINTENANCE_COMPLETE")
        bench.clock.sleep(60)
    assert bench.reply_states() == ["ACK_DOWN_SCALE", "NACK_MAINTENANCE_COMPLETE"]
    assert "app_manager doctor could not comply with MAINTENANCE_COMPLETE: " in caplog.text
    assert "Quota exceeded" in caplog.text


def in_trouble(bench: CloudBench, way: int | type[Exception]) -> EachOnce:
    """Let each request of the app manager fail once from now on."""
    trouble = EachOnce(way)
    inner = bench.manager.connection.session.session.get_adapter("http://")
    assert isinstance(inner, HTTPAdapter)
    bench.manager.reply_through(TroubledAdapter(inner, trouble, bench.clock))
    return trouble


@pytest.mark.parametrize("way", [503, LostAnswer], ids=["503", "lost answer"])
def test_an_application_is_made_and_removed_though_each_request_fails_once(
    make_cloud_bench: MakeBench, way: int | type[Exception]
) -> None:
    bench = make_cloud_bench(None)
    before = inventory(bench)
    trouble = in_trouble(bench, way)
    bench.deploy()
    assert {method for method, _, _ in trouble.seen} >= {"GET", "POST", "PUT"}
    assert [len(found) - len(there) for found, there in zip(inventory(bench), before, strict=True)] == [1, 1, 1, 1, 1]
    assert active(bench) == ALL
    in_trouble(bench, way)
    bench.manager.withdraw()
    assert inventory(bench) == before
    assert bench.servers() == {}


def inventory(bench: CloudBench) -> list[list[str]]:
    """Return the ids of what an application has one of."""
    nova, neutron = bench.admin.compute, bench.admin.network
    groups = call(nova, "GET", "/os-server-groups", all_projects="True")["server_groups"]
    kinds = ("networks", "subnets", "routers", "floatingips")
    found = [call(neutron, "GET", f"/{kind}")[kind] for kind in kinds]
    return [sorted(each["id"] for each in items) for items in [*found, groups]]


def test_an_own_action_that_fails_after_the_reply_is_told(
    make_cloud_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = deployed(make_cloud_bench, Policy(action=Action.OWN_ACTION, own_action_first=False))
    quota = {"quota_set": {"instances": 4, "force": True}}
    call(bench.admin.compute, "PUT", f"/os-quota-sets/{bench.project_id}", quota)
    with caplog.at_level(logging.WARNING):
        bench.send("PLANNED_MAINTENANCE", ALONE[2])
        bench.clock.sleep(200)
    assert bench.reply_states() == ["ACK_PLANNED_MAINTENANCE"]
    assert "app_manager doctor could not carry out its OWN_ACTION on " in caplog.text
    assert "Quota exceeded" in caplog.text
    assert f"could not create {ALONE[2]} again" in caplog.text
    assert bench.clock.failures == []


# -- trouble with the admin tool ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Step.DOWN_SCALE, Step.PREPARE_MAINTENANCE, Step.PLANNED_MAINTENANCE])
@pytest.mark.parametrize("path", ["/nowhere", "/maintenance"])
def test_the_instances_cannot_be_read(make_cloud_bench: MakeBench, step: Step, path: str) -> None:
    bench = deployed(make_cloud_bench)
    bench.send(step, instance_ids=f"{bench.server.url}{path}")
    bench.clock.sleep(60)
    assert bench.reply_states() == [f"NACK_{step}"]
    assert active(bench) == ALL


@pytest.mark.parametrize("listed", [None, 3, {"a": 1}])
def test_the_url_lists_something_else(make_cloud_bench: MakeBench, listed: object) -> None:
    bench = deployed(make_cloud_bench)
    url = f"{bench.server.url}/maintenance/s/{bench.project_id}"
    bench.send("PLANNED_MAINTENANCE", instance_ids=url)
    bench.admin_tool.instance_ids = listed  # type: ignore[assignment]
    bench.clock.sleep(60)
    (state,) = bench.reply_states()
    assert state in ("ACK_PLANNED_MAINTENANCE", "NACK_PLANNED_MAINTENANCE")


def test_a_report_of_an_action_whose_instances_cannot_be_read_is_over(make_cloud_bench: MakeBench) -> None:
    bench = deployed(make_cloud_bench)
    bench.send("ADMIN_ACTION_DONE", instance_ids=f"{bench.server.url}/nowhere")
    bench.clock.sleep(60)
    assert bench.replies == []


def closed_url(bench: AppManagerBench) -> str:
    """Return the URL of an admin tool that has ended."""
    server = HttpServer(bench.admin_tool, name="gone", clock=bench.clock).start()
    server.stop()
    return f"{server.url}/maintenance/s/{bench.project_id}"


def test_an_admin_tool_that_is_gone_is_told_in_one_line(
    bench: AppManagerBench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert bench.post(bench.alarm("MAINTENANCE", window=5, reply_url=closed_url(bench))).status_code == 200
        bench.clock.sleep(60)
    assert bench.replies == []
    (line,) = [record.getMessage() for record in caplog.records if "could not send" in record.getMessage()]
    assert line.startswith("app_manager doctor could not send ACK_MAINTENANCE to http://")


# -- a fault of the program --------------------------------------------------------------------------------------------


class Broken(Policy):
    """A policy with a bug."""

    def action_for(self, server: ServerState, allowed: object) -> Action:
        raise ZeroDivisionError("a bug")


def test_a_bug_is_raised_after_the_reply() -> None:
    bench = CloudBench(Broken())
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT)
    bench.clock.sleep(60)
    bench.close()
    assert bench.reply_states() == ["NACK_PLANNED_MAINTENANCE"]
    (failure,) = bench.clock.failures
    assert isinstance(failure.error, ZeroDivisionError)


# -- the instances of a message ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["ADMIN_ACTION_DONE", "INSTANCE_ACTION_DONE"])
@pytest.mark.parametrize("form", ["id", "list", "text", "json", "url", "url of an id"])
def test_an_instance_is_taken_back_in_each_form_in_which_it_is_named(
    make_cloud_bench: MakeBench, word: str, form: str
) -> None:
    """Doctor's admin tool names the instance by its bare id, Fenix in a list, ours in a list or at a URL."""
    bench = deployed(make_cloud_bench)
    bench.send("PREPARE_MAINTENANCE", ALONE[2])
    bench.clock.sleep(5)
    server_id = bench.servers()[ALONE[2]].id
    assert bench.manager.guard.is_handed_over(server_id)
    forms: dict[str, object] = {
        "id": server_id,
        "list": [server_id],
        "text": str([server_id]),
        "json": f'["{server_id}"]',
        "url": f"{bench.server.url}/maintenance/s/{bench.project_id}",
        "url of an id": f"{bench.server.url}/maintenance/s/{bench.project_id}",
    }
    times = {"actions_at": None, "reply_at": None, "metadata": "None"}
    bench.send(word, ALONE[2], **{"instance_ids": forms[form], **times})  # type: ignore[arg-type]
    if form == "url of an id":
        bench.admin_tool.instance_ids = server_id  # type: ignore[assignment]
    bench.clock.sleep(5)
    assert not bench.manager.guard.is_handed_over(server_id)
    assert bench.reply_states() == ["ACK_PREPARE_MAINTENANCE"]


@pytest.mark.parametrize("step", ["MAINTENANCE", "DOWN_SCALE", "MAINTENANCE_COMPLETE"])
def test_a_message_about_all_instances_has_a_list_or_a_url(bench: AppManagerBench, step: str) -> None:
    answer = bench.post(bench.alarm(step, instance_ids="nowhere"))
    assert (answer.status_code, "nowhere" in answer.json()["error"]) == (400, True)

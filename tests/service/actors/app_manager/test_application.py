"""The app manager on an embedded cloud: its application, and what each message does to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.actors.app_manager.base import application
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.notifier import HttpNotifier
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.simtime.clock import ClockStopped
from tests.support.app_managers import CloudBench

MakeBench = Callable[..., CloudBench]

ACT, STBY = "doctor_ha_app_0", "doctor_ha_app_1"
ALL = [ACT, STBY, *(f"doctor_nonha_app_{number}" for number in range(4))]


# -- the application ---------------------------------------------------------------------------------------------------


def test_the_application_fills_the_cloud_with_its_pair_apart(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy()
    servers = bench.servers()
    assert sorted(servers) == ALL
    assert {server.status for server in servers.values()} == {"ACTIVE"}
    assert servers[ACT].host != servers[STBY].host
    assert sorted(bench.homes().values()) == [
        "compute-1",
        "compute-1",
        "compute-2",
        "compute-2",
        "compute-3",
        "compute-3",
    ]
    assert bench.behind_floating_ip() == ACT == bench.manager.application.active
    (group,) = call(bench.admin.compute, "GET", "/os-server-groups", all_projects="True")["server_groups"]
    assert group["policy"] == "anti-affinity"
    assert set(group["members"]) == {servers[ACT].id, servers[STBY].id}


def test_instances_start_where_they_are_placed(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    homes = bench.homes()
    assert (homes[ACT], homes[STBY]) == ("compute-1", "compute-2")
    assert homes["doctor_nonha_app_3"] == "compute-3"
    assert {server.project_id for server in bench.servers().values()} == {bench.project_id}


def test_an_application_can_leave_room(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy(instances=3)
    assert sorted(bench.servers()) == ALL[:3]


@pytest.mark.parametrize(
    ("instances", "placement", "words"),
    [
        (1, {}, "invalid number of instances 1; allowed: 2 or more"),
        (6, {"doctor_nonha_app_9": "compute-1"}, "unknown instances: doctor_nonha_app_9"),
        (6, {ACT: "compute-1"}, "admin role"),
    ],
)
def test_what_cannot_be_deployed_is_refused_before_anything_is_created(
    make_cloud_bench: MakeBench, instances: int, placement: dict[str, str], words: str
) -> None:
    bench = make_cloud_bench()
    with pytest.raises(ValueError, match=words):
        bench.deploy(instances, placement, placed=False)
    assert call(bench.manager.connection.network, "GET", "/networks", name="doctor_net") == {"networks": []}


def test_a_withdrawn_application_leaves_nothing(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    kinds = ("networks", "subnets", "routers", "ports", "floatingips")
    before = {kind: call(bench.admin.network, "GET", f"/{kind}") for kind in kinds}
    bench.deploy()
    bench.manager.withdraw()
    assert bench.servers() == {}
    assert {kind: call(bench.admin.network, "GET", f"/{kind}") for kind in kinds} == before
    assert call(bench.admin.compute, "GET", "/os-server-groups", all_projects="True") == {"server_groups": []}


def test_an_interrupted_replacement_is_withdrawn_too(
    make_cloud_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stops while the new instance boots; another clock is used to remove the application."""

    def stop(*_: object, **__: object) -> None:
        raise ClockStopped

    bench = make_cloud_bench()
    bench.deploy(instances=3)
    with monkeypatch.context() as patch:
        patch.setattr(application, "wait_for_server", stop)
        with pytest.raises(ClockStopped):
            bench.manager.application.replace("doctor_nonha_app_0", 60.0)
    names = [server.name for server in list_servers(bench.admin, all_tenants=1)]
    assert names.count("doctor_nonha_app_0") == 2
    monkeypatch.setattr(bench.manager.application, "_clock", None)
    bench.manager.withdraw(bench.clock)
    assert bench.servers() == {}


# -- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale_down", ["spread", "one_compute"])
@pytest.mark.parametrize("word", ["DOWN_SCALE", "SCALE_IN"])
def test_it_scales_down_before_it_replies_and_back_at_the_end(
    make_cloud_bench: MakeBench, scale_down: str, word: str
) -> None:
    bench = make_cloud_bench(Policy(scale_down=scale_down))
    bench.deploy_as_placed()
    bench.send(word)
    while not bench.replies:
        bench.clock.sleep(1)
    left = bench.homes()
    assert len(left) == 4
    assert {ACT, STBY} <= left.keys()
    assert len(set(left.values())) == (3 if scale_down == "spread" else 2)
    bench.send("MAINTENANCE_COMPLETE")
    while len(bench.replies) < 2:
        bench.clock.sleep(1)
    servers = bench.servers()
    assert sorted(servers) == ALL
    assert {server.status for server in servers.values()} == {"ACTIVE"}
    assert bench.reply_states() == [f"ACK_{word}", "ACK_MAINTENANCE_COMPLETE"]


def test_act_is_switched_over_before_the_reply(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    ids = [bench.servers()[name].id for name in (ACT, "doctor_nonha_app_0")]
    bench.send("PLANNED_MAINTENANCE", ACT, "doctor_nonha_app_0")
    while not bench.replies:
        bench.clock.sleep(0.1)
    assert bench.behind_floating_ip() == STBY == bench.manager.application.active
    ((_, reply),) = bench.replies
    assert reply == {
        "session_id": "s",
        "state": "ACK_PLANNED_MAINTENANCE",
        "instance_actions": dict.fromkeys(ids, "MIGRATE"),
    }


def test_instances_are_read_from_a_url(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench(Policy(action=Action.LIVE_MIGRATE))
    bench.deploy_as_placed()
    bench.send("PREPARE_MAINTENANCE", ACT, instance_ids=f"{bench.server.url}/maintenance/s/{bench.project_id}")
    bench.clock.sleep(10)
    assert bench.behind_floating_ip() == STBY
    assert bench.replies[0][1]["instance_actions"] == {bench.servers()[ACT].id: "LIVE_MIGRATE"}


def test_nothing_is_switched_over_for_the_others(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    moves = len(bench.history.of("floating_ip"))
    bench.send("PLANNED_MAINTENANCE", STBY, "doctor_nonha_app_1")
    bench.clock.sleep(10)
    assert bench.reply_states() == ["ACK_PLANNED_MAINTENANCE"]
    assert len(bench.history.of("floating_ip")) == moves


def test_a_policy_can_leave_the_floating_ip_where_it_is(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench(Policy(switch_over=False))
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT)
    bench.clock.sleep(10)
    assert bench.behind_floating_ip() == ACT


def test_a_second_session_waits_until_the_other_side_is_usable_again(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT, session_id="one")
    bench.send("PLANNED_MAINTENANCE", STBY, session_id="two")
    bench.clock.sleep(30)
    assert [reply["session_id"] for _, reply in bench.replies] == ["one"]
    bench.send("ADMIN_ACTION_DONE", ACT, session_id="one")
    bench.clock.sleep(5)
    assert [reply["session_id"] for _, reply in bench.replies] == ["one", "two"]
    assert bench.reply_states() == ["ACK_PLANNED_MAINTENANCE"] * 2
    assert bench.behind_floating_ip() == ACT


def test_a_second_session_is_refused_in_time_if_the_other_side_does_not_come_back(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT, session_id="one")
    bench.send("PLANNED_MAINTENANCE", STBY, session_id="two", window=20.0)
    asked = bench.clock.now()
    while len(bench.replies) < 2:
        bench.clock.sleep(0.5)
    assert bench.reply_states()[-1] == "NACK_PLANNED_MAINTENANCE"
    assert -bench.clock.until(asked) < 20.0
    assert bench.behind_floating_ip() == STBY


@pytest.mark.parametrize("window", [-40.0, 60.0], ids=["a window that is past", "a window"])
def test_the_other_side_is_handed_over_when_the_session_went_on_without_a_move(
    make_cloud_bench: MakeBench, window: float
) -> None:
    """The Fenix of 2019 sends SCALE_IN after a migration that failed, and times that are past."""
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    for step, name in ("PREPARE_MAINTENANCE", STBY), ("SCALE_IN", "doctor_nonha_app_0"), ("PLANNED_MAINTENANCE", ACT):
        bench.send(step, name, window=window)
        bench.clock.sleep(20)
    assert bench.reply_states() == ["ACK_PREPARE_MAINTENANCE", "ACK_SCALE_IN", "ACK_PLANNED_MAINTENANCE"]
    assert bench.behind_floating_ip() == STBY


def test_a_side_that_is_under_way_is_not_taken_back(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    bench.send("PREPARE_MAINTENANCE", STBY)
    bench.clock.sleep(5)
    moving = bench.servers()[STBY].id
    call(bench.admin.compute, "POST", f"/servers/{moving}/action", {"migrate": None})
    bench.send("SCALE_IN", "doctor_nonha_app_0")
    bench.clock.sleep(5)
    assert bench.manager.guard.is_handed_over(moving)


def test_a_second_session_is_refused_soon_if_its_window_is_past(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT, session_id="one")
    bench.clock.sleep(5)
    bench.send("PLANNED_MAINTENANCE", STBY, session_id="two", window=-40.0)
    bench.clock.sleep(19)
    assert bench.reply_states() == ["ACK_PLANNED_MAINTENANCE", "NACK_PLANNED_MAINTENANCE"]


def test_act_is_not_handed_over_while_stby_is_broken(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    broken = bench.servers()[STBY].id
    call(bench.admin.compute, "POST", f"/servers/{broken}/action", {"os-resetState": {"state": "error"}})
    bench.send("PLANNED_MAINTENANCE", ACT, window=20.0)
    bench.clock.sleep(25)
    assert bench.reply_states() == ["NACK_PLANNED_MAINTENANCE"]
    assert bench.behind_floating_ip() == ACT
    bench.send("PLANNED_MAINTENANCE", "doctor_nonha_app_0")
    bench.clock.sleep(5)
    assert bench.reply_states()[1:] == ["ACK_PLANNED_MAINTENANCE"]


def test_both_sides_at_once_are_refused(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench()
    bench.deploy_as_placed()
    bench.send("PLANNED_MAINTENANCE", ACT, STBY)
    bench.clock.sleep(10)
    assert bench.reply_states() == ["NACK_PLANNED_MAINTENANCE"]
    assert bench.behind_floating_ip() == ACT


@pytest.mark.parametrize("first", [True, False], ids=["before the reply", "after the reply"])
def test_own_action_re_creates_the_instances_elsewhere(make_cloud_bench: MakeBench, first: bool) -> None:
    bench = make_cloud_bench(Policy(scale_down="one_compute", action=Action.OWN_ACTION, own_action_first=first))
    bench.deploy_as_placed()
    bench.send("DOWN_SCALE")
    bench.clock.sleep(10)
    before = bench.servers()
    bench.disable("compute-1")
    bench.send("PLANNED_MAINTENANCE", ACT, "doctor_nonha_app_0")
    while len(bench.replies) < 2:
        bench.clock.sleep(0.1)
    assert ("compute-1" in bench.homes().values()) is not first
    bench.clock.sleep(60)
    after = bench.servers()
    assert bench.reply_states()[-1] == "ACK_PLANNED_MAINTENANCE"
    assert bench.homes() == {
        ACT: "compute-3",
        STBY: "compute-2",
        "doctor_nonha_app_0": "compute-3",
        "doctor_nonha_app_1": "compute-2",
    }
    assert after[ACT].id != before[ACT].id
    assert after[ACT].id == bench.manager.application.ids[ACT]
    assert bench.behind_floating_ip() == STBY
    assert bench.replies[-1][1]["instance_actions"] == {
        before[ACT].id: "OWN_ACTION",
        before["doctor_nonha_app_0"].id: "OWN_ACTION",
    }


def test_own_action_does_not_come_back_to_the_compute_it_leaves(make_cloud_bench: MakeBench) -> None:
    alone = [f"doctor_nonha_app_{number}" for number in range(4)]
    bench = make_cloud_bench(Policy(scale_down=(alone[1], alone[3]), action=Action.OWN_ACTION))
    homes = dict(zip([alone[0], alone[1], ACT, alone[2], STBY, alone[3]], "112233", strict=True))
    bench.deploy(placement={name: f"compute-{home}" for name, home in homes.items()})
    bench.send("DOWN_SCALE")
    bench.clock.sleep(10)
    bench.send("PREPARE_MAINTENANCE", alone[0])
    bench.clock.sleep(30)
    assert bench.homes()[alone[0]] == "compute-3"


def test_own_action_without_room_for_both_deletes_first(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench(Policy(action=Action.OWN_ACTION))
    bench.deploy_as_placed()
    before = bench.servers()
    bench.send("PLANNED_MAINTENANCE", STBY)
    bench.clock.sleep(60)
    after = bench.servers()
    assert after[STBY].id != before[STBY].id
    assert after[STBY].status == "ACTIVE"
    assert len(after) == 6
    assert bench.reply_states() == ["ACK_PLANNED_MAINTENANCE"]


@pytest.mark.parametrize("secret", ["", f"/{'A' * 43}"], ids=["no secret", "a guessed secret"])
def test_a_forged_message_removes_no_instance(make_cloud_bench: MakeBench, secret: str) -> None:
    bench = make_cloud_bench()
    bench.deploy()
    bench.manager.subscribe()
    before = bench.servers()
    alarm = bench.alarm_with({"state": "DOWN_SCALE", "instance_ids": str([each.id for each in before.values()])})
    answer = bench.post(alarm, f"/maintenance{secret}")
    assert answer.status_code == 403
    assert set(answer.json()) == {"error"}
    bench.clock.sleep(60)
    assert bench.servers() == before
    assert bench.replies == []
    assert bench.history.of("alarm") == ()


def test_an_alarm_of_the_cloud_reaches_it(make_cloud_bench: MakeBench) -> None:
    bench = make_cloud_bench(Policy(refuse=[Step.MAINTENANCE]))
    bench.manager.subscribe()
    url = f"{bench.server.url}/maintenance/s/{bench.project_id}"
    notifier = HttpNotifier(bench.admin, bench.history)
    payload = {"session_id": "s", "project_id": bench.project_id, "state": "MAINTENANCE", "reply_url": url}
    notifier.emit("maintenance.scheduled", payload)
    bench.clock.sleep(5)
    assert bench.reply_states() == ["NACK_MAINTENANCE"]
    (alarm,) = bench.history.of("alarm", actor="app_manager")
    assert bench.history.event(alarm.cause or 0).kind == "notification"
    bench.manager.unsubscribe()
    notifier.emit("maintenance.scheduled", payload)
    bench.clock.sleep(5)
    assert len(bench.replies) == 1
    (deleted,) = bench.history.of("alarm.deleted")
    assert deleted.data["project_id"] == bench.project_id

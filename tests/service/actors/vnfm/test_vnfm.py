"""Which constraints a VNFM sets in the admin tool, and when."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.actors.app_manager.base.trouble import is_trouble
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy, GroupConstraint, InstanceConstraint
from pytest_doctor_maint.actors.app_manager.vnfm.constraint_sync import ConstraintRefused
from pytest_doctor_maint.protocol import Action, Step
from pytest_doctor_maint.protocol.constraints import GROUP_FIELDS, INSTANCE_FIELDS, ConstraintField
from tests.support.vnfms import VnfmBench

MakeBench = Callable[..., VnfmBench]
GROUPS = ["instance_group/doctor_ha_group", "instance_group/doctor_nonha_group"]
NAMES = ["doctor_ha_app_0", "doctor_ha_app_1", *(f"doctor_nonha_app_{number}" for number in range(4))]
INSTANCES = [f"instance/{name}" for name in NAMES]


def ready(bench: VnfmBench) -> None:
    """Deploy and subscribe, and skip the calls that set the first constraints."""
    bench.deploy()
    bench.manager.subscribe()
    bench.calls()


def test_groups_come_before_instances_and_both_before_the_alarm(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.deploy()
    assert bench.calls() == []
    bench.fenix.refuse = {"PUT": 400}
    with pytest.raises(ConstraintRefused, match="instance_group"):
        bench.manager.subscribe()
    assert not bench.history.of("alarm.created")


def test_each_constraint_is_set_once(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.deploy()
    bench.manager.subscribe()
    assert bench.calls() == [("PUT", path) for path in [*GROUPS, *INSTANCES]]
    bench.send("MAINTENANCE")
    assert bench.calls() == []
    assert len(bench.fenix.tokens) == 1


def test_the_constraints_are_those_of_doctors_vnfm(make_bench: MakeBench) -> None:
    bench = make_bench()
    bench.deploy()
    bench.manager.subscribe()
    said = bench.bodies()
    ha, alone = said[GROUPS[0]], said[GROUPS[1]]
    assert ha == {
        "group_id": bench.history.of("server_group")[0].data["group_id"],
        "project_id": bench.project_id,
        "group_name": "doctor_ha_group",
        "anti_affinity_group": True,
        "max_instances_per_host": 1,
        "max_impacted_members": 1,
        "recovery_time": 4,
        "resource_mitigation": False,
    }
    assert {key: alone[key] for key in ("anti_affinity_group", "max_impacted_members", "recovery_time")} == {
        "anti_affinity_group": False,
        "max_impacted_members": 2,
        "recovery_time": 2,
    }
    for name in NAMES:
        assert said[f"instance/{name}"] == {
            "instance_id": bench.manager.application.ids[name],
            "project_id": bench.project_id,
            "group_id": (ha if name in NAMES[:2] else alone)["group_id"],
            "instance_name": name,
            "max_interruption_time": 120,
            "migration_type": "MIGRATE",
            "resource_mitigation": False,
            "lead_time": 40,
        }


@pytest.mark.parametrize(("members", "impacted"), [(0, 2), (4, 2), (6, 2), (7, 2), (8, 3), (14, 6), (15, 6)])
def test_a_part_of_a_large_group_may_be_impacted_at_once(members: int, impacted: int) -> None:
    assert GroupConstraint().for_size(members) == GroupConstraint(max_impacted_members=impacted)
    assert GroupConstraint(max_impacted_members=1).for_size(members) == GroupConstraint(max_impacted_members=1)


@pytest.mark.parametrize(
    ("constraint", "fields"), [(InstanceConstraint(), INSTANCE_FIELDS), (GroupConstraint(), GROUP_FIELDS)]
)
def test_the_values_are_those_of_the_table_of_constraints(
    constraint: InstanceConstraint | GroupConstraint, fields: tuple[ConstraintField, ...]
) -> None:
    assert asdict(constraint) == {field.name: field.default for field in fields}


def test_constraints_follow_the_application_while_it_scales(make_bench: MakeBench) -> None:
    bench = make_bench(policy=Policy(scale_down=["doctor_nonha_app_1", "doctor_nonha_app_3"]))
    ready(bench)
    old = bench.manager.application.ids
    bench.send("SCALE_IN")
    assert bench.calls() == [("DELETE", INSTANCES[3]), ("DELETE", INSTANCES[5])]
    assert bench.fenix.replies[-1]["state"] == "ACK_SCALE_IN"
    bench.send("MAINTENANCE_COMPLETE")
    assert [body["instance_id"] for body in bench.bodies().values()] == [
        bench.manager.application.ids[name] for name in ("doctor_nonha_app_1", "doctor_nonha_app_3")
    ]
    assert not set(old.values()) & {body["instance_id"] for body in bench.bodies().values()}
    assert bench.calls() == [("PUT", INSTANCES[3]), ("PUT", INSTANCES[5])]


def test_an_instance_that_is_re_created_has_its_own_constraint(make_bench: MakeBench) -> None:
    bench = make_bench(policy=Policy(action=Action.OWN_ACTION))
    ready(bench)
    old = bench.manager.application.ids["doctor_nonha_app_2"]
    bench.send("PLANNED_MAINTENANCE", [old])
    assert bench.bodies()[INSTANCES[4]]["instance_id"] == bench.manager.application.ids["doctor_nonha_app_2"] != old
    assert bench.calls() == [("DELETE", INSTANCES[4]), ("PUT", INSTANCES[4])]
    assert bench.fenix.replies[-1]["instance_action"] == "OWN_ACTION"


def test_a_constraint_that_is_refused_after_the_reply_ends_no_thread(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(policy=Policy(action=Action.OWN_ACTION, own_action_first=False))
    ready(bench)
    bench.fenix.refuse = {"DELETE": 403}
    with caplog.at_level(logging.WARNING):
        bench.send("PLANNED_MAINTENANCE", [bench.manager.application.ids["doctor_nonha_app_2"]])
        bench.clock.sleep(60)
    assert bench.fenix.replies[-1]["state"] == "ACK_PLANNED_MAINTENANCE"
    assert "could not carry out its OWN_ACTION" in caplog.text
    assert "DELETE instance " in caplog.text
    # The fixture requires that no thread has failed.


def test_a_refused_constraint_is_trouble_that_an_app_manager_expects() -> None:
    assert is_trouble(ConstraintRefused("PUT instance i: 403 no"))


def test_the_reply_about_one_instance_has_one_action(make_bench: MakeBench) -> None:
    bench = make_bench()
    ready(bench)
    bench.send("PREPARE_MAINTENANCE", [bench.manager.application.ids["doctor_nonha_app_0"]])
    assert bench.fenix.replies == [
        {"session_id": "s", "state": "ACK_PREPARE_MAINTENANCE", "instance_action": "MIGRATE"}
    ]


def test_the_reply_about_a_list_to_be_fetched_has_an_action_for_each_instance(make_bench: MakeBench) -> None:
    bench = make_bench()
    ready(bench)
    ids = bench.manager.application.ids
    bench.fenix.instance_ids = [ids["doctor_nonha_app_0"], ids["doctor_nonha_app_1"]]
    bench.send("PLANNED_MAINTENANCE")
    assert bench.fenix.replies[-1]["instance_actions"] == dict.fromkeys(bench.fenix.instance_ids, "MIGRATE")
    assert "instance_action" not in bench.fenix.replies[-1]


def test_constraints_change_when_a_step_comes(make_bench: MakeBench) -> None:
    slower = InstanceConstraint(lead_time=60)
    later = ConstraintPolicy(instances={"doctor_ha_app_1": slower}, redundant=GroupConstraint(recovery_time=30))
    bench = make_bench(ConstraintPolicy(later={Step.PREPARE_MAINTENANCE: later}))
    ready(bench)
    bench.send("MAINTENANCE")
    assert bench.calls() == []
    bench.send("PREPARE_MAINTENANCE", [bench.manager.application.ids["doctor_nonha_app_0"]])
    assert bench.bodies()[INSTANCES[1]]["lead_time"] == 60
    assert bench.bodies()[GROUPS[0]]["recovery_time"] == 30
    assert bench.calls() == [("PUT", GROUPS[0]), ("PUT", INSTANCES[1])]


@pytest.mark.parametrize("status", [200, 404])
def test_all_constraints_are_removed_at_the_end(make_bench: MakeBench, status: int) -> None:
    bench = make_bench()
    ready(bench)
    if status == 404:
        bench.fenix.refuse = {"DELETE": 404}
    bench.manager.unsubscribe()
    assert bench.calls() == [("DELETE", path) for path in [*INSTANCES, *GROUPS]]
    bench.manager.unsubscribe()
    assert bench.calls() == []


def test_a_refused_removal_is_reported(make_bench: MakeBench) -> None:
    bench = make_bench()
    ready(bench)
    bench.fenix.refuse = {"DELETE": 403}
    with pytest.raises(ConstraintRefused, match=r"DELETE instance .*: 403"):
        bench.manager.unsubscribe()


def test_a_cloud_without_such_an_admin_tool_is_reported(make_bench: MakeBench) -> None:
    bench = make_bench(in_catalog=False)
    bench.deploy()
    with pytest.raises(LookupError, match="no service of type maintenance"):
        bench.manager.subscribe()


def test_the_token_goes_to_the_service_alone(make_bench: MakeBench) -> None:
    """A reply_url may be the URL of any server, which must not get the token of the project."""
    bench = make_bench()
    ready(bench)
    bench.send("MAINTENANCE", reply_to=bench.elsewhere)
    assert bench.stranger.asked == 1
    assert bench.stranger.tokens == set()


def test_the_policy_has_the_action_that_a_constraint_leaves_open(make_bench: MakeBench) -> None:
    by_hand = {"doctor_ha_app_0": InstanceConstraint(migration_type=Action.MIGRATE)}
    bench = make_bench(ConstraintPolicy(instances=by_hand), Policy(action="LIVE_MIGRATE"))
    bench.deploy()
    bench.manager.subscribe()
    assert [bench.bodies()[path]["migration_type"] for path in INSTANCES[:2]] == ["MIGRATE", "LIVE_MIGRATE"]

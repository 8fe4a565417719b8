"""The store of constraints in the admin tool: what it accepts, refuses and records."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.protocol import Action, InvalidBody

INSTANCE: dict[str, object] = {
    "instance_id": "i1",
    "project_id": "p",
    "group_id": "g",
    "instance_name": "one",
    "max_interruption_time": 120,
    "migration_type": "MIGRATE",
    "resource_mitigation": True,
    "lead_time": 40,
}
GROUP: dict[str, object] = {
    "group_id": "g",
    "project_id": "p",
    "group_name": "group",
    "anti_affinity_group": False,
    "max_instances_per_host": 2,
    "max_impacted_members": 1,
    "recovery_time": 4,
    "resource_mitigation": False,
}


@pytest.fixture
def history() -> History:
    return History()


@pytest.fixture
def constraints(history: History) -> ConstraintStore:
    return ConstraintStore(history)


def test_either_may_come_first_and_go_first(constraints: ConstraintStore) -> None:
    constraints.put_instance("i1", INSTANCE)
    assert constraints.group_of("i1") is None
    constraints.put_group("g", GROUP)
    found = constraints.group_of("i1")
    assert found is not None
    assert found.recovery_time == 4
    assert constraints.members("p/g") == ["i1"]
    assert constraints.delete_group("p/g")
    assert constraints.group_of("i1") is None
    assert constraints.delete_instance("i1")
    assert not constraints.delete_instance("i1")
    assert not constraints.delete_group("p/g")
    assert constraints.members("p/g") == []


def test_the_newest_is_in_force(constraints: ConstraintStore) -> None:
    constraints.put_instance("i1", INSTANCE)
    constraints.put_instance("i1", {**INSTANCE, "migration_type": "OWN_ACTION", "group_id": "h"})
    found = constraints.instance("i1")
    assert found is not None
    assert (found.migration_type, found.group_id) == (Action.OWN_ACTION, "h")
    assert constraints.members("p/g") == []
    assert constraints.members("p/h") == ["i1"]


def test_every_change_is_recorded_with_all_fields(constraints: ConstraintStore, history: History) -> None:
    constraints.put_group("g", GROUP)
    constraints.put_instance("i1", INSTANCE)
    constraints.delete_group("p/g")
    constraints.delete_group("p/g")
    constraints.delete_instance("i1")
    seen = [(event.kind, event.data["deleted"]) for event in history]
    assert seen == [
        (kinds.CONSTRAINT_GROUP, False),
        (kinds.CONSTRAINT_INSTANCE, False),
        (kinds.CONSTRAINT_GROUP, True),
        (kinds.CONSTRAINT_INSTANCE, True),
    ]
    assert dict(history.event(2).data) == {**INSTANCE, "deleted": False}
    assert dict(history.event(1).data) == {**GROUP, "deleted": False}


def test_two_projects_may_use_one_id(constraints: ConstraintStore) -> None:
    constraints.put_group("g", GROUP)
    constraints.put_instance("i1", INSTANCE)
    constraints.put_group("g", {**GROUP, "project_id": "q", "recovery_time": 0})
    constraints.put_instance("i2", {**INSTANCE, "instance_id": "i2", "project_id": "q"})
    found = [constraints.group_of(instance_id) for instance_id in ("i1", "i2")]
    assert [(group.project_id, group.recovery_time) for group in found if group is not None] == [("p", 4), ("q", 0)]
    assert (constraints.members("p/g"), constraints.members("q/g")) == (["i1"], ["i2"])
    assert constraints.delete_group("q/g")
    assert constraints.group_of("i1") is not None


def test_an_id_may_be_left_to_the_url(constraints: ConstraintStore) -> None:
    body = {key: value for key, value in INSTANCE.items() if key != "instance_id"}
    assert constraints.put_instance("i1", body).instance_id == "i1"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"instance_id": "i2"}, "instance_id: i2"),
        ({"migration_type": "TELEPORT"}, "migration_type"),
        ({"lead_time": -1}, "lead_time"),
        ({"lead_time": float("nan")}, "lead_time"),
        ({"lead_time": 10**400}, "lead_time"),
        ({"max_interruption_time": "long"}, "max_interruption_time"),
        ({"max_interruption_time": None}, "max_interruption_time"),
        ({"group_id": ""}, "group_id"),
        ({"resource_mitigation": "perhaps"}, "resource_mitigation"),
    ],
)
def test_what_is_wrong_in_an_instance_is_named_and_changes_nothing(
    constraints: ConstraintStore, history: History, change: dict[str, object], names: str
) -> None:
    with pytest.raises(InvalidBody, match=names):
        constraints.put_instance("i1", {**INSTANCE, **change})
    assert constraints.instance("i1") is None
    assert not len(history)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"group_id": "other"}, "group_id: other"),
        ({"max_impacted_members": -1}, "max_impacted_members"),
        ({"max_impacted_members": 1.5}, "max_impacted_members"),
        ({"max_instances_per_host": []}, "max_instances_per_host"),
        ({"recovery_time": 10**9}, "recovery_time"),
        ({"project_id": 7}, "project_id"),
    ],
)
def test_what_is_wrong_in_a_group_is_named_and_changes_nothing(
    constraints: ConstraintStore, history: History, change: dict[str, object], names: str
) -> None:
    with pytest.raises(InvalidBody, match=names):
        constraints.put_group("g", {**GROUP, **change})
    assert constraints.group("g") is None
    assert not len(history)


def test_anti_affinity_is_one_for_each_compute(constraints: ConstraintStore) -> None:
    assert constraints.put_group("g", GROUP).per_host == 2
    assert constraints.put_group("g", {**GROUP, "anti_affinity_group": True}).per_host == 1
    assert constraints.put_group("g", {**GROUP, "max_instances_per_host": 0}).per_host == 0

"""How the policy chooses the instances to remove and the action for an instance."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.app_manager import Policy
from pytest_doctor_maint.openstack.servers import ServerState
from pytest_doctor_maint.protocol import Action

HA_0, HA_1 = "doctor_ha_app_0", "doctor_ha_app_1"


def server(name: str, host_id: str) -> ServerState:
    return ServerState(name, name, "ACTIVE", None, "p", host_id, None, "")


def servers(**computes: list[str]) -> list[ServerState]:
    return [server(name, host_id) for host_id, names in computes.items() for name in names]


def alone(all_servers: list[ServerState]) -> list[str]:
    return [each.name for each in all_servers if each.name not in (HA_0, HA_1)]


FULL = servers(a=[HA_0, "n0"], b=[HA_1, "n1"], c=["n2", "n3"])


def test_spread_takes_from_two_computes_and_empties_none() -> None:
    chosen = Policy(scale_down="spread").instances_to_remove(FULL, alone(FULL))
    computes = {each.name: each.host_id for each in FULL}
    assert len(chosen) == 2
    assert len({computes[name] for name in chosen}) == 2
    left = {computes[each.name] for each in FULL if each.name not in chosen}
    assert left == {"a", "b", "c"}


def test_spread_prefers_the_fuller_computes() -> None:
    some = servers(a=["a0"], b=[HA_0, "n1"], c=[HA_1, "n2"])
    assert Policy().instances_to_remove(some, alone(some)) == ["n1", "n2"]


def test_spread_takes_both_from_one_compute_where_no_other_has_any() -> None:
    some = servers(a=[HA_0], b=[HA_1], c=["n0", "n1"])
    assert Policy().instances_to_remove(some, alone(some)) == ["n0", "n1"]


def test_spread_takes_what_there_is() -> None:
    some = servers(a=[HA_0, "n0"], b=[HA_1])
    assert Policy().instances_to_remove(some, alone(some)) == ["n0"]


def test_one_compute_is_freed() -> None:
    assert Policy(scale_down="one_compute").instances_to_remove(FULL, alone(FULL)) == ["n2", "n3"]


def test_one_compute_has_no_instance_that_must_stay() -> None:
    some = servers(a=[HA_0, "n0"], b=["n1", "n2"], c=["n3", "n4"], d=[HA_1, "n5"])
    removable = [name for name in alone(some) if name != "n1"]
    assert Policy(scale_down="one_compute").instances_to_remove(some, removable) == ["n3", "n4"]


def test_one_compute_is_one_that_is_freed() -> None:
    some = servers(a=[HA_0, "a0", "a1"], b=[HA_1, "n0"], c=["n1", "n2"])
    assert Policy(scale_down="one_compute").instances_to_remove(some, alone(some)) == ["n1", "n2"]


def test_one_compute_takes_two_even_where_that_frees_none() -> None:
    some = servers(a=[HA_0, "n0"], b=[HA_1, "n1"])
    assert Policy(scale_down="one_compute").instances_to_remove(some, alone(some)) == ["n0", "n1"]


def test_a_policy_may_name_the_instances_to_remove() -> None:
    assert Policy(scale_down=("n1", "n3")).instances_to_remove(FULL, alone(FULL)) == ["n1", "n3"]


@pytest.mark.parametrize("scale_down", ["spread", "one_compute", (HA_0, "n0")])
def test_the_pair_is_never_scaled_down(scale_down: str) -> None:
    chosen = Policy(scale_down=scale_down).instances_to_remove(FULL, alone(FULL))
    assert HA_0 not in chosen


def test_action_may_differ_by_instance() -> None:
    policy = Policy(action=lambda each: Action.LIVE_MIGRATE if each.name == HA_0 else Action.OWN_ACTION)
    assert policy.action_for(server(HA_0, "a"), list(Action)) is Action.LIVE_MIGRATE
    assert policy.action_for(server("n0", "a"), list(Action)) is Action.OWN_ACTION


def test_an_action_may_be_named_by_its_word() -> None:
    assert Policy(action="OWN_ACTION").action_for(FULL[0], []) is Action.OWN_ACTION


def test_an_unknown_word_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(ValueError, match="invalid scale_down 'all'; allowed: spread, one_compute, a sequence of names"):
        Policy(scale_down="all")
    with pytest.raises(ValueError, match="invalid action 'REBOOT'; allowed: MIGRATE, LIVE_MIGRATE, OWN_ACTION"):
        Policy(action="REBOOT")


def test_an_action_that_is_not_allowed_is_not_chosen() -> None:
    assert Policy(action=Action.LIVE_MIGRATE).action_for(FULL[0], [Action.MIGRATE]) is Action.MIGRATE


@pytest.mark.parametrize("scale_down", ["spread", "one_compute"])
@pytest.mark.parametrize("count", [1, 3])
def test_as_many_are_removed_as_the_policy_says(scale_down: str, count: int) -> None:
    policy = Policy(scale_down=scale_down, scale_down_by=count)
    assert len(policy.instances_to_remove(FULL, alone(FULL))) == count


def test_no_instance_is_removed_where_the_policy_names_none() -> None:
    with pytest.raises(ValueError, match="invalid scale_down_by 0; allowed: 1 or more"):
        Policy(scale_down_by=0)
    assert Policy(scale_down=()).instances_to_remove(FULL, alone(FULL)) == []

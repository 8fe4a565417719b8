"""A constraint that is not kept is told by its own claim, and by no other claim about constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_doctor_maint.claims import Outcome, Verdict, judge

Story = Any  # conftest.py's; a test folder is no package to import from
Draft = Any

CLAIMS = (
    "lead_times_are_kept",
    "migration_types_are_respected",
    "interruptions_are_short_enough",
    "impacts_stay_within_the_limit",
    "groups_recover_between_impacts",
    "instances_per_host_stay_within_the_limit",
    "anti_affinity_is_kept",
    "impacts_are_mitigated",
)
BREAKS: list[tuple[str, Callable[[Story], object]]] = []
KEEPS: list[Callable[[Story], object]] = []


def breaks(claim: str) -> Callable[[Callable[[Story], object]], Callable[[Story], object]]:
    def register(way: Callable[[Story], object]) -> Callable[[Story], object]:
        BREAKS.append((claim, way))
        return way

    return register


def keeps(way: Callable[[Story], object]) -> Callable[[Story], object]:
    KEEPS.append(way)
    return way


def in_order(story: Story) -> None:
    story.drafts.sort(key=lambda draft: draft.at)


def move_of(story: Story, name: str) -> list[Draft]:
    """What the cloud shows of the move of an instance."""
    states = story.all("server", name=name) + story.all("guest", server_id=f"id-{name}")
    return [draft for draft in states if draft.at > 1]


def changes(story: Story, kind: str, at: float, *, which: str, **fields: Any) -> None:
    """The VNFM sets another constraint at this time."""
    key = "instance_id" if kind == "constraint.instance" else "group_id"
    before = story.one(kind, **{key: which})
    story.time = at
    story.log("admin_tool", kind, **{**before.data, **fields})
    in_order(story)


def becomes_live(story: Story, name: str, pause: float) -> None:
    """The move of an instance is a live migration that stops it for so long."""
    for draft in story.all("server", name=name):
        if draft.data["action"] in ("migrate", "confirmResize"):
            resting = draft.data["action"] == "confirmResize"
            draft.data["action"] = "os-migrateLive"
            draft.data["status"] = "ACTIVE" if resting else "MIGRATING"
            draft.data["task_state"] = None if resting else "migrating"
    down, up = (draft for draft in story.all("guest", server_id=f"id-{name}") if draft.at > 1)
    down.at = up.at - pause
    in_order(story)


def chooses(story: Story, name: str, action: str) -> None:
    for draft in story.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        if draft.cause.data["instance_ids"] == [f"id-{name}"]:
            draft.data["body"]["instance_action"] = action


# -- lead time ---------------------------------------------------------------------------------------------------------


@breaks("lead_times_are_kept")
def moved_too_early(story: Story) -> None:
    for draft in move_of(story, "app_1"):
        draft.at -= 20
    in_order(story)


@breaks("lead_times_are_kept")
def a_longer_lead_time_was_in_force(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", lead_time=300)


@breaks("lead_times_are_kept")
def moved_without_a_message(story: Story) -> None:
    for draft in story.all("notification", state="PLANNED_MAINTENANCE"):
        if draft.data.get("instance_ids") == ["id-app_1"]:
            story.drop_with_effects(draft)


@keeps
def a_longer_lead_time_came_after_the_message(story: Story) -> None:
    changes(story, "constraint.instance", 95, which="id-app_1", lead_time=300)


@keeps
def a_constraint_that_was_taken_back(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", lead_time=300, deleted=True)


# -- kind of migration and interruption --------------------------------------------------------------------------------


@breaks("migration_types_are_respected")
def another_kind_of_migration(story: Story) -> None:
    becomes_live(story, "app_1", 0.2)


@breaks("migration_types_are_respected")
def another_kind_is_offered(story: Story) -> None:
    for draft in story.all("notification", state="PLANNED_MAINTENANCE"):
        draft.data["allowed_actions"] = ["LIVE_MIGRATE"]


@breaks("migration_types_are_respected")
def cold_without_need(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    chooses(story, "app_1", "LIVE_MIGRATE")


@breaks("migration_types_are_respected")
def what_the_project_wanted_to_do_itself(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    chooses(story, "app_1", "OWN_ACTION")


@keeps
def the_project_chooses_another_kind(story: Story) -> None:
    becomes_live(story, "app_1", 0.2)
    chooses(story, "app_1", "LIVE_MIGRATE")


@keeps
def a_live_migration_that_is_short_enough(story: Story) -> None:
    changes(
        story, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=0.2
    )
    becomes_live(story, "app_1", 0.2)
    chooses(story, "app_1", "LIVE_MIGRATE")


@keeps
def a_cold_migration_after_a_live_one_that_failed(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE")
    chooses(story, "app_1", "LIVE_MIGRATE")
    story.before(move_of(story, "app_1")[0])
    action = {"action": "os-migrateLive", "by": "admin-project"}
    story.server("app_1", "compute-2", "MIGRATING", task="migrating", **action)
    story.server("app_1", "compute-2", **action)


@breaks("interruptions_are_short_enough")
def a_live_migration_that_takes_too_long(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-app_1", migration_type="LIVE_MIGRATE", max_interruption_time=1)
    becomes_live(story, "app_1", 1.5)
    chooses(story, "app_1", "LIVE_MIGRATE")


# -- groups over time --------------------------------------------------------------------------------------------------


@breaks("impacts_stay_within_the_limit")
def too_many_at_once(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_impacted_members=1)


@breaks("impacts_stay_within_the_limit")
def hit_though_none_may_be(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_impacted_members=0)


@breaks("impacts_stay_within_the_limit")
def an_instance_that_joins_the_group(story: Story) -> None:
    changes(story, "constraint.instance", 60, which="id-ha_0", group_id="others")


@keeps
def a_lower_limit_after_the_begin(story: Story) -> None:
    changes(story, "constraint.group", 135, which="others", max_impacted_members=1)


@keeps
def an_instance_that_leaves_the_group(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_impacted_members=1)
    changes(story, "constraint.instance", 60, which="id-app_0", group_id="nobody's")


@breaks("groups_recover_between_impacts")
def no_time_to_recover(story: Story) -> None:
    changes(story, "constraint.group", 60, which="pair", recovery_time=300)


@breaks("groups_recover_between_impacts")
def the_next_one_right_after(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in [*move_of(story, "app_1"), *story.all("notification", instance_ids=["id-app_1"], state=DONE)]:
        draft.at += 14
    in_order(story)


@keeps
def the_next_one_after_the_recovery(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_impacted_members=1)
    for draft in move_of(story, "app_1"):
        draft.at += 15
    in_order(story)


DONE = "INSTANCE_ACTION_DONE"

# -- groups over computes ----------------------------------------------------------------------------------------------


@breaks("instances_per_host_stay_within_the_limit")
def too_many_on_one_compute(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_instances_per_host=1)


@breaks("anti_affinity_is_kept")
def together_on_one_compute(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", anti_affinity_group=True)


@keeps
def as_many_as_are_allowed(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", max_instances_per_host=2)


@keeps
def together_by_the_projects_own_doing(story: Story) -> None:
    changes(story, "constraint.group", 60, which="others", anti_affinity_group=True, max_instances_per_host=1)
    story.drop(*move_of(story, "app_1"))
    changes(story, "constraint.instance", 60, which="id-app_1", migration_type="OWN_ACTION")
    chooses(story, "app_1", "OWN_ACTION")
    story.time = 132
    story.deleted("app_1")
    story.boots("app_1b", "compute-4")
    constraint = story.one("constraint.instance", instance_id="id-app_1")
    story.log("admin_tool", "constraint.instance", **{**constraint.data, "instance_id": "id-app_1b"})
    in_order(story)


# -- mitigation --------------------------------------------------------------------------------------------------------


@breaks("impacts_are_mitigated")
def told_before_there_is_room(story: Story) -> None:
    story.time = 90
    for name in ("app_8", "app_9"):
        story.boots(name, "compute-4")
    in_order(story)
    story.after(story.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    for name in ("app_8", "app_9"):
        story.deleted(name)


@breaks("impacts_are_mitigated")
def the_room_is_on_a_compute_that_is_out_of_use(story: Story) -> None:
    back = story.one("compute", 1, host="compute-4", status="enabled")
    story.drop(back).after(story.all("reply", state="ACK_PLANNED_MAINTENANCE")[2])
    story.compute("compute-4")


@keeps
def no_room_where_none_was_asked_for(story: Story) -> None:
    told_before_there_is_room(story)
    for name in ("ha_0", "ha_1", "app_0", "app_1"):
        changes(story, "constraint.instance", 60, which=f"id-{name}", resource_mitigation=False)


@keeps
def an_instance_that_came_back_needs_no_room_any_more(story: Story) -> None:
    story.time = 144.5
    story.server("app_1", "compute-2")
    story.boots("app_9", "compute-4")
    in_order(story)


def verdicts(story: Story) -> dict[str, Verdict]:
    return {verdict.claim: verdict for verdict in judge(story.history(), CLAIMS).verdicts}


@pytest.mark.parametrize(("claim", "way"), BREAKS, ids=lambda value: getattr(value, "__name__", value))
def test_is_told_by_its_own_claim_alone(vnf: Story, claim: str, way: Callable[[Story], object]) -> None:
    way(vnf)
    found = verdicts(vnf)
    assert {name for name, verdict in found.items() if verdict.outcome is not Outcome.HOLDS} == {claim}
    assert found[claim].outcome is Outcome.VIOLATED
    for violation in found[claim].violations:
        assert violation.events
        assert violation.subject
        assert "id-" not in violation.message


@pytest.mark.parametrize("way", KEEPS, ids=lambda way: way.__name__)
def test_is_kept(vnf: Story, way: Callable[[Story], object]) -> None:
    way(vnf)
    found = verdicts(vnf)
    assert {name: verdict.summary for name, verdict in found.items() if verdict.outcome is not Outcome.HOLDS} == {}


def test_every_claim_about_constraints_is_broken_here() -> None:
    assert {claim for claim, _ in BREAKS} == set(CLAIMS)


def test_a_vnf_run_without_constraints_tells_nothing_of_them(vnf: Story) -> None:
    vnf.drop(*vnf.all("constraint.instance"), *vnf.all("constraint.group"))
    assert {verdict.outcome for verdict in verdicts(vnf).values()} == {Outcome.UNKNOWN}


def test_where_nobody_sets_constraints_none_is_broken(story: Story) -> None:
    for verdict in verdicts(story).values():
        assert verdict.outcome is Outcome.HOLDS
        assert verdict.figures["constraints"] == 0

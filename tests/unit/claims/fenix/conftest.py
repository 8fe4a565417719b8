"""Histories of Fenix, written by hand: its two workflows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Story = Any  # the checkers' conftest.py's; a test folder is no package to import from
Draft = Any

WINDOWS = {
    "MAINTENANCE": 20,
    "DOWN_SCALE": 60,
    "PREPARE_MAINTENANCE": 20,
    "PLANNED_MAINTENANCE": 20,
    "MAINTENANCE_COMPLETE": 60,
}
LEAD = 40
HOSTS = ["compute-1", "compute-2", "compute-3", "compute-4"]


def tells_admin(story: Story, state: str, percent: float) -> Draft:
    """The event for the admin, and what the admin then sees."""
    data = {"session_id": "session-1", "project_id": "admin-project", "state": state, "percent_done": percent}
    draft = story.log("admin_tool", "notification", event_type="maintenance.session", **data)
    story.state(state)
    return draft


def constrains(story: Story, name: str, group: str, **more: Any) -> Draft:
    """A constraint of an instance, as Doctor's VNFM sets it."""
    data = {
        "instance_id": f"id-{name}",
        "project_id": "project-1",
        "group_id": group,
        "instance_name": name,
        "max_interruption_time": 120,
        "migration_type": "MIGRATE",
        "resource_mitigation": True,
        "lead_time": LEAD,
        "deleted": False,
    }
    return story.log("admin_tool", "constraint.instance", **{**data, **more})


def constrains_group(story: Story, group: str, **more: Any) -> Draft:
    """A constraint of a group that can bear anything."""
    data = {
        "group_id": group,
        "project_id": "project-1",
        "group_name": group,
        "anti_affinity_group": False,
        "max_instances_per_host": 0,
        "max_impacted_members": 2,
        "recovery_time": 2,
        "resource_mitigation": False,
        "deleted": False,
    }
    return story.log("admin_tool", "constraint.group", **{**data, **more})


def plans(story: Story, name: str, at: float) -> None:
    """PLANNED_MAINTENANCE about one instance, agreed to a second later."""
    story.time = at
    notice = story.tells("PLANNED_MAINTENANCE", window=20, lead=LEAD, instances=[f"id-{name}"])
    notice.data["reply_url"] += f"/id-{name}"
    story.time = at + 1
    reply = story.answers(notice)
    reply.data["body"]["instance_action"] = "MIGRATE"


def moves(story: Story, name: str, source: str, target: str, at: float) -> None:
    """A cold migration of 13 seconds, which is then reported."""
    story.time = at
    story.migrates(name, source, target)
    story.tells("INSTANCE_ACTION_DONE", window=None, instances=[f"id-{name}"])


def maintains(story: Story, host: str, at: float) -> None:
    """The work on a compute, of 60 seconds."""
    story.time = at
    story.maintains(host)


def spread_over_two_of_four(story: Story) -> Story:
    """Four computes, of which two are empty: these are maintained at once, then the other two are emptied at once, as
    far as the pair lets its second half go.
    """
    story.begins(HOSTS, WINDOWS, "fenix")
    for host in HOSTS:
        story.compute(host)
    for name, number in (("ha_0", 1), ("ha_1", 2), ("app_0", 1), ("app_1", 2)):
        story.boots(name, f"compute-{number}")
    story.log(
        "nova",
        "server_group",
        group_id="pair",
        name="pair",
        project_id="project-1",
        policy="anti-affinity",
        members=["id-ha_0", "id-ha_1"],
    )
    story.leads_to("ha_0")
    for owner, name in (("project-1", "app_manager"), ("admin-project", "inspector")):
        story.log(name, "alarm.created", alarm_id=f"alarm-{name}", name=name, project_id=owner, event_type="x")
    constrains_group(
        story, "pair", anti_affinity_group=True, max_instances_per_host=1, max_impacted_members=1, recovery_time=4
    )
    constrains_group(story, "others")
    for name in ("ha_0", "ha_1"):
        constrains(story, name, "pair")
    for name in ("app_0", "app_1"):
        constrains(story, name, "others")

    story.session(HOSTS, workflow="vnf")
    tells_admin(story, "MAINTENANCE", 0)
    story.answers(story.tells("MAINTENANCE", window=20, lead=30))

    story.time = 30
    for host in HOSTS:
        story.compute(host, "disabled")
    tells_admin(story, "START_MAINTENANCE", 10)
    for host in ("compute-3", "compute-4"):
        maintains(story, host, 30)
    story.time = 91
    tells_admin(story, "PLANNED_MAINTENANCE", 55)
    for name in ("ha_0", "app_0", "app_1"):
        plans(story, name, 91)
    story.time = 92
    story.leads_to("ha_1")
    moves(story, "ha_0", "compute-1", "compute-3", 131)
    moves(story, "app_0", "compute-1", "compute-4", 131)
    moves(story, "app_1", "compute-2", "compute-4", 131)
    maintains(story, "compute-1", 145)
    plans(story, "ha_1", 146)
    story.time = 146
    story.leads_to("ha_0")
    moves(story, "ha_1", "compute-2", "compute-1", 206)
    maintains(story, "compute-2", 220)

    story.time = 281
    tells_admin(story, "MAINTENANCE_COMPLETE", 95)
    notice = story.tells("MAINTENANCE_COMPLETE", window=60)
    story.time = 282
    story.answers(notice)
    story.time = 283
    tells_admin(story, "MAINTENANCE_DONE", 100)
    for owner, name in (("project-1", "app_manager"), ("admin-project", "inspector")):
        story.log(name, "alarm.deleted", alarm_id=f"alarm-{name}", project_id=owner)
    story.log("admin", "session.deleted", session_id="session-1")
    story.log("harness", "run.ended")
    story.drafts.sort(key=lambda draft: draft.at)
    return story


def in_the_words_of_fenix(story: Story) -> Story:
    """The same run, by Fenix's default workflow."""
    story.one("run.started").data.update(profile="fenix", admin_tool="fenix", windows=dict(WINDOWS))
    words = {"DOWN_SCALE": "SCALE_IN", "ADMIN_ACTION_DONE": "INSTANCE_ACTION_DONE"}
    for draft in story.drafts:
        for old, new in words.items():
            if "state" in draft.data:
                draft.data["state"] = draft.data["state"].replace(old, new)
    for percent, state in ((0, "MAINTENANCE"), (100, "MAINTENANCE_DONE")):
        seen = story.one("session.state", state=state)
        story.before(seen)
        data = {"session_id": "session-1", "project_id": "admin-project", "state": state, "percent_done": percent}
        story.log("admin_tool", "notification", event_type="maintenance.session", **data)
    return story


@pytest.fixture
def vnf(empty_story: Callable[[], Story]) -> Story:
    """A run of Fenix's vnf workflow in which everything goes right, to be broken."""
    return spread_over_two_of_four(empty_story())


@pytest.fixture
def fenix(story: Story) -> Story:
    """A run of Fenix's default workflow in which everything goes right, to be broken."""
    return in_the_words_of_fenix(story)

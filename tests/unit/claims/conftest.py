"""Small histories, written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_doctor_maint.history import Event, History, frozen, kinds, timestamp

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SESSION, PROJECT, ADMIN = "session-1", "project-1", "admin-project"
ALLOWED = ("MIGRATE", "LIVE_MIGRATE", "OWN_ACTION")


@dataclass(eq=False)
class Draft:
    """An event that may still change; its cause is another draft."""

    at: float
    actor: str
    kind: str
    data: dict[str, Any]
    cause: Draft | None = None


class Story:
    """Writes a history. What is told goes to the end, or behind the draft that ``after`` names."""

    def __init__(self) -> None:
        self.time = 0.0
        self.drafts: list[Draft] = []
        self._cursor: int | None = None

    # -- where and when ----------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Story:
        self.time += seconds
        return self

    def after(self, draft: Draft) -> Story:
        self._cursor, self.time = self.drafts.index(draft) + 1, draft.at
        return self

    def before(self, draft: Draft) -> Story:
        self._cursor, self.time = self.drafts.index(draft), draft.at
        return self

    # -- what there is -----------------------------------------------------------------------------------------------

    def all(self, kind: str, **data: Any) -> list[Draft]:
        return [
            draft
            for draft in self.drafts
            if draft.kind == kind and all(draft.data.get(key) == value for key, value in data.items())
        ]

    def one(self, kind: str, which: int = 0, **data: Any) -> Draft:
        return self.all(kind, **data)[which]

    def drop(self, *drafts: Draft) -> Story:
        self.drafts = [draft for draft in self.drafts if draft not in drafts]
        for draft in self.drafts:
            if draft.cause in drafts:
                draft.cause = None
        return self

    def drop_with_effects(self, draft: Draft) -> Story:
        gone = [draft]
        for other in self.drafts:
            if other.cause in gone:
                gone.append(other)
        return self.drop(*gone)

    def history(self) -> History:
        numbers = {id(draft): number for number, draft in enumerate(self.drafts, start=1)}
        return History(
            events=[
                Event(
                    seq=number,
                    at=EPOCH + timedelta(seconds=draft.at),
                    actor=draft.actor,
                    kind=draft.kind,
                    data=frozen(draft.data),
                    cause=None if draft.cause is None else numbers[id(draft.cause)],
                )
                for number, draft in enumerate(self.drafts, start=1)
            ]
        )

    # -- telling -----------------------------------------------------------------------------------------------------

    def log(self, actor: str, kind: str, *, cause: Draft | None = None, **data: Any) -> Draft:
        assert not kinds.kind(kind).missing(data)
        draft = Draft(self.time, actor, kind, data, cause)
        if self._cursor is None:
            self.drafts.append(draft)
        else:
            self.drafts.insert(self._cursor, draft)
            self._cursor += 1
        return draft

    def begins(self, hosts: list[str], windows: Mapping[str, float], profile: str = "sample") -> Draft:
        return self.log(
            "harness",
            "run.started",
            seed=7,
            cloud="embedded",
            admin_tool=profile,
            app_manager="sample",
            inspector="sample",
            computes=[{"name": host, "vcpus": 2} for host in hosts],
            projects={PROJECT: "doctor", "project-2": "other"},
            admin_project_id=ADMIN,
            profile=profile,
            windows=dict(windows),
            scenario="test_full_cloud[3]",
            repeat="pytest -p doctor_maint --maint-seed 7",
        )

    def compute(self, host: str, status: str = "enabled", state: str = "up", forced: bool = False) -> Draft:
        data: dict[str, Any] = {
            "host": host,
            "status": status,
            "state": state,
            "forced_down": forced,
            "powered": True,
            "vcpus": 2,
        }
        return self.log("nova", "compute", **data)

    def server(
        self,
        name: str,
        host: str | None,
        status: str = "ACTIVE",
        *,
        held: list[str] | None = None,
        action: str = "create",
        by: str = PROJECT,
        task: str | None = None,
        project: str = PROJECT,
    ) -> Draft:
        return self.log(
            "nova",
            "server",
            server_id=f"id-{name}",
            name=name,
            project_id=project,
            status=status,
            host=host,
            held_on=([host] if host else []) if held is None else held,
            vcpus=1,
            task_state=task,
            action=action,
            by=by,
        )

    def guest(self, name: str, up: bool, reason: str = "boot") -> Draft:
        return self.log("nova", "guest", server_id=f"id-{name}", up=up, reason=reason)

    def boots(self, name: str, host: str, project: str = PROJECT) -> Draft:
        draft = self.server(name, host, project=project)
        self.guest(name, True)
        return draft

    def deleted(self, name: str) -> Draft:
        self.guest(name, False, "deleted")
        return self.server(name, None, "DELETED", held=[], action="delete")

    def migrates(self, name: str, source: str, target: str, *, by: str = ADMIN, confirm: bool = True) -> None:
        self.server(name, source, "RESIZE", action="migrate", by=by, task="resize_prep")
        self.guest(name, False, "cold migration")
        self.wait(12)
        self.server(name, target, "VERIFY_RESIZE", held=[target, source], action="migrate", by=by)
        self.guest(name, True, "cold migration ended")
        if confirm:
            self.wait(1)
            self.server(name, target, action="confirmResize", by=by)

    def leads_to(self, name: str | None) -> Draft:
        server_id = f"id-{name}" if name else None
        data: dict[str, Any] = {
            "floating_ip_id": "fip-1",
            "address": "10.0.0.9",
            "project_id": PROJECT,
            "server_id": server_id,
        }
        return self.log("neutron", "floating_ip", **data)

    def tells(
        self,
        state: str,
        *,
        window: float | None = 120,
        project: str = PROJECT,
        instances: Any = None,
        session: str = SESSION,
        lead: float | None = None,
    ) -> Draft:
        """The admin tool's message to a project, and its arrival. It acts when the window is over or after ``lead``."""
        due = None if window is None else timestamp(EPOCH + timedelta(seconds=self.time + window))
        acts = due if lead is None else timestamp(EPOCH + timedelta(seconds=self.time + lead))
        url = f"http://admin_tool/maintenance/{session}/{project}"
        data: dict[str, Any] = {
            "event_type": "maintenance.scheduled",
            "session_id": session,
            "project_id": project,
            "state": state,
            "instance_ids": url if instances is None else instances,
            "allowed_actions": list(ALLOWED) if state.startswith("P") else [],
            "actions_at": acts,
            "reply_at": due,
            "reply_url": url,
            "metadata": {},
        }
        notice = self.log("admin_tool", "notification", **data)
        self.log("app_manager", "alarm", cause=notice, subscriber_id=project, **data)
        return notice

    def answers(self, notice: Draft, state: str | None = None, actions: Mapping[str, str] | None = None) -> Draft:
        state = state or f"ACK_{notice.data['state']}"
        body: dict[str, Any] = {"session_id": notice.data["session_id"], "state": state}
        if actions:
            body["instance_actions"] = {f"id-{name}": action for name, action in actions.items()}
        return self.log(
            "app_manager",
            "reply",
            cause=notice,
            session_id=notice.data["session_id"],
            project_id=notice.data["project_id"],
            url=notice.data["reply_url"],
            state=state,
            body=body,
        )

    def refused(self, reply: Draft) -> Draft:
        return self.log("admin_tool", "reply.refused", cause=reply, status=409, error="no answer is due")

    def moved(self, name: str) -> Draft:
        return self.tells("ADMIN_ACTION_DONE", window=None, instances=[f"id-{name}"])

    def tells_of_host(self, host: str, state: str, session: str = SESSION) -> Draft:
        data: dict[str, Any] = {
            "event_type": "maintenance.host",
            "session_id": session,
            "project_id": ADMIN,
            "host": host,
            "state": state,
        }
        notice = self.log("admin_tool", "notification", **data)
        self.log("inspector", "alarm", cause=notice, subscriber_id=ADMIN, **data)
        return notice

    def maintains(self, host: str) -> None:
        self.tells_of_host(host, "IN_MAINTENANCE")
        self.log("admin_tool", "host.work", host=host, session_id=SESSION, phase="started")
        self.wait(60)
        self.log("admin_tool", "host.work", host=host, session_id=SESSION, phase="ended")
        self.tells_of_host(host, "MAINTENANCE_COMPLETE")
        self.compute(host)

    def state(self, state: str, **more: Any) -> Draft:
        return self.log("admin_tool", "session.state", session_id=SESSION, state=state, **more)

    def session(self, hosts: list[str], notice: float = 30, workflow: str = "default") -> Draft:
        at = timestamp(EPOCH + timedelta(seconds=self.time + notice))
        data: dict[str, Any] = {
            "session_id": SESSION,
            "hosts": hosts,
            "maintenance_at": at,
            "workflow": workflow,
            "metadata": {},
        }
        return self.log("admin_tool", "session.created", **data)


def full_cloud() -> Story:
    """Three full computes; scaling down frees room on two of them, so that compute-3 has to be emptied first."""
    story = Story()
    hosts = ["compute-1", "compute-2", "compute-3"]
    story.begins(hosts, {"DOWN_SCALE": 120, "PREPARE_MAINTENANCE": 120, "PLANNED_MAINTENANCE": 120})
    for host in hosts:
        story.compute(host)
    for name, number in (("ha_0", 1), ("ha_1", 2), ("app_0", 1), ("app_1", 2), ("app_2", 3), ("app_3", 3)):
        story.boots(name, f"compute-{number}")
    story.log(
        "nova",
        "server_group",
        group_id="group-1",
        name="pair",
        project_id=PROJECT,
        policy="anti-affinity",
        members=["id-ha_0", "id-ha_1"],
    )
    story.leads_to("ha_0")
    for owner, name in ((PROJECT, "app_manager"), (ADMIN, "inspector")):
        story.log(name, "alarm.created", alarm_id=f"alarm-{name}", name=name, project_id=owner, event_type="x")
    story.session(hosts)
    story.answers(story.tells("MAINTENANCE", window=30))
    story.wait(1).state("MAINTENANCE")
    story.wait(29)

    notice = story.tells("DOWN_SCALE")
    story.wait(2).deleted("app_0")
    story.deleted("app_2")
    story.answers(notice)
    story.compute("compute-3", "disabled")
    story.answers(story.tells("PREPARE_MAINTENANCE"), actions={"app_3": "MIGRATE"})
    story.migrates("app_3", "compute-3", "compute-1")
    story.moved("app_3")
    story.compute("compute-1", "disabled")
    story.compute("compute-2", "disabled")
    story.maintains("compute-3")

    notice = story.tells("PLANNED_MAINTENANCE")
    story.leads_to("ha_1")
    story.wait(1).answers(notice, actions={"ha_0": "MIGRATE", "app_3": "MIGRATE"})
    for name in ("ha_0", "app_3"):
        story.migrates(name, "compute-1", "compute-3")
        story.moved(name)
    story.maintains("compute-1")

    notice = story.tells("PLANNED_MAINTENANCE")
    story.leads_to("ha_0")
    story.wait(1).answers(notice, actions={"ha_1": "MIGRATE", "app_1": "MIGRATE"})
    for name in ("ha_1", "app_1"):
        story.migrates(name, "compute-2", "compute-1")
        story.moved(name)
    story.maintains("compute-2")

    notice = story.tells("MAINTENANCE_COMPLETE")
    for name in ("app_4", "app_5"):
        story.wait(5).boots(name, "compute-2")
    story.answers(notice)
    story.wait(1).state("MAINTENANCE_DONE")
    story.log("admin", "session.deleted", session_id=SESSION)
    for owner, name in ((PROJECT, "app_manager"), (ADMIN, "inspector")):
        story.log(name, "alarm.deleted", alarm_id=f"alarm-{name}", project_id=owner)
    story.log("harness", "run.ended")
    return story


@pytest.fixture
def story() -> Story:
    """A run in which everything goes right, to be broken."""
    return full_cloud()


@pytest.fixture
def empty_story() -> Callable[[], Story]:
    """A history to be written from its beginning."""
    return Story

"""Histories written by hand: a builder, and a run in which everything goes right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pytest_doctor_maint.history import Event, History, frozen, kinds, timestamp

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SESSION, PROJECT, OTHER_PROJECT, ADMIN = "session-1", "project-1", "project-2", "admin-project"
ALLOWED = ("MIGRATE", "LIVE_MIGRATE", "OWN_ACTION")

#: The data of an event: JSON, as in :attr:`Event.data`.
Data = dict[str, Any]


@dataclass(eq=False)
class Draft:
    """An event that may still change. ``at`` is in seconds; its cause is another draft."""

    at: float
    actor: str
    kind: str
    data: Data
    cause: Draft | None = None


class HistoryBuilder:
    """Writes a history. An event goes to the end, or behind the event that :meth:`after` names."""

    def __init__(self) -> None:
        self.time = 0.0
        self.drafts: list[Draft] = []
        self._cursor: int | None = None

    # -- where and when ----------------------------------------------------------------------------------------------

    def wait(self, seconds: float) -> Self:
        self.time += seconds
        return self

    def after(self, draft: Draft) -> Self:
        """Write the next events behind ``draft``, at its time."""
        self._cursor, self.time = self.drafts.index(draft) + 1, draft.at
        return self

    def before(self, draft: Draft) -> Self:
        """Write the next events in front of ``draft``, at its time."""
        self._cursor, self.time = self.drafts.index(draft), draft.at
        return self

    def sort(self) -> Self:
        """Bring the events into the order of their times; events of one time keep their order."""
        self.drafts.sort(key=lambda draft: draft.at)
        return self

    def shift(self, draft: Draft, seconds: float) -> Self:
        """Move an event and all that follow it by so many seconds."""
        for later in self.drafts[self.drafts.index(draft) :]:
            later.at += seconds
        return self

    # -- what there is -----------------------------------------------------------------------------------------------

    def all(self, kind: str, **data: object) -> list[Draft]:
        """Return the events of this kind whose data has these values."""
        return [
            draft
            for draft in self.drafts
            if draft.kind == kind and all(draft.data.get(key) == value for key, value in data.items())
        ]

    def one(self, kind: str, which: int = 0, **data: object) -> Draft:
        """Return the event with the number ``which`` of :meth:`all`."""
        return self.all(kind, **data)[which]

    def drop(self, *drafts: Draft) -> Self:
        """Remove events; those that they caused lose their cause."""
        self.drafts = [draft for draft in self.drafts if draft not in drafts]
        for draft in self.drafts:
            if draft.cause in drafts:
                draft.cause = None
        return self

    def drop_with_effects(self, draft: Draft) -> Self:
        """Remove an event and all that it caused."""
        gone = [draft]
        for other in self.drafts:
            if other.cause in gone:
                gone.append(other)
        return self.drop(*gone)

    def number(self, draft: Draft) -> int:
        """Return the ``seq`` that ``draft`` has in the history."""
        return self.drafts.index(draft) + 1

    def history(self) -> History:
        """Return the history as it is written so far."""
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

    # -- events ------------------------------------------------------------------------------------------------------

    def log(self, actor: str, kind: str, *, cause: Draft | None = None, **data: object) -> Draft:
        """Write an event."""
        assert not kinds.kind(kind).missing(data), kinds.kind(kind).missing(data)
        draft = Draft(self.time, actor, kind, data, cause)
        if self._cursor is None:
            self.drafts.append(draft)
        else:
            self.drafts.insert(self._cursor, draft)
            self._cursor += 1
        return draft

    def run_started(self, hosts: Sequence[str], windows: Mapping[str, float], dialect: str = "sample") -> Draft:
        return self.log(
            "harness",
            "run.started",
            seed=7,
            cloud="embedded",
            admin_tool=dialect,
            app_manager="sample",
            inspector="sample",
            computes=[{"name": host, "vcpus": 2} for host in hosts],
            projects={PROJECT: "doctor", OTHER_PROJECT: "other"},
            admin_project_id=ADMIN,
            profile=dialect,
            windows=dict(windows),
            scenario="test_full_cloud[3]",
            repeat="pytest -p doctor_maint --maint-seed 7",
        )

    def compute(
        self, host: str, status: str = "enabled", state: str = "up", *, forced: bool = False, vcpus: int = 2
    ) -> Draft:
        return self.log(
            "nova",
            "compute",
            host=host,
            status=status,
            state=state,
            forced_down=forced,
            powered=True,
            vcpus=vcpus,
        )

    def server(
        self,
        name: str,
        host: str | None,
        status: str = "ACTIVE",
        *,
        held: Sequence[str] | None = None,
        action: str = "create",
        by: str = PROJECT,
        task: str | None = None,
        project: str = PROJECT,
        vcpus: int = 1,
    ) -> Draft:
        return self.log(
            "nova",
            "server",
            server_id=f"id-{name}",
            name=name,
            project_id=project,
            status=status,
            host=host,
            held_on=([host] if host else []) if held is None else list(held),
            vcpus=vcpus,
            task_state=task,
            action=action,
            by=by,
        )

    def guest(self, name: str, up: bool, reason: str = "boot") -> Draft:
        return self.log("nova", "guest", server_id=f"id-{name}", up=up, reason=reason)

    def boot(self, name: str, host: str, project: str = PROJECT, vcpus: int = 1) -> Draft:
        """A server is created, and its guest answers."""
        draft = self.server(name, host, project=project, vcpus=vcpus)
        self.guest(name, True)
        return draft

    def delete(self, name: str) -> Draft:
        self.guest(name, False, "deleted")
        return self.server(name, None, "DELETED", held=[], action="delete")

    def migrate(self, name: str, source: str, target: str, *, by: str = ADMIN, confirm: bool = True) -> None:
        """A cold migration of 12 seconds, and its confirmation 1 second later."""
        self.server(name, source, "RESIZE", action="migrate", by=by, task="resize_prep")
        self.guest(name, False, "cold migration")
        self.wait(12)
        self.server(name, target, "VERIFY_RESIZE", held=[target, source], action="migrate", by=by)
        self.guest(name, True, "cold migration ended")
        if confirm:
            self.wait(1)
            self.server(name, target, action="confirmResize", by=by)

    def floating_ip(self, name: str | None) -> Draft:
        """The floating IP leads to this server from now on; None for no server."""
        return self.log(
            "neutron",
            "floating_ip",
            floating_ip_id="fip-1",
            address="10.0.0.9",
            project_id=PROJECT,
            server_id=f"id-{name}" if name else None,
        )

    def message(
        self,
        state: str,
        *,
        window: float | None = 120,
        project: str = PROJECT,
        instances: str | Sequence[str] | None = None,
        session: str = SESSION,
        lead: float | None = None,
    ) -> Draft:
        """The admin tool's message to a project, and its arrival.

        The reply is due after ``window`` seconds; the admin tool acts then too, or after ``lead`` seconds.
        """
        due = None if window is None else timestamp(EPOCH + timedelta(seconds=self.time + window))
        acts = due if lead is None else timestamp(EPOCH + timedelta(seconds=self.time + lead))
        url = f"http://admin_tool/maintenance/{session}/{project}"
        data: Data = {
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
        draft = self.log("admin_tool", "notification", **data)
        self.log("app_manager", "alarm", cause=draft, subscriber_id=project, **data)
        return draft

    def reply(self, message: Draft | None, state: str = "", actions: Mapping[str, str] | None = None) -> Draft:
        """The project's reply to ``message``: the ACK, or ``state``; ``actions`` are by the instance's name."""
        assert message is not None
        state = state or f"ACK_{message.data['state']}"
        body: Data = {"session_id": message.data["session_id"], "state": state}
        if actions:
            body["instance_actions"] = {f"id-{name}": action for name, action in actions.items()}
        return self.log(
            "app_manager",
            "reply",
            cause=message,
            session_id=message.data["session_id"],
            project_id=message.data["project_id"],
            url=message.data["reply_url"],
            state=state,
            body=body,
        )

    def refuse(self, reply: Draft, status: int = 409, error: str | None = "no answer is due") -> Draft:
        return self.log("admin_tool", "reply.refused", cause=reply, status=status, error=error)

    def action_done(self, name: str) -> Draft:
        return self.message("ADMIN_ACTION_DONE", window=None, instances=[f"id-{name}"])

    def host_message(self, host: str, state: str, session: str = SESSION) -> Draft:
        """The admin tool's message about a compute, and its arrival at the Inspector."""
        data: Data = {
            "event_type": "maintenance.host",
            "session_id": session,
            "project_id": ADMIN,
            "host": host,
            "state": state,
        }
        draft = self.log("admin_tool", "notification", **data)
        self.log("inspector", "alarm", cause=draft, subscriber_id=ADMIN, **data)
        return draft

    def maintain(self, host: str) -> None:
        """The work on a compute, of 60 seconds; nova-compute is enabled at its end."""
        self.host_message(host, "IN_MAINTENANCE")
        self.log("admin_tool", "host.work", host=host, session_id=SESSION, phase="started")
        self.wait(60)
        self.log("admin_tool", "host.work", host=host, session_id=SESSION, phase="ended")
        self.host_message(host, "MAINTENANCE_COMPLETE")
        self.compute(host)

    def session(self, hosts: Sequence[str], notice: float = 30, workflow: str = "default") -> Draft:
        return self.log(
            "admin_tool",
            "session.created",
            session_id=SESSION,
            hosts=list(hosts),
            maintenance_at=timestamp(EPOCH + timedelta(seconds=self.time + notice)),
            workflow=workflow,
            metadata={},
        )

    def session_state(self, state: str, reason: str | None = None) -> Draft:
        draft = self.log("admin_tool", "session.state", session_id=SESSION, state=state)
        if reason is not None:
            draft.data["reason"] = reason
        return draft

    def fail(self, reason: str | None = None) -> Draft:
        """The session fails here: what follows is dropped, but for the end of the run."""
        assert self._cursor is not None, "say after which event"
        kept = ("run.ended", "alarm.deleted", "session.deleted")
        self.drop(*[draft for draft in self.drafts[self._cursor :] if draft.kind not in kept])
        return self.session_state("MAINTENANCE_FAILED", reason)

    def fault(self, host: str, phase: str = "injected") -> Draft:
        return self.log("nemesis", "fault", name="compute dies", target=host, phase=phase)

    def anti_affinity(self, *names: str) -> Draft:
        return self.log(
            "nova",
            "server_group",
            group_id="group-1",
            name="pair",
            project_id=PROJECT,
            policy="anti-affinity",
            members=[f"id-{name}" for name in names],
        )

    def subscribe(self) -> None:
        """The app manager and the Inspector create their alarms."""
        for owner, name in ((PROJECT, "app_manager"), (ADMIN, "inspector")):
            self.log(name, "alarm.created", alarm_id=f"alarm-{name}", name=name, project_id=owner, event_type="x")

    def unsubscribe(self) -> None:
        for owner, name in ((PROJECT, "app_manager"), (ADMIN, "inspector")):
            self.log(name, "alarm.deleted", alarm_id=f"alarm-{name}", project_id=owner)


def full_cloud() -> HistoryBuilder:
    """Return a run of three full computes in which everything goes right.

    Scaling down makes room on two of them, so that compute-3 has to be emptied first.
    """
    run = HistoryBuilder()
    hosts = ["compute-1", "compute-2", "compute-3"]
    run.run_started(hosts, {"DOWN_SCALE": 120, "PREPARE_MAINTENANCE": 120, "PLANNED_MAINTENANCE": 120})
    for host in hosts:
        run.compute(host)
    for name, number in (("ha_0", 1), ("ha_1", 2), ("app_0", 1), ("app_1", 2), ("app_2", 3), ("app_3", 3)):
        run.boot(name, f"compute-{number}")
    run.anti_affinity("ha_0", "ha_1")
    run.floating_ip("ha_0")
    run.subscribe()
    run.session(hosts)
    run.reply(run.message("MAINTENANCE", window=30))
    run.wait(1).session_state("MAINTENANCE")
    run.wait(29)

    message = run.message("DOWN_SCALE")
    run.wait(2).delete("app_0")
    run.delete("app_2")
    run.reply(message)
    run.compute("compute-3", "disabled")
    run.reply(run.message("PREPARE_MAINTENANCE"), actions={"app_3": "MIGRATE"})
    run.migrate("app_3", "compute-3", "compute-1")
    run.action_done("app_3")
    run.compute("compute-1", "disabled")
    run.compute("compute-2", "disabled")
    run.maintain("compute-3")

    message = run.message("PLANNED_MAINTENANCE")
    run.floating_ip("ha_1")
    run.wait(1).reply(message, actions={"ha_0": "MIGRATE", "app_3": "MIGRATE"})
    for name in ("ha_0", "app_3"):
        run.migrate(name, "compute-1", "compute-3")
        run.action_done(name)
    run.maintain("compute-1")

    message = run.message("PLANNED_MAINTENANCE")
    run.floating_ip("ha_0")
    run.wait(1).reply(message, actions={"ha_1": "MIGRATE", "app_1": "MIGRATE"})
    for name in ("ha_1", "app_1"):
        run.migrate(name, "compute-2", "compute-1")
        run.action_done(name)
    run.maintain("compute-2")

    message = run.message("MAINTENANCE_COMPLETE")
    for name in ("app_4", "app_5"):
        run.wait(5).boot(name, "compute-2")
    run.reply(message)
    run.wait(1).session_state("MAINTENANCE_DONE")
    run.log("admin", "session.deleted", session_id=SESSION)
    run.unsubscribe()
    run.log("harness", "run.ended")
    return run

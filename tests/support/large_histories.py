"""Large histories in which every claim holds, of any length."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from pytest_doctor_maint.history import timestamp
from pytest_doctor_maint.protocol.times import from_wire
from tests.support.fenix_runs import WINDOWS, constrain_group, constrain_instance, plan
from tests.support.history_builder import ADMIN, EPOCH, SESSION, Draft, HistoryBuilder

#: The fields by which things are told apart.
_IDS = ("server_id", "session_id", "project_id", "host", "group_id", "alarm_id", "floating_ip_id", "instance_id")


def copies(base: Callable[[], HistoryBuilder], times: int) -> HistoryBuilder:
    """Return the sessions of many runs, one after the other: each has computes and projects of its own.

    Args:
        base: Makes a run, which begins with ``run.started`` and ends with ``run.ended``.
        times: The number of runs.
    """
    first = base()
    identifiers = {str(draft.data[key]) for draft in first.drafts for key in _IDS if draft.data.get(key)}
    identifiers |= {str(host) for draft in first.all("session.created") for host in draft.data["hosts"]}
    started, ended = first.one("run.started"), first.one("run.ended")
    begin = first.drafts.index(first.one("session.created"))
    projects = dict(started.data["projects"])
    before: list[Draft] = []
    after: list[Draft] = []
    for number in range(times):
        new = {each: each if each == ADMIN else f"{each}~{number}" for each in identifiers}
        made = renamed(first.drafts[1:-1], new, number * (ended.at + 1))
        before, after = [*before, *made[: begin - 1]], [*after, *made[begin - 1 :]]
        started.data["projects"].update({new[each]: name for each, name in projects.items() if each in new})
    for draft in before:
        draft.at = started.at
    result = HistoryBuilder()
    result.drafts = [started, *before, *after]
    result.wait(after[-1].at).log("harness", "run.ended")
    return result


def renamed(drafts: list[Draft], new: Mapping[str, str], later: float = 0) -> list[Draft]:
    """Return copies of events, so many seconds later, with other ids."""
    pattern = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, new), key=len, reverse=True))})\b")

    def rename(value: Any) -> Any:  # JSON
        if isinstance(value, str):
            # Times are texts, too.
            moved = _later(value, later)
            return pattern.sub(lambda found: new[found.group()], value) if moved is None else moved
        if isinstance(value, dict):
            return {rename(key): rename(item) for key, item in value.items()}
        return [rename(item) for item in value] if isinstance(value, list) else value

    made: dict[int, Draft] = {}
    for draft in drafts:
        cause = None if draft.cause is None else made[id(draft.cause)]
        made[id(draft)] = Draft(draft.at + later, draft.actor, draft.kind, rename(draft.data), cause)
    return list(made.values())


def _later(text: str, seconds: float) -> str | None:
    """Return a time so many seconds later; None if ``text`` is no time."""
    if not text.startswith(f"{EPOCH:%Y-}"):
        return None
    return timestamp(from_wire(text) + timedelta(seconds=seconds))


def sessions(times: int, computes: int = 4) -> HistoryBuilder:
    """Return sessions of Fenix's workflow ``vnf``, one after the other, on the same computes.

    In each session every instance moves, its project sets its constraint again, a compute dies and comes back, and the
    floating IP is switched over.

    Args:
        times: The number of sessions.
        computes: The number of computes, at least 3. One of them is empty, and the others are full.
    """
    run = HistoryBuilder()
    hosts = [f"compute-{number}" for number in range(1, computes + 1)]
    run.run_started(hosts, WINDOWS, "fenix")
    for host in hosts:
        run.compute(host)
    where = {"ha_0": hosts[0], "ha_1": hosts[1]} | {f"app_{number}": host for number, host in enumerate(hosts[:-1])}
    for name, host in where.items():
        run.boot(name, host)
    run.anti_affinity("ha_0", "ha_1")
    run.floating_ip("ha_0")
    run.subscribe()
    constrain_group(run, "pair", anti_affinity_group=True, max_instances_per_host=1, max_impacted_members=1)
    constrain_group(run, "others", recovery_time=0)
    for number in range(times):
        begin = len(run.drafts)
        _session(run, hosts, where)
        run.drafts[begin:] = renamed(run.drafts[begin:], {SESSION: f"session-{number}"})
    run.unsubscribe()
    run.log("harness", "run.ended")
    return run


def _session(run: HistoryBuilder, hosts: list[str], where: dict[str, str]) -> None:
    for name in where:
        constrain_instance(run, name, "pair" if name.startswith("ha") else "others", lead_time=10)
    run.session(hosts, workflow="vnf")
    run.reply(run.message("MAINTENANCE", window=20, lead=30))
    run.wait(30)
    for host in hosts:
        run.compute(host, "disabled")
    empty = next(host for host in hosts if host not in where.values())
    run.maintain(empty)
    for host in [host for host in hosts if host != empty]:
        leaving = [name for name, there in where.items() if there == host]
        for name in leaving:
            plan(run, name, run.time)
            run.wait(20)
            run.floating_ip("ha_0" if name == "ha_1" else "ha_1")
            run.migrate(name, host, empty)
            run.message("INSTANCE_ACTION_DONE", window=None, instances=[f"id-{name}"])
            where[name] = empty
        run.maintain(host)
        empty = host
    run.reply(run.message("MAINTENANCE_COMPLETE", window=60))
    for state, percent in (("MAINTENANCE", 0), ("MAINTENANCE_DONE", 100)):
        run.log(
            "admin_tool",
            "notification",
            event_type="maintenance.session",
            session_id=SESSION,
            project_id=ADMIN,
            state=state,
            percent_done=percent,
        )
        run.session_state(state)
    run.log("admin", "session.deleted", session_id=SESSION)
    _failure(run, empty)
    run.wait(10)


def _failure(run: HistoryBuilder, host: str) -> None:
    """An empty compute fails, is forced down, and comes back."""
    run.log("nemesis", "fault", name="compute dies", target=host, phase="injected")
    run.log("inspector", "host.failure", host=host)
    run.log("inspector", "fault_management", host=host, action="force_down", server_id=None)
    run.compute(host, state="down", forced=True)
    run.wait(1).compute(host)
    run.log("nemesis", "fault", name="compute dies", target=host, phase="ended")

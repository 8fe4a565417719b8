"""Histories of Fenix written by hand: a run of each workflow in which everything goes right."""

from __future__ import annotations

from tests.support.history_builder import ADMIN, PROJECT, SESSION, Data, Draft, HistoryBuilder, full_cloud

WINDOWS = {
    "MAINTENANCE": 20,
    "DOWN_SCALE": 60,
    "PREPARE_MAINTENANCE": 20,
    "PLANNED_MAINTENANCE": 20,
    "MAINTENANCE_COMPLETE": 60,
}
LEAD_TIME = 40
HOSTS = ("compute-1", "compute-2", "compute-3", "compute-4")
PROGRESS = "maintenance.session"


def report_progress(run: HistoryBuilder, state: str, percent: float) -> Draft:
    """Fenix's message to the admin, and the state of the session that the admin then gets."""
    draft = run.log(
        "admin_tool",
        "notification",
        event_type=PROGRESS,
        session_id=SESSION,
        project_id=ADMIN,
        state=state,
        percent_done=percent,
    )
    run.session_state(state)
    return draft


def constrain_instance(run: HistoryBuilder, name: str, group: str, **fields: object) -> Draft:
    """A constraint of an instance, as Doctor's VNFM sets it."""
    data: Data = {
        "instance_id": f"id-{name}",
        "project_id": PROJECT,
        "group_id": group,
        "instance_name": name,
        "max_interruption_time": 120,
        "migration_type": "MIGRATE",
        "resource_mitigation": True,
        "lead_time": LEAD_TIME,
        "deleted": False,
    }
    return run.log("admin_tool", "constraint.instance", **data | fields)


def constrain_group(run: HistoryBuilder, group: str, **fields: object) -> Draft:
    """A constraint of a group with loose limits."""
    data: Data = {
        "group_id": group,
        "project_id": PROJECT,
        "group_name": group,
        "anti_affinity_group": False,
        "max_instances_per_host": 0,
        "max_impacted_members": 2,
        "recovery_time": 2,
        "resource_mitigation": False,
        "deleted": False,
    }
    return run.log("admin_tool", "constraint.group", **data | fields)


def change_constraint(run: HistoryBuilder, kind: str, at: float, *, which: str, **fields: object) -> None:
    """The VNFM sets the constraint of an instance or a group again, with other ``fields``, at this time."""
    key = "instance_id" if kind == "constraint.instance" else "group_id"
    before = next(draft for draft in run.all(kind) if draft.data[key] == which)
    run.time = at
    run.log("admin_tool", kind, **before.data | fields)
    run.sort()


def plan(run: HistoryBuilder, name: str, at: float) -> None:
    """PLANNED_MAINTENANCE about one instance, and the ACK a second later."""
    run.time = at
    message = run.message("PLANNED_MAINTENANCE", window=20, lead=LEAD_TIME, instances=[f"id-{name}"])
    message.data["reply_url"] += f"/id-{name}"
    run.time = at + 1
    run.reply(message).data["body"]["instance_action"] = "MIGRATE"


def move(run: HistoryBuilder, name: str, source: str, target: str, at: float) -> None:
    """A cold migration of 13 seconds, and its report."""
    run.time = at
    run.migrate(name, source, target)
    run.message("INSTANCE_ACTION_DONE", window=None, instances=[f"id-{name}"])


def maintain(run: HistoryBuilder, host: str, at: float) -> None:
    """The work on a compute, of 60 seconds."""
    run.time = at
    run.maintain(host)


def vnf_workflow() -> HistoryBuilder:
    """Return a run of Fenix's vnf workflow on four computes, two of which are empty.

    These two are maintained at once, then the other two are emptied at once, as far as the pair allows it.
    """
    run = HistoryBuilder()
    run.run_started(HOSTS, WINDOWS, "fenix")
    for host in HOSTS:
        run.compute(host)
    for name, number in (("ha_0", 1), ("ha_1", 2), ("app_0", 1), ("app_1", 2)):
        run.boot(name, f"compute-{number}")
    run.anti_affinity("ha_0", "ha_1")
    run.floating_ip("ha_0")
    run.subscribe()
    constrain_group(
        run, "pair", anti_affinity_group=True, max_instances_per_host=1, max_impacted_members=1, recovery_time=4
    )
    constrain_group(run, "others")
    for name in ("ha_0", "ha_1"):
        constrain_instance(run, name, "pair")
    for name in ("app_0", "app_1"):
        constrain_instance(run, name, "others")

    run.session(HOSTS, workflow="vnf")
    report_progress(run, "MAINTENANCE", 0)
    run.reply(run.message("MAINTENANCE", window=20, lead=30))

    run.time = 30
    for host in HOSTS:
        run.compute(host, "disabled")
    report_progress(run, "START_MAINTENANCE", 10)
    for host in ("compute-3", "compute-4"):
        maintain(run, host, 30)
    run.time = 91
    report_progress(run, "PLANNED_MAINTENANCE", 55)
    for name in ("ha_0", "app_0", "app_1"):
        plan(run, name, 91)
    run.time = 92
    run.floating_ip("ha_1")
    move(run, "ha_0", "compute-1", "compute-3", 131)
    move(run, "app_0", "compute-1", "compute-4", 131)
    move(run, "app_1", "compute-2", "compute-4", 131)
    maintain(run, "compute-1", 145)
    plan(run, "ha_1", 146)
    run.time = 146
    run.floating_ip("ha_0")
    move(run, "ha_1", "compute-2", "compute-1", 206)
    maintain(run, "compute-2", 220)

    run.time = 281
    report_progress(run, "MAINTENANCE_COMPLETE", 95)
    message = run.message("MAINTENANCE_COMPLETE", window=60)
    run.time = 282
    run.reply(message)
    run.time = 283
    report_progress(run, "MAINTENANCE_DONE", 100)
    run.unsubscribe()
    run.log("admin", "session.deleted", session_id=SESSION)
    run.log("harness", "run.ended")
    return run.sort()


def default_workflow() -> HistoryBuilder:
    """Return the run of :func:`full_cloud` with Fenix's default workflow and Fenix's names of states."""
    run = full_cloud()
    run.one("run.started").data.update(profile="fenix", admin_tool="fenix", windows=dict(WINDOWS))
    words = {"DOWN_SCALE": "SCALE_IN", "ADMIN_ACTION_DONE": "INSTANCE_ACTION_DONE"}
    for draft in run.drafts:
        for old, new in words.items():
            if "state" in draft.data:
                draft.data["state"] = draft.data["state"].replace(old, new)
    for percent, state in ((0, "MAINTENANCE"), (100, "MAINTENANCE_DONE")):
        run.before(run.one("session.state", state=state)).log(
            "admin_tool",
            "notification",
            event_type=PROGRESS,
            session_id=SESSION,
            project_id=ADMIN,
            state=state,
            percent_done=percent,
        )
    return run


def move_of(run: HistoryBuilder, name: str) -> list[Draft]:
    """Return the events of the cloud about the move of an instance."""
    states = run.all("server", name=name) + run.all("guest", server_id=f"id-{name}")
    return [draft for draft in states if draft.at > 1]


def make_live(run: HistoryBuilder, name: str, pause: float) -> None:
    """Turn the move of an instance into a live migration that stops the guest for so many seconds."""
    for draft in run.all("server", name=name):
        if draft.data["action"] in ("migrate", "confirmResize"):
            resting = draft.data["action"] == "confirmResize"
            draft.data["action"] = "os-migrateLive"
            draft.data["status"] = "ACTIVE" if resting else "MIGRATING"
            draft.data["task_state"] = None if resting else "migrating"
    down, up = (draft for draft in run.all("guest", server_id=f"id-{name}") if draft.at > 1)
    down.at = up.at - pause
    run.sort()


def choose(run: HistoryBuilder, name: str, action: str) -> None:
    for draft in run.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        if draft.cause is not None and draft.cause.data["instance_ids"] == [f"id-{name}"]:
            draft.data["body"]["instance_action"] = action

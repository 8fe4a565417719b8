"""Action plug-ins: when they run, in which order, which data they get, and what happens when one fails."""

import sys
from importlib.metadata import EntryPoint

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix import actions
from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionPlugin, ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.openstack.calls import call
from tests.support.fenix import Json, Lab, MakeLab, states


class Upgrade(ActionPlugin):
    """Takes as many seconds as its metadata says."""

    def run(self) -> None:
        self.context.clock.sleep(float(self.context.metadata.get("seconds", 10)))


class Breaks(ActionPlugin):
    """Fails, on one host or on any."""

    def run(self) -> None:
        if self.context.metadata.get("host") in (None, self.context.host):
            raise RuntimeError("the disk is full")


class Exits(ActionPlugin):
    """Exits, as a script would."""

    def run(self) -> None:
        sys.exit(1)


def wanted(plugin: str, action_type: str, **metadata: object) -> Json:
    return {"plugin": plugin, "type": action_type, "metadata": metadata}


PLUGINS = {"upgrade": Upgrade, "a_upgrade": Upgrade, "z_upgrade": Upgrade, "breaks": Breaks, "exits": Exits}


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    return make_lab(FenixSettings(plugins=PLUGINS), instances=4, policy=Policy())


def runs(lab: Lab, *phases: str) -> list[tuple[str, str, str | None]]:
    events = lab.testbed.history.of("action")
    return [
        (item.data["type"], item.data["plugin"], item.data["host"]) for item in events if item.data["phase"] in phases
    ]


def test_plug_ins_run_by_type_and_in_alphabetical_order(lab: Lab) -> None:
    session_id = lab.begin(
        hosts=[],
        actions=[
            wanted("z_upgrade", "pre"),
            wanted("upgrade", "post"),
            wanted("z_upgrade", "compute"),
            wanted("a_upgrade", "compute"),
            wanted("upgrade", "host"),
            wanted("upgrade", "controller"),
            wanted("a_upgrade", "pre"),
        ],
    )
    assert lab.end_of(session_id)["state"] == "MAINTENANCE_DONE"
    on_each = [("host", "upgrade"), ("compute", "a_upgrade"), ("compute", "z_upgrade")]
    expected = [
        ("pre", "a_upgrade", None),
        ("pre", "z_upgrade", None),
        ("host", "upgrade", "controller"),
        ("controller", "upgrade", "controller"),
        *((kind, name, host) for host in ("compute-3", "compute-1", "compute-2") for kind, name in on_each),
        ("post", "upgrade", None),
    ]
    assert runs(lab, "started") == runs(lab, "ended") == expected
    shown = lab.detail(session_id)
    assert [(run["type"], run["plugin"], run["hostname"]) for run in shown["actions"]] == expected
    assert {run["state"] for run in shown["actions"]} == {"DONE"}
    assert {host["state"] for host in shown["hosts"]} == {"MAINTAINED"}


def test_pre_runs_after_the_start_and_post_before_the_last_message(lab: Lab) -> None:
    lab.end_of(lab.begin(actions=[wanted("upgrade", "pre", seconds=7), wanted("upgrade", "post", seconds=7)]))
    began, _, post, ended = lab.testbed.history.of("action")
    start = lab.testbed.history.of("session.created")[0].data["maintenance_at"]
    assert f"{began.at:%Y-%m-%d %H:%M:%S}" == start
    done = next(event for event in lab.sent() if event.data["state"] == "MAINTENANCE_COMPLETE")
    last = lab.sent("maintenance.host")[-1]
    assert last.seq < post.seq < ended.seq < done.seq
    assert (ended.at - post.at).total_seconds() == 7


def test_plug_ins_are_the_work_on_a_compute(lab: Lab) -> None:
    lab.end_of(lab.begin(actions=[wanted("upgrade", "compute", seconds=25)]))
    began, ended, *_ = lab.testbed.history.of("host.work")
    assert (ended.at - began.at).total_seconds() == 25


def test_plug_ins_get_their_type_host_metadata_and_a_connection(make_lab: MakeLab) -> None:
    seen: list[object] = []

    class Looks(ActionPlugin):
        def run(self) -> None:
            context = self.context
            servers = call(context.connection.compute, "GET", "/servers/detail", all_tenants=1)["servers"]
            seen.append((context.type, context.host, dict(context.metadata), dict(context.session_metadata), servers))

    lab = make_lab(FenixSettings(plugins={"looks": Looks}))
    session_id = lab.begin(actions=[wanted("looks", "pre", k="v")])
    lab.end_of(session_id)
    assert seen == [(ActionType.PRE, None, {"k": "v"}, {"openstack_version": "2026.1"}, [])]


@pytest.mark.parametrize(
    ("action", "where"),
    [
        (wanted("breaks", "pre"), ""),
        (wanted("breaks", "host", host="compute-3"), " on compute-3"),
        (wanted("breaks", "compute", host="compute-2"), " on compute-2"),
        (wanted("breaks", "controller"), " on controller"),
        (wanted("breaks", "post"), ""),
    ],
)
def test_a_plug_in_that_fails_fails_the_session_which_puts_everything_back(lab: Lab, action: Json, where: str) -> None:
    session_id = lab.begin(hosts=[], actions=[action])
    shown = lab.end_of(session_id)
    assert shown["state"] == "MAINTENANCE_FAILED"
    assert shown["reason"] == f"the {action['type']} plug-in breaks failed{where}: RuntimeError: the disk is full"
    assert runs(lab, "failed")[-1][:2] == (action["type"], "breaks")
    assert set(lab.services().values()) == {"enabled"}
    # The Inspector knows that the compute is no longer in maintenance.
    about_host = states(event for event in lab.sent("maintenance.host") if event.data["host"] == where[4:])
    assert about_host.count("IN_MAINTENANCE") == about_host.count("MAINTENANCE_COMPLETE")


def test_plug_ins_after_a_failed_one_do_not_run(lab: Lab) -> None:
    lab.end_of(lab.begin(actions=[wanted("upgrade", "pre"), wanted("exits", "pre"), wanted("a_upgrade", "pre")]))
    assert runs(lab, "started") == [("pre", "a_upgrade", None), ("pre", "exits", None)]


def test_plug_ins_are_found_by_entry_point_and_by_import_path(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    here = f"{__name__}:Upgrade"
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or sys.modules[Upgrade.__module__])
    offered = EntryPoint("offered", here, actions.ENTRY_POINTS)
    monkeypatch.setattr(
        actions,
        "entry_points",
        lambda group, name: [offered] if (group, name) == (actions.ENTRY_POINTS, "offered") else [],
    )
    session_id = lab.begin(actions=[wanted("offered", "pre"), wanted(here, "post")])
    assert lab.end_of(session_id)["state"] == "MAINTENANCE_DONE"
    assert runs(lab, "ended") == [("pre", "offered", None), ("post", here, None)]

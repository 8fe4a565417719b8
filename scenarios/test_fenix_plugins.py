"""Action plug-ins: the work of an operator in the course of a session, in addition to moving instances."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix import ActionPlugin, FenixSettings
from pytest_doctor_maint.fixtures.maintenance import Maintenance

# Only Fenix has plug-ins; it has them for every app manager.
pytestmark = [
    pytest.mark.maintenance(computes=(3, 4)),
    pytest.mark.maintenance(admin_tool="fenix", pinned=True),
]


class Upgrade(ActionPlugin):
    """A plug-in that takes as many seconds as its metadata says."""

    def run(self) -> None:
        self.context.clock.sleep(self.context.metadata["seconds"])


class Breaks(ActionPlugin):
    """Fails."""

    def run(self) -> None:
        raise RuntimeError("the package repository is out of reach")


PLUGINS = FenixSettings(plugins={"b_upgrade": Upgrade, "a_upgrade": Upgrade, "breaks": Breaks})


def action(plugin: str, kind: str) -> dict[str, object]:
    """Return a request for a plug-in."""
    return {"plugin": plugin, "type": kind, "metadata": {"seconds": 30}}


def test_plug_ins_run_by_type_and_in_alphabetical_order(maintenance: Maintenance, computes: int) -> None:
    """Pre first, then those for the host and for the compute on each compute, post last; a before b in any case."""
    asked = [action("b_upgrade", "pre"), action("a_upgrade", "pre"), action("b_upgrade", "compute")]
    asked += [action("a_upgrade", "host"), action("a_upgrade", "post")]
    given = maintenance.given(computes).full().where(admin_tool=PLUGINS).asking_for(*asked)
    then = maintenance.when(given)
    runs = [(event.data["plugin"], event.data["type"]) for event in then.history.of("action", phase="ended")]
    assert runs[:2] == [("a_upgrade", "pre"), ("b_upgrade", "pre")]
    assert runs[-1] == ("a_upgrade", "post")
    assert sorted(runs[2:-1]) == sorted([("a_upgrade", "host"), ("b_upgrade", "compute")] * computes)
    assert {event.data["host"] for event in then.history.of("action", type="compute")} == {
        work.what for work in then.works()
    }
    then.holds()


def test_a_plug_in_that_fails_fails_the_session(maintenance: Maintenance, computes: int) -> None:
    """Everything is put back, and no further compute is touched."""
    given = maintenance.given(computes).full().where(admin_tool=PLUGINS)
    then = maintenance.when(given.asking_for(action("breaks", "compute")))
    assert len({event.data["host"] for event in then.history.of("action", phase="failed")}) == 1
    (failed,) = then.history.of("session.state", state="MAINTENANCE_FAILED")
    assert "out of reach" in failed.data["reason"]
    then.holds("failed_sessions_put_everything_back", "downtime_is_zero", "messages_are_answered", "no_thread_died")

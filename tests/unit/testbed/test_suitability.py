"""A scenario that does not suit the application that already exists is refused, and the message describes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from openstack.connection import Connection

from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud, check_computes
from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.faults.mutants import fenix_that_reads
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.protocol import Step
from pytest_doctor_maint.testbed.leftovers import naming_leftovers
from pytest_doctor_maint.testbed.projects import make_project
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import Premises, TestbedSettings
from pytest_doctor_maint.testbed.suitability import check_actors, check_application
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec

FENIX, VNFM = "http://127.0.0.1:12347/v1", "http://127.0.0.1:12348/maintenance"
EVERYWHERE = Attached(admin_tool=FENIX, app_manager=VNFM, inspector="http://127.0.0.1:12345/maintenance")


class Own(AppManager):
    """An app manager of a scenario."""


class OwnInspector(Inspector):
    """An Inspector of a scenario."""


GIVEN = Scenario(TestbedSettings(attached=EVERYWHERE)).on(3).full()


@pytest.mark.parametrize("workflow", ["default", "vnf"])
@pytest.mark.parametrize("tool", [AdminToolSettings(), FenixSettings()], ids=["sample", "fenix"])
def test_a_scenario_that_asks_nothing_of_the_actors_suits(tool: AdminToolSettings, workflow: str) -> None:
    scenario = GIVEN.where(admin_tool=tool, workflow=workflow)
    check_actors(scenario.settings, scenario.topology)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda it: it.where(admin_tool=AdminToolSettings(windows={Step.DOWN_SCALE: 5.0})),
            f"sets windows, plug-ins or work of the admin tool; the admin tool at {FENIX} has settings of its own",
        ),
        (
            lambda it: it.where(admin_tool=FenixSettings(project_maintenance_reply=40.0)),
            "sets windows, plug-ins or work of the admin tool",
        ),
        (
            lambda it: it.deciding(last_second=True),
            f"how the app manager decides.*manager at {VNFM} decides by itself",
        ),
        (
            lambda it: it.where(make_admin_tool=fenix_that_reads(lead_time=0.0)),
            f"brings an admin tool of its own; it cannot use the admin tool at {FENIX}",
        ),
        (lambda it: it.where(make_app_manager=Own), f"brings an app manager of its own.*the app manager at {VNFM}"),
        (lambda it: it.where(make_inspector=OwnInspector), "brings an Inspector of its own"),
        (lambda it: it.where(constraints={"doctor": ConstraintPolicy()}), "which constraints it sets"),
        (
            lambda it: it.full_with_projects("red", "blue"),
            f"has 2 applications .red, blue.; the app manager at {VNFM} has the application of the project 'doctor'",
        ),
    ],
)
def test_a_scenario_that_sets_up_an_actor_elsewhere_is_refused(
    change: Callable[[Scenario], Scenario], words: str
) -> None:
    scenario = change(GIVEN)
    with pytest.raises(UnsuitableCloud, match=words):
        check_actors(scenario.settings, scenario.topology)
    here = replace(scenario.settings, attached=Attached())
    check_actors(here, scenario.topology)


@pytest.fixture(scope="module")
def testbed() -> Iterator[Testbed]:
    """Three computes, and an application of four instances on the first two."""
    scenario = Scenario(TestbedSettings(wire="memory")).on(3).with_one_empty_compute()
    with Testbed(scenario.topology, scenario.settings) as made:
        made.deploy()
        yield made


def check(testbed: Testbed, application: ApplicationSpec) -> None:
    manager = testbed.app_managers["doctor"]
    check_application(testbed.admin, application, manager.project_id, "vnf-1")


def test_the_application_that_exists_suits(testbed: Testbed) -> None:
    (deployed,) = testbed.topology.applications
    assert deployed.placement
    check(testbed, deployed)
    check(testbed, ApplicationSpec(instances=4))
    check(testbed, ApplicationSpec(instances=6, any=True))


@pytest.mark.parametrize(
    ("application", "words"),
    [
        (
            ApplicationSpec(instances=6),
            "is for 6 instances; the project 'vnf-1' has 4: doctor_ha_app_0 on compute-1, doctor_ha_app_1 on compute-2,"
            ".*; choose a scenario for any application",
        ),
        (
            ApplicationSpec(instances=4, placement={"doctor_ha_app_0": "compute-2", "doctor_ha_app_1": "compute-2"}),
            "needs doctor_ha_app_0 on compute-2; the project 'vnf-1' has doctor_ha_app_0 on compute-1",
        ),
    ],
)
def test_another_application_is_refused(testbed: Testbed, application: ApplicationSpec, words: str) -> None:
    with pytest.raises(UnsuitableCloud, match=words):
        check(testbed, application)


def test_computes_may_be_in_use_where_the_application_exists(testbed: Testbed) -> None:
    with pytest.raises(UnsuitableCloud, match="no VCPU may be in use before the test"):
        check_computes(testbed.admin)
    assert check_computes(testbed.admin, in_use=True) == {"compute-1": 2, "compute-2": 2, "compute-3": 2}


def test_what_a_killed_run_has_left_is_listed_with_the_commands_that_remove_it(testbed: Testbed) -> None:
    project_id = testbed.app_managers["doctor"].project_id
    with (
        pytest.raises(UnsuitableCloud, match="no VCPU may be in use before the test") as raised,
        naming_leftovers(testbed.admin, ["doctor", "nobody"]),
    ):
        check_computes(testbed.admin)
    said = "the cloud has the project doctor already, as a run that was killed leaves it; remove it with: "
    _, there, commands = str(raised.value).partition(said)
    assert there
    for command in (
        "server delete --wait [-0-9a-f ]{147}",
        "floating ip delete",
        "router remove subnet",
        "router delete",
        "network delete",
        "user delete doctor",
        f"project delete {project_id}",
        "flavor delete",
    ):
        assert re.search(f"(^|; )openstack {command}", commands), commands


def test_a_project_that_exists_already_is_refused_by_name() -> None:
    scenario = Scenario(TestbedSettings(wire="memory", prepare=lambda premises: make_doctor(premises.admin)))
    with pytest.raises(
        UnsuitableCloud, match=r"^the cloud has the project doctor already.*; openstack project delete "
    ):
        scenario.on(3).full().carry_out()


def make_doctor(admin: Connection) -> None:
    make_project(admin, "doctor")


def test_an_instance_that_is_not_active_is_refused(testbed: Testbed) -> None:
    """This must be the last test with the testbed, because it breaks an instance."""
    manager = testbed.app_managers["doctor"]
    assert isinstance(manager, AppManager)
    server_id = manager.application.ids["doctor_nonha_app_0"]
    call(testbed.admin.compute, "POST", f"/servers/{server_id}/action", {"os-resetState": {"state": "error"}})
    for application in (ApplicationSpec(instances=4), ApplicationSpec(any=True)):
        with pytest.raises(UnsuitableCloud, match="must be ACTIVE before the test; of 4 these are: doctor_ha_app_0 on"):
            check(testbed, application)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "disabled", "disabled_reason": "broken fan"}, r"compute-2 \(disabled: broken fan\)$"),
        ({"forced_down": True}, r"compute-2 \(down, forced down\)$"),
    ],
)
def test_a_compute_that_is_not_in_use_is_refused_before_anything_is_created(
    change: dict[str, object], words: str
) -> None:
    def prepare(premises: Premises) -> None:
        services = call(premises.admin.compute, "GET", "/os-services", binary="nova-compute")["services"]
        (service_id,) = [each["id"] for each in services if each["host"] == "compute-2"]
        call(premises.admin.compute, "PUT", f"/os-services/{service_id}", change)

    scenario = Scenario(TestbedSettings(wire="memory", prepare=prepare)).on(3).full()
    with pytest.raises(
        UnsuitableCloud, match=f"every compute must be enabled and up before the test; unsuitable: {words}"
    ):
        scenario.carry_out()

"""``doctor-maint app-manager`` as a process: its application, its alarm, how it ends, and what it refuses."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tests.support.doubles import Double
from tests.support.labs import SMALL, Lab, MakeLab, eventually, post_alarm
from tests.support.processes import PATIENCE

ALL = ["doctor_ha_app_0", "doctor_ha_app_1", *(f"doctor_nonha_app_{number}" for number in range(4))]


def traits_of_message(lab: Lab, admin_tool: Double, **changed: str) -> dict[str, str]:
    """Return the traits of a message to the project."""
    return {
        "session_id": "s",
        "project_id": lab.project().id,
        "state": "MAINTENANCE",
        "reply_url": f"{admin_tool.url}/maintenance/s/p",
        **changed,
    }


@pytest.mark.parametrize(
    ("arguments", "how"),
    [
        pytest.param([], signal.SIGTERM, id="with its alarm"),
        pytest.param(["--no-subscribe"], signal.SIGINT, id="without"),
        pytest.param(["--no-subscribe", "--open"], signal.SIGTERM, id="open"),
    ],
)
def test_it_serves_its_application_and_leaves_nothing(
    lab: Lab, admin_tool: Double, arguments: list[str], how: signal.Signals
) -> None:
    with lab.running("app-manager", *arguments) as process:
        secret = r"/[\w-]{43}" if arguments == ["--no-subscribe"] else ""
        assert re.fullmatch(rf"http://127\.0\.0\.1:\d+/maintenance{secret}", process.line)
        project = lab.project()
        servers = {server.name: server for server in lab.servers()}
        assert sorted(servers) == ALL
        assert {(server.status, server.project_id) for server in servers.values()} == {("ACTIVE", project.id)}
        assert {server.flavor["vcpus"] for server in servers.values()} == {2}, "half of a compute"
        (address,) = lab.admin.network.ips(project_id=project.id)
        assert lab.admin.network.get_port(address.port_id).device_id == servers[ALL[0]].id
        alarms = lab.alarms()
        url = process.line
        if not arguments:
            (alarm,) = alarms
            assert alarm["project_id"] == project.id
            (url,) = alarm["alarm_actions"]
            assert url.startswith(f"{process.line}/")
            forged = post_alarm(process.line, "maintenance.scheduled", **traits_of_message(lab, admin_tool))
            assert forged == 403
        else:
            assert alarms == []

        assert post_alarm(url, "maintenance.scheduled", **traits_of_message(lab, admin_tool)) == 200
        method, path, reply = admin_tool.calls.get(timeout=PATIENCE)
        assert (method, path) == ("PUT", "maintenance/s/p")
        assert reply == {"session_id": "s", "state": "ACK_MAINTENANCE"}
        for wrong in ({"project_id": "another"}, {"state": "HOLIDAY"}, {"reply_url": "ftp://x"}):
            traits = traits_of_message(lab, admin_tool, **wrong)
            assert post_alarm(url, "maintenance.scheduled", **traits) == 400
        assert post_alarm(url, "maintenance.host", **traits_of_message(lab, admin_tool)) == 400

        words = process.end(how)
    assert "could not" not in words
    assert lab.password not in words
    assert "The app manager sample of the project doctor has ended." in words


@pytest.mark.realtime(seconds=20)
def test_two_share_the_computes(lab: Lab) -> None:
    """The second one fills what the first one has left."""
    with (
        lab.running("app-manager", "--instances", "4") as first,
        lab.running("app-manager", "--project", "two") as second,
    ):
        counts = [
            len([each for each in lab.servers() if each.project_id == lab.project(name).id])
            for name in ("doctor", "two")
        ]
        assert counts == [4, 2]
        assert "room for 0 instances" in lab.refuse("app-manager", "--project", "three")
        first.end()
        second.end()


@pytest.fixture
def catalogued(lab: Lab, admin_tool: Double) -> Iterator[Double]:
    """The double of an admin tool, in the cloud's catalog."""
    service = lab.identity.create_service(type="maintenance", name="fenix")
    lab.identity.create_endpoint(
        service_id=service.id, interface="public", url=f"{admin_tool.url}/v1", region_id="RegionOne"
    )
    yield admin_tool
    lab.identity.delete_service(service)


@pytest.mark.parametrize(
    ("arguments", "alarms", "lead_time"),
    [([], 1, 40), (["--no-subscribe"], 0, 40), (["--lead-time", "5"], 1, 5)],
    ids=["with its alarm", "without", "another lead time"],
)
def test_a_vnfm_sets_its_constraints_and_deletes_them(
    lab: Lab, catalogued: Double, arguments: list[str], alarms: int, lead_time: int
) -> None:
    with lab.running("app-manager", "--type", "vnfm", *arguments) as process:
        assert len(lab.alarms()) == alarms
        ids = {server.id for server in lab.servers()}
        put = catalogued.new_calls()
        kinds = [path.rpartition("/")[0] for _, path, _ in put]
        assert kinds == ["v1/instance_group"] * 2 + ["v1/instance"] * 6
        assert sorted(body["instance_name"] for _, _, body in put[2:]) == ALL
        assert {body["instance_id"] for _, _, body in put[2:]} == ids
        assert {body["lead_time"] for _, _, body in put[2:]} == {lead_time}
        assert {body["project_id"] for _, _, body in put} == {lab.project().id}
        assert "could not" not in process.end()
    assert sorted(catalogued.new_calls()) == sorted(("DELETE", path, None) for _, path, _ in put)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [([], "the alarm and the constraints"), (["--no-subscribe"], "the constraints")],
    ids=["with its alarm", "without"],
)
def test_a_vnfm_whose_constraints_are_refused(lab: Lab, catalogued: Double, arguments: list[str], what: str) -> None:
    catalogued.status = 409
    words = lab.refuse("app-manager", "--type", "vnfm", *arguments, code=1)
    assert "the admin tool of the cloud lab refused a constraint: PUT instance_group" in words
    assert f"{what} of doctor could not be removed" in words, "it cannot know which ones were taken"


def test_a_vnfm_without_an_admin_tool(lab: Lab) -> None:
    words = lab.refuse("app-manager", "--type", "vnfm")
    assert (
        "argument --type: vnfm needs an admin tool that takes constraints, but the catalog of the cloud lab has no "
        "service of type maintenance"
    ) in words


def test_a_project_that_exists_stays(lab: Lab) -> None:
    project = lab.identity.create_project(name="mine", domain_id="default")
    # Its quota is what it was: ten instances are enough here.
    user = lab.identity.create_user(name="mine", domain_id="default", default_project_id=project.id)
    before = lab.inventory()
    with lab.running("app-manager", "--project", "mine") as process:
        assert {server.project_id for server in lab.servers()} == {project.id}
        assert len(lab.servers()) == len(ALL)
        process.end()
    groups = list(lab.admin.network.security_groups(project_id=project.id))
    assert [group.name for group in groups] == ["default"]
    lab.delete_security_groups(project.id)
    assert lab.inventory() == before
    lab.identity.delete_user(user)
    lab.identity.delete_project(project)


def test_a_flavor_that_exists_stays(lab: Lab) -> None:
    flavor = lab.admin.compute.create_flavor(name="doctor_app_flavor", vcpus=2, ram=256, disk=1)
    with lab.running("app-manager", "--instances", "2") as process:
        assert {server.flavor["ram"] for server in lab.servers()} == {256}
        process.end()
    found = lab.admin.compute.find_flavor("doctor_app_flavor", ignore_missing=False)
    assert found.id == flavor.id
    lab.admin.compute.delete_flavor(flavor)


def test_what_cannot_be_removed_is_reported_and_can_still_be_reached(lab: Lab) -> None:
    """The port of another user keeps the network; the project that it belongs to must not be removed before it."""
    network = lab.admin.network
    with lab.running("app-manager", "--instances", "2") as process:
        project = lab.project()
        (net,) = network.networks(project_id=project.id)
        port = network.create_port(network_id=net.id, device_owner="compute:somebody", device_id="x")
        words = process.end()
    assert "doctor-maint app-manager: the application of doctor could not be removed from the cloud lab: " in words
    assert re.search(
        "not removed because it is still needed: the project doctor, the user doctor_.*, the flavor", words
    )
    assert lab.project().id == project.id
    assert lab.servers() == []
    # Once the port is gone, what was reported is all that is left.
    network.delete_port(port)
    network.delete_network(net)
    for flavor in lab.admin.compute.flavors():
        if flavor.name == "doctor_app_flavor":
            lab.admin.compute.delete_flavor(flavor)
    for user in lab.identity.users():
        if user.name.startswith("doctor_"):
            lab.identity.delete_user(user)
    network.delete_quota(project.id)
    lab.delete_security_groups(project.id)
    lab.identity.delete_project(project)


@pytest.mark.realtime(seconds=25)
def test_it_can_be_ended_before_its_application_exists(make_lab: MakeLab) -> None:
    # Booting an instance takes 20 s on this cloud, and deleting one 7 s.
    lab = make_lab("--computes", "3", "--vcpus", "2", "--speed", "0.3")
    before = lab.inventory()
    with lab.starting("app-manager") as process:
        eventually(lambda: [server for server in lab.servers() if server.status == "BUILD"])
        assert "could not" not in process.end()
    assert lab.inventory() == before


def test_a_cloud_that_ends_first(make_lab: MakeLab) -> None:
    lab = make_lab(*SMALL)
    with lab.running("app-manager", "--instances", "2") as process:
        lab.cloud.kill()
        words = process.end()
    assert "the alarm of doctor could not be removed from the cloud lab" in words
    assert "the application of doctor could not be removed from the cloud lab" in words


# -- what it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--instances", "7"],
            "argument --instances: 7 do not fit on the cloud lab; allowed: at most 6, since an instance takes half of "
            "a compute",
        ),
        (["--host", "203.0.113.1"], "argument --host, --port: cannot listen on 203.0.113.1:0"),
        (["--os-cloud", "nowhere"], "argument --os-cloud: no clouds.yaml has the cloud 'nowhere'"),
    ],
)
def test_wrong_arguments(lab: Lab, arguments: list[str], words: str) -> None:
    assert words in lab.refuse("app-manager", *arguments)


def test_a_port_that_is_taken(lab: Lab, taken_port: int) -> None:
    words = lab.refuse("app-manager", "--port", str(taken_port))
    assert f"argument --host, --port: cannot listen on 127.0.0.1:{taken_port}" in words


def test_a_project_with_servers(lab: Lab) -> None:
    with lab.running("app-manager", "--instances", "2") as process:
        words = lab.refuse("app-manager")
        assert "argument --project: the project doctor of the cloud lab already has servers: " in words
        assert all(name in words for name in ALL[:2])
        process.end()


def test_a_flavor_of_another_size(lab: Lab) -> None:
    flavor = lab.admin.compute.create_flavor(name="doctor_app_flavor", vcpus=1, ram=256, disk=1)
    words = lab.refuse("app-manager")
    assert "argument --os-cloud: there is already a flavor doctor_app_flavor of 1 VCPUs" in words
    lab.admin.compute.delete_flavor(flavor)


def test_a_cloud_with_too_few_computes(make_lab: MakeLab) -> None:
    lab = make_lab("--computes", "2", "--vcpus", "2", "--speed", "100")
    assert "argument --os-cloud: the test case needs at least 3 computes" in lab.refuse("app-manager")


def test_a_quota_that_is_too_small(lab: Lab) -> None:
    """Nova refuses half-way; what existed by then is removed."""
    project = lab.identity.create_project(name="small", domain_id="default")
    lab.admin.compute.put(f"/os-quota-sets/{project.id}", json={"quota_set": {"instances": 3}})
    list(lab.admin.network.security_groups(project_id=project.id))
    words = lab.refuse("app-manager", "--project", "small", code=1)
    assert "doctor-maint app-manager: the cloud lab refused a request" in words
    assert "uota" in words
    assert "could not be removed" not in words
    lab.delete_security_groups(project.id)
    lab.identity.delete_project(project)


def test_a_cloud_that_does_not_accept_the_login(lab: Lab, tmp_path: Path) -> None:
    clouds = yaml.safe_load(Path(lab.environment["OS_CLIENT_CONFIG_FILE"]).read_text(encoding="utf-8"))
    clouds["clouds"]["lab"]["auth"]["password"] = "hunter2"
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(clouds), encoding="utf-8")
    stranger = replace(lab, environment={**lab.environment, "OS_CLIENT_CONFIG_FILE": str(path)})
    words = stranger.refuse("app-manager", code=1)
    assert "doctor-maint app-manager: the cloud lab does not accept the login: " in words
    assert "hunter2" not in words

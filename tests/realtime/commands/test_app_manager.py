"""``doctor-maint app-manager`` as a process: its application, its alarm, its end, and what it refuses."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ALL = ["doctor_ha_app_0", "doctor_ha_app_1", *(f"doctor_nonha_app_{number}" for number in range(4))]
PATIENCE = 60.0


def scheduled(lab: Any, admin_tool: Any, **changed: Any) -> dict[str, Any]:
    """The traits of a message to the project."""
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
    ],
)
def test_it_serves_its_application_and_leaves_nothing(
    lab: Any, admin_tool: Any, post_alarm: Callable[..., int], arguments: list[str], how: signal.Signals
) -> None:
    with lab.running("app-manager", *arguments) as process:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/maintenance", process.line)
        project = lab.project()
        servers = {server.name: server for server in lab.servers()}
        assert sorted(servers) == ALL
        assert {(server.status, server.project_id) for server in servers.values()} == {("ACTIVE", project.id)}
        assert {server.flavor["vcpus"] for server in servers.values()} == {2}, "half a compute"
        (address,) = lab.admin.network.ips(project_id=project.id)
        assert lab.admin.network.get_port(address.port_id).device_id == servers[ALL[0]].id
        alarms = [(alarm["project_id"], alarm["alarm_actions"]) for alarm in lab.alarms()]
        assert alarms == ([] if arguments else [(project.id, [process.line])])

        assert post_alarm(process.line, "maintenance.scheduled", **scheduled(lab, admin_tool)) == 200
        method, path, answer = admin_tool.calls.get(timeout=PATIENCE)
        assert (method, path) == ("PUT", "maintenance/s/p")
        assert answer == {"session_id": "s", "state": "ACK_MAINTENANCE"}
        for wrong in ({"project_id": "another"}, {"state": "HOLIDAY"}, {"reply_url": "ftp://x"}):
            assert post_alarm(process.line, "maintenance.scheduled", **scheduled(lab, admin_tool, **wrong)) == 400
        assert post_alarm(process.line, "maintenance.host", **scheduled(lab, admin_tool)) == 400

        words = process.end(how)
        assert "could not" not in words
        assert lab.password not in words
        assert "The app manager sample of the project doctor is gone." in words


@pytest.mark.realtime(seconds=20)
def test_two_share_the_computes(lab: Any) -> None:
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
def catalogued(lab: Any, admin_tool: Any) -> Iterator[Any]:
    """The admin tool, in the cloud's catalog."""
    identity = lab.admin.identity
    service = identity.create_service(type="maintenance", name="fenix")
    identity.create_endpoint(
        service_id=service.id, interface="public", url=f"{admin_tool.url}/v1", region_id="RegionOne"
    )
    yield admin_tool
    identity.delete_service(service)


@pytest.mark.parametrize("arguments", [[], ["--no-subscribe"]])
def test_a_vnfm_has_its_constraints_set_and_takes_them_back(lab: Any, catalogued: Any, arguments: list[str]) -> None:
    with lab.running("app-manager", "--type", "vnfm", *arguments) as process:
        assert len(lab.alarms()) == (0 if arguments else 1)
        ids = {server.id for server in lab.servers()}
        put = catalogued.all_calls()
        kinds = [path.rpartition("/")[0] for _, path, _ in put]
        assert kinds == ["v1/instance_group"] * 2 + ["v1/instance"] * 6
        assert sorted(body["instance_name"] for _, _, body in put[2:]) == ALL
        assert {body["instance_id"] for _, _, body in put[2:]} == ids
        assert {body["project_id"] for _, _, body in put} == {lab.project().id}
        process.end()
    assert sorted(catalogued.all_calls()) == sorted(("DELETE", path, None) for _, path, _ in put)


def test_a_vnfm_that_is_refused(lab: Any, catalogued: Any) -> None:
    catalogued.status = 409
    words = lab.refuse("app-manager", "--type", "vnfm", code=1)
    assert "the admin tool of the cloud lab refused a constraint: PUT instance_group" in words
    assert "the constraints of doctor could not be removed" in words, "it does not know which were taken"


def test_a_project_that_is_there_stays(lab: Any) -> None:
    identity = lab.admin.identity
    project = identity.create_project(name="mine", domain_id="default")
    # Its quota is what it was: ten instances are enough here.
    user = identity.create_user(name="mine", domain_id="default", default_project_id=project.id)
    before = lab.inventory()
    with lab.running("app-manager", "--project", "mine") as process:
        assert {server.project_id for server in lab.servers()} == {project.id}
        assert len(lab.servers()) == len(ALL)
        process.end()
    # Neutron makes a project's first security group when it is first needed, and keeps it as long as the project.
    groups = list(lab.admin.network.security_groups(project_id=project.id))
    assert [group.name for group in groups] == ["default"]
    for group in groups:
        lab.admin.network.delete_security_group(group)
    assert lab.inventory() == before
    identity.delete_user(user)
    identity.delete_project(project)


def test_a_flavor_that_is_there_stays(lab: Any) -> None:
    flavor = lab.admin.compute.create_flavor(name="doctor_app_flavor", vcpus=2, ram=256, disk=1)
    with lab.running("app-manager", "--instances", "2") as process:
        assert {server.flavor["ram"] for server in lab.servers()} == {256}
        process.end()
    assert lab.admin.compute.find_flavor("doctor_app_flavor").id == flavor.id
    lab.admin.compute.delete_flavor(flavor)


def test_what_cannot_be_removed_is_told_and_can_still_be_reached(lab: Any) -> None:
    """Somebody else's port keeps the network; the project that it belongs to must not go before it."""
    network = lab.admin.network
    with lab.running("app-manager", "--instances", "2") as process:
        project = lab.project()
        (net,) = network.networks(project_id=project.id)
        port = network.create_port(network_id=net.id, device_owner="compute:somebody", device_id="x")
        words = process.end()
    assert (
        "doctor-maint app-manager: the application in the project doctor could not be removed from the cloud" in words
    )
    assert "stays with it: the project doctor, the user doctor_" in words
    assert lab.project().id == project.id
    assert lab.servers() == []
    # Once the obstacle is out of the way, what it told of is all there is.
    network.delete_port(port)
    network.delete_network(net)
    for flavor in lab.admin.compute.flavors():
        if flavor.name == "doctor_app_flavor":
            lab.admin.compute.delete_flavor(flavor)
    for user in lab.admin.identity.users():
        if user.name.startswith("doctor_"):
            lab.admin.identity.delete_user(user)
    network.delete_quota(project.id)
    for group in network.security_groups(project_id=project.id):
        network.delete_security_group(group)
    lab.admin.identity.delete_project(project)


@pytest.mark.realtime(seconds=25)
def test_it_can_be_ended_before_its_application_is_there(make_lab: Callable[..., Any], eventually: Any) -> None:
    # Booting an instance takes 60 s on this cloud, and deleting one 20 s.
    lab = make_lab("--computes", "3", "--vcpus", "2", "--speed", "0.1")
    before = lab.inventory()
    with lab.starting("app-manager") as process:
        eventually(lambda: [server for server in lab.servers() if server.status == "BUILD"])
        assert "could not" not in process.end()
    assert lab.inventory() == before


def test_a_cloud_that_is_gone_first(make_lab: Callable[..., Any], eventually: Any) -> None:
    lab = make_lab("--computes", "3", "--vcpus", "2", "--speed", "100")
    with lab.running("app-manager", "--instances", "2") as process:
        lab.stop()
        words = process.end()
    assert "the alarm of doctor could not be removed from the cloud lab" in words
    assert "the application in the project doctor could not be removed from the cloud lab" in words


# -- what it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--instances", "1"], "argument --instances: must be a whole number from 2 to 10000, not '1'"),
        (["--instances", "7"], "argument --instances: 7 do not fit: the cloud lab has room for 6"),
        (["--instances", "many"], "argument --instances"),
        (["--project", ""], "argument --project: must not be empty"),
        (["--type", "tacker"], "argument --type"),
        (["--type", "vnfm"], "argument --type: a vnfm needs an admin tool"),
        (["--port", "65536"], "argument --port: must be a whole number from 0 to 65535"),
        (["--host", "203.0.113.1"], "argument --host, --port: cannot listen on 203.0.113.1:0"),
        (["--os-cloud", "nowhere"], "argument --os-cloud: no clouds.yaml has the cloud 'nowhere'"),
    ],
)
def test_wrong_arguments(lab: Any, arguments: list[str], words: str) -> None:
    assert words in lab.refuse("app-manager", *arguments)


def test_a_port_that_is_taken(lab: Any, taken_port: int) -> None:
    words = lab.refuse("app-manager", "--port", str(taken_port))
    assert f"argument --host, --port: cannot listen on 127.0.0.1:{taken_port}" in words


def test_a_project_with_servers(lab: Any) -> None:
    with lab.running("app-manager", "--instances", "2") as process:
        words = lab.refuse("app-manager")
        assert "argument --project: the project doctor of the cloud lab has servers already" in words
        assert all(name in words for name in ALL[:2])
        process.end()


def test_a_flavor_of_another_size(lab: Any) -> None:
    flavor = lab.admin.compute.create_flavor(name="doctor_app_flavor", vcpus=1, ram=256, disk=1)
    words = lab.refuse("app-manager")
    assert "argument --os-cloud: there is a flavor doctor_app_flavor of 1 VCPUs already" in words
    lab.admin.compute.delete_flavor(flavor)


def test_a_cloud_that_does_not_suit(make_lab: Callable[..., Any]) -> None:
    lab = make_lab("--computes", "2", "--vcpus", "2", "--speed", "100")
    assert "argument --os-cloud: the test case needs at least 3 computes" in lab.refuse("app-manager")


def test_a_quota_that_is_too_small(lab: Any) -> None:
    """Nova refuses half way; what there was by then is removed."""
    identity = lab.admin.identity
    project = identity.create_project(name="small", domain_id="default")
    lab.admin.compute.put(f"/os-quota-sets/{project.id}", json={"quota_set": {"instances": 3}})
    list(lab.admin.network.security_groups(project_id=project.id))
    words = lab.refuse("app-manager", "--project", "small", code=1)
    assert "doctor-maint app-manager: the cloud lab refused" in words
    assert "uota" in words
    assert "could not be removed" not in words
    for group in lab.admin.network.security_groups(project_id=project.id):
        lab.admin.network.delete_security_group(group)
    identity.delete_project(project)


def test_a_cloud_that_does_not_let_us_in(lab: Any, tmp_path: Path) -> None:
    clouds = yaml.safe_load(Path(lab.environment["OS_CLIENT_CONFIG_FILE"]).read_text())
    clouds["clouds"]["lab"]["auth"]["password"] = "hunter2"
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(clouds))
    lab.environment["OS_CLIENT_CONFIG_FILE"], kept = str(path), lab.environment["OS_CLIENT_CONFIG_FILE"]
    try:
        words = lab.refuse("app-manager", code=1)
    finally:
        lab.environment["OS_CLIENT_CONFIG_FILE"] = kept
    assert "doctor-maint app-manager: the cloud lab does not let us in" in words
    assert "hunter2" not in words

"""A request that Nova, Placement or Aodh refuses changes nothing: the whole state is compared before and after it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import product

import pytest
from werkzeug.test import Client, TestResponse

from fuzz.state import state_of
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.nova.routes.actions import rules_of
from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.json import Json
from tests.support.nova import NovaBench
from tests.support.routes import ServedRoute, served_routes


def assert_refused(bench: NovaBench, request: Json, message: str, status: int = 403) -> None:
    """Send a request, and check that it is refused in Nova's words and leaves everything as it was."""
    before, events = state_of(bench.cloud), len(bench.history.events)

    method, path = request["line"]
    error = bench.call(method, path, request.get("body"), version=request.get("version", "2.1"), status=status)

    ((_, fault),) = error.items()
    assert fault["message"] == message
    assert state_of(bench.cloud) == before
    assert len(bench.history.events) == events


def limit(bench: NovaBench, **limits: int) -> None:
    bench.nova.quotas.set(bench.projects["ann"], None, limits, force=True)


def new_server(bench: NovaBench, *, hints: Json = None, version: str = "2.1", **fields: object) -> Json:
    body: Json = {"server": {"name": "new", "flavorRef": "3", "imageRef": bench.image, **fields}}
    if hints:
        body["os:scheduler_hints"] = hints
    return {"line": ("POST", "/servers"), "body": body, "version": version}


def action(server: Server, name: str, value: object, version: str = "2.1") -> Json:
    return {"line": ("POST", f"/servers/{server.id}/action"), "body": {name: value}, "version": version}


# -- quotas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "allowed", "asked", "used"), [("instances", 1, 1, 1), ("cores", 3, 2, 2), ("ram", 8000, 4096, 4096)]
)
def test_a_server_beyond_a_counted_quota(bench: NovaBench, name: str, allowed: int, asked: int, used: int) -> None:
    """TooManyInstances in nova/exception.py; check_num_instances_quota in nova/compute/utils.py."""
    bench.boot()
    limit(bench, **{name: allowed})

    message = f"Quota exceeded for {name}: Requested {asked}, but already used {used} of {allowed} {name}"
    assert_refused(bench, new_server(bench), message)
    assert_refused(bench, new_server(bench, min_count=1, max_count=2), message)


def test_a_resize_beyond_a_counted_quota(bench: NovaBench) -> None:
    """TooManyInstances; _check_quota_for_upsize in nova/compute/api.py."""
    server = bench.boot()
    limit(bench, cores=3)

    message = "Quota exceeded for cores: Requested 2, but already used 2 of 3 cores"
    assert_refused(bench, action(server, "resize", {"flavorRef": "4"}), message)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_server_beyond_the_members_of_its_group(bench: NovaBench, count: int) -> None:
    """_create_reqspec_buildreq_instmapping and what follows in _provision_instances of nova/compute/api.py."""
    group = bench.group()
    for number in range(3 - count + 1):
        bench.boot(f"member-{number}", hints={"group": group})
    limit(bench, server_group_members=3)

    wanted = new_server(bench, hints={"group": group}, min_count=count)
    assert_refused(bench, wanted, "Quota exceeded, too many servers in group")

    limit(bench, server_group_members=4)
    bench.call("POST", "/servers", wanted["body"], status=202)


def test_the_members_of_a_group_count_by_user(bench: NovaBench) -> None:
    """_server_group_count_members_by_user in nova/quota.py."""
    group = bench.group()
    bench.boot("member", hints={"group": group})
    limit(bench, server_group_members=1)
    (member,) = bench.nova.servers.values()
    member.user_id = "u-somebody-else"

    bench.boot("another", hints={"group": group})

    wanted = new_server(bench, hints={"group": group})
    assert_refused(bench, wanted, "Quota exceeded, too many servers in group")


def test_a_server_group_beyond_the_quota(bench: NovaBench) -> None:
    """create in nova/api/openstack/compute/server_groups.py."""
    bench.group()
    limit(bench, server_groups=1)

    body = {"server_group": {"name": "g", "policy": "affinity"}}
    request = {"line": ("POST", "/os-server-groups"), "body": body, "version": "2.64"}
    assert_refused(bench, request, "Quota exceeded, too many server groups.")


def test_a_key_pair_beyond_the_quota(bench: NovaBench) -> None:
    """KeypairLimitExceeded in nova/exception.py."""
    limit(bench, key_pairs=0)

    request = {"line": ("POST", "/os-keypairs"), "body": {"keypair": {"name": "k"}}}
    assert_refused(bench, request, "Quota exceeded, too many key pairs.")


def metadata(count: int) -> dict[str, str]:
    return {f"k{number}": "v" for number in range(count)}


def test_metadata_beyond_the_quota(bench: NovaBench) -> None:
    """MetadataLimitExceeded in nova/exception.py; _check_metadata_properties_quota in nova/compute/api.py."""
    server = bench.boot(metadata=metadata(2))
    limit(bench, metadata_items=2)

    message = "Maximum number of metadata items exceeds 2"
    assert_refused(bench, new_server(bench, metadata=metadata(3)), message)
    assert_refused(bench, action(server, "rebuild", {"imageRef": bench.image, "metadata": metadata(3)}), message)
    path = f"/servers/{server.id}/metadata"
    assert_refused(bench, {"line": ("PUT", path), "body": {"metadata": metadata(3)}}, message)
    assert_refused(bench, {"line": ("POST", path), "body": {"metadata": {"new": "v"}}}, message)
    assert_refused(bench, {"line": ("PUT", f"{path}/new"), "body": {"meta": {"new": "v"}}}, message)


def test_metadata_of_an_image_beyond_the_quota(bench: NovaBench) -> None:
    """check_img_metadata_properties_quota in nova/api/openstack/common.py."""
    server = bench.boot()
    limit(bench, metadata_items=2)

    message = "Image metadata limit exceeded"
    assert_refused(bench, action(server, "createImage", {"name": "i", "metadata": metadata(3)}), message)
    backup = {"name": "i", "backup_type": "daily", "rotation": 1, "metadata": metadata(3)}
    assert_refused(bench, action(server, "createBackup", backup), message)
    bench.act(server, "createImage", {"name": "i"})
    image = next(image for image in bench.cloud.glance.images.values() if image.name == "i")
    bench.wait(10)
    request = {"line": ("PUT", f"/images/{image.id}/metadata"), "body": {"metadata": metadata(3)}}
    assert_refused(bench, request, message)


def file(path: str = "/a", content: bytes = b"") -> dict[str, str]:
    return {"path": path, "contents": base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    ("personality", "message"),
    [
        ([file()] * 6, "Personality file limit exceeded"),
        ([file(), file("/" + "a" * 255)], "Personality file path exceeds maximum 255"),
        ([file(), file(content=b"a" * 10241)], "Personality file content exceeds maximum 10240"),
    ],
)
def test_files_beyond_the_quota(bench: NovaBench, personality: Json, message: str) -> None:
    """_check_injected_file_quota in nova/compute/api.py."""
    server = bench.boot()

    assert_refused(bench, new_server(bench, personality=personality), message)
    assert_refused(bench, action(server, "rebuild", {"imageRef": bench.image, "personality": personality}), message)


def test_a_port_beyond_the_quota_of_neutron(bench: NovaBench) -> None:
    """PortLimitExceeded in nova/exception.py."""
    neutron, project_id = bench.cloud.neutron, bench.projects["ann"]
    network = neutron.create("network", project_id)
    neutron.create("subnet", project_id, network_id=network["id"], ip_version=4, cidr="10.0.7.0/24")
    bench.boot()
    neutron.quotas.update(project_id, {"port": 2})

    wanted = new_server(bench, networks=[{"uuid": network["id"]}, {"uuid": network["id"]}])
    assert_refused(bench, wanted, "Maximum number of ports exceeded")


# -- what Neutron does for a server ------------------------------------------------------------------------------------


def test_a_port_of_a_refused_server_stays_as_it_was(bench: NovaBench) -> None:
    """Not even its revision number changes, and its floating IP is not reported to lead to the server."""
    neutron, project_id = bench.cloud.neutron, bench.projects["ann"]
    network = neutron.create("network", project_id)
    neutron.create("subnet", project_id, network_id=network["id"], ip_version=4, cidr="10.0.7.0/30")
    router = neutron.create("router", project_id, external_gateway_info={"network_id": neutron.public["id"]})
    neutron.router_interfaces.add(router, {"subnet_id": network["subnets"][0]}, neutron.internal)
    port = neutron.create("port", project_id, network_id=network["id"])
    neutron.create("floatingip", project_id, floating_network_id=neutron.public["id"], port_id=port["id"])

    wanted = new_server(bench, networks=[{"port": port["id"]}, {"uuid": network["id"]}])
    message = f"No more IP addresses available on network {network['id']}."
    assert_refused(bench, wanted, message, status=400)


@pytest.mark.parametrize(
    ("quotas", "fields", "status"),
    [
        ({"port": 0}, {"networks": "auto"}, 403),
        ({"router": 0}, {"networks": "auto"}, 400),
        ({"port": 1}, {"networks": "auto", "min_count": 2}, 403),
        ({}, {"security_groups": [{"name": "unknown"}]}, 400),
        ({}, {"security_groups": [{"name": "default"}, {"name": "unknown"}]}, 400),
    ],
)
def test_a_refused_server_leaves_nothing_in_neutron(bench: NovaBench, quotas: Json, fields: Json, status: int) -> None:
    bench.cloud.neutron.quotas.update(bench.projects["ann"], quotas)
    request = new_server(bench, version="2.37", **{"networks": "none", **fields})
    before = state_of(bench.cloud)
    bench.call("POST", "/servers", request["body"], version="2.37", status=status)
    assert state_of(bench.cloud) == before


@pytest.mark.parametrize("name", ["default", "unknown"])
@pytest.mark.parametrize("word", ["addSecurityGroup", "removeSecurityGroup"])
def test_a_refused_change_of_security_groups_leaves_none(bench: NovaBench, word: str, name: str) -> None:
    request = new_server(bench, networks="none")
    made = bench.call("POST", "/servers", request["body"], version="2.37", status=202)["server"]
    bench.wait(10)
    before = state_of(bench.cloud)
    status = 400 if name == "default" else 404
    bench.call("POST", f"/servers/{made['id']}/action", {word: {"name": name}}, status=status)
    assert state_of(bench.cloud) == before


def test_a_refused_security_group_of_the_proxy_leaves_none(bench: NovaBench) -> None:
    bench.cloud.neutron.quotas.update(bench.projects["ann"], {"security_group_rule": 5})
    before = state_of(bench.cloud)
    for name in ("web", "default"):
        body = {"security_group": {"name": name, "description": ""}}
        assert bench.ask("POST", "/os-security-groups", body).status_code in (400, 403)
        assert state_of(bench.cloud) == before


# -- changes in two parts ----------------------------------------------------------------------------------------------


def test_an_aggregate_gets_its_name_and_its_zone_or_neither(bench: NovaBench) -> None:
    bench.boot()
    body: Json = {"aggregate": {"name": "a"}}
    aggregate = bench.call("POST", "/os-aggregates", body, by="admin")["aggregate"]
    path = f"/os-aggregates/{aggregate['id']}"
    bench.call("POST", f"{path}/action", {"add_host": {"host": "compute-1"}}, by="admin")
    before = state_of(bench.cloud)

    body = {"aggregate": {"name": "b", "availability_zone": "z"}}
    bench.call("PUT", path, body, by="admin", status=409)

    assert state_of(bench.cloud) == before


def test_all_ports_of_a_server_get_a_security_group_or_none(bench: NovaBench) -> None:
    neutron, project_id = bench.cloud.neutron, bench.projects["ann"]
    networks = []
    for number, secured in ((7, True), (8, False)):
        network = neutron.create("network", project_id, port_security_enabled=secured)
        neutron.create("subnet", project_id, network_id=network["id"], ip_version=4, cidr=f"10.0.{number}.0/24")
        networks.append({"uuid": network["id"]})
    server = bench.boot(networks=networks)
    neutron.create("security_group", project_id, name="web")

    message = "Network requires port_security_enabled and subnet associated in order to apply security groups."
    assert_refused(bench, action(server, "addSecurityGroup", {"name": "web"}), message, status=400)


# -- everything else ---------------------------------------------------------------------------------------------------


def changing_routes(service: str) -> Iterator[ServedRoute]:
    """Yield the routes of a service that can change something."""
    for served in served_routes():
        if served.service == service and served.method in ("POST", "PUT", "PATCH", "DELETE"):
            yield served


#: Bodies that are cut off, of the wrong kind, or without what they need.
BODIES = (b"", b"{", b"[]", b"{}", b'{"server": {"name": "x"}}', b"[" * 2000)
#: Values that are wrong for most fields, and right for some.
VALUES: list[Json] = [None, "x", -1, [], {}, {"host": "compute-2"}]


def fill(path: str, bench: NovaBench, server: Server) -> str:
    """Return a path in which the examples name what there is."""
    for prefix, known in (
        ("/servers/", server.id),
        ("/os-aggregates/", "1"),
        ("/os-server-groups/", str(server.group_id)),
        ("/os-services/", bench.nova.computes["compute-1"].service_uuid),
        ("/os-quota-sets/", bench.projects["ann"]),
        ("/flavors/", "3"),
        ("/images/", bench.image),
    ):
        path = path.replace(f"{prefix}example", f"{prefix}{known}")
    return path


class Checker:
    """Sends requests, and checks that those that are refused leave everything as it was.

    Attributes:
        refused: How many were refused.
    """

    def __init__(self, bench: NovaBench) -> None:
        self._bench = bench
        self._state = state_of(bench.cloud)
        self.refused = 0

    def check(self, response: TestResponse, request: object) -> None:
        assert response.status_code < 500 or response.status_code == 501, (request, response.text)
        before, self._state = self._state, state_of(self._bench.cloud)
        if response.status_code >= 400:
            self.refused += 1
            assert self._state == before, request


def test_no_refused_request_of_nova_changes_anything(bench: NovaBench) -> None:
    bench.call("POST", "/os-aggregates", {"aggregate": {"name": "a"}}, by="admin")
    server = bench.boot(hints={"group": bench.group()})
    checker = Checker(bench)
    for served, body, (by, version) in product(
        changing_routes("/compute"), BODIES, (("ann", "2.1"), ("admin", "2.90"))
    ):
        path = fill(served.path, bench, server).removeprefix("/v2.1")
        checker.check(bench.ask(served.method, path, body, by=by, version=version), (str(served), body, by))
    assert checker.refused > 500


@pytest.mark.parametrize("state", ["ACTIVE", "VERIFY_RESIZE", "LOCKED", "EVACUATING"])
def test_no_refused_action_on_a_server_changes_anything(bench: NovaBench, state: str) -> None:
    server = bench.boot()
    if state == "VERIFY_RESIZE":
        bench.act(server, "migrate", by="admin")
        bench.wait(12)
    elif state == "LOCKED":
        bench.act(server, "lock", by="admin")
    elif state == "EVACUATING":
        bench.nova.set_service(bench.nova.computes["compute-1"], forced_down=True)
        bench.act(server, "evacuate", {}, by="admin", version="2.68", status=200)
    checker = Checker(bench)
    path = f"/servers/{server.id}/action"
    for name, value, (by, version) in product(rules_of(NovaApi), VALUES, (("ann", "2.1"), ("admin", "2.90"))):
        checker.check(bench.ask("POST", path, {name: value}, by=by, version=version), (name, value, by))
    assert checker.refused > 300


def test_no_refused_request_of_placement_changes_anything(bench: NovaBench) -> None:
    bench.boot()
    before = state_of(bench.cloud)

    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/allocations/x", "/resource_providers", "/resource_classes/CUSTOM_X", "/traits/CUSTOM_X"):
            assert bench.ask_placement(path, method=method).status_code in (404, 405)

    assert state_of(bench.cloud) == before


def test_no_refused_request_of_aodh_changes_anything(bench: NovaBench) -> None:
    client = Client(bench.cloud.services()["/alarming"])
    alarm = {"name": "a", "type": "event", "event_rule": {}, "alarm_actions": ["http://127.0.0.1:1/"]}
    made = client.post("/v2/alarms", json=alarm, headers={"X-Auth-Token": "ann"}).json
    assert made is not None
    alarms = [{**alarm, key: value} for key, value in product([*alarm, "state", "project_id"], VALUES)]
    quotas = [{"project_id": "p", "quotas": [{"resource": "alarms", "limit": 1}, value]} for value in VALUES]
    bodies = [*BODIES, *(json.dumps(body).encode() for body in [*alarms, *quotas])]
    checker = Checker(bench)
    for served, body, by in product(changing_routes("/alarming"), bodies, ("ann", "admin")):
        path = served.path.replace("/alarms/example", f"/alarms/{made['alarm_id']}")
        response = client.open(path, method=served.method, data=body, headers={"X-Auth-Token": by})
        checker.check(response, (str(served), body, by))
    assert checker.refused > 500

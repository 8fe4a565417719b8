"""How an observer from outside records server groups and floating IPs."""

import pytest

from pytest_doctor_maint.actors.app_manager.base.network import Network
from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.floatingips import FloatingIps
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.calls import call
from tests.support.observed_cloud import ObservedCloud

BOTH = ("doctor", "other")


def make_group(lab: ObservedCloud, by: str, policy: str = "anti-affinity") -> str:
    body = {"server_group": {"name": f"{by}'s", "policy": policy}}
    return str(call(lab.users[by].compute, "POST", "/os-server-groups", body)["server_group"]["id"])


def test_a_server_group_and_its_members(lab: ObservedCloud) -> None:
    lab.observer.start()
    make_group(lab, "other")
    group_id = make_group(lab, "doctor")
    lab.clock.sleep(1)
    one = lab.boot(group=group_id)
    two = lab.boot("two", group=group_id)
    lab.delete(one)
    lab.clock.sleep(10)
    assert lab.of(kinds.SERVER_GROUP)[0] == {
        "group_id": group_id,
        "name": "doctor's",
        "project_id": lab.project("doctor"),
        "policy": "anti-affinity",
        "members": (),
    }
    assert lab.column(kinds.SERVER_GROUP, "members") == [(), (one,), (one, two), (two,)]
    assert lab.agrees(kinds.SERVER_GROUP) == 4


class Address:
    """A floating IP of ``doctor``, and two servers that it may lead to."""

    def __init__(self, lab: ObservedCloud) -> None:
        self.network = Network(lab.users["doctor"], "doctor")
        self.network.create(lab.external)
        self.one, self.two = (lab.boot(name, network=self.network.network_id) for name in ("one", "two"))
        self.network.create_floating_ip(lab.external, self.one)
        self.path = f"/floatingips/{self.network.floating_ip_id}"


@pytest.fixture(params=["with the port's details", "without them"])
def address(request: pytest.FixtureRequest, lab: ObservedCloud, monkeypatch: pytest.MonkeyPatch) -> Address:
    """A cloud may show the device of the port with the floating IP; otherwise the observer gets the port."""
    if request.param == "without them":
        hide_port_details(monkeypatch)
    return Address(lab)


def hide_port_details(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the cloud show floating IPs without the details of their ports."""
    view = FloatingIps.view

    def short(service: FloatingIps, record: Record, caller: Caller) -> Record:
        return {name: value for name, value in view(service, record, caller).items() if name != "port_details"}

    monkeypatch.setattr(FloatingIps, "view", short)


def test_where_a_floating_ip_leads(lab: ObservedCloud, address: Address) -> None:
    lab.observer.start()
    address.network.move_floating_ip(address.two)
    lab.clock.sleep(1)
    call(lab.users["doctor"].network, "PUT", address.path, {"floatingip": {"port_id": None}})
    lab.clock.sleep(1)
    address.network.move_floating_ip(address.one)
    lab.clock.sleep(1)
    assert lab.of(kinds.FLOATING_IP)[0] == {
        "floating_ip_id": address.network.floating_ip_id,
        "address": address.network.address,
        "project_id": lab.project("doctor"),
        "server_id": address.one,
    }
    assert lab.column(kinds.FLOATING_IP, "server_id") == [address.one, address.two, None, address.one]
    assert lab.agrees(kinds.FLOATING_IP) == 4


def test_a_floating_ip_that_is_gone_leads_nowhere(lab: ObservedCloud, address: Address) -> None:
    lab.observer.start()
    call(lab.users["doctor"].network, "DELETE", address.path)
    lab.clock.sleep(5)
    assert lab.column(kinds.FLOATING_IP, "server_id") == [address.one, None]
    assert lab.agrees(kinds.FLOATING_IP) == 2


def test_a_port_that_goes_while_it_is_asked_for_leads_nowhere(
    lab: ObservedCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_port_details(monkeypatch)
    Address(lab)
    neutron = lab.cloud.neutron

    def vanish(path: str) -> None:
        if "/ports/" in path:
            lab.tap.before = lambda path: None
            neutron.ports.remove(neutron.ports[path.rpartition("/")[2]])

    lab.tap.before = vanish
    lab.observer.start()
    assert lab.column(kinds.FLOATING_IP, "server_id") == [None]


def test_floating_ips_of_others_are_not_looked_at(lab: ObservedCloud) -> None:
    body = {"floatingip": {"floating_network_id": lab.external}}
    ours, theirs = (call(lab.users[by].network, "POST", "/floatingips", body)["floatingip"] for by in BOTH)
    lab.observer.start()
    assert lab.column(kinds.FLOATING_IP, "floating_ip_id", "server_id") == [(ours["id"], None)]
    assert theirs["id"] != ours["id"]

"""On computes that do not suit the test case, the test fails before anything starts, and says what is needed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.waiters import wait_for_server
from pytest_doctor_maint.testbed.projects import make_flavor
from pytest_doctor_maint.testbed.settings import Premises


@pytest.mark.parametrize(
    ("vcpus", "needed"),
    [
        pytest.param([2, 2], "at least 3 computes; there are 2", id="two-computes"),
        pytest.param([2, 3, 2], "an even number of VCPUs, 2 at least", id="odd-VCPUs"),
        pytest.param([2, 2, 4], "all computes need the same number of VCPUs", id="unequal-VCPUs"),
        pytest.param([2, 2, 0], "an even number of VCPUs, 2 at least", id="no-VCPUs"),
    ],
)
@pytest.mark.maintenance
def test_unsuitable_computes_are_refused(maintenance: Maintenance, vcpus: Sequence[int], needed: str) -> None:
    """There are too few computes, or their VCPUs cannot be halved."""
    with pytest.raises(AssertionError, match=needed):
        maintenance.when(maintenance.nothing().on_computes_with(vcpus).full())


@pytest.mark.maintenance
def test_computes_in_use_are_refused(maintenance: Maintenance, computes: int) -> None:
    """A server of another project takes VCPUs that the test case needs."""
    in_use = maintenance.given(computes).full().where(prepare=boot_a_server)
    with pytest.raises(AssertionError, match=r"no VCPU may be in use before the test; in use: compute-\d+: 1 of 2"):
        maintenance.when(in_use)


def boot_a_server(cloud: Premises) -> None:
    """Boot a server of the admin project, on a compute that Nova chooses."""
    image = call(cloud.admin.image, "GET", "/images", name="cirros")["images"][0]["id"]
    flavor = make_flavor(cloud.admin, vcpus=1)
    server = {"name": "in_the_way", "imageRef": image, "flavorRef": flavor, "networks": "none"}
    server_id = call(cloud.admin.compute, "POST", "/servers", {"server": server})["server"]["id"]
    wait_for_server(cloud.clock, cloud.admin, server_id, {"ACTIVE"}, timeout=60)

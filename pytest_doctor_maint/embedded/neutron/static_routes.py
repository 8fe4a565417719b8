"""Static routes of routers."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import bad_request
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The largest number of routes of a router.
MOST_ROUTES = 30
#: Checks the attribute ``routes``.
ROUTES = checks.list_of(
    checks.fields({"destination": checks.cidr, "nexthop": checks.ip}, required=("destination", "nexthop"))
)


def check_routes(tables: Tables, router: Record, routes: Sequence[Record]) -> None:
    """Check that a router can have these routes.

    Raises:
        NeutronError: 400, there are too many, or a next hop is the router's own or not on a connected subnet.
    """
    if len(routes) > MOST_ROUTES:
        raise bad_request(
            f"Unable to complete operation for {router['id']}. The number of routes exceeds the maximum {MOST_ROUTES}."
        )
    blocks, own = [], set()
    for port in tables.ports.by("device_id", router["id"]):
        for item in port["fixed_ips"]:
            blocks.append(ipaddress.ip_network(tables.subnets[item["subnet_id"]]["cidr"]))
            own.add(item["ip_address"])
    for route in routes:
        hop = ipaddress.ip_address(route["nexthop"])
        if not any(hop in block for block in blocks):
            raise bad_request(f"Invalid format for routes: {routes}, the nexthop is not connected with router")
        if route["nexthop"] in own:
            raise bad_request(f"Invalid format for routes: {routes}, the nexthop is used by router")

"""Routers."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import conflict
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.router_gateways import RouterGateways, gateway_info
from pytest_doctor_maint.embedded.neutron.router_interfaces import RouterInterfaces
from pytest_doctor_maint.embedded.neutron.static_routes import ROUTES, check_routes
from pytest_doctor_maint.embedded.neutron.table import Tables
from pytest_doctor_maint.embedded.neutron.zones import ZONES, check_zones

ROUTER = ResourceKind(
    "router",
    "routers",
    "Router",
    "RouterNotFound",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "admin_state_up": Attribute(checks.boolean, default=True),
        "status": Attribute(),
        "external_gateway_info": Attribute(gateway_info, default=None),
        "distributed": Attribute(checks.boolean, set_admin=True, see_admin=True),
        "ha": Attribute(checks.boolean, set_admin=True, see_admin=True),
        "routes": Attribute(ROUTES, default=[], post=False),
        "availability_zone_hints": Attribute(checks.list_of(checks.text()), default=[], put=False),
        "availability_zones": Attribute(),
    },
)


class Routers(Collection):
    """All routers.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        gateways: The routers' gateways.
        interfaces: The routers' interfaces.
    """

    def __init__(
        self, tables: Tables, quotas: Quotas, *, gateways: RouterGateways, interfaces: RouterInterfaces
    ) -> None:
        super().__init__(tables.routers, quotas)
        self._tables = tables
        self._gateways = gateways
        self._interfaces = interfaces

    def authorize(self, wanted: Record, caller: Caller, action: str) -> None:
        if gateway := wanted.get("external_gateway_info"):
            self._gateways.check_rights(gateway, caller, f"{action}_router")

    def build(self, record: Record, caller: Caller) -> Record:
        check_zones(record["availability_zone_hints"])
        wanted = record["external_gateway_info"]
        record |= {"external_gateway_info": None, "status": "ACTIVE", "availability_zones": list(ZONES)}
        record = {"distributed": False, "ha": False, **record}
        self.table.add(record)
        if wanted:
            self._gateways.set(record, wanted, caller)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "routes" in changed:
            check_routes(self._tables, record, changed["routes"])
        if "external_gateway_info" in changed:
            wanted = changed.pop("external_gateway_info")
            if wanted:
                self._gateways.set(record, wanted, caller)
            else:
                self._gateways.clear(record)
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if self._interfaces.of(record):
            raise conflict("RouterInUse", f"Router {record['id']} still has ports")
        self._gateways.clear(record)
        self.table.drop(record)

    def add_routes(self, record: Record, routes: Sequence[Record]) -> Record:
        """Add static routes. Those that the router already has are ignored.

        Raises:
            NeutronError: 400, a next hop is not on a connected subnet.
        """
        wanted = [*record["routes"], *(route for route in routes if route not in record["routes"])]
        check_routes(self._tables, record, wanted)
        return self.table.put(record, {"routes": wanted})

    def remove_routes(self, record: Record, routes: Sequence[Record]) -> Record:
        """Remove static routes. Those that the router does not have are ignored."""
        return self.table.put(record, {"routes": [route for route in record["routes"] if route not in routes]})

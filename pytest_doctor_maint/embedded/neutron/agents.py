"""The agents that serve the networks, and where they run."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Kind, Record
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import not_found

ZONE = "nova"

AGENT = Kind(
    "agent",
    "agents",
    "Agent",
    {
        "id": Attribute(),
        "agent_type": Attribute(),
        "binary": Attribute(),
        "topic": Attribute(),
        "host": Attribute(),
        "availability_zone": Attribute(),
        "admin_state_up": Attribute(checks.boolean),
        "description": Attribute(checks.or_none(checks.text())),
        "alive": Attribute(),
        "created_at": Attribute(),
        "started_at": Attribute(),
        "heartbeat_timestamp": Attribute(),
        "configurations": Attribute(),
        "resources_synced": Attribute(),
    },
    tags=False,
)


class Agents(Collection):
    """An Open vSwitch agent on every compute; admins alone see them."""

    kind = AGENT

    def register(self, hosts: Sequence[str]) -> None:
        """Let an agent run on each of these hosts."""
        for host in hosts:
            started = self.neutron.timestamp().replace("T", " ").rstrip("Z")
            self.add(
                {
                    "agent_type": "Open vSwitch agent",
                    "binary": "neutron-openvswitch-agent",
                    "topic": "N/A",
                    "host": host,
                    "availability_zone": None,
                    "admin_state_up": True,
                    "description": None,
                    "started_at": started,
                    "configurations": {
                        "bridge_mappings": {"public": "br-ex"},
                        "datapath_type": "system",
                        "tunnel_types": ["vxlan"],
                    },
                    "resources_synced": None,
                    "project_id": "",
                }
            )

    def view(self, record: Record, caller: object) -> Record:
        now = self.neutron.timestamp().replace("T", " ").rstrip("Z")
        shown = {name: record.get(name) for name in self.kind.attributes}
        return shown | {"alive": True, "heartbeat_timestamp": now, "created_at": record["started_at"]}

    def zones(self) -> list[str]:
        """The availability zones that networks and routers are served from."""
        return [ZONE]

    def check_zones(self, hints: Sequence[str]) -> None:
        """Whether these availability zones exist.

        Raises:
            NeutronError: 404, one does not.
        """
        for hint in hints:
            if hint not in self.zones():
                raise not_found("AvailabilityZoneNotFound", f"AvailabilityZone {hint} could not be found.")

"""Network agents."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Record, ResourceKind
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.table import Tables
from pytest_doctor_maint.embedded.neutron.times import show_time
from pytest_doctor_maint.simtime.clock import Clock

AGENT = ResourceKind(
    "agent",
    "agents",
    "Agent",
    "AgentNotFound",
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
    """An Open vSwitch agent on each compute. Only admins see agents."""

    def __init__(self, tables: Tables, quotas: Quotas, *, clock: Clock) -> None:
        super().__init__(tables.agents, quotas)
        self._clock = clock

    def register(self, hosts: Sequence[str]) -> None:
        """Start an agent on each of these hosts."""
        for host in hosts:
            self.table.add(
                {
                    "agent_type": "Open vSwitch agent",
                    "binary": "neutron-openvswitch-agent",
                    "topic": "N/A",
                    "host": host,
                    "availability_zone": None,
                    "admin_state_up": True,
                    "description": None,
                    "started_at": self._now(),
                    "configurations": {
                        "bridge_mappings": {"public": "br-ex"},
                        "datapath_type": "system",
                        "tunnel_types": ["vxlan"],
                    },
                    "resources_synced": None,
                    "project_id": "",
                }
            )

    def build(self, record: Record, caller: Caller) -> Record:
        # Agents register themselves, over the message bus.
        raise bad_request("Agents are not created by requests")

    def view(self, record: Record, caller: object) -> Record:
        shown = {name: record.get(name) for name in self.kind.attributes}
        return shown | {"alive": True, "heartbeat_timestamp": self._now(), "created_at": record["started_at"]}

    def _now(self) -> str:
        # Agents' times have a form of their own.
        return show_time(self._clock.now()).replace("T", " ").rstrip("Z")

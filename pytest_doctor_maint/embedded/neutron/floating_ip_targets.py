"""The servers that floating IPs lead to, and the record of their changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import Recorder
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.table import Tables


class FloatingIpTargets:
    """Records which server each floating IP leads to, and disassociates floating IPs from ports that change.

    Args:
        tables: All tables.
        recorder: Gets an event whenever a floating IP leads to another server.
    """

    def __init__(self, tables: Tables, recorder: Recorder) -> None:
        self._floatingips = tables.floatingips
        self._ports = tables.ports
        self._recorder = recorder
        # The server's id by the floating IP's id; empty for none.
        self._recorded: dict[str, str] = {}
        # The events of a request that may still be refused; None if there is none.
        self._held: list[Record] | None = None

    def record(self, floating_ip: Record) -> None:
        """Record an event if the floating IP leads to another server than before."""
        server_id = ""
        if floating_ip["port_id"]:
            port = self._ports[floating_ip["port_id"]]
            if port["device_owner"].startswith("compute:"):
                server_id = port["device_id"]
        if self._recorded.get(floating_ip["id"], "") == server_id:
            return
        self._recorded[floating_ip["id"]] = server_id
        self._append(
            {
                "floating_ip_id": floating_ip["id"],
                "address": floating_ip["floating_ip_address"],
                "project_id": floating_ip["project_id"],
                "server_id": server_id or None,
            }
        )

    def _append(self, data: Record) -> None:
        if self._held is None:
            self._recorder.append("neutron", events.FLOATING_IP, data)
        else:
            self._held.append(data)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Record the events of what is done inside once all of it is done, and none of them if it is refused."""
        outer, before = self._held, self._recorded.copy()
        held = self._held = []
        try:
            yield
        except BaseException:
            self._held, self._recorded = outer, before
            raise
        self._held = outer
        for data in held:
            self._append(data)

    def forget(self, floating_ip: Record) -> None:
        """Record that a floating IP that is deleted leads to no server."""
        self.record({**floating_ip, "port_id": None})
        self._recorded.pop(floating_ip["id"], None)

    def port_changed(self, port: Record) -> None:
        """Update the floating IPs of a port whose addresses or device have changed."""
        addresses = [item["ip_address"] for item in port["fixed_ips"]]
        for floating_ip in self._floatingips.by("port_id", port["id"]):
            if floating_ip["fixed_ip_address"] in addresses:
                self.record(floating_ip)
            else:
                self._disassociate(floating_ip)

    def port_removed(self, port: Record) -> None:
        """Disassociate the floating IPs of a port that is deleted."""
        for floating_ip in self._floatingips.by("port_id", port["id"]):
            self._disassociate(floating_ip)

    def _disassociate(self, floating_ip: Record) -> None:
        nowhere = {"port_id": None, "fixed_ip_address": None, "router_id": None, "status": "DOWN"}
        self._floatingips.put(floating_ip, nowhere)
        self.record(floating_ip)

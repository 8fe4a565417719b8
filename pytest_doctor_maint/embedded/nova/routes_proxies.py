"""Nova's proxies to Neutron, as they were up to microversion 2.35: networks, security groups and floating IPs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError
from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

Handler = TypeVar("Handler", bound=Callable[..., Any])
GROUP: dict[str, read.Reader] = {"name": read.text(pattern=r".*\S.*"), "description": read.text(0, optional=True)}
PORT = read.number(-1, 65535)
RULE: dict[str, read.Reader] = {
    "parent_group_id": read.text(),
    "group_id": read.text(optional=True),
    "ip_protocol": read.text(optional=True),
    "from_port": lambda name, value: None if value is None else PORT(name, value),
    "to_port": lambda name, value: None if value is None else PORT(name, value),
    "cidr": read.text(optional=True),
}
#: What nova-network said of a network and Neutron does not.
UNKNOWN = (
    "bridge",
    "bridge_interface",
    "broadcast",
    "cidr",
    "cidr_v6",
    "created_at",
    "deleted",
    "deleted_at",
    "dhcp_start",
    "dns1",
    "dns2",
    "gateway",
    "gateway_v6",
    "host",
    "injected",
    "multi_host",
    "netmask",
    "netmask_v6",
    "priority",
    "project_id",
    "rxtx_base",
    "updated_at",
    "vlan",
    "vpn_private_address",
    "vpn_public_address",
    "vpn_public_port",
)


def proxied(method: str, path: str) -> Callable[[Handler], Handler]:
    """A route that is there up to microversion 2.35."""
    return route(method, f"/v2.1/{path}", max=(2, 35))


@contextmanager
def _as_nova_says() -> Iterator[None]:
    """Neutron's errors with Nova's statuses: 403 is a quota or a policy, 409 is something in use."""
    try:
        yield
    except NeutronError as error:
        # A full quota is a conflict to Neutron, and forbidden to Nova.
        status = 403 if error.kind == "OverQuota" else 400 if error.status == 409 else error.status
        raise HttpError(status, error.message) from error


class NetworkProxyRoutes(NovaService):
    """``/os-networks``, ``/os-tenant-networks``, ``/os-security-groups``, ``/os-floating-ips`` and their parts."""

    # -- networks ----------------------------------------------------------------------------------------------------

    @proxied("GET", "os-tenant-networks")
    def list_tenant_networks(self, request: NovaRequest) -> Answer:
        return {"networks": [self._tenant_network(network) for network in self._networks(request)]}

    @proxied("GET", "os-tenant-networks/<network_id>")
    def show_tenant_network(self, request: NovaRequest, network_id: str) -> Answer:
        return {"network": self._tenant_network(self._proxied(request, self.neutron.networks, network_id))}

    @proxied("GET", "os-networks")
    def list_networks(self, request: NovaRequest) -> Answer:
        return {"networks": [self._network(network) for network in self._networks(request)]}

    @proxied("GET", "os-networks/<network_id>")
    def show_network(self, request: NovaRequest, network_id: str) -> Answer:
        return {"network": self._network(self._proxied(request, self.neutron.networks, network_id))}

    def _networks(self, request: NovaRequest) -> list[Record]:
        networks = self.neutron.networks
        return [network for network in networks if networks.visible(network, request.caller)]

    def _tenant_network(self, network: Record) -> dict[str, Any]:
        return {"id": network["id"], "label": network["name"], "cidr": None}

    def _network(self, network: Record) -> dict[str, Any]:
        return {**dict.fromkeys(UNKNOWN), "id": network["id"], "label": network["name"]}

    # -- security groups ---------------------------------------------------------------------------------------------

    @proxied("GET", "os-security-groups")
    def list_security_groups(self, request: NovaRequest) -> Answer:
        groups = self.neutron.security_groups
        if request.caller.project_id:
            # It is made when it is first needed, and a listing always shows it.
            groups.default_of(request.caller.project_id)
        everybody = request.caller.is_admin and request.args.get("all_tenants", "0").lower() in read.TRUE
        own = [group for group in groups if everybody or group["project_id"] == request.caller.project_id]
        page, _ = self.page(request, own, lambda group: str(group["id"]))
        return {"security_groups": [self._security_group(group) for group in page]}

    @proxied("POST", "os-security-groups")
    def create_security_group(self, request: NovaRequest) -> Answer:
        values = read.section(request.json_object(), "security_group", GROUP, ("name", "description"))
        body = {"name": values["name"], "description": values["description"] or ""}
        with _as_nova_says():
            group = self.neutron.security_groups.create(body, request.caller)
        return {"security_group": self._security_group(group)}

    @proxied("GET", "os-security-groups/<group_id>")
    def show_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        group = self._proxied(request, self.neutron.security_groups, group_id)
        return {"security_group": self._security_group(group)}

    @proxied("PUT", "os-security-groups/<group_id>")
    def update_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        values = read.section(request.json_object(), "security_group", GROUP, ("name", "description"))
        group = self._proxied(request, self.neutron.security_groups, group_id, "update")
        body = {"name": values["name"], "description": values["description"] or ""}
        with _as_nova_says():
            group = self.neutron.security_groups.update(group, body, request.caller)
        return {"security_group": self._security_group(group)}

    @proxied("DELETE", "os-security-groups/")
    def delete_no_security_group(self, request: NovaRequest) -> Answer:
        raise Missing("Security group  not found.")

    @proxied("DELETE", "os-security-groups/<group_id>")
    def delete_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        group = self._proxied(request, self.neutron.security_groups, group_id, "delete")
        with _as_nova_says():
            self.neutron.security_groups.delete(group, request.caller)
        return 202, None

    @proxied("POST", "os-security-group-rules")
    def create_security_group_rule(self, request: NovaRequest) -> Answer:
        values = read.section(request.json_object(), "security_group_rule", RULE, ("parent_group_id",))
        peer = values.get("group_id")
        if not peer and not values.get("ip_protocol"):
            raise Invalid("Invalid input: a rule names a group_id, or an ip_protocol with from_port and to_port")
        body = {
            "security_group_id": values["parent_group_id"],
            "direction": "ingress",
            "ethertype": "IPv6" if ":" in (values.get("cidr") or "") else "IPv4",
            "protocol": (values.get("ip_protocol") or "").lower() or None,
            # -1 is how nova-network said "all".
            "port_range_min": None if values.get("from_port") == -1 else values.get("from_port"),
            "port_range_max": None if values.get("to_port") == -1 else values.get("to_port"),
            "remote_group_id": peer,
            "remote_ip_prefix": None if peer else values.get("cidr") or "0.0.0.0/0",
        }
        with _as_nova_says():
            rule = self.neutron.security_group_rules.create(body, request.caller)
        return {"security_group_rule": self._security_group_rule(rule)}

    @proxied("DELETE", "os-security-group-rules/<rule_id>")
    def delete_security_group_rule(self, request: NovaRequest, rule_id: str) -> Answer:
        rules = self.neutron.security_group_rules
        rule = self._proxied(request, rules, rule_id, "delete")
        with _as_nova_says():
            rules.delete(rule, request.caller)
        return 202, None

    def _security_group(self, group: Record) -> dict[str, Any]:
        rules = [
            rule
            for rule in self.neutron.security_group_rules.by("security_group_id", group["id"])
            if rule["direction"] == "ingress"
        ]
        return {
            "id": group["id"],
            "name": group["name"],
            "description": group["description"],
            "tenant_id": group["project_id"],
            "rules": [self._security_group_rule(rule) for rule in rules],
        }

    def _security_group_rule(self, rule: Record) -> dict[str, Any]:
        peer = rule["remote_group_id"]
        groups = self.neutron.security_groups
        shown: dict[str, Any] = {
            "id": rule["id"],
            "parent_group_id": rule["security_group_id"],
            "ip_protocol": rule["protocol"],
            "from_port": rule["port_range_min"],
            "to_port": rule["port_range_max"],
            "group": {},
            "ip_range": {},
        }
        if rule["protocol"] is not None and rule["port_range_min"] is None:
            shown["from_port"] = shown["to_port"] = -1
        if peer in groups:
            shown["group"] = {"name": groups[peer]["name"], "tenant_id": groups[peer]["project_id"]}
        else:
            any_address = "::/0" if rule["ethertype"] == "IPv6" else "0.0.0.0/0"
            shown["ip_range"] = {"cidr": rule["remote_ip_prefix"] or any_address}
        return shown

    # -- floating IPs ------------------------------------------------------------------------------------------------

    @proxied("GET", "os-floating-ip-pools")
    def list_floating_ip_pools(self, request: NovaRequest) -> Answer:
        return {"floating_ip_pools": [{"name": network["name"]} for network in self._pools()]}

    @proxied("GET", "os-floating-ips")
    def list_floating_ips(self, request: NovaRequest) -> Answer:
        own = [record for record in self.neutron.floatingips if record["project_id"] == request.caller.project_id]
        return {"floating_ips": [self._floating_ip(record) for record in own]}

    @proxied("POST", "os-floating-ips")
    def create_floating_ip(self, request: NovaRequest) -> Answer:
        # The body may be missing: the pool is then the first one.
        body = request.json_object() if request.get_data().strip() not in (b"", b"null") else {}
        wanted = read.values(body, {"pool": read.text(optional=True)}).get("pool")
        pools = [network for network in self._pools() if wanted in (None, network["name"], network["id"])]
        if not pools:
            raise Missing(f"Floating IP pool {wanted} not found." if wanted else "Floating IP pool not found.")
        with _as_nova_says():
            record = self.neutron.floatingips.create({"floating_network_id": pools[0]["id"]}, request.caller)
        return {"floating_ip": self._floating_ip(record)}

    @proxied("GET", "os-floating-ips/<floating_ip_id>")
    def show_floating_ip(self, request: NovaRequest, floating_ip_id: str) -> Answer:
        record = self._proxied(request, self.neutron.floatingips, floating_ip_id)
        return {"floating_ip": self._floating_ip(record)}

    @proxied("DELETE", "os-floating-ips/<floating_ip_id>")
    def delete_floating_ip(self, request: NovaRequest, floating_ip_id: str) -> Answer:
        record = self._proxied(request, self.neutron.floatingips, floating_ip_id, "delete")
        self.neutron.floatingips.delete(record, request.caller)
        return 202, None

    def _pools(self) -> list[Record]:
        return [network for network in self.neutron.networks if network["router:external"]]

    def _floating_ip(self, record: Record) -> dict[str, Any]:
        neutron = self.neutron
        port = neutron.ports[record["port_id"]] if record["port_id"] else None
        return {
            "id": record["id"],
            "ip": record["floating_ip_address"],
            "fixed_ip": record["fixed_ip_address"],
            "pool": neutron.networks[record["floating_network_id"]]["name"],
            "instance_id": port["device_id"] if port else None,
        }

    def _proxied(
        self, request: NovaRequest, collection: Collection, record_id: str, action: str | None = None
    ) -> Record:
        """The record of that id; with ``action`` (update, delete) it must be the caller's own."""
        with _as_nova_says():
            if action is None:
                return collection.find(record_id, request.caller)
            return collection.find_own(record_id, request.caller, action)

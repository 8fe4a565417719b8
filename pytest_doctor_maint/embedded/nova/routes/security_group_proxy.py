"""Nova's proxy to Neutron's security groups and their rules, up to microversion 2.35."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing
from pytest_doctor_maint.embedded.nova.routes.network_proxy import find, in_words_of_nova, proxied
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    NOT_NEGATIVE,
    UUID,
    integer,
    many,
    nullable,
    object_,
    query,
    string,
)
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import TRUE
from pytest_doctor_maint.simtime.http import Answer

_PORT = nullable(integer(-1, 65535))
_GROUP = {"name": string(1, 255, r"\S"), "description": nullable(string(0, 255))}
_RULE = {
    "parent_group_id": UUID,
    "group_id": nullable(UUID),
    "ip_protocol": nullable(ANY_STRING),
    "from_port": _PORT,
    "to_port": _PORT,
    "cidr": nullable(ANY_STRING),
}


def _open(key: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Return the schema of a body with one object; further fields are ignored everywhere."""
    return object_({key: object_(properties, required, additional=True)}, [key], additional=True)


GROUP = Schemas(_open("security_group", _GROUP, ["name", "description"]))
RULE = Schemas(_open("security_group_rule", _RULE, ["parent_group_id"]))
LIST = Schemas(query({"limit": many(NOT_NEGATIVE), "offset": many(NOT_NEGATIVE), "all_tenants": many(ANY_STRING)}))


class SecurityGroupProxyRoutes(NovaService):
    """``/os-security-groups`` and ``/os-security-group-rules``."""

    @proxied("GET", "os-security-groups")
    def list_security_groups(self, request: NovaRequest) -> Answer:
        args = request.valid_query(LIST)
        groups = self.neutron.security_groups
        if request.caller.project_id:
            # The default group is created when it is first needed, and a listing always shows it.
            groups.default_of(request.caller.project_id)
        everybody = request.caller.is_admin and args.get("all_tenants", "0").lower() in TRUE
        own = [group for group in groups if everybody or group["project_id"] == request.caller.project_id]
        # Unlike other listings of Nova's, this one knows no marker.
        rest, limit = own[int(args.get("offset", 0)) :], int(args.get("limit", 0))
        return {"security_groups": [self._security_group(group) for group in (rest[:limit] if limit else rest)]}

    @proxied("POST", "os-security-groups")
    def create_security_group(self, request: NovaRequest) -> Answer:
        wanted = _group_of(request)
        with self.neutron.all_or_nothing(), in_words_of_nova():
            group = self.neutron.security_groups.create(wanted, request.caller)
        return {"security_group": self._security_group(group)}

    @proxied("GET", "os-security-groups/<group_id>")
    def show_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        group = find(request, self.neutron.security_groups, group_id)
        return {"security_group": self._security_group(group)}

    @proxied("PUT", "os-security-groups/<group_id>")
    def update_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        wanted = _group_of(request)
        group = find(request, self.neutron.security_groups, group_id, "update")
        with self.neutron.all_or_nothing(), in_words_of_nova():
            group = self.neutron.security_groups.update(group, wanted, request.caller)
        return {"security_group": self._security_group(group)}

    @proxied("DELETE", "os-security-groups/")
    def delete_no_security_group(self, request: NovaRequest) -> Answer:
        """Answer 404 to a path without an id."""
        raise Missing("Security group  not found.")

    @proxied("DELETE", "os-security-groups/<group_id>")
    def delete_security_group(self, request: NovaRequest, group_id: str) -> Answer:
        group = find(request, self.neutron.security_groups, group_id, "delete")
        with self.neutron.all_or_nothing(), in_words_of_nova():
            self.neutron.security_groups.delete(group, request.caller)
        return 202, None

    @proxied("POST", "os-security-group-rules")
    def create_security_group_rule(self, request: NovaRequest) -> Answer:
        fields = request.valid_body(RULE)["security_group_rule"]
        peer = fields.get("group_id")
        if not peer and not fields.get("ip_protocol"):
            raise Invalid("Invalid input: a rule names a group_id, or an ip_protocol with from_port and to_port")
        wanted = {
            "security_group_id": fields["parent_group_id"],
            "direction": "ingress",
            "ethertype": "IPv6" if ":" in (fields.get("cidr") or "") else "IPv4",
            "protocol": (fields.get("ip_protocol") or "").lower() or None,
            "port_range_min": _port(fields.get("from_port")),
            "port_range_max": _port(fields.get("to_port")),
            "remote_group_id": peer,
            "remote_ip_prefix": None if peer else fields.get("cidr") or "0.0.0.0/0",
        }
        with self.neutron.all_or_nothing(), in_words_of_nova():
            rule = self.neutron.security_group_rules.create(wanted, request.caller)
        return {"security_group_rule": self._rule(rule)}

    @proxied("DELETE", "os-security-group-rules/<rule_id>")
    def delete_security_group_rule(self, request: NovaRequest, rule_id: str) -> Answer:
        rules = self.neutron.security_group_rules
        rule = find(request, rules, rule_id, "delete")
        with self.neutron.all_or_nothing(), in_words_of_nova():
            rules.delete(rule, request.caller)
        return 202, None

    def _security_group(self, group: Record) -> dict[str, Any]:
        rules = self.neutron.security_group_rules.by("security_group_id", group["id"])
        return security_group_view(group, [self._rule(rule) for rule in rules if rule["direction"] == "ingress"])

    def _rule(self, rule: Record) -> dict[str, Any]:
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


def security_group_view(group: Record, rules: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return a security group as Nova shows it."""
    return {
        "id": group["id"],
        "name": group["name"],
        "description": group["description"],
        "tenant_id": group["project_id"],
        "rules": rules,
    }


def _group_of(request: NovaRequest) -> dict[str, Any]:
    fields = request.valid_body(GROUP)["security_group"]
    return {"name": fields["name"], "description": fields["description"] or ""}


def _port(value: int | str | None) -> int | None:
    """Return a port of a rule for Neutron; -1 means all ports in Nova."""
    return None if value is None or int(value) == -1 else int(value)

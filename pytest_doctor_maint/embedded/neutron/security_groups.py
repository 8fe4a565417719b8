"""Security groups and their rules."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, not_allowed, not_found

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron

DEFAULT = "default"
#: The protocols that have names, and the numbers that they stand for.
PROTOCOLS = {
    "ah": 51,
    "dccp": 33,
    "egp": 8,
    "esp": 50,
    "gre": 47,
    "hopopt": 0,
    "icmp": 1,
    "icmpv6": 58,
    "igmp": 2,
    "ip": 0,
    "ipip": 4,
    "ipv6-encap": 41,
    "ipv6-frag": 44,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ipv6-route": 43,
    "ospf": 89,
    "pgm": 113,
    "rsvp": 46,
    "sctp": 132,
    "tcp": 6,
    "udp": 17,
    "udplite": 136,
    "vrrp": 112,
}
_WITH_PORTS = (6, 17, 33, 132, 136)
_ICMP = (1, 58)
_ONLY_V6 = ("icmpv6", "ipv6-icmp", "ipv6-encap", "ipv6-frag", "ipv6-nonxt", "ipv6-opts", "ipv6-route")
_V6_NUMBERS = (41, 43, 44, 58, 59, 60)

SECURITY_GROUP = Kind(
    "security_group",
    "security-groups",
    "Security group",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "stateful": Attribute(checks.boolean, default=True),
        "shared": Attribute(),
        "security_group_rules": Attribute(),
    },
)


def _protocol(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and value.lower() in ("", "any")):
        return None
    name = str(value).lower()
    if name in PROTOCOLS or (name.isdigit() and int(name) < 256):
        return name
    raise ValueError(f"Security group rule protocol {value} not supported")


def _ethertype(value: Any) -> str:
    for name in ("IPv4", "IPv6"):
        if isinstance(value, str) and value.lower() == name.lower():
            return name
    raise ValueError(f"Security group rule for ethertype '{value}' not supported")


SECURITY_GROUP_RULE = Kind(
    "security_group_rule",
    "security-group-rules",
    "Security group rule",
    {
        **standard(),
        "security_group_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "direction": Attribute(checks.one_of("ingress", "egress"), default=REQUIRED, put=False),
        "ethertype": Attribute(_ethertype, default="IPv4", put=False),
        "protocol": Attribute(_protocol, default=None, put=False),
        "port_range_min": Attribute(checks.or_none(checks.integer()), default=None, put=False),
        "port_range_max": Attribute(checks.or_none(checks.integer()), default=None, put=False),
        "remote_ip_prefix": Attribute(checks.or_none(checks.ip_or_cidr), default=None, put=False),
        "remote_group_id": Attribute(checks.or_none(checks.text()), default=None, put=False),
        "normalized_cidr": Attribute(),
        "belongs_to_default_sg": Attribute(),
    },
)
_SAME = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_group_id", "normalized_cidr")


class SecurityGroups(Collection):
    """All security groups. A project's group ``default`` is made when it is first needed."""

    kind = SECURITY_GROUP
    quota = "security_group"

    def __init__(self, neutron: Neutron) -> None:
        super().__init__(neutron)
        self._defaults: dict[str, str] = {}

    def default_of(self, project_id: str) -> Record:
        """The project's group ``default``. Its ids do not depend on which project needs one first."""
        if project_id not in self._defaults:
            record: Record = {
                "name": DEFAULT,
                "description": "Default security group",
                "stateful": True,
                "project_id": project_id,
                "tenant_id": project_id,
            }
            self.add(record, self.neutron.core.ids.uuid(f"security_group/{project_id}"))
            self._defaults[project_id] = record["id"]
            for ethertype in ("IPv4", "IPv6"):
                self.neutron.security_group_rules.grant(record, "ingress", ethertype, record["id"])
                self.neutron.security_group_rules.grant(record, "egress", ethertype, None)
        return self[self._defaults[project_id]]

    def prepare(self, caller: Caller, filters: Mapping[str, Sequence[str]]) -> None:
        keystone = self.neutron.keystone
        named = [*filters.get("project_id", ()), *filters.get("tenant_id", ())] if caller.is_admin else []
        for project_id in [caller.project_id, *(one for one in named if keystone.project_exists(one))]:
            if project_id:
                self.default_of(project_id)

    def is_default(self, record: Record) -> bool:
        """Whether it is its project's group ``default``."""
        return bool(self._defaults.get(record["project_id"]) == record["id"])

    def build(self, record: Record, caller: Caller) -> Record:
        if record["project_id"]:
            self.default_of(record["project_id"])
        if record["name"] == DEFAULT:
            raise conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
        self.check_quota(record["project_id"])
        self.neutron.security_group_rules.check_quota(record["project_id"], 2)
        self.add(record)
        for ethertype in ("IPv4", "IPv6"):
            self.neutron.security_group_rules.grant(record, "egress", ethertype, None)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "name" in changed and changed["name"] != record["name"]:
            if self.is_default(record):
                raise conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
            if changed["name"] == DEFAULT:
                raise conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
        if changed.get("stateful", record["stateful"]) != record["stateful"] and self.users(record):
            raise conflict("SecurityGroupInUse", f"Security Group {record['id']} in use.")
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if self.users(record):
            raise conflict("SecurityGroupInUse", f"Security Group {record['id']} in use.")
        if self.is_default(record):
            if not caller.is_admin:
                raise conflict(
                    "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group."
                )
            # The project gets another one when it next needs it.
            del self._defaults[record["project_id"]]
        self.neutron.rbac_policies.forget(record["id"])
        for rule in self.neutron.security_group_rules:
            if record["id"] in (rule["security_group_id"], rule["remote_group_id"]):
                self.neutron.security_group_rules.drop(rule)
        self.drop(record)

    def users(self, record: Record) -> list[Record]:
        """The ports in the group."""
        return [port for port in self.neutron.ports if record["id"] in port["security_groups"]]

    def visible(self, record: Record, caller: Caller) -> bool:
        return self.owned(record, caller) or self.neutron.rbac_policies.grants(
            record["id"], caller.project_id, "access_as_shared"
        )

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        rules = self.neutron.security_group_rules
        shown["security_group_rules"] = [
            rules.view(rule, caller) for rule in rules.by("security_group_id", record["id"])
        ]
        shown["shared"] = self.neutron.rbac_policies.grants(record["id"], caller.project_id, "access_as_shared")
        return shown

    def missing(self, record_id: str) -> NeutronError:
        return not_found("SecurityGroupNotFound", f"Security group {record_id} does not exist")

    def check_usable(self, group_ids: Iterable[str], caller: Caller) -> None:
        """Whether the caller may put a port in these groups.

        Raises:
            NeutronError: 404, one does not exist for him; 409, some have state and some have not.
        """
        groups = [self.find(group_id, caller) for group_id in group_ids]
        if len({group["stateful"] for group in groups}) > 1:
            raise conflict("SecurityGroupConflict", "A port cannot have both stateful and stateless security groups.")

    def named(self, names: Sequence[str], project_id: str) -> list[str]:
        """The ids of the project's groups with these names or ids, as Nova takes them.

        Raises:
            NeutronError: 400, there is no such group, or several have the name.
        """
        found: list[str] = []
        self.default_of(project_id)
        for name in names:
            groups = [
                group["id"]
                for group in self
                if group["project_id"] == project_id and name in (group["id"], group["name"])
            ]
            if not groups:
                raise NeutronError(400, "SecurityGroupNotFound", f"Security group {name} not found.")
            if len(groups) > 1:
                raise NeutronError(
                    409,
                    "NoUniqueMatch",
                    f"Multiple security groups found matching '{name}'. Use an ID to be more specific.",
                )
            found.append(groups[0])
        return list(dict.fromkeys(found))


class SecurityGroupRules(Collection):
    """All rules of all security groups."""

    kind = SECURITY_GROUP_RULE
    quota = "security_group_rule"
    indexed = ("security_group_id",)

    def grant(self, group: Record, direction: str, ethertype: str, remote_group_id: str | None) -> None:
        """Give a new group one of the rules that it begins with."""
        record = {
            "security_group_id": group["id"],
            "direction": direction,
            "ethertype": ethertype,
            "protocol": None,
            "port_range_min": None,
            "port_range_max": None,
            "remote_ip_prefix": None,
            "remote_group_id": remote_group_id,
            "normalized_cidr": None,
            "belongs_to_default_sg": self.neutron.security_groups.is_default(group),
            "description": None,
            "project_id": group["project_id"],
            "tenant_id": group["project_id"],
        }
        # A stream for each group: groups that are made when they are first needed must not shift the ids of others.
        self.add(record, self.neutron.core.ids.uuid(f"security_group_rule/{group['id']}"))

    def build(self, record: Record, caller: Caller) -> Record:
        groups = self.neutron.security_groups
        group = groups.find(record["security_group_id"], caller)
        if not groups.owned(group, caller):
            raise not_allowed("create_security_group_rule")
        if record["remote_group_id"] is not None:
            groups.find(record["remote_group_id"], caller)
        self._check_remote(record)
        self._check_ports(record)
        record["belongs_to_default_sg"] = groups.is_default(group)
        for other in self.by("security_group_id", group["id"]):
            if all(record[name] == other[name] for name in _SAME):
                raise conflict(
                    "SecurityGroupRuleExists", f"Security group rule already exists. Rule id is {other['id']}."
                )
        self.add(record)
        groups.touch(group)
        return record

    def delete(self, record: Record, caller: Caller) -> None:
        self.neutron.security_groups.touch(self.neutron.security_groups[record["security_group_id"]])
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        if self.owned(record, caller):
            return True
        group = self.neutron.security_groups[record["security_group_id"]]
        return self.neutron.security_groups.visible(group, caller)

    def missing(self, record_id: str) -> NeutronError:
        return not_found("SecurityGroupRuleNotFound", f"Security group rule {record_id} does not exist")

    def _check_remote(self, record: Record) -> None:
        prefix = record["remote_ip_prefix"]
        record["normalized_cidr"] = None
        if prefix is None:
            return
        if record["remote_group_id"] is not None:
            raise NeutronError(
                400,
                "SecurityGroupMultipleRemoteEntites",
                "Only one of remote_ip_prefix and remote_group_id can be given for a security group rule.",
            )
        network = ipaddress.ip_network(prefix, strict=False)
        if record["ethertype"] != f"IPv{network.version}":
            raise NeutronError(
                400,
                "SecurityGroupRuleParameterConflict",
                f"Conflicting value ethertype {record['ethertype']} for CIDR {prefix}",
            )
        record["normalized_cidr"] = str(network)

    def _check_ports(self, record: Record) -> None:
        protocol, low, high = record["protocol"], record["port_range_min"], record["port_range_max"]
        if protocol is None:
            if low is not None or high is not None:
                raise NeutronError(
                    400,
                    "SecurityGroupProtocolRequiredWithPorts",
                    "Must also specify protocol if port range is given.",
                )
            return
        number = PROTOCOLS.get(protocol, int(protocol) if protocol.isdigit() else -1)
        if (protocol in _ONLY_V6 or number in _V6_NUMBERS) and record["ethertype"] == "IPv4":
            raise NeutronError(
                400,
                "SecurityGroupEthertypeConflictWithProtocol",
                f"Invalid ethertype {record['ethertype']} for protocol {protocol}.",
            )
        if number in _ICMP:
            for name, value in (("type", low), ("code", high)):
                if value is not None and not 0 <= value <= 255:
                    raise NeutronError(
                        400,
                        "SecurityGroupInvalidIcmpValue",
                        f"Invalid value for ICMP {name} {value}. It must be 0 to 255.",
                    )
            if low is None and high is not None:
                raise NeutronError(
                    400,
                    "SecurityGroupMissingIcmpType",
                    f"ICMP code (port-range-max) {high} is provided but ICMP type (port-range-min) is missing.",
                )
            return
        if low is None and high is None:
            return
        if number not in _WITH_PORTS:
            raise NeutronError(
                400,
                "SecurityGroupInvalidProtocolForPort",
                f"Invalid protocol {protocol} for port range, only TCP, UDP, UDPLITE, SCTP and DCCP have ports.",
            )
        for value in (low, high):
            if value is not None and not 1 <= value <= 65535:
                raise NeutronError(400, "SecurityGroupInvalidPortValue", f"Invalid value for port {value}")
        if low is None or high is None or low > high:
            raise NeutronError(
                400, "SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max"
            )

"""Rules of security groups."""

from __future__ import annotations

import ipaddress

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, not_allowed
from pytest_doctor_maint.embedded.neutron.protocols import ICMP, WITH_PORTS, is_ipv6_only, number_of, protocol
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.security_groups import SecurityGroups
from pytest_doctor_maint.embedded.neutron.table import Tables


def _ethertype(value: object) -> str:
    for name in ("IPv4", "IPv6"):
        if isinstance(value, str) and value.lower() == name.lower():
            return name
    raise ValueError(f"Security group rule for ethertype '{value}' not supported")


SECURITY_GROUP_RULE = ResourceKind(
    "security_group_rule",
    "security-group-rules",
    "Security group rule",
    "SecurityGroupRuleNotFound",
    {
        **standard(),
        "security_group_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "direction": Attribute(checks.one_of("ingress", "egress"), default=REQUIRED, put=False),
        "ethertype": Attribute(_ethertype, default="IPv4", put=False),
        "protocol": Attribute(protocol, default=None, put=False),
        "port_range_min": Attribute(checks.or_none(checks.integer()), default=None, put=False),
        "port_range_max": Attribute(checks.or_none(checks.integer()), default=None, put=False),
        "remote_ip_prefix": Attribute(checks.or_none(checks.ip_or_cidr), default=None, put=False),
        "remote_group_id": Attribute(checks.or_none(checks.text()), default=None, put=False),
        "normalized_cidr": Attribute(),
        "belongs_to_default_sg": Attribute(),
    },
    indexed=("security_group_id",),
    absent="does not exist",
)
#: Two rules of a group must differ in one of these attributes.
_SAME = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_group_id", "normalized_cidr")


class SecurityGroupRules(Collection):
    """All rules of all security groups.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        groups: All security groups.
    """

    def __init__(self, tables: Tables, quotas: Quotas, *, groups: SecurityGroups) -> None:
        super().__init__(tables.security_group_rules, quotas)
        self._groups = groups

    def build(self, record: Record, caller: Caller) -> Record:
        group = self._groups.find(record["security_group_id"], caller)
        if not self._groups.owned(group, caller):
            raise not_allowed("create_security_group_rule")
        if record["remote_group_id"] is not None:
            self._groups.find(record["remote_group_id"], caller)
        _normalize_remote(record)
        _check_ports(record)
        record["belongs_to_default_sg"] = self._groups.is_default(group)
        for other in self.by("security_group_id", group["id"]):
            if all(record[name] == other[name] for name in _SAME):
                raise conflict(
                    "SecurityGroupRuleExists", f"Security group rule already exists. Rule id is {other['id']}."
                )
        self.table.add(record)
        self._groups.table.touch(group)
        return record

    def delete(self, record: Record, caller: Caller) -> None:
        self._groups.table.touch(self._groups[record["security_group_id"]])
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        if self.owned(record, caller):
            return True
        return self._groups.visible(self._groups[record["security_group_id"]], caller)


def _normalize_remote(record: Record) -> None:
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


def _check_ports(record: Record) -> None:
    name, low, high = record["protocol"], record["port_range_min"], record["port_range_max"]
    if name is None:
        if low is not None or high is not None:
            raise NeutronError(
                400,
                "SecurityGroupProtocolRequiredWithPorts",
                "Must also specify protocol if port range is given.",
            )
        return
    if is_ipv6_only(name) and record["ethertype"] == "IPv4":
        raise NeutronError(
            400,
            "SecurityGroupEthertypeConflictWithProtocol",
            f"Invalid ethertype {record['ethertype']} for protocol {name}.",
        )
    if number_of(name) in ICMP:
        _check_icmp(low, high)
        return
    if low is None and high is None:
        return
    if number_of(name) not in WITH_PORTS:
        raise NeutronError(
            400,
            "SecurityGroupInvalidProtocolForPort",
            f"Invalid protocol {name} for port range, only TCP, UDP, UDPLITE, SCTP and DCCP have ports.",
        )
    for value in (low, high):
        if value is not None and not 1 <= value <= 65535:
            raise NeutronError(400, "SecurityGroupInvalidPortValue", f"Invalid value for port {value}")
    if low is None or high is None or low > high:
        raise NeutronError(
            400, "SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max"
        )


def _check_icmp(kind: int | None, code: int | None) -> None:
    """Check the type and the code of ICMP, which take the place of the ports."""
    for name, value in (("type", kind), ("code", code)):
        if value is not None and not 0 <= value <= 255:
            raise NeutronError(
                400,
                "SecurityGroupInvalidIcmpValue",
                f"Invalid value for ICMP {name} {value}. It must be 0 to 255.",
            )
    if kind is None and code is not None:
        raise NeutronError(
            400,
            "SecurityGroupMissingIcmpType",
            f"ICMP code (port-range-max) {code} is provided but ICMP type (port-range-min) is missing.",
        )

"""Security groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import Attribute, Record, ResourceKind, show, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.savepoint import Restore, keep
from pytest_doctor_maint.embedded.neutron.sharing import SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The name of the group that each project has.
DEFAULT = "default"

SECURITY_GROUP = ResourceKind(
    "security_group",
    "security-groups",
    "Security group",
    "SecurityGroupNotFound",
    {
        **standard(),
        "name": Attribute(checks.text(), default=""),
        "stateful": Attribute(checks.boolean, default=True),
        "shared": Attribute(),
        "security_group_rules": Attribute(),
    },
    absent="does not exist",
)


class ProjectDirectory(Protocol):
    """Keystone, as security groups need it."""

    def project_exists(self, project_id: str) -> bool:
        """Return True if there is a project with this id."""


class SecurityGroups(Collection):
    """All security groups. A project's group ``default`` is created when it is first needed.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        sharing: The access that policies give.
        projects: Keystone's projects.
    """

    def __init__(self, tables: Tables, quotas: Quotas, *, sharing: Sharing, projects: ProjectDirectory) -> None:
        super().__init__(tables.security_groups, quotas)
        self._rules = tables.security_group_rules
        self._ports = tables.ports
        self._sharing = sharing
        self._projects = projects
        self._defaults: dict[str, str] = {}

    def default_of(self, project_id: str) -> Record:
        """Return the project's group ``default``. Its ids do not depend on the order in which projects need theirs."""
        if project_id not in self._defaults:
            record: Record = {
                "name": DEFAULT,
                "description": "Default security group",
                "stateful": True,
                "project_id": project_id,
                "tenant_id": project_id,
            }
            self.table.add(record, self.table.new_id(project_id))
            self._defaults[project_id] = record["id"]
            for ethertype in ("IPv4", "IPv6"):
                self._grant(record, "ingress", ethertype, record["id"])
                self._grant(record, "egress", ethertype, None)
        return self[self._defaults[project_id]]

    def keep(self) -> Restore:
        """Return a function that puts back which groups are the projects' groups ``default``."""
        return keep(self._defaults)

    def prepare(self, caller: Caller, filters: Mapping[str, Sequence[str]]) -> None:
        named = [*filters.get("project_id", ()), *filters.get("tenant_id", ())] if caller.is_admin else []
        for project_id in [caller.project_id, *(one for one in named if self._projects.project_exists(one))]:
            if project_id:
                self.default_of(project_id)

    def is_default(self, record: Record) -> bool:
        """Return True if the group is its project's group ``default``."""
        return bool(self._defaults.get(record["project_id"]) == record["id"])

    def build(self, record: Record, caller: Caller) -> Record:
        if record["name"] == DEFAULT:
            raise conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
        project_id = record["project_id"]
        lacks_default = bool(project_id) and project_id not in self._defaults
        self.check_quota(project_id, 2 if lacks_default else 1)
        self._quotas.check(self._rules.kind, project_id, 6 if lacks_default else 2)
        if lacks_default:
            self.default_of(project_id)
        self.table.add(record)
        for ethertype in ("IPv4", "IPv6"):
            self._grant(record, "egress", ethertype, None)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if "name" in changed and changed["name"] != record["name"]:
            if self.is_default(record):
                raise conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
            if changed["name"] == DEFAULT:
                raise conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")
        if changed.get("stateful", record["stateful"]) != record["stateful"]:
            self._check_unused(record)
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        self._check_unused(record)
        if self.is_default(record):
            if not caller.is_admin:
                raise conflict(
                    "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group."
                )
            # The project gets another one when it next needs it.
            del self._defaults[record["project_id"]]
        self._sharing.forget(record["id"])
        for rule in self._rules:
            if record["id"] in (rule["security_group_id"], rule["remote_group_id"]):
                self._rules.drop(rule)
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return self.owned(record, caller) or self._sharing.grants(record["id"], caller.project_id, SHARED)

    def view(self, record: Record, caller: Caller) -> Record:
        shown = super().view(record, caller)
        rules = self._rules.by("security_group_id", record["id"])
        shown["security_group_rules"] = [show(self._rules.kind, rule, caller) for rule in rules]
        shown["shared"] = self._sharing.grants(record["id"], caller.project_id, SHARED)
        return shown

    def check_usable(self, group_ids: Iterable[str], caller: Caller) -> None:
        """Check that the caller may put a port in these groups.

        Raises:
            NeutronError: 404, the caller does not see one of them; 409, some are stateful and some are stateless.
        """
        groups = [self.find(group_id, caller) for group_id in group_ids]
        if len({group["stateful"] for group in groups}) > 1:
            raise conflict("SecurityGroupConflict", "A port cannot have both stateful and stateless security groups.")

    def named(self, names: Sequence[str], project_id: str) -> list[str]:
        """Return the ids of the project's groups with these names or ids, which the Compute API takes.

        Raises:
            NeutronError: 400, there is no such group; 409, several groups have a name.
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

    def _check_unused(self, record: Record) -> None:
        """Raise an error if a port is in the group."""
        if any(record["id"] in port["security_groups"] for port in self._ports):
            raise conflict("SecurityGroupInUse", f"Security Group {record['id']} in use.")

    def _grant(self, group: Record, direction: str, ethertype: str, remote_group_id: str | None) -> None:
        """Add one of the rules that a new group has."""
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
            "belongs_to_default_sg": self.is_default(group),
            "description": None,
            "project_id": group["project_id"],
            "tenant_id": group["project_id"],
        }
        self._rules.add(record, self._rules.new_id(group["id"]))

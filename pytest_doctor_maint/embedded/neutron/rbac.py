"""RBAC policies."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, invalid_input, not_allowed
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.sharing import EVERYONE, EXTERNAL, SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.table import Tables

#: The kinds of resources that can be shared.
SHAREABLE = ("network", "security_group", "subnetpool", "address_scope")

RBAC_POLICY = ResourceKind(
    "rbac_policy",
    "rbac-policies",
    "RBAC policy",
    "RbacPolicyNotFound",
    {
        **{name: standard()[name] for name in ("id", "tenant_id", "project_id")},
        "object_type": Attribute(checks.one_of(*SHAREABLE), default=REQUIRED, put=False),
        "object_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "action": Attribute(checks.one_of(SHARED, EXTERNAL), default=REQUIRED, put=False),
        "target_tenant": Attribute(checks.text(), default=REQUIRED),
    },
    tags=False,
    indexed=("object_id",),
)


class RbacPolicies(Collection):
    """All RBAC policies.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        sharing: The policies, as the shareable resources use them.
        shareable: The collections of the shareable resources by the name of the kind.
    """

    def __init__(
        self, tables: Tables, quotas: Quotas, *, sharing: Sharing, shareable: Mapping[str, Collection]
    ) -> None:
        super().__init__(tables.rbac_policies, quotas)
        self._tables = tables
        self._sharing = sharing
        self._shareable = shareable

    def authorize(self, wanted: Record, caller: Caller, action: str) -> None:
        if wanted.get("target_tenant") == EVERYONE and not caller.is_admin:
            raise not_allowed(f"{action}_rbac_policy:target_tenant")

    def build(self, record: Record, caller: Caller) -> Record:
        shared = self._shareable[record["object_type"]]
        item = shared.find(record["object_id"], caller)
        if not shared.owned(item, caller):
            raise invalid_input("Only admins can manipulate policies on objects they do not own")
        if record["action"] == EXTERNAL and record["object_type"] != "network":
            raise bad_request(f"Invalid action 'access_as_external' for object type '{record['object_type']}'")
        same = ("action", "target_tenant")
        if any(all(policy[name] == record[name] for name in same) for policy in self.by("object_id", item["id"])):
            raise conflict("DuplicatePolicyError", "An RBAC policy already exists with those values.")
        if record["object_type"] == "subnetpool" and item["address_scope_id"]:
            scope = self._tables.address_scopes[item["address_scope_id"]]
            target = Caller("", "", record["target_tenant"], "", frozenset({"reader"}))
            if not self._shareable["address_scope"].visible(scope, target):
                raise invalid_input(f"Project {record['target_tenant']} has no access to address scope {scope['id']}")
        self.table.add(record)
        shared.table.touch(item)
        self._set_external(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if changed.get("target_tenant", record["target_tenant"]) != record["target_tenant"]:
            self._sharing.check_unused(record, changed["target_tenant"])
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        self._sharing.check_unused(record)
        table = self._sharing.shared_table(record)
        item = table[record["object_id"]]
        if record["action"] == EXTERNAL and item.get("is_default"):
            raise conflict(
                "RbacPolicyInUse", f"RBAC policy on object {record['object_id']} cannot be removed: it is the default."
            )
        self.table.drop(record)
        table.touch(item)
        self._set_external(record)

    def _set_external(self, policy: Record) -> None:
        """Make a network external as long as a policy says so."""
        if policy["object_type"] == "network":
            policies = self.by("object_id", policy["object_id"])
            external = any(one["action"] == EXTERNAL for one in policies)
            self._tables.networks[policy["object_id"]]["router:external"] = external

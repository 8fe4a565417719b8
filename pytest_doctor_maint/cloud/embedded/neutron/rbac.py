"""With whom resources are shared."""

from __future__ import annotations

from pytest_doctor_maint.cloud.embedded.caller import Caller
from pytest_doctor_maint.cloud.embedded.neutron import checks
from pytest_doctor_maint.cloud.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.cloud.embedded.neutron.collection import Collection
from pytest_doctor_maint.cloud.embedded.neutron.errors import bad_request, conflict, not_allowed

EVERYONE = "*"
#: The types of things that can be shared, and the names of their collections in the models.
SHAREABLE = ("network", "security_group", "subnetpool", "address_scope")

RBAC_POLICY = Kind(
    "rbac_policy",
    "rbac-policies",
    "RBAC policy",
    {
        **{name: standard()[name] for name in ("id", "tenant_id", "project_id")},
        "object_type": Attribute(checks.one_of(*SHAREABLE), default=REQUIRED, put=False),
        "object_id": Attribute(checks.uuid, default=REQUIRED, put=False),
        "action": Attribute(checks.one_of("access_as_shared", "access_as_external"), default=REQUIRED, put=False),
        "target_tenant": Attribute(checks.text(), default=REQUIRED),
    },
    tags=False,
)


class RbacPolicies(Collection):
    """All sharing policies."""

    kind = RBAC_POLICY
    quota = "rbac_policy"
    indexed = ("object_id",)

    def grants(self, object_id: str, project_id: str, action: str) -> bool:
        """Whether a policy lets the project have this access."""
        policies = self._index["object_id"].get(object_id)
        return bool(policies) and any(
            policy["action"] == action and policy["target_tenant"] in (EVERYONE, project_id)
            for policy in (policies or {}).values()
        )

    def share(self, record: Record, object_type: str = "network") -> None:
        """Share something with everyone."""
        if not self._wildcards(record):
            self.add(
                {
                    "object_type": object_type,
                    "object_id": record["id"],
                    "action": "access_as_shared",
                    "target_tenant": EVERYONE,
                    "project_id": record["project_id"],
                    "tenant_id": record["project_id"],
                }
            )

    def unshare(self, record: Record) -> None:
        """Share a network with everyone no longer.

        Raises:
            NeutronError: 409, others use it.
        """
        for policy in self._wildcards(record):
            self._check_unused(policy)
            self.drop(policy)

    def forget(self, object_id: str) -> None:
        """What was shared is gone."""
        for policy in self.by("object_id", object_id):
            self.drop(policy)

    def build(self, record: Record, caller: Caller) -> Record:
        shared = self.neutron.collection_of(record["object_type"])
        item = shared.find(record["object_id"], caller)
        if not shared.owned(item, caller):
            raise not_allowed("create_rbac_policy")
        if record["target_tenant"] == EVERYONE and not caller.is_admin:
            raise not_allowed("create_rbac_policy:target_tenant")
        if record["action"] == "access_as_external":
            if record["object_type"] != "network":
                raise bad_request(f"Invalid action 'access_as_external' for object type '{record['object_type']}'")
            if not caller.is_admin:
                raise not_allowed("create_rbac_policy:access_as_external")
        same = ("action", "target_tenant")
        if any(all(policy[name] == record[name] for name in same) for policy in self.by("object_id", item["id"])):
            raise conflict("DuplicatePolicyError", "An RBAC policy already exists with those values.")
        return self.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if changed.get("target_tenant") == EVERYONE and not caller.is_admin:
            raise not_allowed("update_rbac_policy:target_tenant")
        if changed.get("target_tenant", record["target_tenant"]) != record["target_tenant"]:
            self._check_unused(record)
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        self._check_unused(record)
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return self.owned(record, caller) or record["target_tenant"] == caller.project_id

    def _wildcards(self, record: Record) -> list[Record]:
        return [
            policy
            for policy in self.by("object_id", record["id"])
            if policy["target_tenant"] == EVERYONE and policy["action"] == "access_as_shared"
        ]

    def _check_unused(self, policy: Record) -> None:
        if policy["object_type"] != "network" or policy["action"] != "access_as_shared":
            return
        network = self.neutron.networks[policy["object_id"]]
        others = [other for other in self.by("object_id", network["id"]) if other is not policy]
        targets = {other["target_tenant"] for other in others if other["action"] == policy["action"]}
        users = {port["project_id"] for port in self.neutron.ports.by("network_id", network["id"])}
        left = {user for user in users if user and user != network["project_id"] and user not in targets}
        if policy["target_tenant"] != EVERYONE:
            left &= {policy["target_tenant"]}
        if left and EVERYONE not in targets and not network["router:external"]:
            raise conflict(
                "InvalidSharedSetting",
                f"Unable to reconfigure sharing settings for network {network['id']}. Multiple tenants are using it.",
            )

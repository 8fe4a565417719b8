"""With whom resources are shared."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import bad_request, conflict, invalid_input, not_allowed

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

    def share(self, record: Record, action: str) -> None:
        """Give everyone this access to a network."""
        if not self._wildcards(record, action):
            self.add(
                {
                    "object_type": "network",
                    "object_id": record["id"],
                    "action": action,
                    "target_tenant": EVERYONE,
                    "project_id": record["project_id"],
                    "tenant_id": record["project_id"],
                }
            )

    def unshare(self, record: Record, action: str) -> None:
        """Give everyone this access to a network no longer.

        Raises:
            NeutronError: 409, others use it.
        """
        for policy in self._wildcards(record, action):
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
            raise invalid_input("Only admins can manipulate policies on objects they do not own")
        if record["target_tenant"] == EVERYONE and not caller.is_admin:
            raise not_allowed("create_rbac_policy:target_tenant")
        if record["action"] == "access_as_external" and record["object_type"] != "network":
            raise bad_request(f"Invalid action 'access_as_external' for object type '{record['object_type']}'")
        same = ("action", "target_tenant")
        if any(all(policy[name] == record[name] for name in same) for policy in self.by("object_id", item["id"])):
            raise conflict("DuplicatePolicyError", "An RBAC policy already exists with those values.")
        if record["object_type"] == "subnetpool" and item["address_scope_id"]:
            scope = self.neutron.address_scopes[item["address_scope_id"]]
            target = Caller("", "", record["target_tenant"], "", frozenset())
            if not self.neutron.address_scopes.visible(scope, target):
                raise invalid_input(f"Project {record['target_tenant']} has no access to address scope {scope['id']}")
        self.add(record)
        shared.touch(item)
        self._set_external(record)
        return record

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if changed.get("target_tenant") == EVERYONE and not caller.is_admin:
            raise not_allowed("update_rbac_policy:target_tenant")
        if changed.get("target_tenant", record["target_tenant"]) != record["target_tenant"]:
            self._check_unused(record, changed["target_tenant"])
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        self._check_unused(record)
        if self._network_of(record).get("is_default") and record["action"] == "access_as_external":
            raise conflict(
                "RbacPolicyInUse", f"RBAC policy on object {record['object_id']} cannot be removed: it is the default."
            )
        self.drop(record)
        item = self.neutron.collection_of(record["object_type"])
        item.touch(item[record["object_id"]])
        self._set_external(record)

    def _wildcards(self, record: Record, action: str) -> list[Record]:
        return [
            policy
            for policy in self.by("object_id", record["id"])
            if policy["target_tenant"] == EVERYONE and policy["action"] == action
        ]

    def _network_of(self, policy: Record) -> Record:
        return self.neutron.networks[policy["object_id"]] if policy["object_type"] == "network" else {}

    def _set_external(self, policy: Record) -> None:
        """A network is external as long as a policy says so."""
        if policy["object_type"] == "network":
            policies = self.by("object_id", policy["object_id"])
            external = any(one["action"] == "access_as_external" for one in policies)
            self._network_of(policy)["router:external"] = external

    def _check_unused(self, policy: Record, target: str | None = None) -> None:
        """Whether nobody uses the access that only this policy gives, when it is for ``target`` (None: nobody) instead.

        Raises:
            NeutronError: 409, somebody does.
        """
        shared = self.neutron.collection_of(policy["object_type"])
        item = shared[policy["object_id"]]
        others = [other for other in self.by("object_id", item["id"]) if other is not policy]
        targets = {other["target_tenant"] for other in others if other["action"] == policy["action"]} | {target}
        left = {user for user in self._users(policy) if user and user != item["project_id"] and user not in targets}
        if policy["target_tenant"] != EVERYONE:
            left &= {policy["target_tenant"]}
        if left and EVERYONE not in targets:
            if policy["object_type"] == "network":
                raise conflict(
                    "InvalidSharedSetting",
                    f"Unable to reconfigure sharing settings for network {item['id']}. Multiple tenants are using it.",
                )
            raise conflict("RbacPolicyInUse", f"RBAC policy on object {item['id']} cannot be removed: it is in use.")

    def _users(self, policy: Record) -> set[str]:
        """The projects that use what the policy shares."""
        neutron, item_id = self.neutron, policy["object_id"]
        if policy["object_type"] == "security_group":
            return {port["project_id"] for port in neutron.ports if item_id in port["security_groups"]}
        if policy["object_type"] == "subnetpool":
            return {subnet["project_id"] for subnet in neutron.subnets if subnet["subnetpool_id"] == item_id}
        if policy["object_type"] == "address_scope":
            return {pool["project_id"] for pool in neutron.subnetpools if pool["address_scope_id"] == item_id}
        if policy["action"] == "access_as_shared":
            external = neutron.networks[item_id]["router:external"]
            return set() if external else {port["project_id"] for port in neutron.ports.by("network_id", item_id)}
        gateways = [
            port for port in neutron.ports.by("network_id", item_id) if port["device_owner"].startswith("network:")
        ]
        owners = {
            "network:router_gateway": neutron.routers,
            "network:floatingip": neutron.floatingips,
        }
        return {
            owners[port["device_owner"]][port["device_id"]]["project_id"]
            for port in gateways
            if port["device_owner"] in owners
        }

"""The access that RBAC policies give to resources of other projects."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import conflict
from pytest_doctor_maint.embedded.neutron.table import Table, Tables

#: The target of policies for all projects.
EVERYONE = "*"
#: The actions of policies.
SHARED, EXTERNAL = "access_as_shared", "access_as_external"


class Sharing:
    """The RBAC policies, as the collections of shareable resources use them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._policies = tables.rbac_policies
        self._shareable = {
            table.kind.name: table
            for table in (tables.networks, tables.security_groups, tables.subnetpools, tables.address_scopes)
        }

    def grants(self, object_id: str, project_id: str, action: str) -> bool:
        """Return True if a policy allows the project this access."""
        return any(
            policy["action"] == action and policy["target_tenant"] in (EVERYONE, project_id)
            for policy in self._policies.by("object_id", object_id)
        )

    def share(self, network: Record, action: str) -> None:
        """Allow everyone this access to a network."""
        if not self._wildcards(network, action):
            self._policies.add(
                {
                    "object_type": "network",
                    "object_id": network["id"],
                    "action": action,
                    "target_tenant": EVERYONE,
                    "project_id": network["project_id"],
                    "tenant_id": network["project_id"],
                }
            )

    def unshare(self, network: Record, action: str) -> None:
        """Stop allowing everyone this access to a network.

        Raises:
            NeutronError: 409, other projects use it.
        """
        for policy in self._wildcards(network, action):
            self.check_unused(policy)
            self._policies.drop(policy)

    def forget(self, object_id: str) -> None:
        """Delete the policies of a resource that is deleted."""
        for policy in self._policies.by("object_id", object_id):
            self._policies.drop(policy)

    def shared_table(self, policy: Record) -> Table:
        """Return the table of the resource that a policy shares."""
        return self._shareable[policy["object_type"]]

    def check_unused(self, policy: Record, target: str | None = None) -> None:
        """Check that no project needs the access that only this policy gives.

        Args:
            policy: The policy to be deleted or changed.
            target: Its new target; None if it is deleted.

        Raises:
            NeutronError: 409, a project needs it.
        """
        item = self.shared_table(policy)[policy["object_id"]]
        others = [other for other in self._policies.by("object_id", item["id"]) if other is not policy]
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

    def _wildcards(self, network: Record, action: str) -> list[Record]:
        return [
            policy
            for policy in self._policies.by("object_id", network["id"])
            if policy["target_tenant"] == EVERYONE and policy["action"] == action
        ]

    def _users(self, policy: Record) -> set[str]:
        """Return the projects that use the resource that the policy shares."""
        tables, item_id = self._tables, policy["object_id"]
        match policy["object_type"]:
            case "security_group":
                return {port["project_id"] for port in tables.ports if item_id in port["security_groups"]}
            case "subnetpool":
                return {subnet["project_id"] for subnet in tables.subnets if subnet["subnetpool_id"] == item_id}
            case "address_scope":
                return {pool["project_id"] for pool in tables.subnetpools if pool["address_scope_id"] == item_id}
        ports = tables.ports.by("network_id", item_id)
        if policy["action"] == SHARED:
            external = tables.networks[item_id]["router:external"]
            return set() if external else {port["project_id"] for port in ports}
        owners = {"network:router_gateway": tables.routers, "network:floatingip": tables.floatingips}
        return {
            owners[port["device_owner"]][port["device_id"]]["project_id"]
            for port in ports
            if port["device_owner"] in owners
        }

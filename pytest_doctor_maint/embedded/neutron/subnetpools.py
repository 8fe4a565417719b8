"""Subnet pools, from which subnets are cut, and the address scopes that they belong to."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Kind, Record, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.ipam import Network

_PREFIXLEN = checks.integer(0, 128)

ADDRESS_SCOPE = Kind(
    "address_scope",
    "address-scopes",
    "Address scope",
    {
        **{name: attribute for name, attribute in standard().items() if name in ("id", "tenant_id", "project_id")},
        "name": Attribute(checks.text(), default=""),
        "ip_version": Attribute(checks.one_of(4, 6, "4", "6"), default=REQUIRED, put=False),
        "shared": Attribute(checks.boolean, default=False, set_admin=True),
    },
    tags=False,
)

SUBNETPOOL = Kind(
    "subnetpool",
    "subnetpools",
    "Subnet pool",
    {
        **standard(),
        "name": Attribute(checks.text(), default=REQUIRED),
        "prefixes": Attribute(checks.list_of(checks.cidr), default=REQUIRED),
        "default_prefixlen": Attribute(_PREFIXLEN),
        "min_prefixlen": Attribute(_PREFIXLEN),
        "max_prefixlen": Attribute(_PREFIXLEN),
        "default_quota": Attribute(checks.or_none(checks.integer(0)), default=None),
        "ip_version": Attribute(),
        "shared": Attribute(checks.boolean, default=False, put=False, set_admin=True),
        "is_default": Attribute(checks.boolean, default=False, set_admin=True),
        "address_scope_id": Attribute(checks.or_none(checks.uuid), default=None),
    },
)


class AddressScopes(Collection):
    """All address scopes."""

    kind = ADDRESS_SCOPE

    def build(self, record: Record, caller: Caller) -> Record:
        record["ip_version"] = int(record["ip_version"])
        return self.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if record["shared"] and changed.get("shared") is False:
            raise NeutronError(
                400,
                "AddressScopeUpdateError",
                f"Unable to update address scope {record['id']} : Shared address scope can't be unshared.",
            )
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if any(pool["address_scope_id"] == record["id"] for pool in self.neutron.subnetpools):
            raise conflict(
                "AddressScopeInUse",
                f"Unable to complete operation on address scope {record['id']}. There are one or more subnet pools in "
                "use on the address scope.",
            )
        self.neutron.rbac_policies.forget(record["id"])
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return (
            self.owned(record, caller)
            or record["shared"]
            or self.neutron.rbac_policies.grants(record["id"], caller.project_id, "access_as_shared")
        )


class SubnetPools(Collection):
    """All subnet pools."""

    kind = SUBNETPOOL
    quota = "subnetpool"

    def build(self, record: Record, caller: Caller) -> Record:
        blocks = self._merged(record["prefixes"])
        version = blocks[0].version
        record["ip_version"] = version
        record["prefixes"] = [str(block) for block in blocks]
        record.setdefault("min_prefixlen", 8 if version == 4 else 64)
        record.setdefault("max_prefixlen", 32 if version == 4 else 128)
        record.setdefault("default_prefixlen", record["min_prefixlen"])
        self._check_lengths(record)
        self._check_scope(record, caller)
        self._check_default(record)
        return self.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        merged = {**record, **changed}
        if "prefixes" in changed:
            self._check_own_scope(record, caller)
            blocks = self._merged(changed["prefixes"])
            if blocks[0].version != record["ip_version"]:
                raise bad_request("Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
            for old in record["prefixes"]:
                if not any(self._inside(ipaddress.ip_network(old), block) for block in blocks):
                    raise NeutronError(
                        400,
                        "IllegalSubnetPoolPrefixUpdate",
                        f"Illegal update to prefixes: prefix {old} cannot be taken out of the subnet pool.",
                    )
            changed["prefixes"] = merged["prefixes"] = [str(block) for block in blocks]
        self._check_lengths(merged)
        if "address_scope_id" in changed or "prefixes" in changed:
            self._check_scope(merged, caller)
        if changed.get("is_default") and not record["is_default"]:
            self._check_default(merged)
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if self._subnets(record):
            raise NeutronError(
                400, "SubnetPoolDeleteError", "Unable to delete subnet pool: Subnet pool has existing allocations."
            )
        self.neutron.rbac_policies.forget(record["id"])
        self.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return (
            self.owned(record, caller)
            or record["shared"]
            or self.neutron.rbac_policies.grants(record["id"], caller.project_id, "access_as_shared")
        )

    def view(self, record: Record, caller: Caller) -> Record:
        # The API gives these as strings.
        lengths = ("default_prefixlen", "min_prefixlen", "max_prefixlen")
        return super().view(record, caller) | {name: str(record[name]) for name in lengths}

    def missing(self, record_id: str) -> NeutronError:
        return NeutronError(404, "SubnetPoolNotFound", f"Subnet pool {record_id} could not be found.")

    def add_prefixes(self, record: Record, prefixes: Any) -> Record:
        """Give a pool more prefixes.

        Raises:
            NeutronError: 400, they are none of its kind.
        """
        blocks = self._merged([*record["prefixes"], *self._given(prefixes)])
        return self.put(record, {"prefixes": [str(block) for block in blocks]})

    def remove_prefixes(self, record: Record, prefixes: Any) -> Record:
        """Take prefixes out of a pool.

        Raises:
            NeutronError: 400, subnets were cut from them.
        """
        gone = [ipaddress.ip_network(prefix) for prefix in self._given(prefixes)]
        for subnet in self._subnets(record):
            block = ipaddress.ip_network(subnet["cidr"])
            if any(block.version == one.version and block.overlaps(one) for one in gone):
                raise NeutronError(
                    400,
                    "IllegalSubnetPoolPrefixUpdate",
                    f"Illegal update to prefixes: subnet {subnet['cidr']} was allocated from them.",
                )
        left: list[Network] = []
        for prefix in record["prefixes"]:
            parts: list[Any] = [ipaddress.ip_network(prefix)]
            for one in gone:
                parts = [piece for part in parts for piece in self._without(part, one)]
            left += parts
        return self.put(record, {"prefixes": [str(block) for block in left]})

    def default_for(self, version: int) -> Record:
        """The default pool of this IP version.

        Raises:
            NeutronError: 400, there is none.
        """
        for record in self:
            if record["is_default"] and record["ip_version"] == version:
                return record
        raise bad_request(f"Bad subnets request: No default subnetpool found for IPv{version}")

    def cut(self, subnet: Record, prefixlen: int | None, caller: Caller) -> str:
        """The range that a new subnet gets from its pool: the one that it asks for, or the first that is free.

        Raises:
            NeutronError: 400, the pool does not have it; 404, there is no such pool; 409, the quota is used up.
        """
        pool = self.find(subnet["subnetpool_id"], caller)
        if pool["ip_version"] != subnet["ip_version"]:
            raise bad_request(
                f"Bad subnets request: Cannot allocate IPv{subnet['ip_version']} subnet from IPv{pool['ip_version']} "
                "subnet pool"
            )
        used = [ipaddress.ip_network(item["cidr"]) for item in self._subnets(pool)]
        wanted = subnet.get("cidr")
        if wanted is not None and prefixlen is not None:
            raise bad_request("Bad subnets request: cidr and prefixlen must not be supplied together")
        length = ipaddress.ip_network(wanted).prefixlen if wanted else prefixlen
        length = pool["default_prefixlen"] if length is None else length
        if length < pool["min_prefixlen"]:
            raise NeutronError(
                400,
                "MinPrefixSubnetAllocationError",
                f"Unable to allocate subnet with prefix length {length}, minimum allowed prefix is "
                f"{pool['min_prefixlen']}.",
            )
        if length > pool["max_prefixlen"]:
            raise NeutronError(
                400,
                "MaxPrefixSubnetAllocationError",
                f"Unable to allocate subnet with prefix length {length}, maximum allowed prefix is "
                f"{pool['max_prefixlen']}.",
            )
        self._check_share(pool, subnet["project_id"], length)
        for prefix in pool["prefixes"]:
            block: Any = ipaddress.ip_network(prefix)
            if block.prefixlen > length:
                continue
            candidates: Iterable[Any] = [ipaddress.ip_network(wanted)] if wanted else block.subnets(new_prefix=length)
            for candidate in candidates:
                if candidate.subnet_of(block) and not any(candidate.overlaps(one) for one in used):
                    return str(candidate)
        raise NeutronError(
            400,
            "SubnetAllocationError",
            f"Failed to allocate subnet: Insufficient prefix space to allocate subnet size /{length}.",
        )

    # -- the rules ---------------------------------------------------------------------------------------------------

    def _subnets(self, record: Record) -> list[Record]:
        return [subnet for subnet in self.neutron.subnets if subnet["subnetpool_id"] == record["id"]]

    def _given(self, prefixes: Any) -> list[str]:
        try:
            found: list[str] = checks.list_of(checks.cidr)(prefixes)
        except ValueError as error:
            raise bad_request(f"Invalid input for prefixes. Reason: {error}.") from error
        return found

    def _merged(self, prefixes: list[str]) -> list[Network]:
        if not prefixes:
            raise NeutronError(400, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.")
        blocks: list[Any] = [ipaddress.ip_network(prefix) for prefix in prefixes]
        if len({block.version for block in blocks}) > 1:
            raise NeutronError(400, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
        return list(ipaddress.collapse_addresses(blocks))

    def _inside(self, inner: Any, outer: Any) -> bool:
        return bool(inner.version == outer.version and inner.subnet_of(outer))

    def _without(self, block: Any, gone: Any) -> list[Any]:
        if block.version != gone.version or not block.overlaps(gone):
            return [block]
        return [] if block.subnet_of(gone) else list(block.address_exclude(gone))

    def _check_lengths(self, record: Record) -> None:
        least, usual, most = record["min_prefixlen"], record["default_prefixlen"], record["max_prefixlen"]
        bits = 32 if record["ip_version"] == 4 else 128
        if most > bits:
            raise NeutronError(
                400,
                "UnsupportedMaxSubnetPoolPrefix",
                f"Prefix '{most}' not supported in IPv{record['ip_version']} pool.",
            )
        if least > most:
            raise NeutronError(
                400,
                "IllegalSubnetPoolPrefixBounds",
                f"Illegal prefix bounds: min_prefixlen={least}, max_prefixlen={most}.",
            )
        if not least <= usual <= most:
            raise NeutronError(
                400,
                "IllegalSubnetPoolPrefixBounds",
                f"Illegal prefix bounds: default_prefixlen={usual}, min_prefixlen={least}, max_prefixlen={most}.",
            )

    def _check_scope(self, record: Record, caller: Caller) -> None:
        scope_id = record["address_scope_id"]
        if scope_id is None:
            return
        scopes = self.neutron.address_scopes
        scope = scopes.find(scope_id, caller)
        if scope["ip_version"] != record["ip_version"]:
            raise NeutronError(
                400,
                "IllegalSubnetPoolIpVersionAssociation",
                f"Illegal subnetpool association: subnetpool {record['name']} cannot associate with address scope "
                f"{scope_id} because subnetpool ip_version is not {scope['ip_version']}.",
            )
        mine = [ipaddress.ip_network(prefix) for prefix in record["prefixes"]]
        for other in self:
            if other["address_scope_id"] == scope_id and other["id"] != record.get("id"):
                theirs = [ipaddress.ip_network(prefix) for prefix in other["prefixes"]]
                if any(one.overlaps(two) for one in mine for two in theirs):
                    raise conflict(
                        "AddressScopePrefixConflict",
                        "Failed to associate address scope: subnetpools within an address scope must have unique "
                        "prefixes.",
                    )

    def _check_own_scope(self, record: Record, caller: Caller) -> None:
        """Whether the caller may change what the pool's scope holds."""
        scopes, scope_id = self.neutron.address_scopes, record["address_scope_id"]
        if scope_id is None or scopes.owned(scopes[scope_id], caller):
            return
        if not self.neutron.rbac_policies.grants(scope_id, caller.project_id, "access_as_shared"):
            raise bad_request(f"The prefixes are those of address scope {scope_id}, which is not the project's.")

    def _check_default(self, record: Record) -> None:
        if record["is_default"] and any(
            other["is_default"] and other["ip_version"] == record["ip_version"] for other in self
        ):
            raise bad_request(f"A default subnetpool for IPv{record['ip_version']} has already been set.")

    def _check_share(self, pool: Record, project_id: str, length: int) -> None:
        if pool["default_quota"] is None:
            return
        # IPv4 is counted in addresses, IPv6 in /64s.
        unit = 32 if pool["ip_version"] == 4 else 64
        lengths = [
            ipaddress.ip_network(subnet["cidr"]).prefixlen
            for subnet in self._subnets(pool)
            if subnet["project_id"] == project_id
        ]
        if sum(2 ** max(0, unit - one) for one in [*lengths, length]) > pool["default_quota"]:
            raise conflict("SubnetPoolQuotaExceeded", "Per-tenant subnet pool prefix quota exceeded.")

"""Subnet pools, from which subnets are allocated."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.address_scopes import AddressScopes
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, bad_request, conflict
from pytest_doctor_maint.embedded.neutron.ipam import Network
from pytest_doctor_maint.embedded.neutron.prefixes import contains, merge, overlap, subtract
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.sharing import SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.table import Tables

_PREFIXLEN = checks.integer(0, 128)
_LENGTHS = ("default_prefixlen", "min_prefixlen", "max_prefixlen")

SUBNETPOOL = ResourceKind(
    "subnetpool",
    "subnetpools",
    "Subnet pool",
    "SubnetPoolNotFound",
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


class SubnetPools(Collection):
    """All subnet pools.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        sharing: The access that policies give.
        scopes: All address scopes.
    """

    def __init__(self, tables: Tables, quotas: Quotas, *, sharing: Sharing, scopes: AddressScopes) -> None:
        super().__init__(tables.subnetpools, quotas)
        self._subnets = tables.subnets
        self._sharing = sharing
        self._scopes = scopes

    # -- requests ----------------------------------------------------------------------------------------------------

    def build(self, record: Record, caller: Caller) -> Record:
        blocks = _merged(record["prefixes"])
        version = blocks[0].version
        record["ip_version"] = version
        record["prefixes"] = [str(block) for block in blocks]
        record.setdefault("min_prefixlen", 8 if version == 4 else 64)
        record.setdefault("max_prefixlen", 32 if version == 4 else 128)
        record.setdefault("default_prefixlen", record["min_prefixlen"])
        _check_lengths(record)
        self._check_scope(record, caller)
        self._check_default(record)
        return self.table.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        merged = {**record, **changed}
        if "prefixes" in changed:
            self._check_own_scope(record, caller)
            blocks = _merged(changed["prefixes"])
            if blocks[0].version != record["ip_version"]:
                raise bad_request("Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
            for old in record["prefixes"]:
                if not any(contains(block, ipaddress.ip_network(old)) for block in blocks):
                    raise NeutronError(
                        400,
                        "IllegalSubnetPoolPrefixUpdate",
                        f"Illegal update to prefixes: prefix {old} cannot be taken out of the subnet pool.",
                    )
            changed["prefixes"] = merged["prefixes"] = [str(block) for block in blocks]
        _check_lengths(merged)
        if "address_scope_id" in changed or "prefixes" in changed:
            self._check_scope(merged, caller)
        if changed.get("is_default") and not record["is_default"]:
            self._check_default(merged)
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if self._allocated(record):
            raise NeutronError(
                400, "SubnetPoolDeleteError", "Unable to delete subnet pool: Subnet pool has existing allocations."
            )
        self._sharing.forget(record["id"])
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return (
            self.owned(record, caller)
            or record["shared"]
            or self._sharing.grants(record["id"], caller.project_id, SHARED)
        )

    def view(self, record: Record, caller: Caller) -> Record:
        # The API shows these as strings.
        return super().view(record, caller) | {name: str(record[name]) for name in _LENGTHS}

    def add_prefixes(self, record: Record, prefixes: object) -> Record:
        """Add prefixes to a pool.

        Raises:
            NeutronError: 400, they are not prefixes of the pool's IP version.
        """
        blocks = _merged([*record["prefixes"], *_given(prefixes)])
        return self.table.put(record, {"prefixes": [str(block) for block in blocks]})

    def remove_prefixes(self, record: Record, prefixes: object) -> Record:
        """Remove prefixes from a pool.

        Raises:
            NeutronError: 400, subnets have been allocated from them.
        """
        removed = [ipaddress.ip_network(prefix) for prefix in _given(prefixes)]
        for subnet in self._allocated(record):
            block = ipaddress.ip_network(subnet["cidr"])
            if any(overlap(block, one) for one in removed):
                raise NeutronError(
                    400,
                    "IllegalSubnetPoolPrefixUpdate",
                    f"Illegal update to prefixes: subnet {subnet['cidr']} was allocated from them.",
                )
        left = [piece for prefix in record["prefixes"] for piece in subtract(ipaddress.ip_network(prefix), removed)]
        return self.table.put(record, {"prefixes": [str(block) for block in left]})

    # -- for subnets -------------------------------------------------------------------------------------------------

    def default_for(self, version: int) -> Record:
        """Return the default pool of this IP version.

        Raises:
            NeutronError: 400, no pool of this IP version is the default.
        """
        for record in self:
            if record["is_default"] and record["ip_version"] == version:
                return record
        raise bad_request(f"Bad subnets request: No default subnetpool found for IPv{version}")

    def allocate(self, subnet: Record, prefixlen: int | None, caller: Caller) -> str:
        """Return the range of a new subnet: the one that the subnet asks for, or the first free one of its pool.

        Raises:
            NeutronError: 400, the pool does not have it; 404, the pool does not exist; 409, the quota is exceeded.
        """
        pool = self.find(subnet["subnetpool_id"], caller)
        if pool["ip_version"] != subnet["ip_version"]:
            raise bad_request(
                f"Bad subnets request: Cannot allocate IPv{subnet['ip_version']} subnet from IPv{pool['ip_version']} "
                "subnet pool"
            )
        used = [ipaddress.ip_network(item["cidr"]) for item in self._allocated(pool)]
        wanted = subnet.get("cidr")
        if wanted is not None and prefixlen is not None:
            raise bad_request("Bad subnets request: cidr and prefixlen must not be supplied together")
        length = ipaddress.ip_network(wanted).prefixlen if wanted else prefixlen
        length = pool["default_prefixlen"] if length is None else length
        _check_length(pool, length)
        self._check_share(pool, subnet["project_id"], length)
        for prefix in pool["prefixes"]:
            block: Network = ipaddress.ip_network(prefix)
            if block.prefixlen > length:
                continue
            candidates: Iterable[Network] = (
                [ipaddress.ip_network(wanted)] if wanted else block.subnets(new_prefix=length)
            )
            for candidate in candidates:
                if contains(block, candidate) and not any(overlap(candidate, one) for one in used):
                    return str(candidate)
        raise NeutronError(
            400,
            "SubnetAllocationError",
            f"Failed to allocate subnet: Insufficient prefix space to allocate subnet size /{length}.",
        )

    # -- rules -------------------------------------------------------------------------------------------------------

    def _allocated(self, pool: Record) -> list[Record]:
        """Return the subnets that have been allocated from a pool."""
        return [subnet for subnet in self._subnets if subnet["subnetpool_id"] == pool["id"]]

    def _check_scope(self, record: Record, caller: Caller) -> None:
        scope_id = record["address_scope_id"]
        if scope_id is None:
            return
        scope = self._scopes.find(scope_id, caller)
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
                if any(overlap(one, two) for one in mine for two in theirs):
                    raise conflict(
                        "AddressScopePrefixConflict",
                        "Failed to associate address scope: subnetpools within an address scope must have unique "
                        "prefixes.",
                    )

    def _check_own_scope(self, record: Record, caller: Caller) -> None:
        """Raise an error if the caller may not change the prefixes in the pool's address scope."""
        scope_id = record["address_scope_id"]
        if scope_id is None or self._scopes.owned(self._scopes[scope_id], caller):
            return
        if not self._sharing.grants(scope_id, caller.project_id, SHARED):
            raise bad_request(f"The prefixes are those of address scope {scope_id}, which is not the project's.")

    def _check_default(self, record: Record) -> None:
        if record["is_default"] and any(
            other["is_default"] and other["ip_version"] == record["ip_version"] for other in self
        ):
            raise bad_request(f"A default subnetpool for IPv{record['ip_version']} has already been set.")

    def _check_share(self, pool: Record, project_id: str, length: int) -> None:
        if pool["default_quota"] is None:
            return
        # The quota counts addresses of IPv4, and prefixes of length 64 of IPv6.
        unit = 32 if pool["ip_version"] == 4 else 64
        lengths = [
            ipaddress.ip_network(subnet["cidr"]).prefixlen
            for subnet in self._allocated(pool)
            if subnet["project_id"] == project_id
        ]
        if sum(2 ** max(0, unit - one) for one in [*lengths, length]) > pool["default_quota"]:
            raise conflict("SubnetPoolQuotaExceeded", "Per-tenant subnet pool prefix quota exceeded.")


def _given(prefixes: object) -> list[str]:
    """Return the prefixes in the body of a request."""
    try:
        found: list[str] = checks.list_of(checks.cidr)(prefixes)
    except ValueError as error:
        raise bad_request(f"Invalid input for prefixes. Reason: {error}.") from error
    return found


def _merged(prefixes: list[str]) -> list[Network]:
    if not prefixes:
        raise NeutronError(400, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.")
    try:
        return merge(prefixes)
    except TypeError as error:
        raise NeutronError(
            400, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool."
        ) from error


def _check_lengths(pool: Record) -> None:
    """Raise an error if the pool's lengths of prefixes contradict each other."""
    least, usual, most = pool["min_prefixlen"], pool["default_prefixlen"], pool["max_prefixlen"]
    bits = 32 if pool["ip_version"] == 4 else 128
    if most > bits:
        raise NeutronError(
            400,
            "UnsupportedMaxSubnetPoolPrefix",
            f"Prefix '{most}' not supported in IPv{pool['ip_version']} pool.",
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


def _check_length(pool: Record, length: int) -> None:
    """Raise an error if a subnet with this length of its prefix cannot be allocated from the pool."""
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

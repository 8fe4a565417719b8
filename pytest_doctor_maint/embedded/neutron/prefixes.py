"""Sets of IP prefixes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from pytest_doctor_maint.embedded.neutron.ipam import Network


def overlap(one: Network, other: Network) -> bool:
    """Return True if the networks have an address in common."""
    return one.version == other.version and one.overlaps(other)


def contains(outer: Network, inner: Network) -> bool:
    """Return True if all addresses of ``inner`` are in ``outer``."""
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


def merge(prefixes: Iterable[str]) -> list[Network]:
    """Return the fewest networks that have the addresses of ``prefixes``.

    Raises:
        TypeError: There are prefixes of both IP versions.
    """
    blocks = [ipaddress.ip_network(prefix) for prefix in prefixes]
    v4 = [block for block in blocks if isinstance(block, ipaddress.IPv4Network)]
    v6 = [block for block in blocks if isinstance(block, ipaddress.IPv6Network)]
    if v4 and v6:
        raise TypeError("prefixes of both IP versions")
    return [*ipaddress.collapse_addresses(v4), *ipaddress.collapse_addresses(v6)]


def subtract(block: Network, removed: Sequence[Network]) -> list[Network]:
    """Return the networks that are left of ``block`` without the addresses of ``removed``."""
    parts = [block]
    for one in removed:
        parts = [piece for part in parts for piece in _without(part, one)]
    return parts


def _without(block: Network, removed: Network) -> list[Network]:
    if not overlap(block, removed):
        return [block]
    if contains(removed, block):
        return []
    if isinstance(block, ipaddress.IPv4Network) and isinstance(removed, ipaddress.IPv4Network):
        return list(block.address_exclude(removed))
    if isinstance(block, ipaddress.IPv6Network) and isinstance(removed, ipaddress.IPv6Network):
        return list(block.address_exclude(removed))
    return [block]

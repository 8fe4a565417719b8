"""IP address management: the addresses of subnets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from pytest_doctor_maint.embedded.neutron.savepoint import Restore, keep

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Pool = Mapping[str, str]
"""An allocation pool: its first address ``start`` and its last address ``end``."""

IPV6_MODES = ("slaac", "dhcpv6-stateful", "dhcpv6-stateless")
#: The modes in which a port's address is computed from its MAC address.
SELF_ADDRESSED = ("slaac", "dhcpv6-stateless")


def number(address: str) -> int:
    """Return an address as a number."""
    return int(ipaddress.ip_address(address))


def ends(pool: Pool) -> tuple[int, int]:
    """Return a pool's first and last address as numbers."""
    return number(pool["start"]), number(pool["end"])


def hosts(network: Network) -> tuple[int, int]:
    """Return the first and the last address of a subnet that a port can have, as numbers."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4 and network.prefixlen < 31:
        return first + 1, last - 1
    # IPv6 has no broadcast address; the first address is the routers' anycast address.
    return (first + 1, last) if network.version == 6 and network.prefixlen < 127 else (first, last)


def default_gateway(network: Network) -> str:
    """Return the default address of a subnet's gateway: the first one."""
    return str(network[0] + (hosts(network)[0] - int(network.network_address)))


def default_pools(network: Network, gateway: str | None) -> list[dict[str, str]]:
    """Return the default allocation pools of a subnet: all addresses other than the gateway's."""
    first, last = hosts(network)
    make = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    spans = [(first, last)]
    if gateway is not None and ipaddress.ip_address(gateway) in network:
        middle = number(gateway)
        spans = [(first, middle - 1), (middle + 1, last)]
    return [{"start": str(make(start)), "end": str(make(end))} for start, end in spans if start <= end]


def eui64(network: Network, mac: str) -> str:
    """Return the address of a port with this MAC address on an IPv6 subnet whose mode is in SELF_ADDRESSED."""
    octets = [int(part, 16) for part in mac.split(":")]
    octets = [octets[0] ^ 0x02, *octets[1:3], 0xFF, 0xFE, *octets[3:]]
    return str(ipaddress.IPv6Address(int(network.network_address) | int.from_bytes(bytes(octets), "big")))


class Addresses:
    """The addresses of one subnet.

    Args:
        network: The subnet's range.
        pools: The allocation pools, from which ports get an address that do not ask for one.

    Attributes:
        network: The subnet's range.
        taken: The ids of the ports by their addresses.
    """

    def __init__(self, network: Network, pools: Sequence[Pool]) -> None:
        self.network = network
        self.taken: dict[str, str] = {}
        self.set_pools(pools)

    def set_pools(self, pools: Iterable[Pool]) -> None:
        """Allocate addresses from these pools from now on."""
        self._spans = sorted(ends(pool) for pool in pools)
        self._hint = self._spans[0][0] if self._spans else 0

    def keep(self) -> Restore:
        """Return a function that puts back the present pools and the addresses that are taken."""
        spans, hint, restore_taken = self._spans, self._hint, keep(self.taken)

        def restore() -> None:
            self._spans, self._hint = spans, hint
            restore_taken()

        return restore

    def next(self, gateway: str | None, spare: Iterable[str] = ()) -> str | None:
        """Return the lowest free address of the pools; None if all are taken.

        Args:
            gateway: The subnet's gateway, which is never allocated.
            spare: Further addresses that must not be returned.
        """
        make = ipaddress.IPv4Address if self.network.version == 4 else ipaddress.IPv6Address
        busy = set(spare)
        for start, end in self._spans:
            for value in range(max(start, self._hint), end + 1):
                address = str(make(value))
                if address in self.taken:
                    # All lower addresses are taken, too, until one is released.
                    self._hint = value if not busy else self._hint
                elif address not in busy and address != gateway:
                    return address
        return None

    def take(self, address: str, port_id: str) -> None:
        """Allocate ``address`` to a port."""
        self.taken[address] = port_id

    def release(self, address: str) -> None:
        """Release an address."""
        self.taken.pop(address, None)
        self._hint = min(self._hint, number(address))

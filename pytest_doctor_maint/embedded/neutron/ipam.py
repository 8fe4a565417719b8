"""Which addresses of a subnet are taken, and which one is next."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Pool = Mapping[str, str]
"""An allocation pool: ``start`` and ``end``, both in it."""


def number(address: str) -> int:
    """An address as a number, to count with."""
    return int(ipaddress.ip_address(address))


def ends(pool: Pool) -> tuple[int, int]:
    """A pool's first and last address as numbers."""
    return number(pool["start"]), number(pool["end"])


def hosts(network: Network) -> tuple[int, int]:
    """The first and last address of a subnet that a port can have."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.version == 4 and network.prefixlen < 31:
        return first + 1, last - 1
    # IPv6 has no broadcast; its first address is the routers' anycast address.
    return (first + 1, last) if network.version == 6 and network.prefixlen < 127 else (first, last)


def default_gateway(network: Network) -> str:
    """The address that a subnet's gateway gets when none is named: the first."""
    return str(network[0] + (hosts(network)[0] - int(network.network_address)))


def default_pools(network: Network, gateway: str | None) -> list[dict[str, str]]:
    """All addresses of a subnet but its gateway's."""
    first, last = hosts(network)
    make = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    spans = [(first, last)]
    if gateway is not None and ipaddress.ip_address(gateway) in network:
        middle = number(gateway)
        spans = [(first, middle - 1), (middle + 1, last)]
    return [{"start": str(make(start)), "end": str(make(end))} for start, end in spans if start <= end]


def eui64(network: Network, mac: str) -> str:
    """The address that a port with this MAC address gives itself on an IPv6 subnet."""
    octets = [int(part, 16) for part in mac.split(":")]
    octets = [octets[0] ^ 0x02, *octets[1:3], 0xFF, 0xFE, *octets[3:]]
    return str(ipaddress.IPv6Address(int(network.network_address) | int.from_bytes(bytes(octets), "big")))


class Addresses:
    """The addresses of one subnet.

    Args:
        network: The subnet's range.
        pools: What is given out to those who do not ask for an address.

    Attributes:
        taken: The port that has each address.
    """

    def __init__(self, network: Network, pools: Sequence[Pool]) -> None:
        self.network = network
        self.taken: dict[str, str] = {}
        self.set_pools(pools)

    def set_pools(self, pools: Iterable[Pool]) -> None:
        """Give out addresses of these pools from now on."""
        self._spans = sorted(ends(pool) for pool in pools)
        self._hint = self._spans[0][0] if self._spans else 0

    def next(self, gateway: str | None, spare: Iterable[str] = ()) -> str | None:
        """The lowest free address of the pools; None when all are taken.

        Args:
            gateway: The subnet's gateway, which is never given out.
            spare: Addresses not to give out this time.
        """
        make = ipaddress.IPv4Address if self.network.version == 4 else ipaddress.IPv6Address
        busy = set(spare)
        for start, end in self._spans:
            for value in range(max(start, self._hint), end + 1):
                address = str(make(value))
                if address in self.taken:
                    # Everything below is taken too, until something is released.
                    self._hint = value if not busy else self._hint
                elif address not in busy and address != gateway:
                    return address
        return None

    def take(self, address: str, port_id: str) -> None:
        """Give ``address`` to a port."""
        self.taken[address] = port_id

    def release(self, address: str) -> None:
        """Take an address back."""
        self.taken.pop(address, None)
        self._hint = min(self._hint, number(address))

    def in_pools(self, address: str) -> bool:
        """Whether a pool has the address."""
        return any(start <= number(address) <= end for start, end in self._spans)

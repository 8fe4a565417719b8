"""MAC addresses of ports."""

from __future__ import annotations

from pytest_doctor_maint.embedded.neutron.errors import conflict
from pytest_doctor_maint.embedded.neutron.savepoint import Restore, keep
from pytest_doctor_maint.simtime.ids import Ids


class MacAddresses:
    """The MAC addresses in use. They are unique in each network."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._taken: dict[tuple[str, str], None] = {}

    def new(self, network_id: str) -> str:
        """Return an address that is not in use in the network."""
        while True:
            drawn = self._ids.stream("mac").getrandbits(24)
            mac = f"fa:16:3e:{drawn >> 16:02x}:{drawn >> 8 & 255:02x}:{drawn & 255:02x}"
            if (network_id, mac) not in self._taken:
                return mac

    def check_free(self, network_id: str, mac: str) -> None:
        """Check that no port of the network has this address.

        Raises:
            NeutronError: 409, a port has it.
        """
        if (network_id, mac) in self._taken:
            raise conflict(
                "MacAddressInUse",
                f"Unable to complete operation for network {network_id}. The mac address {mac} is in use.",
            )

    def take(self, network_id: str, mac: str) -> None:
        """Mark an address as in use."""
        self._taken[network_id, mac] = None

    def keep(self) -> Restore:
        """Return a function that puts back the addresses that are in use now."""
        return keep(self._taken)

    def release(self, network_id: str, mac: str) -> None:
        """Mark an address as free."""
        self._taken.pop((network_id, mac), None)

"""Nova's flavors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.errors import Conflict, Missing


@dataclass(slots=True)
class Flavor:
    """A flavor, with the attributes of the Compute API.

    Attributes:
        id: The identifier that servers refer to. Its creator chooses it; it is often no UUID.
        ram: Memory in MiB.
        disk: Root disk in GiB.
        ephemeral: Ephemeral disk in GiB.
        swap: Swap in MiB.
        access: The projects that may use a flavor that is not public, in the order in which they got access.
    """

    id: str
    name: str
    ram: int
    vcpus: int
    disk: int
    ephemeral: int = 0
    swap: int = 0
    rxtx_factor: float = 1.0
    is_public: bool = True
    description: str | None = None
    extra_specs: dict[str, str] = field(default_factory=dict)
    access: list[str] = field(default_factory=list)

    def visible_to(self, project_id: str) -> bool:
        """Return True if the project may use the flavor."""
        return self.is_public or project_id in self.access


#: The flavors that devstack creates: id, name, MiB of memory, VCPUs, GiB of disk.
DEFAULTS = (
    ("1", "m1.tiny", 512, 1, 1),
    ("2", "m1.small", 2048, 1, 20),
    ("3", "m1.medium", 4096, 2, 40),
    ("4", "m1.large", 8192, 4, 80),
    ("5", "m1.xlarge", 16384, 8, 160),
    ("42", "m1.nano", 192, 1, 1),
    ("84", "m1.micro", 256, 1, 1),
)


class Flavors:
    """All flavors of the cloud. Iteration is by id, which is the default order of listings."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._flavors: dict[str, Flavor] = {}
        for flavor_id, name, ram, vcpus, disk in DEFAULTS:
            self.create(name, ram=ram, vcpus=vcpus, disk=disk, flavor_id=flavor_id)

    def __iter__(self) -> Iterator[Flavor]:
        return iter(sorted(self._flavors.values(), key=lambda flavor: flavor.id))

    def find(self, flavor_id: str, caller: Caller) -> Flavor:
        """Return the flavor with this id.

        Raises:
            Missing: No flavor has this id, or the caller is not allowed to see it.
        """
        flavor = self._flavors.get(flavor_id)
        if flavor is None or not (caller.is_admin or flavor.visible_to(caller.project_id)):
            raise Missing(f"Flavor {flavor_id} could not be found.")
        return flavor

    def create(
        self,
        name: str,
        *,
        ram: int,
        vcpus: int,
        disk: int,
        flavor_id: str | None = None,
        ephemeral: int = 0,
        swap: int = 0,
        rxtx_factor: float = 1.0,
        is_public: bool = True,
        description: str | None = None,
    ) -> Flavor:
        """Create a flavor and return it. Without ``flavor_id``, or with ``auto``, its id is a new UUID.

        Raises:
            Conflict: Another flavor has the id or the name.
        """
        if flavor_id is None or flavor_id == "auto":
            flavor_id = self._core.ids.uuid("flavor")
        if flavor_id in self._flavors:
            raise Conflict(f"Flavor with ID {flavor_id} already exists.")
        if any(flavor.name == name for flavor in self._flavors.values()):
            raise Conflict(f"Flavor with name {name} already exists.")
        flavor = Flavor(flavor_id, name, ram, vcpus, disk, ephemeral, swap, rxtx_factor, is_public, description)
        self._flavors[flavor_id] = flavor
        return flavor

    def delete(self, flavor: Flavor) -> None:
        """Delete a flavor. Servers keep the copy that they were created with."""
        del self._flavors[flavor.id]

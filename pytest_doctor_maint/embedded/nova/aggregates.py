"""Nova's host aggregates and the availability zones that they define."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing

DEFAULT_ZONE = "nova"
"""The zone of computes that are in no aggregate with a zone."""
INTERNAL_ZONE = "internal"
"""The zone of the services of Nova that are not computes."""
ZONE_KEY = "availability_zone"
"""The metadata key of an aggregate's availability zone."""


@dataclass(slots=True)
class Aggregate:
    """A group of computes.

    Attributes:
        id: A number, counted from 1.
        hosts: The hosts of its computes, in the order in which they were added.
        metadata: Key-value pairs, the availability zone under :data:`ZONE_KEY` among them.
    """

    id: int
    uuid: str
    name: str
    created_at: datetime
    updated_at: datetime | None = None
    hosts: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> str | None:
        """The availability zone that the aggregate defines, or None."""
        return self.metadata.get(ZONE_KEY)


class Aggregates:
    """All aggregates, in the order of their creation."""

    def __init__(self, core: Core, computes: Mapping[str, Compute]) -> None:
        self._core = core
        self._computes = computes
        self._aggregates: dict[int, Aggregate] = {}
        self._last = 0
        self._zones: dict[str, str] = {}

    def __iter__(self) -> Iterator[Aggregate]:
        return iter(self._aggregates.values())

    def zone_of(self, host: str) -> str:
        """Return the availability zone of a compute."""
        return self._zones.get(host, DEFAULT_ZONE)

    def zones(self) -> list[str]:
        """Return the names of the zones that computes are in, sorted."""
        return sorted({self.zone_of(host) for host in self._computes})

    def get(self, aggregate_id: int) -> Aggregate:
        """Return the aggregate with this id.

        Raises:
            Missing: There is no such aggregate.
        """
        if aggregate_id not in self._aggregates:
            raise Missing(f"Aggregate {aggregate_id} could not be found.")
        return self._aggregates[aggregate_id]

    def create(self, name: str, zone: str | None = None) -> Aggregate:
        """Create an aggregate without hosts and return it.

        Raises:
            Conflict: Another aggregate has the name.
        """
        self._require_unused(name)
        self._last += 1
        aggregate = Aggregate(self._last, self._core.ids.uuid("aggregate"), name, self._core.clock.now())
        if zone is not None:
            aggregate.metadata[ZONE_KEY] = zone
        self._aggregates[aggregate.id] = aggregate
        return aggregate

    def update(self, aggregate: Aggregate, name: str, metadata: Mapping[str, str | None]) -> None:
        """Rename an aggregate and update its metadata: both, or neither.

        Raises:
            Conflict: Another aggregate has the name, or the availability zone of a compute would change.
        """
        if name != aggregate.name:
            self._require_unused(name)
        self.set_metadata(aggregate, metadata)
        aggregate.name = name

    def delete(self, aggregate: Aggregate) -> None:
        """Delete an aggregate.

        Raises:
            Invalid: It has hosts.
        """
        if aggregate.hosts:
            raise Invalid(f"Cannot remove aggregate {aggregate.id}: Aggregate is not empty.")
        del self._aggregates[aggregate.id]

    def add_host(self, aggregate: Aggregate, host: str) -> None:
        """Add a compute to an aggregate.

        Raises:
            Missing: There is no such compute.
            Conflict: The compute is in the aggregate already, or would be in two availability zones.
        """
        if host not in self._computes:
            raise Missing(f"Compute host {host} could not be found.")
        if host in aggregate.hosts:
            raise Conflict(f"Aggregate {aggregate.id} already has host {host}.")
        self._check_zone(aggregate, aggregate.zone, [host])
        aggregate.hosts.append(host)
        self._changed(aggregate)

    def remove_host(self, aggregate: Aggregate, host: str) -> None:
        """Remove a compute from an aggregate.

        Raises:
            Missing: The compute is not in the aggregate.
            Conflict: The compute has servers whose availability zone would change.
        """
        if host not in aggregate.hosts:
            raise Missing(f"Aggregate {aggregate.id} has no host {host}.")
        if aggregate.zone is not None and aggregate.zone != DEFAULT_ZONE:
            self._check_empty(aggregate, [host])
        aggregate.hosts.remove(host)
        self._changed(aggregate)

    def set_metadata(self, aggregate: Aggregate, metadata: Mapping[str, str | None]) -> None:
        """Update the metadata of an aggregate; the value None removes a key.

        Raises:
            Conflict: The availability zone of a compute or of its servers would change.
        """
        if ZONE_KEY in metadata:
            self._check_zone(aggregate, metadata[ZONE_KEY], aggregate.hosts)
        for key, value in metadata.items():
            if value is None:
                aggregate.metadata.pop(key, None)
            else:
                aggregate.metadata[key] = value
        self._changed(aggregate)

    def _require_unused(self, name: str) -> None:
        if any(aggregate.name == name for aggregate in self):
            raise Conflict(f"Aggregate {name} already exists.")

    def _check_zone(self, aggregate: Aggregate, zone: str | None, hosts: list[str]) -> None:
        """Raise unless ``hosts`` may be in the aggregate with ``zone`` as its availability zone."""
        if zone is None:
            return
        for other in self:
            common = [host for host in hosts if host in other.hosts]
            if other is not aggregate and common and other.zone not in (None, zone):
                raise Conflict(
                    f"Cannot perform action on aggregate {aggregate.id}. Reason: One or more hosts already in "
                    f"availability zone(s) {other.zone}."
                )
        self._check_empty(aggregate, [host for host in hosts if self.zone_of(host) != zone])

    def _check_empty(self, aggregate: Aggregate, hosts: list[str]) -> None:
        if any(self._computes[host].servers for host in hosts):
            raise Conflict(
                f"Cannot perform action on aggregate {aggregate.id}. Reason: One or more hosts contain instances in "
                "this zone."
            )

    def _changed(self, aggregate: Aggregate) -> None:
        aggregate.updated_at = self._core.clock.now()
        self._zones = {host: group.zone for group in self if group.zone is not None for host in group.hosts}

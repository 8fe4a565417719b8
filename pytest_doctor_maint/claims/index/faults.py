"""The faults that were injected into the cloud, and what was lost by them."""

from __future__ import annotations

from functools import cached_property

from pytest_doctor_maint.claims.index.cloud import CloudIndex
from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.history import Event, kinds


class FaultIndex:
    """The faults of a run.

    Args:
        events: The events of the run.
        cloud: The cloud of the run.
    """

    def __init__(self, events: EventIndex, cloud: CloudIndex) -> None:
        self._events = events
        self._cloud = cloud

    @cached_property
    def injected(self) -> tuple[Event, ...]:
        """The injections of faults into computes; the ``target`` is the host."""
        return tuple(
            event
            for event in self._events.of(kinds.FAULT)
            if event.data["phase"] == "injected" and event.data["target"] in self._cloud.computes
        )

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The computes into which a fault was injected."""
        return frozenset(str(event.data["target"]) for event in self.injected)

    @cached_property
    def open_hosts(self) -> frozenset[str]:
        """The computes into which a fault was injected that did not end."""
        broken: set[str] = set()
        for event in self._events.of(kinds.FAULT):
            (broken.add if event.data["phase"] == "injected" else broken.discard)(str(event.data["target"]))
        return frozenset(broken)

    @cached_property
    def lost_servers(self) -> frozenset[str]:
        """The ids of the servers on a compute into which a fault was injected, unless they are redundant."""
        return frozenset(
            server_id
            for fault in self.injected
            for server_id in self._cloud.on_host(str(fault.data["target"]), fault.seq)
            if server_id not in self._cloud.redundant
        )

"""A live migration is broken off before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.faults.fault import Fault, Target, fault
from pytest_doctor_maint.faults.triggers import wait_for_event
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.calls import call


@fault
@dataclass(frozen=True)
class LiveMigrationBreaksOff(Fault):
    """The next live migration of an instance fails: the instance goes on running where it was.

    Attributes:
        instance: The name of the instance.
    """

    instance: str
    name = "live_migration_breaks_off"
    injects = "a live migration is aborted before it is done"

    def strike(self, target: Target) -> None:
        wait_for_event(target, kinds.SERVER, name=self.instance, action="os-migrateLive", task_state="migrating")
        (server_id,) = {event.data["server_id"] for event in target.history.of(kinds.SERVER, name=self.instance)}
        nova = target.admin.compute
        for migration in call(nova, "GET", f"/servers/{server_id}/migrations")["migrations"]:
            self.record(target, "injected", self.instance)
            call(nova, "DELETE", f"/servers/{server_id}/migrations/{migration['id']}")

    def heal(self, target: Target) -> None:
        """Nothing is left to mend: an aborted migration leaves the instance as it was."""

"""A live migration is broken off before it is done."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint.faults.fault import Fault, Target
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.openstack.calls import call


@dataclass(frozen=True)
class LiveMigrationBreaksOff(Fault):
    """The next live migration of ``instance`` comes to nothing: the instance runs on where it was.

    Attributes:
        instance: Its name.
    """

    instance: str
    name = "live_migration_breaks_off"

    def strike(self, target: Target) -> None:
        self.wait_for(target, kinds.SERVER, name=self.instance, action="os-migrateLive", task_state="migrating")
        (server_id,) = {event.data["server_id"] for event in target.history.of(kinds.SERVER, name=self.instance)}
        nova = target.admin.compute
        for migration in call(nova, "GET", f"/servers/{server_id}/migrations")["migrations"]:
            self.record(target, "injected", self.instance)
            call(nova, "DELETE", f"/servers/{server_id}/migrations/{migration['id']}")

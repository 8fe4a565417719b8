"""A fault."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_doctor_maint import Fault, Step, Target, wait_for_event


@dataclass(frozen=True)
class ComputeServiceIsEnabled(Fault):
    """Enables the compute service of a compute while the compute is in maintenance.

    Attributes:
        host: The compute.
    """

    host: str
    name = "compute_service_is_enabled"
    injects = "the compute service of a compute in maintenance is enabled"

    def strike(self, target: Target) -> None:
        wait_for_event(target, "notification", state=Step.IN_MAINTENANCE.value, host=self.host)
        self.record(target, "injected", self.host)
        compute = target.admin.compute
        (service,) = compute.services(binary="nova-compute", host=self.host)
        compute.enable_service(service)

    def heal(self, target: Target) -> None:
        """Do nothing: the admin tool enables the service itself."""

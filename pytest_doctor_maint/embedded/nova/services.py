"""The nova-compute services: enabled or disabled, forced down, deleted, and how their changes are recorded."""

from __future__ import annotations

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import Recorder
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict


class ComputeServices:
    """Changes nova-compute services and records each change."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def update(
        self, compute: Compute, *, status: str | None = None, reason: str | None = None, forced_down: bool | None = None
    ) -> None:
        """Change a compute's service; what is None stays as it is.

        Args:
            compute: The compute.
            status: ``enabled`` or ``disabled``.
            reason: Why it is disabled.
            forced_down: True if the service counts as down whatever it reports.
        """
        if status is not None:
            compute.status = status
            compute.disabled_reason = reason if status == "disabled" else None
        if forced_down is not None:
            compute.forced_down = forced_down
        self.record(compute)

    def delete(self, compute: Compute) -> None:
        """Delete a compute's service.

        Raises:
            Conflict: The compute has servers, or holds capacity for some.
        """
        if compute.servers or compute.allocations:
            raise Conflict(
                "Unable to delete compute service that is hosting instances. Migrate or delete the instances first."
            )
        compute.deleted = True

    def record(self, compute: Compute) -> None:
        """Record a compute as it is now."""
        self._recorder.append(
            "nova",
            events.COMPUTE,
            {
                "host": compute.host,
                "status": compute.status,
                "state": compute.state,
                "forced_down": compute.forced_down,
                "powered": compute.powered,
                "vcpus": compute.vcpus,
            },
        )

"""The nova-compute services: enabled or disabled, forced down, deleted, and how their changes are recorded."""

from __future__ import annotations

from pytest_doctor_maint.embedded import events
from pytest_doctor_maint.embedded.core import Recorder
from pytest_doctor_maint.embedded.nova.compute import Compute
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid
from pytest_doctor_maint.embedded.nova.registry import Registry


class ComputeServices:
    """Changes nova-compute services and records each change."""

    def __init__(self, recorder: Recorder, registry: Registry) -> None:
        self._recorder = recorder
        self._registry = registry

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
            Conflict: The compute has servers, or takes part in a move that has not ended.
        """
        if compute.servers:
            raise Conflict(
                "Unable to delete compute service that is hosting instances. Migrate or delete the instances first."
            )
        moves = self._registry.migrations
        if any(move.is_in_progress and compute.host in (move.source, move.dest) for move in moves):
            raise Conflict(
                "Unable to delete compute service that has in-progress migrations. Complete the migrations or delete "
                "the instances first."
            )
        compute.deleted = True

    def check_may_be_up(self, host: str) -> None:
        """Raise if a compute must not be taken back yet: it has not started since servers were evacuated from it.

        The rule is ``_check_for_evacuations`` in nova/api/openstack/compute/services.py. Until the compute starts, it
        runs guests whose servers have been rebuilt elsewhere.

        Raises:
            Invalid: Evacuations from the compute are ``done``, and not ``completed``.
        """
        for move in self._registry.migrations:
            if (move.kind, move.source, move.status) == ("evacuation", host, "done"):
                raise Invalid(
                    f"Unable to force up host {host} as `done` evacuation migration records remain associated with "
                    "the host. Ensure the compute service has been restarted, allowing these records to move to "
                    "`completed` before retrying this request."
                )

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

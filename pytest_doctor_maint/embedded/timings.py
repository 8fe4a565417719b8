"""How long operations of the embedded cloud take."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Timings:
    """Durations in clock seconds; the defaults are those of an average production cloud.

    Attributes:
        boot: From the create call to ACTIVE.
        delete: From the delete call until the server is gone.
        cold_migrate: From the migrate call to VERIFY_RESIZE; the guest is down meanwhile.
        confirm: Confirming a resize or migration.
        revert: Reverting a resize or migration; the guest is down meanwhile.
        live_migrate: A live migration; the guest keeps running.
        live_migrate_pause: How long the guest is paused at the end of a live migration.
        evacuate: Rebuilding a server of a failed compute on another one.
        rebuild: Rebuilding a server on its compute.
        reboot: A reboot, soft or hard.
        stop: Stopping, shelving or suspending.
        start: Starting, resuming or unshelving.
        pause: Pausing and unpausing.
        snapshot: Creating an image of a server.
        floating_ip: Moving a floating IP; the old target answers until the end.
        alarm_delivery: From the notification of an event to the call of an alarm's URL.
        service_report: How long a failed compute is still reported as up.
    """

    boot: float = 6.0
    delete: float = 2.0
    cold_migrate: float = 12.0
    confirm: float = 1.0
    revert: float = 6.0
    live_migrate: float = 9.0
    live_migrate_pause: float = 0.2
    evacuate: float = 8.0
    rebuild: float = 8.0
    reboot: float = 5.0
    stop: float = 3.0
    start: float = 3.0
    pause: float = 0.2
    snapshot: float = 4.0
    floating_ip: float = 0.3
    alarm_delivery: float = 0.02
    service_report: float = 15.0

    def faster(self, speed: float) -> Timings:
        """Return the durations divided by ``speed``.

        Raises:
            ValueError: ``speed`` is not above 0.
        """
        if not speed > 0:
            raise ValueError(f"a speed must be above 0, not {speed:g}")
        return replace(self, **{field.name: getattr(self, field.name) / speed for field in fields(self)})

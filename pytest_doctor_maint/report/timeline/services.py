"""The rows of services: a floating IP, the instance that it leads to, and the downtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_doctor_maint.claims.availability import Service
from pytest_doctor_maint.report.timeline.axis import Axis
from pytest_doctor_maint.report.timeline.drawing import BAR, LANE, Drawing
from pytest_doctor_maint.report.timeline.flags import Flag
from pytest_doctor_maint.report.timeline.roles import Roles, SwitchOver
from pytest_doctor_maint.report.timeline.row import Row


class ServiceRow(Row):
    """The row of a service.

    Args:
        service: The service.
        axis: The time axis.
        switch_overs: The switch-overs of its floating IP.
        names: The names of servers, by id.
    """

    def __init__(
        self, service: Service, axis: Axis, switch_overs: Sequence[SwitchOver], names: Mapping[str, str]
    ) -> None:
        is_up = service.first_up is not None
        note = f"down {round(service.total, 3):g} s in all" if is_up else "never up"
        super().__init__(("service", service.floating_ip_id), f"service {service.address}", note)
        self._service = service
        self._axis = axis
        self.is_troubled = bool(service.outages) or not is_up
        for outage in service.outages:
            words = f"down for {outage.seconds:g} s from {axis.seconds(outage.began.at)} on: {outage.reason}"
            self.flags.append(Flag(axis.x(outage.began.at), f"down {outage.seconds:g} s", words, "bad"))
        for moved in switch_overs:
            source, target = (names.get(server_id, server_id) for server_id in (moved.source, moved.target))
            words = f"switch-over from {source} to {target} at {axis.seconds(moved.event.at)}"
            self.flags.append(Flag(axis.x(moved.event.at), f"switch-over to {target}", words))

    def draw(self, drawing: Drawing, y: float) -> float:
        """Draw the time in which the service was up, and its outages."""
        self._draw(drawing, y, BAR)
        return y + LANE

    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """Draw the same, less high."""
        self._draw(drawing, y, height)

    def _draw(self, drawing: Drawing, y: float, height: float) -> None:
        if self._service.first_up is None:
            return
        begin, end = self._axis.x(self._service.first_up.at), self._axis.x(self._axis.end)
        drawing.bar(begin, end, y, height, "up", f"{self.label} is up")
        for outage in self._service.outages:
            words = f"down for {outage.seconds:g} s: {outage.reason}"
            drawing.bar(self._axis.x(outage.began.at), self._axis.x(outage.ended.at), y, height, "down", words)


def service_rows(axis: Axis, roles: Roles, services: Sequence[Service], names: Mapping[str, str]) -> list[Row]:
    """Return a row for each service."""
    found: dict[str, list[SwitchOver]] = {service.floating_ip_id: [] for service in services}
    for moved in roles.switch_overs:
        if moved.floating_ip_id in found and axis.shows(moved.event.at, moved.event.at):
            found[moved.floating_ip_id].append(moved)
    return [ServiceRow(service, axis, found[service.floating_ip_id], names) for service in services]

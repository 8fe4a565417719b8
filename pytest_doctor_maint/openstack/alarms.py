"""Event alarms: how actors subscribe to notifications, through Aodh's API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.calls import call

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection


def subscribe(connection: Connection, *, name: str, event_type: str, url: str, project_id: str | None = None) -> str:
    """Create an alarm that posts every event of ``event_type`` for a project to ``url``, and return the alarm's id.

    Aodh shows an alarm only the events of its owner's project, whatever the query says. The owner is the project of the
    connection, or ``project_id``, which only an admin may name.

    Raises:
        openstack.exceptions.HttpException: Aodh refused.
    """
    alarm = call(
        _aodh(connection),
        "POST",
        "/v2/alarms",
        {
            "name": name,
            "type": "event",
            "event_rule": {"event_type": event_type},
            "alarm_actions": [url],
            # Without this the alarm fires only for the first event.
            "repeat_actions": True,
            "severity": "moderate",
            "description": f"{event_type} for {name}",
            **({} if project_id is None else {"project_id": project_id}),
        },
    )
    alarm_id: str = alarm["alarm_id"]
    return alarm_id


def unsubscribe(connection: Connection, alarm_id: str) -> None:
    """Delete the alarm.

    Raises:
        openstack.exceptions.HttpException: Aodh refused.
    """
    call(_aodh(connection), "DELETE", f"/v2/alarms/{alarm_id}")


def alarms_of(connection: Connection, project_id: str) -> list[dict[str, Any]]:
    """Return the alarms that a project owns, as Aodh shows them to an admin."""
    query = {"q.field": "project_id", "q.op": "eq", "q.value": project_id}
    found: list[dict[str, Any]] = call(_aodh(connection), "GET", "/v2/alarms", **query)
    return found


def _aodh(connection: Connection) -> Adapter:
    """Return an adapter for Aodh at the URL in Keystone's catalog, as Aodh's own client uses it: the version is part of
    the path.

    openstacksdk has no proxy for Aodh, only one that discovers versions first; the result depends on the cloud.
    """
    from keystoneauth1.adapter import Adapter

    return Adapter(
        connection.session,
        service_type="alarming",
        interface="public",
        region_name=connection.config.get_region_name(),
    )

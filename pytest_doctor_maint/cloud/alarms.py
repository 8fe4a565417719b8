"""Event alarms: how actors subscribe to notifications, through Aodh's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.cloud.calls import call

if TYPE_CHECKING:
    from keystoneauth1.adapter import Adapter
    from openstack.connection import Connection


def subscribe(connection: Connection, *, name: str, event_type: str, url: str) -> str:
    """Let every event of ``event_type`` for the connection's project be posted to ``url``; gives the alarm's id.

    Aodh lets an alarm see the events of its owner's project alone, whatever the query. The owner is the connection's
    project.

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
            # Without it the alarm fires for the first event only.
            "repeat_actions": True,
            "severity": "moderate",
            "description": f"{event_type} for {name}",
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


def _aodh(connection: Connection) -> Adapter:
    """Aodh at the URL in Keystone's catalog, as its own client uses it: the version belongs to the path.

    openstacksdk has no proxy for Aodh, only one that looks for versions first; what it finds then depends on the cloud.
    """
    from keystoneauth1.adapter import Adapter

    return Adapter(
        connection.session,
        service_type="alarming",
        interface="public",
        region_name=connection.config.get_region_name(),
    )

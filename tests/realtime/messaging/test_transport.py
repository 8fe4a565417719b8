"""An admin tool that only uses oslo.messaging triggers alarms on the cloud of ``doctor-maint cloud``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

import pytest

from tests.support.doubles import serving_double
from tests.support.labs import connect, exporting_cloud
from tests.support.processes import PATIENCE, refused


class Emitter(Protocol):
    """The notifier of oslo.messaging, which has no types."""

    def info(self, context: Mapping[str, object], event_type: str, payload: Mapping[str, object]) -> None:
        """Emit a notification."""


def emitter(url: str) -> Emitter:
    # Imported here, because an environment without the extra "messaging" must be able to collect this file.
    import oslo_messaging  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from oslo_config import cfg  # type: ignore[import-not-found,import-untyped,unused-ignore]

    conf = cfg.ConfigOpts()
    conf([], project="tests", default_config_files=[], default_config_dirs=[])
    transport = oslo_messaging.get_notification_transport(conf, url=url)
    made: Emitter = oslo_messaging.Notifier(
        transport, "maintenance.lab", driver="messagingv2", topics=["notifications"]
    )
    return made


def test_a_notification_on_the_bus_triggers_an_alarm(broker: str) -> None:
    with (
        exporting_cloud("--computes", "3", "--transport-url", broker) as (process, exported),
        serving_double() as receiver,
    ):
        with connect(exported) as connection:
            rule = {"event_type": "maintenance.host"}
            actions = [f"{receiver.url}/alarm"]
            body = {"name": "a", "type": "event", "event_rule": rule, "alarm_actions": actions, "repeat_actions": True}
            assert connection.alarm.post("/alarms", json=body).status_code == 201
            project_id = connection.current_project_id
        bus = emitter(broker)
        payload = {"project_id": project_id, "session_id": "s", "host": "compute-1", "state": "IN_MAINTENANCE"}
        # An invalid notification is ignored, and the following ones are still delivered.
        bus.info({}, "maintenance.host", {**payload, "actions_at": "soon"})
        bus.info({}, "maintenance.host", payload)
        method, path, alarm = receiver.calls.get(timeout=PATIENCE)
        assert (method, path) == ("POST", "alarm")
        event = alarm["reason_data"]["event"]
        traits = {name: value for name, _, value in event["traits"]}
        assert event["event_type"] == "maintenance.host"
        assert traits["service"] == "maintenance.lab"
        assert (traits["host"], traits["state"]) == ("compute-1", "IN_MAINTENANCE")
        assert receiver.new_calls() == []
        assert "The cloud listens to notifications on the message bus." in process.end()


BOTH = pytest.mark.parametrize(
    "command", [("cloud",), ("admin-tool", "--os-cloud", "lab")], ids=["cloud", "admin tool"]
)


@BOTH
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rabbit://user:s3cret@127.0.0.1:1/", "no broker answers at 127.0.0.1:1"),
        ("rabbit://user:s3cret@lab..example:5672/", "invalid host name 'lab..example'"),
        ("rabbit://user:s3cret@127.0.0.1:many/", "the URL is not that of a message bus"),
        ("pigeon://user:s3cret@127.0.0.1:1/", "the URL is not that of a message bus"),
        ("rabbit://", "the URL names no host"),
        ("", "must not be empty"),
    ],
)
def test_a_url_without_a_bus(command: tuple[str, ...], url: str, words: str) -> None:
    printed = refused(*command, "--transport-url", url)
    assert f"argument --transport-url: {words}" in printed
    assert "s3cret" not in printed


@BOTH
@pytest.mark.parametrize(
    ("known", "other", "words"),
    [("s3cret", "s3cret-no-more", "ACCESS_REFUSED"), ("doctor:", "nurse:", "ACCESS_REFUSED"), ("/END", "/lab", "lab")],
)
def test_a_bus_that_refuses_the_login(
    broker: str, command: tuple[str, ...], known: str, other: str, words: str
) -> None:
    printed = refused(*command, "--transport-url", f"{broker}END".replace(known, other).removesuffix("END"))
    assert re.search(rf"argument --transport-url: 127\.0\.0\.1:\d+ refuses the login: .*{words}", printed)
    assert "s3cret" not in printed

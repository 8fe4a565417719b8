"""An admin tool that speaks oslo.messaging alone reaches alarms on the cloud of ``doctor-maint cloud``."""

import json
import queue
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openstack
import oslo_messaging  # type: ignore[import-not-found,import-untyped,unused-ignore]
import pytest
from oslo_config import cfg  # type: ignore[import-not-found,import-untyped,unused-ignore]

# One broker serves them all.
pytestmark = pytest.mark.xdist_group("broker")

COMMAND = [sys.executable, "-m", "pytest_doctor_maint.commands.__main__", "cloud", "--computes", "3", "--speed", "100"]
PATIENCE = 60.0


@contextmanager
def alarms() -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    """A receiver's URL, and what it gets."""
    got: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/alarm", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def cloud(url: str) -> Iterator[dict[str, str]]:
    """What the cloud exports; it must end well."""
    process = subprocess.Popen(  # noqa: S603 # our own command
        [*COMMAND, "--transport-url", url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        exported: dict[str, str] = {}
        assert process.stdout is not None
        for line in process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            (exported[name],) = shlex.split(value)
            if name == "OS_INTERFACE":
                break
        else:
            pytest.fail(process.communicate()[1])
        yield exported
        process.send_signal(signal.SIGTERM)
        words = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 0, words
        assert "Traceback" not in words
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def emitter(url: str) -> Any:
    conf = cfg.ConfigOpts()
    conf([], project="tests", default_config_files=[], default_config_dirs=[])
    transport = oslo_messaging.get_notification_transport(conf, url=url)
    return oslo_messaging.Notifier(transport, "maintenance.lab", driver="messagingv2", topics=["notifications"])


def test_a_notification_on_the_bus_fires_an_alarm(broker: str) -> None:
    with cloud(broker) as exported, alarms() as (url, got):
        with openstack.connection.Connection(
            auth_url=exported["OS_AUTH_URL"],
            username=exported["OS_USERNAME"],
            password=exported["OS_PASSWORD"],
            project_name=exported["OS_PROJECT_NAME"],
            user_domain_name=exported["OS_USER_DOMAIN_NAME"],
            project_domain_name=exported["OS_PROJECT_DOMAIN_NAME"],
            region_name=exported["OS_REGION_NAME"],
        ) as connection:
            rule = {"event_type": "maintenance.host"}
            body = {"name": "a", "type": "event", "event_rule": rule, "alarm_actions": [url], "repeat_actions": True}
            assert connection.alarm.post("/alarms", json=body).status_code == 201
            project_id = connection.current_project_id
        bus = emitter(broker)
        payload = {"project_id": project_id, "session_id": "s", "host": "compute-1", "state": "IN_MAINTENANCE"}
        # One that cannot be understood is left out, and stops nothing.
        bus.info({}, "maintenance.host", {**payload, "actions_at": "soon"})
        bus.info({}, "maintenance.host", payload)
        event = got.get(timeout=PATIENCE)["reason_data"]["event"]
        traits = {name: value for name, _, value in event["traits"]}
        assert event["event_type"] == "maintenance.host"
        assert traits["service"] == "maintenance.lab"
        assert (traits["host"], traits["state"]) == ("compute-1", "IN_MAINTENANCE")
        assert got.empty()


BOTH = pytest.mark.parametrize(
    "command", [("cloud",), ("admin-tool", "--os-cloud", "lab")], ids=["cloud", "admin tool"]
)


def refused(command: tuple[str, ...], url: str) -> str:
    """What the command says on stderr; it must be a usage error, and keep the password."""
    arguments = [sys.executable, "-m", "pytest_doctor_maint.commands.__main__", *command, "--transport-url", url]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603 # our own command
    assert (result.returncode, result.stdout) == (2, "")
    assert "s3cret" not in result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@BOTH
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rabbit://user:s3cret@127.0.0.1:1/", "no broker answers at 127.0.0.1:1"),
        ("rabbit://user:s3cret@lab..example:5672/", "invalid host name 'lab..example'"),
        ("rabbit://user:s3cret@127.0.0.1:many/", "the URL is not that of a message bus"),
        ("pigeon://user:s3cret@127.0.0.1:1/", "the URL is not that of a message bus"),
        ("rabbit://", "the URL names no host"),
        ("", "the URL names no host"),
    ],
)
def test_no_bus(command: tuple[str, ...], url: str, words: str) -> None:
    assert f"argument --transport-url: {words}" in refused(command, url)


@BOTH
@pytest.mark.parametrize(
    ("known", "other", "words"),
    [("s3cret", "s3cret-no-more", "ACCESS_REFUSED"), ("doctor:", "nurse:", "ACCESS_REFUSED"), ("/END", "/lab", "lab")],
)
def test_a_bus_that_does_not_let_us_in(
    broker: str, command: tuple[str, ...], known: str, other: str, words: str
) -> None:
    said = refused(command, f"{broker}END".replace(known, other).removesuffix("END"))
    assert re.search(rf"argument --transport-url: 127\.0\.0\.1:\d+ refuses the login: .*{words}", said)

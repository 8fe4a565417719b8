"""``doctor-maint cloud``: the embedded cloud by itself, on the wall clock, for any client of OpenStack."""

from __future__ import annotations

import argparse
import math
import re
import secrets
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.clouds_yaml import CloudEntry, CloudsFile, CloudsFileError
from pytest_doctor_maint.commands.process import say, show, whole_number
from pytest_doctor_maint.openstack.listener import NotificationListener
from pytest_doctor_maint.openstack.transport import Transport, TransportError

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
    from pytest_doctor_maint.simtime.clock import WallClock

_USER = _PROJECT = "admin"
_DOMAIN = "Default"
_EPILOG = """\
The lines on stdout are for a shell:

    doctor-maint cloud > openrc &
    sleep 3; . ./openrc; openstack hypervisor list

It runs until Ctrl-C or SIGTERM, and keeps nothing.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "cloud",
        help="run the embedded OpenStack cloud by itself",
        description="Run the embedded OpenStack cloud by itself, in real time, for any client to be pointed at it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--computes", type=whole_number(1, 1000), default=4, metavar="N", help="how many computes (default: 4)"
    )
    parser.add_argument(
        "--vcpus", type=whole_number(1, 1024), default=4, metavar="N", help="VCPUs of each (default: 4)"
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help="divide the durations of all operations by X (default: 1)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        default=0,
        help="the port to listen on (default: 0, which takes a free one)",
    )
    parser.add_argument(
        "--clouds-yaml",
        type=Path,
        metavar="FILE",
        help="write how to reach the cloud into this clouds.yaml; the other clouds in it stay",
    )
    parser.add_argument(
        "--cloud-name",
        type=_name,
        default="doctor-maint",
        metavar="NAME",
        help="its name there (default: doctor-maint)",
    )
    parser.add_argument(
        "--admin-password", type=_password, metavar="PASSWORD", help="the user admin's (default: a new one each time)"
    )
    parser.add_argument(
        "--transport-url",
        metavar="URL",
        help="listen to the notifications on this message bus too (rabbit://USER:PASSWORD@HOST:PORT/; takes the extra "
        "messaging), for admin tools that speak oslo.messaging alone",
    )
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: Callable[[str], NoReturn]) -> int:
    process.begin()

    from pytest_doctor_maint.simtime.clock import WallClock

    clouds_file = None
    if options.clouds_yaml is not None:
        clouds_file = CloudsFile(options.clouds_yaml, options.cloud_name)
        try:
            clouds_file.check()
        except CloudsFileError as error:
            usage_error(f"argument --clouds-yaml: {error}")
    password = options.admin_password or secrets.token_urlsafe(12)
    clock = WallClock()
    clock.on_failure = show
    try:
        cloud = _make_cloud(options, clock, password)
    except OSError as error:
        reason = error.strerror or error
        usage_error(f"argument --host, --port: cannot listen on {options.host}:{options.port}: {reason}")
    listener = None
    if options.transport_url is not None:
        try:
            listener = _listen(options.transport_url, cloud)
        except TransportError as error:
            cloud.stop()
            usage_error(f"argument --transport-url: {error}")
    cloud.start()
    try:
        if listener is not None:
            listener.start()
            say("It listens to the notifications on the message bus.")
        entry = CloudEntry(cloud.auth_url, _USER, password, _PROJECT, _DOMAIN, cloud.settings.region)
        if clouds_file is not None:
            clouds_file.write(entry)
            say(f"{clouds_file.path} has the cloud {options.cloud_name}.")
        sys.stdout.write(_exports(entry))
        sys.stdout.flush()
        say(f"A cloud with {options.computes} computes of {options.vcpus} VCPUs is at {cloud.url}. Ctrl-C ends it.")
        process.wait_for_the_end()
    except CloudsFileError as error:
        say(f"doctor-maint cloud: {error}")
        return 1
    finally:
        if listener is not None:
            listener.stop()
        cloud.stop()
        clock.stop()
        cloud.join()
    say("The cloud is gone.")
    return 0


def _make_cloud(options: argparse.Namespace, clock: WallClock, password: str) -> EmbeddedCloud:
    # These take a second to import; who asks for --help need not wait for them.
    from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
    from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
    from pytest_doctor_maint.embedded.timings import Timings
    from pytest_doctor_maint.history import History
    from pytest_doctor_maint.simtime.ids import Ids

    # Memory and disk in proportion, so that the VCPUs are what runs out first.
    memory_mb, disk_gb = options.vcpus * 32768, options.vcpus * 512
    computes = [
        ComputeSpec(f"compute-{number}", options.vcpus, memory_mb, disk_gb) for number in range(1, options.computes + 1)
    ]
    settings = CloudSettings(computes, Timings().faster(options.speed), password)
    return EmbeddedCloud(clock, History(clock.now), Ids(None), settings, host=options.host, port=options.port)


def _listen(url: str, cloud: EmbeddedCloud) -> NotificationListener:
    def publish(event_type: str, payload: Mapping[str, Any], publisher_id: str | None) -> None:
        with cloud.core.lock:
            cloud.aodh.publish(event_type, payload, publisher_id)

    return NotificationListener(Transport(url), publish)


def _exports(entry: CloudEntry) -> str:
    variables = {
        "OS_AUTH_TYPE": "password",
        "OS_AUTH_URL": entry.auth_url,
        "OS_IDENTITY_API_VERSION": "3",
        "OS_USERNAME": entry.username,
        "OS_PASSWORD": entry.password,
        "OS_PROJECT_NAME": entry.project_name,
        "OS_USER_DOMAIN_NAME": entry.domain_name,
        "OS_PROJECT_DOMAIN_NAME": entry.domain_name,
        "OS_REGION_NAME": entry.region_name,
        "OS_INTERFACE": "public",
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number


def _password(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise argparse.ArgumentTypeError(f"must be letters, digits, dots, dashes and underscores, not {text!r}")
    return text

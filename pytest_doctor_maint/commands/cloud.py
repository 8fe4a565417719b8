"""``doctor-maint cloud``: the embedded cloud by itself, on the wall clock, for any client of OpenStack."""

from __future__ import annotations

import argparse
import secrets
import shlex
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.arguments import (
    add_address,
    cannot_listen,
    cloud_name,
    positive_number,
    whole_number,
)
from pytest_doctor_maint.commands.clouds_yaml import CloudEntry, CloudsFile, CloudsFileError
from pytest_doctor_maint.commands.long_history import LongHistory, add_history, write_history
from pytest_doctor_maint.commands.process import UsageError, say
from pytest_doctor_maint.commands.secret_options import ADMIN_PASSWORD, TRANSPORT_URL, add_secret, secret_of
from pytest_doctor_maint.openstack.listener import NotificationListener
from pytest_doctor_maint.openstack.transport import Transport, TransportError

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
    from pytest_doctor_maint.embedded.core import Recorder
    from pytest_doctor_maint.simtime.clock import WallClock

_USER = _PROJECT = "admin"
_DOMAIN = "Default"
_EPILOG = """\
The lines on stdout are for a shell; the last one sets OS_INTERFACE:

    doctor-maint cloud > openrc &
    until grep -qs OS_INTERFACE openrc; do sleep 0.1; done
    . ./openrc
    openstack hypervisor list

The cloud runs until Ctrl-C or SIGTERM, and keeps nothing but the file of --history.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "cloud",
        help="run the embedded OpenStack cloud by itself",
        description="Run the embedded OpenStack cloud by itself, in real time, for any client of OpenStack.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--computes", type=whole_number(1, 1000), default=4, metavar="N", help="the number of computes (default: 4)"
    )
    parser.add_argument(
        "--vcpus", type=whole_number(1, 1024), default=4, metavar="N", help="the VCPUs of each compute (default: 4)"
    )
    parser.add_argument(
        "--speed",
        type=positive_number,
        default=1.0,
        metavar="X",
        help="divide the durations of all operations by X (default: 1)",
    )
    add_address(parser, 0)
    parser.add_argument(
        "--clouds-yaml",
        type=Path,
        metavar="FILE",
        help="write an entry for the cloud into this clouds.yaml; other entries stay as they are",
    )
    parser.add_argument(
        "--cloud-name",
        type=cloud_name,
        default="doctor-maint",
        metavar="NAME",
        help="the name of the cloud in clouds.yaml (default: doctor-maint)",
    )
    add_secret(
        parser, "--admin-password", ADMIN_PASSWORD, "PASSWORD", "the password of the user admin (default: a random one)"
    )
    add_secret(
        parser,
        "--transport-url",
        TRANSPORT_URL,
        "URL",
        "listen to notifications on this message bus as well, for admin tools that use oslo.messaging: "
        "rabbit://USER:PASSWORD@HOST:PORT/; needs pip install 'pytest-doctor-maint[messaging]'",
    )
    add_history(parser, "what changes on the cloud")
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: UsageError) -> int:
    process.begin()

    from pytest_doctor_maint.report.progress import STEPS_OF_CLOUDS, Progress
    from pytest_doctor_maint.simtime.clock import WallClock

    clouds_file = _clouds_file(options, usage_error)
    password = secret_of(options, "--admin-password", ADMIN_PASSWORD) or secrets.token_urlsafe(12)
    transport_url = secret_of(options, "--transport-url", TRANSPORT_URL)
    clock = WallClock()
    clock.on_failure = process.show
    with ExitStack() as stack:
        recorder = LongHistory(clock.now, 0, lambda text: say(f"doctor-maint cloud: {text}"))
        write_history(recorder, options.history, usage_error)
        stack.callback(recorder.close)
        try:
            cloud = _make_cloud(options, clock, password, recorder)
        except OSError as error:
            usage_error(cannot_listen(options, error))
        stack.callback(process.end, "cloud", clock, cloud)
        if transport_url is not None:
            try:
                listener = _listen(transport_url, cloud)
            except TransportError as error:
                usage_error(f"argument --transport-url: {error}")
            stack.callback(listener.stop)
            listener.start()
            say("The cloud listens to notifications on the message bus.")
        cloud.start()
        entry = CloudEntry(cloud.auth_url, _USER, password, _PROJECT, _DOMAIN, cloud.settings.region)
        if clouds_file is not None:
            try:
                clouds_file.write(entry)
            except CloudsFileError as error:
                say(f"doctor-maint cloud: {error}")
                return 1
            say(f"The cloud {options.cloud_name} was added to {clouds_file.path}.")
        process.write(_exports(entry))
        say(f"A cloud with {options.computes} computes of {options.vcpus} VCPUs is at {cloud.url}. Ctrl-C ends it.")
        with process.showing_progress("cloud", recorder, Progress(STEPS_OF_CLOUDS, "serving")):
            process.wait_for_the_end()
    say("The cloud has ended.")
    return 0


def _clouds_file(options: argparse.Namespace, usage_error: UsageError) -> CloudsFile | None:
    """Return the file that the cloud is added to, which must be writable; None without ``--clouds-yaml``."""
    if options.clouds_yaml is None:
        return None
    clouds_file = CloudsFile(options.clouds_yaml, options.cloud_name)
    try:
        clouds_file.check()
    except CloudsFileError as error:
        usage_error(f"argument --clouds-yaml: {error}")
    return clouds_file


def _make_cloud(options: argparse.Namespace, clock: WallClock, password: str, recorder: Recorder) -> EmbeddedCloud:
    # These imports take a second, which --help does not need.
    from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
    from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
    from pytest_doctor_maint.embedded.timings import Timings
    from pytest_doctor_maint.simtime.ids import Ids

    # Memory and disk in proportion, so that the VCPUs run out first.
    memory_mb, disk_gb = options.vcpus * 32768, options.vcpus * 512
    computes = [
        ComputeSpec(f"compute-{number}", options.vcpus, memory_mb, disk_gb) for number in range(1, options.computes + 1)
    ]
    settings = CloudSettings(computes, Timings().faster(options.speed), password)
    return EmbeddedCloud(
        clock,
        recorder,
        Ids(None),
        settings,
        host=options.host,
        port=options.port,
        public_host=options.public_host,
    )


def _listen(url: str, cloud: EmbeddedCloud) -> NotificationListener:
    """Return a listener that passes the notifications on a message bus to the cloud's Aodh."""

    def publish(event_type: str, payload: Mapping[str, Any], publisher_id: str | None) -> None:
        with cloud.core.lock:
            cloud.aodh.publish(event_type, payload, publisher_id)

    return NotificationListener(Transport(url), publish)


def _exports(entry: CloudEntry) -> str:
    """Return the lines with which a shell exports the variables that OpenStack's clients read."""
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

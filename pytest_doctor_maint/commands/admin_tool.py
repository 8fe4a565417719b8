"""``doctor-maint admin-tool``: an admin tool by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from pytest_doctor_maint.cloud.transport import Transport, TransportError
from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.process import say, show, whole_number
from pytest_doctor_maint.protocol.profile import FENIX_REPLY, FENIX_SCALE_IN_REPLY

if TYPE_CHECKING:
    from openstack.connection import Connection

    from pytest_doctor_maint.admin_tool.sample import AdminTool
    from pytest_doctor_maint.clock import WallClock

TYPES = ("sample", "fenix")
#: Where Doctor and Fenix expect an admin tool.
_PORT = 12347
#: Fenix's own settings, with the steps that they are for and their defaults in seconds.
_WINDOWS = {
    "project_maintenance_reply": ("MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE", FENIX_REPLY),
    "project_scale_in_reply": ("SCALE_IN and MAINTENANCE_COMPLETE", FENIX_SCALE_IN_REPLY),
}
_EPILOG = """\
The line on stdout is its URL, which pytest can be attached to:

    doctor-maint cloud --clouds-yaml clouds.yaml --cloud-name lab &
    doctor-maint admin-tool --type fenix --os-cloud lab &
    pytest -p doctor_maint --admin-tool=http://127.0.0.1:12347/v1 --os-cloud=lab

The cloud's user needs the admin role. What is emitted goes to the service of type doctor-maint-notifications in the
cloud's catalog, which only doctor-maint cloud has, or to the message bus of --transport-url, as that of a real Fenix
does. It runs until Ctrl-C or SIGTERM; sessions that are under way then stay as they are.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "admin-tool",
        help="run an admin tool by itself",
        description="Run an admin tool by itself, in real time, on a cloud of clouds.yaml.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--type", choices=TYPES, default="sample", help="which one (default: sample)")
    parser.add_argument("--os-cloud", required=True, metavar="NAME", help="the cloud, by its name in clouds.yaml")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        default=_PORT,
        help=f"the port to listen on; 0 takes a free one (default: {_PORT})",
    )
    parser.add_argument(
        "--work",
        type=whole_number(0, 86400),
        default=60,
        metavar="SECONDS",
        help="how long the work on one compute takes (default: 60)",
    )
    for name, (steps, seconds) in _WINDOWS.items():
        parser.add_argument(
            _option(name),
            type=whole_number(1, 86400),
            metavar="SECONDS",
            help=f"how long a project has to answer {steps}, with --type fenix (default: {seconds:g})",
        )
    parser.add_argument(
        "--transport-url",
        metavar="URL",
        help="emit on this message bus (rabbit://USER:PASSWORD@HOST:PORT/; takes the extra messaging)",
    )
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: Callable[[str], NoReturn]) -> int:
    process.begin()
    if options.type != "fenix" and (given := [name for name in _WINDOWS if getattr(options, name) is not None]):
        usage_error(f"argument {_option(given[0])}: only Fenix has it, not --type {options.type}")
    transport = None
    if options.transport_url is not None:
        try:
            transport = Transport(options.transport_url)
        except TransportError as error:
            usage_error(f"argument --transport-url: {error}")
    # These take a second to import; who asks for --help need not wait for them.
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    from pytest_doctor_maint.clock import WallClock
    from pytest_doctor_maint.cloud.connection import UnknownCloud, connect_named, disconnect

    clock = WallClock()
    clock.on_failure = show
    try:
        connection = connect_named(clock, options.os_cloud)
    except UnknownCloud as error:
        usage_error(f"argument --os-cloud: {error}")
    try:
        tool = _make(options, clock, connection, transport)
    except (SDKException, ClientException) as error:
        say(f"doctor-maint admin-tool: the cloud {options.os_cloud} does not let us in: {error}")
        disconnect(connection)
        return 1
    except OSError as error:
        usage_error(
            f"argument --host, --port: cannot listen on {options.host}:{options.port}: {error.strerror or error}"
        )
    try:
        tool.start()
        sys.stdout.write(f"{tool.url}\n")
        sys.stdout.flush()
        say(f"The admin tool {options.type} serves the cloud {options.os_cloud} at {tool.url}. Ctrl-C ends it.")
        process.wait_for_the_end()
    except (SDKException, ClientException) as error:
        say(f"doctor-maint admin-tool: the cloud {options.os_cloud} refused: {error}")
        return 1
    finally:
        tool.stop()
        clock.stop()
        tool.join()
        if transport is not None:
            transport.close()
        disconnect(connection)
    say("The admin tool is gone.")
    return 0


def _make(
    options: argparse.Namespace, clock: WallClock, connection: Connection, transport: Transport | None
) -> AdminTool:
    from pytest_doctor_maint.admin_tool.fenix.fenix import Fenix, FenixSettings
    from pytest_doctor_maint.admin_tool.sample import AdminTool, AdminToolSettings
    from pytest_doctor_maint.cloud.bus_notifier import BusNotifier
    from pytest_doctor_maint.cloud.notifier import HttpNotifier
    from pytest_doctor_maint.history import History, Ids

    history = History(clock.now)
    # Asking who we are is also the first test of whether the cloud knows us.
    admin_project = connection.session.get_project_id() or ""
    notifier = HttpNotifier(connection, history) if transport is None else BusNotifier(transport, history, clock)

    def work(host: str) -> None:
        clock.sleep(options.work)

    if options.type == "fenix":
        fenix = FenixSettings(
            work=work,
            host=options.host,
            port=options.port,
            project_maintenance_reply=_window(options, "project_maintenance_reply"),
            project_scale_in_reply=_window(options, "project_scale_in_reply"),
        )
        return Fenix(clock, history, Ids(None), connection, notifier, admin_project, fenix)
    settings = AdminToolSettings(work=work, host=options.host, port=options.port)
    return AdminTool(clock, history, Ids(None), connection, notifier, admin_project, settings)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _window(options: argparse.Namespace, name: str) -> float:
    given: int | None = getattr(options, name)
    return _WINDOWS[name][1] if given is None else float(given)

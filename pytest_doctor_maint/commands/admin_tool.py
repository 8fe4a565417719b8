"""``doctor-maint admin-tool``: an admin tool by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, TypeVar

from pytest_doctor_maint.commands import actor, process
from pytest_doctor_maint.commands.actor import Stage, UsageError
from pytest_doctor_maint.commands.process import whole_number
from pytest_doctor_maint.openstack.transport import Transport, TransportError
from pytest_doctor_maint.protocol.dialect import FENIX_REPLY, FENIX_SCALE_IN_REPLY

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.contract import AdminToolActor

Settings = TypeVar("Settings")

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
    actor.add_options(parser, _PORT)
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


def _run(options: argparse.Namespace, usage_error: UsageError) -> int:
    if options.type != "fenix" and (given := [name for name in _WINDOWS if getattr(options, name) is not None]):
        usage_error(f"argument {_option(given[0])}: only Fenix has it, not --type {options.type}")
    # The bus may have threads of its own.
    process.begin()
    transport = None
    if options.transport_url is not None:
        try:
            transport = Transport(options.transport_url)
        except TransportError as error:
            usage_error(f"argument --transport-url: {error}")
    try:
        return actor.run(
            options,
            usage_error,
            "admin-tool",
            f"The admin tool {options.type}",
            make=lambda stage: _make(options, stage, transport),
            begin=lambda stage, tool: tool.url,
        )
    finally:
        if transport is not None:
            transport.close()


def _make(options: argparse.Namespace, stage: Stage, transport: Transport | None) -> AdminToolActor:
    from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
    from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
    from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
    from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
    from pytest_doctor_maint.actors.contract import AdminToolContext
    from pytest_doctor_maint.openstack.bus_notifier import BusNotifier
    from pytest_doctor_maint.openstack.notifier import HttpNotifier
    from pytest_doctor_maint.simtime.ids import Ids

    clock, history, connection = stage.clock, stage.history, stage.connection
    notifier = HttpNotifier(connection, history) if transport is None else BusNotifier(transport, history, clock)

    def context(settings: Settings) -> AdminToolContext[Settings]:
        return AdminToolContext(clock, history, Ids(None), connection, notifier, stage.project_id, settings)

    if options.type == "fenix":
        fenix = FenixSettings(
            work_seconds=options.work,
            host=options.host,
            port=options.port,
            project_maintenance_reply=_window(options, "project_maintenance_reply"),
            project_scale_in_reply=_window(options, "project_scale_in_reply"),
        )
        return Fenix(context(fenix))
    return SampleAdminTool(context(AdminToolSettings(work_seconds=options.work, host=options.host, port=options.port)))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _window(options: argparse.Namespace, name: str) -> float:
    given: int | None = getattr(options, name)
    return _WINDOWS[name][1] if given is None else float(given)

"""``doctor-maint admin-tool``: an admin tool by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_doctor_maint.commands import actor
from pytest_doctor_maint.commands.actor import Stage, UsageError
from pytest_doctor_maint.commands.process import whole_number

if TYPE_CHECKING:
    from pytest_doctor_maint.admin_tool.sample import AdminTool

TYPES = ("sample", "fenix")
#: Where Doctor and Fenix expect an admin tool.
_PORT = 12347
_EPILOG = """\
The line on stdout is its URL, which pytest can be attached to:

    doctor-maint cloud --clouds-yaml clouds.yaml --cloud-name lab &
    doctor-maint admin-tool --type fenix --os-cloud lab &
    pytest -p doctor_maint --admin-tool=http://127.0.0.1:12347/v1 --os-cloud=lab

The cloud's user needs the admin role. What is emitted goes to the service of type doctor-maint-notifications in the
cloud's catalog. It runs until Ctrl-C or SIGTERM; sessions
that are under way then stay as they are.
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
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: UsageError) -> int:
    return actor.run(
        options,
        usage_error,
        "admin-tool",
        f"The admin tool {options.type}",
        make=lambda stage: _make(options, stage),
        begin=lambda stage, tool: tool.url,
    )


def _make(options: argparse.Namespace, stage: Stage) -> AdminTool:
    from pytest_doctor_maint.admin_tool.fenix.fenix import Fenix, FenixSettings
    from pytest_doctor_maint.admin_tool.sample import AdminTool, AdminToolSettings
    from pytest_doctor_maint.cloud.notifier import HttpNotifier
    from pytest_doctor_maint.history import Ids

    clock, history, connection, admin_project = stage.clock, stage.history, stage.connection, stage.project_id
    set_to = FenixSettings if options.type == "fenix" else AdminToolSettings
    settings = set_to(work=lambda host: clock.sleep(options.work), host=options.host, port=options.port)
    notifier = HttpNotifier(connection, history)
    if isinstance(settings, FenixSettings):
        return Fenix(clock, history, Ids(None), connection, notifier, admin_project, settings)
    return AdminTool(clock, history, Ids(None), connection, notifier, admin_project, settings)

"""``doctor-maint inspector``: the sample Inspector by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_doctor_maint.commands import actor
from pytest_doctor_maint.commands.actor import Stage, UsageError

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.inspector.sample import Inspector

#: Where Doctor expects an Inspector.
_PORT = 12345
_EPILOG = """\
The line on stdout is the URL where it takes alarms, which pytest can be attached to:

    doctor-maint cloud --clouds-yaml clouds.yaml --cloud-name lab &
    doctor-maint inspector --os-cloud lab --no-subscribe &
    pytest -p doctor_maint --inspector=http://127.0.0.1:12345/maintenance --os-cloud=lab

Monitors report failures with PUT /events there. The cloud's user needs the admin role. It runs until Ctrl-C or SIGTERM,
and takes its alarm back then.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "inspector",
        help="run an Inspector by itself",
        description="Run the sample Inspector by itself, in real time, on a cloud of clouds.yaml.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actor.add_options(parser, _PORT)
    actor.add_no_subscribe(parser)
    parser.set_defaults(run=lambda options: _run(options, parser.error))


def _run(options: argparse.Namespace, usage_error: UsageError) -> int:
    return actor.run(
        options,
        usage_error,
        "inspector",
        "The Inspector",
        make=lambda stage: _make(options, stage),
        begin=lambda stage, inspector: _begin(options, stage, inspector),
    )


def _make(options: argparse.Namespace, stage: Stage) -> Inspector:
    from pytest_doctor_maint.actors.contract import InspectorContext
    from pytest_doctor_maint.actors.inspector.sample import Inspector

    return Inspector(
        InspectorContext(stage.clock, stage.history, stage.connection, host=options.host, port=options.port)
    )


def _begin(options: argparse.Namespace, stage: Stage, inspector: Inspector) -> str:
    if not options.no_subscribe:
        inspector.subscribe()
        stage.undo("the Inspector's alarm", inspector.unsubscribe)
    return f"{inspector.url}/maintenance"

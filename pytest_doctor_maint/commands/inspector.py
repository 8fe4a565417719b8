"""``doctor-maint inspector``: an Inspector by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pytest_doctor_maint.actors.registry import INSPECTORS
from pytest_doctor_maint.commands.actor import ActorRun, add_alarm_options, add_options, alarm_url
from pytest_doctor_maint.commands.process import say

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.contract import InspectorActor

#: Where Doctor expects an Inspector.
_PORT = 12345
_EPILOG = """\
The line on stdout is the URL that takes alarms, to which pytest can attach. With --no-subscribe it holds a secret,
without which an alarm is refused, unless --open was given. Run each of these commands in a terminal of its own, after
the one before has written its line:

    doctor-maint cloud --clouds-yaml clouds.yaml --cloud-name lab
    doctor-maint inspector --os-cloud lab --no-subscribe
    pytest -p doctor_maint --inspector=URL --os-cloud=lab

Monitors report failures with PUT to the URL on stderr, which holds a secret, too. The user of the cloud needs the admin
role. The Inspector runs until Ctrl-C or SIGTERM, and then deletes its alarm.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "inspector",
        help="run an Inspector by itself",
        description="Run an Inspector by itself, in real time, on a cloud of clouds.yaml.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser, _PORT, INSPECTORS)
    add_alarm_options(parser)
    parser.set_defaults(run=lambda options: InspectorRun(options, parser.error, INSPECTORS).run())


class InspectorRun(ActorRun["InspectorActor"]):
    """An Inspector with its alarm."""

    command = "inspector"

    @property
    def title(self) -> str:
        return f"The Inspector {self.options.type}"

    def make(self) -> InspectorActor:
        from pytest_doctor_maint.actors.contract import InspectorContext

        made: InspectorActor = self.spec.make(
            InspectorContext(
                self.clock,
                self.history,
                self.connection,
                host=self.options.host,
                port=self.options.port,
                public_host=self.options.public_host,
                is_open=self.options.open,
            )
        )
        return made

    def prepare(self, actor: InspectorActor) -> str:
        if not self.options.no_subscribe:
            self.cleanup.add("the Inspector's alarm", actor.unsubscribe)
            actor.subscribe()
        say(f"Monitors report with PUT {getattr(actor, 'monitor_url', actor.url)}/events.")
        return alarm_url(actor, no_subscribe=self.options.no_subscribe)

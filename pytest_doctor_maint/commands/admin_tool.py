"""``doctor-maint admin-tool``: an admin tool by itself, on the wall clock, on a cloud of clouds.yaml."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS
from pytest_doctor_maint.commands import process
from pytest_doctor_maint.commands.actor import ActorRun, add_options
from pytest_doctor_maint.commands.arguments import positive_number, whole_number
from pytest_doctor_maint.commands.process import UsageError
from pytest_doctor_maint.commands.secret_options import TRANSPORT_URL, add_secret, secret_of
from pytest_doctor_maint.openstack.transport import Transport, TransportError

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.contract import AdminToolActor, Notifier

#: Where Doctor and Fenix expect an admin tool.
_PORT = 12347
_DAY = 86400


@dataclass(frozen=True, slots=True)
class _SettingOption:
    """An option that stands for a field of the settings of an admin tool.

    Attributes:
        option: The option.
        field: The field.
        read: Reads the value, in seconds.
        help: The help text.
    """

    option: str
    field: str
    read: Callable[[str], float]
    help: str


_SETTINGS = (
    _SettingOption(
        "--work", "work_seconds", whole_number(0, _DAY), "how long the work on one compute takes (default: 60)"
    ),
    _SettingOption("--poll", "poll_seconds", positive_number, "the poll interval while a server moves (default: 2)"),
    _SettingOption(
        "--project-maintenance-reply",
        "project_maintenance_reply",
        whole_number(1, _DAY),
        "the time in which a project must reply to MAINTENANCE, PREPARE_MAINTENANCE and PLANNED_MAINTENANCE, with "
        "--type fenix (default: 20)",
    ),
    _SettingOption(
        "--project-scale-in-reply",
        "project_scale_in_reply",
        whole_number(1, _DAY),
        "the time in which a project must reply to SCALE_IN and MAINTENANCE_COMPLETE, with --type fenix (default: 60)",
    ),
)
#: The dialects among which ``--words`` chooses.
_WORDS = {"use-case": "SAMPLE", "2020": "SAMPLE_2020"}
_EPILOG = """\
The line on stdout is the URL of the admin tool, to which pytest can attach. Run each of these commands in a terminal
of its own, after the one before has written its line:

    doctor-maint cloud --clouds-yaml clouds.yaml --cloud-name lab
    doctor-maint admin-tool --type fenix --os-cloud lab
    pytest -p doctor_maint --admin-tool=http://127.0.0.1:12347/v1 --os-cloud=lab

The user of the cloud needs the admin role. Notifications go to the service of type doctor-maint-notifications in the
cloud's catalog, which only doctor-maint cloud has, or to the message bus of --transport-url, as those of a real Fenix
do. The admin tool runs until Ctrl-C or SIGTERM; sessions in progress then stay as they are.
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
    add_options(parser, _PORT, ADMIN_TOOLS)
    for each in _SETTINGS:
        parser.add_argument(each.option, dest=each.field, type=each.read, metavar="SECONDS", help=each.help)
    parser.add_argument(
        "--words",
        choices=_WORDS,
        help="the words of --type sample: those of the use case (DOWN_SCALE, ADMIN_ACTION_DONE; the default), or those "
        "of Doctor's last release (SCALE_IN, INSTANCE_ACTION_DONE), for app managers that know no others",
    )
    parser.add_argument(
        "--require-token",
        action="store_true",
        help="take the requests of the infrastructure admin only with a token of Keystone that has the admin role, as "
        "--type fenix always does",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        help="take the replies of projects to --type sample from any client that can reach it, also those without the "
        "secret that is in the reply_url of each message: for app managers that make up the URL themselves",
    )
    add_secret(
        parser,
        "--transport-url",
        TRANSPORT_URL,
        "URL",
        "emit notifications on this message bus: rabbit://USER:PASSWORD@HOST:PORT/; needs "
        "pip install 'pytest-doctor-maint[messaging]'",
    )
    parser.set_defaults(run=lambda options: AdminToolRun(options, parser.error).run())


class AdminToolRun(ActorRun["AdminToolActor"]):
    """An admin tool with its settings and its notifier.

    Attributes:
        settings: The settings of the operator.
        transport: The message bus; None to emit to the notification service in the cloud's catalog.
    """

    command = "admin-tool"

    def __init__(self, options: argparse.Namespace, usage_error: UsageError) -> None:
        super().__init__(options, usage_error, ADMIN_TOOLS)
        self.settings = self._settings()
        self.transport: Transport | None = None

    @property
    def title(self) -> str:
        return f"The admin tool {self.options.type}"

    def run(self) -> int:
        # Signals are blocked before the message bus is connected, which may start threads. The bus comes before the
        # cloud.
        process.begin()
        self.transport = self._connect_to_bus()
        try:
            return super().run()
        finally:
            if self.transport is not None:
                self.transport.close()

    def make(self) -> AdminToolActor:
        from pytest_doctor_maint.actors.contract import AdminToolContext
        from pytest_doctor_maint.simtime.ids import Ids

        made: AdminToolActor = self.spec.make(
            AdminToolContext(
                clock=self.clock,
                history=self.history,
                ids=Ids(None),
                connection=self.connection,
                notifier=self._notifier(),
                admin_project_id=self.project_id,
                settings=self.settings,
            )
        )
        return made

    def _notifier(self) -> Notifier:
        from pytest_doctor_maint.openstack.bus_notifier import BusNotifier
        from pytest_doctor_maint.openstack.notifier import HttpNotifier

        if self.transport is None:
            return HttpNotifier(self.connection, self.history)
        return BusNotifier(self.transport, self.history, self.clock)

    def _settings(self) -> Any:
        """Return the default settings of the admin tool with the values of the options.

        The type is Any because each admin tool has settings of its own type. An option is a usage error if the settings
        of the chosen admin tool have no field for it.
        """
        default: Any = None if self.spec.settings is None else self.spec.settings()
        known = {each.name for each in fields(default)} if is_dataclass(default) else set()
        given: dict[str, Any] = {}
        if (words := self.options.words) is not None:
            from pytest_doctor_maint import protocol

            if self.spec.dialect is not protocol.SAMPLE or "dialect" not in known:
                self.usage_error(f"argument --words: the admin tool {self.options.type} has no such setting")
            given["dialect"] = getattr(protocol, _WORDS[words])
        for each in _SETTINGS:
            if (value := getattr(self.options, each.field)) is None:
                continue
            if each.field not in known:
                self.usage_error(f"argument {each.option}: the admin tool {self.options.type} has no such setting")
            given[each.field] = float(value)
        if self.options.require_token and "require_token" not in known:
            self.usage_error(f"argument --require-token: the admin tool {self.options.type} has no such setting")
        if self.options.open and ("is_open" not in known or self.options.type == "fenix"):
            self.usage_error(f"argument --open: the admin tool {self.options.type} has no such setting")
        names = ("host", "port", "public_host", "require_token")
        address = {name: getattr(self.options, name) for name in names if name in known}
        if "is_open" in known:
            address["is_open"] = self.options.open
        return replace(default, **given, **address) if known else default

    def _connect_to_bus(self) -> Transport | None:
        url = secret_of(self.options, "--transport-url", TRANSPORT_URL)
        if url is None:
            return None
        try:
            return Transport(url)
        except TransportError as error:
            self.usage_error(f"argument --transport-url: {error}")

"""The table of settings: the name of each in every place where it can be given, and its default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_doctor_maint.plugin.settings.values import (
    choices,
    chooser,
    read_actions,
    read_bus,
    read_cloud,
    read_computes,
    read_faults,
    read_file,
    read_folder,
    read_project,
    read_seconds,
    read_seed,
    read_wire,
    read_workflow,
    shown,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name in every place where it can be given, and the reader of its value.

    Attributes:
        field: The field of `Settings` that gets the value.
        title: The name of the setting in the header.
        keyword: The keyword of the marker; the ini key is this with a prefix.
        option: The option of the command line.
        metavar: The placeholder of the option's value in the help text.
        variable: The environment variable; None if no variable has the setting.
        default: The value that holds if no source has another one.
        read: Reads a raw value, given the folder that relative paths start from. It raises ValueError with what is
            wrong and what is allowed; the caller adds the place that the value came from.
        help: The help text, without choices and default.
        repeatable: True if the option may be given several times; its raw value is then a list.
        empty: The text that is shown for a value without items.
        of_session: True if the whole run of pytest has one value, so that no marker can give it.
    """

    field: str
    title: str
    keyword: str
    option: str
    metavar: str
    variable: str | None
    default: Any
    read: Callable[[object, Path], Any]
    help: str
    repeatable: bool = False
    empty: str = "none"
    of_session: bool = False

    @property
    def ini(self) -> str:
        """The name of the ini key."""
        return f"doctor_maint_{self.keyword}"

    @property
    def dest(self) -> str:
        """The name under which pytest keeps the option."""
        return f"doctor_maint_{self.keyword}"

    def show(self, value: object) -> str:
        """Return a value as the header and the help text show it."""
        return self.empty if value == () else shown(value)

    @property
    def help_text(self) -> str:
        """The help text, with the choices and the default."""
        allowed = choices(self.field)
        return f"{self.help} ({', '.join(allowed)}{'; ' if allowed else ''}default: {self.show(self.default)})"


SETTINGS: tuple[Setting, ...] = (
    Setting(
        field="admin_tool",
        title="admin tool",
        keyword="admin_tool",
        option="--admin-tool",
        metavar="NAME|URL",
        variable="ADMIN_TOOL_TYPE",
        default="sample",
        read=chooser("admin_tool", "the admin tool"),
        help="the admin tool under test",
    ),
    Setting(
        field="app_manager",
        title="app manager",
        keyword="app_manager",
        option="--app-manager",
        metavar="NAME|URL",
        variable="APP_MANAGER_TYPE",
        default="sample",
        read=chooser("app_manager", "the app manager"),
        help="the app manager under test",
    ),
    Setting(
        field="app_manager_project",
        title="app manager project",
        keyword="app_manager_project",
        option="--app-manager-project",
        metavar="NAME",
        variable=None,
        default="doctor",
        read=read_project,
        help="the project of the application, for an app manager that is given by its URL",
    ),
    Setting(
        field="inspector",
        title="inspector",
        keyword="inspector",
        option="--inspector",
        metavar="NAME|URL",
        variable="INSPECTOR_TYPE",
        default="sample",
        read=chooser("inspector", "the inspector"),
        help="the inspector under test",
    ),
    Setting(
        field="workflow",
        title="workflow",
        keyword="workflow",
        option="--maint-workflow",
        metavar="NAME",
        variable=None,
        default=None,
        read=read_workflow,
        help="the workflow that the sessions ask for; if not given, the workflow that the app manager is made for",
    ),
    Setting(
        field="computes",
        title="computes",
        keyword="computes",
        option="--computes",
        metavar="N[,N...]",
        variable=None,
        default=(3,),
        read=read_computes,
        help="the number of computes: 3, or a list such as 3,4,8; each test runs once with each number",
        empty="all",
    ),
    Setting(
        field="os_cloud",
        title="cloud",
        keyword="os_cloud",
        option="--os-cloud",
        metavar="NAME",
        variable="OS_CLOUD",
        default="embedded",
        read=read_cloud,
        help="the cloud to test on: the embedded cloud in simulated time, or a cloud of clouds.yaml on the wall clock",
    ),
    Setting(
        field="wire",
        title="wire",
        keyword="wire",
        option="--maint-wire",
        metavar="NAME",
        variable=None,
        default="socket",
        read=read_wire,
        help="how requests reach the servers of a run on the embedded cloud: through sockets, or, faster and with the "
        "same history, in the memory of the process",
    ),
    Setting(
        field="transport_url",
        title="message bus",
        keyword="transport_url",
        option="--maint-transport-url",
        metavar="URL",
        variable="MAINT_TRANSPORT_URL",
        default=None,
        read=read_bus,
        help="the message bus of the cloud, rabbit://USER:PASSWORD@HOST:PORT/, on which the admin tool emits; without "
        "it, the admin tool emits to the notification service of doctor-maint cloud",
    ),
    Setting(
        field="seed",
        title="seed",
        keyword="seed",
        option="--maint-seed",
        metavar="N|random",
        variable=None,
        default=1,
        read=read_seed,
        help="the seed of the run: one seed always produces the same history; random draws a seed and shows it",
    ),
    Setting(
        field="faults",
        title="faults",
        keyword="faults",
        option="--maint-fault",
        metavar="NAME[:KEY=VALUE,...]",
        variable=None,
        default=(),
        read=read_faults,
        help="a fault that is armed in each run (may be given several times), such as compute_dies:host=compute-2; "
        "doctor-maint list faults shows them",
        repeatable=True,
    ),
    Setting(
        field="actions",
        title="action plug-ins",
        keyword="actions",
        option="--maint-action",
        metavar="NAME:TYPE[,KEY=VALUE,...]",
        variable=None,
        default=(),
        read=read_actions,
        help="an action plug-in that each session asks for (may be given several times), such as upgrade:host; "
        "doctor-maint list actions shows them",
        repeatable=True,
    ),
    Setting(
        field="patience",
        title="patience",
        keyword="patience",
        option="--maint-patience",
        metavar="SECONDS",
        variable=None,
        default=None,
        read=read_seconds,
        help="the seconds without anything new on the wire or in the cloud after which a session counts as hanging; "
        "unless given, the longest window of the admin tool and some minutes",
    ),
    Setting(
        field="history_dir",
        title="history",
        keyword="history",
        option="--maint-history",
        metavar="DIR",
        variable=None,
        default=None,
        read=read_folder,
        help="the folder in which each test's history is saved, as JSON lines",
    ),
    Setting(
        field="result_file",
        title="result",
        keyword="result",
        option="--maint-result",
        metavar="FILE",
        variable="MAINT_RESULT",
        default=None,
        read=read_file,
        help="the file to which the verdict and the result of every test are written, as JSON; doctor-maint "
        "result-schema prints its schema",
        of_session=True,
    ),
)

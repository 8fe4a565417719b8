"""Checks of values that are each allowed, but not together."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.actors.registry import ACTIONS
from pytest_doctor_maint.plugin.settings.errors import SettingsError
from pytest_doctor_maint.plugin.settings.table import SETTINGS
from pytest_doctor_maint.plugin.settings.values import (
    ACTORS,
    EMBEDDED,
    admin_tool_spec,
    is_remote,
    spec_of,
    why_not_writable,
)
from pytest_doctor_maint.refusal import suggestion
from pytest_doctor_maint.registry import BrokenEntry

#: The options of pytest and its plugins that name reports, the names under which pytest keeps them, and whether each
#: names a folder.
OUTPUTS = (("--junitxml", "xmlpath", False), ("--alluredir", "allure_report_dir", True), ("--html", "htmlpath", False))

Values = Mapping[str, Any]
Sources = Mapping[str, str]


def check_combination(values: Values, sources: Sources, *, workers: int) -> None:
    """Refuse values that do not go together.

    Args:
        values: The value of each setting, by its field.
        sources: Where each value comes from, by the same names.
        workers: The number of workers of pytest-xdist.

    Raises:
        SettingsError: Two values do not go together; the message names both, where they come from, and what is allowed.
    """
    _check_admin_tool(values, sources)
    _check_reach(values, sources)
    if values["os_cloud"] != EMBEDDED and workers > 1:
        raise SettingsError(
            f"{sources['os_cloud']}: the cloud {values['os_cloud']!r} can run one scenario at a time, but "
            f"xdist has {workers} workers; allowed: pytest without -n"
        )


def check_outputs(config: pytest.Config) -> None:
    """Refuse paths of reports that cannot be written, also those of other plugins: a run would be for nothing.

    Raises:
        SettingsError: A report cannot be written; the message names the option.
    """
    if hasattr(config, "workerinput"):
        # The controller of xdist writes the reports, and has checked them.
        return
    for option, dest, is_folder in OUTPUTS:
        raw = config.getoption(dest, None)
        if not raw:
            continue
        path = config.invocation_params.dir / Path(os.path.expandvars(raw)).expanduser()
        trouble = why_not_writable(path if is_folder else path.parent)
        if trouble:
            what = "folder" if is_folder else "file"
            raise SettingsError(
                f"{option}: {raw!r} cannot be written: {trouble}; allowed: the path of a {what} that can be"
            )


def default_workflow(values: Values, sources: Sources) -> str:
    """Return the workflow that the app manager is made for.

    Raises:
        SettingsError: The app manager comes through an entry point that cannot be loaded.
    """
    app_manager = values["app_manager"]
    if is_remote(app_manager):
        return "default"
    try:
        return spec_of("app_manager", app_manager).default_workflow
    except BrokenEntry as error:
        raise SettingsError(f"{sources['app_manager']}: {error}") from None


def _check_admin_tool(values: Values, sources: Sources) -> None:
    """Refuse an app manager that needs what the admin tool does not offer, and a workflow or action plug-ins that it
    does not have.

    A VNFM sets constraints before its project gets any message. With an admin tool that takes no constraints, a
    scenario would pass without testing them.
    """
    try:
        offered = admin_tool_spec(values["admin_tool"])
        needs = frozenset() if is_remote(values["app_manager"]) else spec_of("app_manager", values["app_manager"]).needs
    except BrokenEntry as error:
        raise SettingsError(str(error)) from None
    admin_tool = f"the admin tool {values['admin_tool']!r} ({sources['admin_tool']})"
    if missing := sorted(needs - offered.provides):
        raise SettingsError(
            f"{sources['app_manager']}: the app manager {values['app_manager']!r} sets {', '.join(missing)}, which "
            f"{admin_tool} does not take; allowed with it: sample"
        )
    if values["workflow"] not in offered.workflows:
        raise SettingsError(
            f"{sources['workflow']}: {admin_tool} has no workflow {values['workflow']!r}"
            f"{suggestion(values['workflow'], offered.workflows)}; allowed with it: "
            f"{', '.join(offered.workflows)}"
        )
    if values["actions"] and ACTIONS not in offered.provides:
        raise SettingsError(
            f"{sources['actions']}: {admin_tool} runs no action plug-ins; allowed with it: no {ACTIONS}"
        )


def _check_reach(values: Values, sources: Sources) -> None:
    """Refuse an actor elsewhere on the cloud of this process, whose time is simulated, and a message bus for an admin
    tool elsewhere.
    """
    if values["transport_url"] is not None and is_remote(values["admin_tool"]):
        raise SettingsError(
            f"{sources['transport_url']}: the admin tool at {values['admin_tool']} has a message bus of its own; "
            "allowed with this one: an admin tool given by its name"
        )
    if values["os_cloud"] != EMBEDDED:
        if values["wire"] != "socket":
            raise SettingsError(
                f"{sources['wire']}: the cloud {values['os_cloud']!r} ({sources['os_cloud']}) is reached through "
                f"sockets alone, not the wire {values['wire']!r}; allowed with it: socket"
            )
        return
    if values["transport_url"] is not None:
        raise SettingsError(
            f"{sources['transport_url']}: the embedded cloud ({sources['os_cloud']}) listens to no message bus; "
            "allowed with one: --os-cloud=NAME of a cloud in clouds.yaml"
        )
    for setting in SETTINGS:
        if setting.field in ACTORS and is_remote(values[setting.field]):
            raise SettingsError(
                f"{sources[setting.field]}: the {setting.title} at {values[setting.field]} runs in real time, and "
                f"cannot reach the embedded cloud ({sources['os_cloud']}), whose time is simulated; "
                "allowed with it: --os-cloud=NAME of a cloud in clouds.yaml"
            )

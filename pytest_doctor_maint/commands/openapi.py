"""``doctor-maint openapi``: the OpenAPI document of an actor's own API."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.http import App


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "openapi",
        help="print the OpenAPI document of an actor's own API",
        description="Print the OpenAPI document (JSON) of the API of an actor of this package. It is made of the "
        "routes that the actor serves and of the models that check what they take.",
    )
    parser.add_argument("actor", choices=list(ACTORS), help="whose API")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the document that `options` name; return the exit code."""
    sys.stdout.write(json.dumps(document_of(options.actor), indent=2) + "\n")
    return 0


def document_of(actor: str) -> dict[str, Any]:
    """Return the OpenAPI document of one of :data:`ACTORS`."""
    from pytest_doctor_maint.simtime.http.openapi import document

    title, app = ACTORS[actor]
    return document(app(), title=title, version=version("pytest-doctor-maint"))


def _sample() -> type[App]:
    from pytest_doctor_maint.actors.admin_tool.sample.api import SampleApi

    return SampleApi


def _fenix() -> type[App]:
    from pytest_doctor_maint.actors.admin_tool.fenix.api import FenixApi

    return FenixApi


def _app_manager() -> type[App]:
    from pytest_doctor_maint.openstack.alarm_api import AlarmApi

    return AlarmApi


def _inspector() -> type[App]:
    from pytest_doctor_maint.actors.inspector.sample import InspectorApi

    return InspectorApi


ACTORS: Mapping[str, tuple[str, Callable[[], type[App]]]] = {
    "sample": ("The sample admin tool", _sample),
    "fenix": ("Fenix", _fenix),
    "app-manager": ("The app managers", _app_manager),
    "inspector": ("The sample Inspector", _inspector),
}
"""The title of the document and the application of each actor."""

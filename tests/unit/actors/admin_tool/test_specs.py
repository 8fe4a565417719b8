"""The registered admin tools, and the names by which histories and reports call them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_doctor_maint.actors.admin_tool import fenix, sample
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.base.tool import AdminTool
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.actors.registry import ActorSpec
from pytest_doctor_maint.plugin.settings.values import chooser, dialect_of
from pytest_doctor_maint.protocol import FENIX, SAMPLE


@pytest.mark.parametrize(
    ("spec", "tool", "settings"),
    [(sample.SPEC, SampleAdminTool, AdminToolSettings()), (fenix.SPEC, Fenix, FenixSettings())],
    ids=["sample", "fenix"],
)
def test_a_spec_says_what_its_admin_tool_has(
    spec: ActorSpec, tool: type[AdminTool], settings: AdminToolSettings
) -> None:
    assert spec.workflows == tuple(tool.workflows)
    assert spec.settings is not None
    assert spec.settings() == settings
    assert spec.dialect == settings.dialect


def test_each_admin_tool_has_a_dialect_of_its_own() -> None:
    assert (sample.SPEC.dialect, fenix.SPEC.dialect) == (SAMPLE, FENIX)


@pytest.mark.parametrize(("tool", "name"), [(SampleAdminTool, "sample"), (Fenix, "fenix")])
def test_an_admin_tool_has_a_name(tool: type[AdminTool], name: str) -> None:
    assert (tool.name, tool.version) == (name, "")


def test_an_admin_tool_without_a_name_of_its_own_is_called_by_its_class() -> None:
    class MyTool(SampleAdminTool):
        pass

    class Named(MyTool):
        name = "acme"
        version = "2"

    class Unnamed(Named):
        pass

    assert [(tool.name, tool.version) for tool in (MyTool, Named, Unnamed)] == [
        ("MyTool", ""),
        ("acme", "2"),
        ("Unnamed", ""),
    ]


def test_a_spec_is_found_without_importing_openstacksdk() -> None:
    code = (
        "import sys; import pytest_doctor_maint.actors.admin_tool.sample, pytest_doctor_maint.actors.admin_tool.fenix; "
        "print({'openstack', 'keystoneauth1', 'requests'} & sys.modules.keys())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603
    assert printed.strip() == "set()"


@pytest.mark.parametrize("end", ["", "/", "/maintenance", "/maintenance/"])
def test_the_url_of_an_admin_tool_may_be_that_of_its_sessions(end: str) -> None:
    read = chooser("admin_tool", "the admin tool")
    for api, dialect in ("http://127.0.0.1:12347", "sample"), ("http://127.0.0.1:12347/v1", "fenix"):
        url = read(api + end, Path())
        assert (url, dialect_of(url)) == (api, dialect)
    app_manager = "http://127.0.0.1:12348/maintenance"
    assert chooser("app_manager", "the app manager")(app_manager, Path()) == app_manager

"""Wrong arguments of ``doctor-maint`` are refused with what is wrong and what is allowed; nothing is started."""

from __future__ import annotations

import argparse
from dataclasses import fields
from importlib.metadata import version

import pytest

from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager.vnfm import InstanceConstraint
from pytest_doctor_maint.commands import __main__, admin_tool
from pytest_doctor_maint.commands.admin_tool import _SETTINGS
from pytest_doctor_maint.protocol import Step

PORT = "must be a whole number from 0 to 65535"
SECONDS = "must be a whole number from 1 to 86400"
BY_COMMAND: dict[str, list[tuple[list[str], str]]] = {
    "cloud": [
        (["--computes", "0"], "argument --computes: must be a whole number from 1 to 1000, not '0'"),
        (["--computes", "many"], "argument --computes: must be a whole number from 1 to 1000, not 'many'"),
        (["--vcpus", "-1"], "argument --vcpus: must be a whole number from 1 to 1024, not '-1'"),
        (["--vcpus", "2.5"], "argument --vcpus: must be a whole number from 1 to 1024, not '2.5'"),
        (["--speed", "0"], "argument --speed: must be a number above 0, not '0'"),
        (["--speed", "nan"], "argument --speed: must be a number above 0, not 'nan'"),
        (["--speed", "inf"], "argument --speed: must be a number above 0, not 'inf'"),
        (["--speed", "fast"], "argument --speed: must be a number above 0, not 'fast'"),
        (["--port", "65536"], f"argument --port: {PORT}, not '65536'"),
        (["--cloud-name", "a b"], "argument --cloud-name: must be letters, digits, dots, dashes and underscores, not"),
        (["--admin-password", ""], "argument --admin-password: must not be empty"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
    "admin-tool": [
        ([], "the following arguments are required: --os-cloud"),
        (["--type", "watcher"], "argument --type: invalid choice: 'watcher' (choose from"),
        (["--work", "-1"], "argument --work: must be a whole number from 0 to 86400, not '-1'"),
        (["--words", "1999"], "argument --words: invalid choice: '1999' (choose from"),
        (["--type", "fenix", "--words", "2020"], "argument --words: the admin tool fenix has no such setting"),
        (["--poll", "0"], "argument --poll: must be a number above 0, not '0'"),
        (["--project-maintenance-reply", "0"], f"argument --project-maintenance-reply: {SECONDS}, not '0'"),
        (["--project-maintenance-reply", "2.5"], f"argument --project-maintenance-reply: {SECONDS}, not '2.5'"),
        (["--project-scale-in-reply", "soon"], f"argument --project-scale-in-reply: {SECONDS}, not 'soon'"),
        (["--project-scale-in-reply", "-5"], f"argument --project-scale-in-reply: {SECONDS}, not '-5'"),
    ],
    "app-manager": [
        (["--instances", "1"], "argument --instances: must be a whole number from 2 to 10000, not '1'"),
        (["--instances", "many"], "argument --instances: must be a whole number from 2 to 10000, not 'many'"),
        (["--lead-time", "-1"], "argument --lead-time: must be a whole number from 0 to 86400, not '-1'"),
        (["--project", ""], "argument --project: must not be empty"),
        (["--type", "tacker"], "argument --type: invalid choice: 'tacker' (choose from"),
        (["--port", "65536"], f"argument --port: {PORT}, not '65536'"),
    ],
    "inspector": [
        (["--type", "congress"], "argument --type: invalid choice: 'congress' (choose from"),
        (["--port", "many"], f"argument --port: {PORT}, not 'many'"),
        (["--project", "doctor"], "unrecognized arguments: --project doctor"),
    ],
    "judge": [([], "the following arguments are required: FILE")],
    "list": [
        ([], "the following arguments are required: what"),
        (["secrets"], "argument what: invalid choice: 'secrets' (choose from"),
    ],
}
WRONG = [(command, arguments, words) for command, each in BY_COMMAND.items() for arguments, words in each]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what is written to stderr about arguments that must be refused."""
    with pytest.raises(SystemExit) as ended:
        __main__.main(arguments)
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    return " ".join(printed.err.split())


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit) as ended:
        __main__.main([*command, "--help"])
    assert ended.value.code == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("command", "arguments", "words"), WRONG)
def test_wrong_arguments(capsys: pytest.CaptureFixture[str], command: str, arguments: list[str], words: str) -> None:
    needs_cloud = command in ("admin-tool", "app-manager", "inspector") and bool(arguments)
    where = ["--os-cloud", "lab"] if needs_cloud else []
    assert words in refused(capsys, command, *where, *arguments)


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "the following arguments are required: COMMAND" in refused(capsys)


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"doctor-maint {version('pytest-doctor-maint')}\n"


def test_the_help_has_every_command_with_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(capsys)
    for command in BY_COMMAND:
        assert f" {command} " in text
        assert help_of(capsys, command).startswith(f"usage: doctor-maint {command} [-h] ")


@pytest.mark.parametrize("option", ["--project-maintenance-reply", "--project-scale-in-reply"])
@pytest.mark.parametrize("kind", [(), ("--type", "sample")], ids=["default", "sample"])
def test_an_admin_tool_that_has_no_such_setting(
    capsys: pytest.CaptureFixture[str], kind: tuple[str, ...], option: str
) -> None:
    words = refused(capsys, "admin-tool", *kind, "--os-cloud", "lab", option, "40")
    assert f"argument {option}: the admin tool sample has no such setting" in words


@pytest.mark.parametrize(
    ("arguments", "word"),
    [([], "DOWN_SCALE"), (["--words", "use-case"], "DOWN_SCALE"), (["--words", "2020"], "SCALE_IN")],
)
def test_the_sample_admin_tool_speaks_the_words_of_2020_on_request(arguments: list[str], word: str) -> None:
    parser = argparse.ArgumentParser()
    admin_tool.add_to(parser.add_subparsers())
    options = parser.parse_args(["admin-tool", "--os-cloud", "lab", *arguments])
    assert admin_tool.AdminToolRun(options, parser.error).settings.dialect.word(Step.DOWN_SCALE) == word


def test_an_app_manager_that_sets_no_constraints(capsys: pytest.CaptureFixture[str]) -> None:
    words = refused(capsys, "app-manager", "--os-cloud", "lab", "--lead-time", "5")
    assert "argument --lead-time: the app manager sample sets no constraints" in words


def test_the_defaults_in_the_help_are_those_of_the_actors(capsys: pytest.CaptureFixture[str]) -> None:
    """The help text has them as text, so that it need not import the actors."""
    text = help_of(capsys, "admin-tool")
    assert {each.field for each in _SETTINGS} <= {field.name for field in fields(FenixSettings)}
    for each in _SETTINGS:
        assert each.help.endswith(f"(default: {getattr(FenixSettings(), each.field):g})")
        assert f"{each.option} SECONDS {each.help}" in text
    assert f"with --type vnfm (default: {InstanceConstraint().lead_time})" in help_of(capsys, "app-manager")

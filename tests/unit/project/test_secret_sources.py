"""A secret need not be in a command line, and SECURITY.md says where else it can be."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.plugin.settings.errors import SettingsError
from pytest_doctor_maint.plugin.settings.table import SETTINGS

TABLE = (Path(__file__).parents[3] / "SECURITY.md").read_text()
#: Options whose value has a secret by their name.
SECRET = re.compile("password|secret|url$|(?<!require-)token")
#: The settings that may be a URL, in which a secret may be.
URLS = ("admin_tool", "app_manager", "inspector", "transport_url")


def options_with_secrets() -> Iterator[tuple[str, str, str]]:
    """Yield each option of a subcommand whose value is a secret: the subcommand, the option, and its help text."""
    parsers = argparse.ArgumentParser().add_subparsers()
    for module in cli._modules():
        module.add_to(parsers)
    for name, parser in parsers.choices.items():
        for action in parser._actions:
            for option in action.option_strings:
                if SECRET.search(option.removesuffix("-file")) and action.nargs != 0 and not option.endswith("-file"):
                    yield name, option, str(action.help)


def test_each_secret_of_a_command_comes_from_the_environment_or_a_file() -> None:
    found = list(options_with_secrets())
    assert {option for _, option, _ in found} == {"--admin-password", "--transport-url"}
    for _, option, text in found:
        variable = re.search(r"rather set (\w+)", text)
        assert variable is not None, option
        assert f"| `{option}` | `{variable[1]}` | `{option}-file` |" in TABLE


@pytest.mark.parametrize("keyword", URLS)
def test_each_url_of_the_plugin_comes_from_the_environment_or_a_file(keyword: str) -> None:
    (setting,) = (each for each in SETTINGS if each.keyword == keyword)
    assert f"| `{setting.option}` | `{setting.variable}` | `{setting.ini}` in the ini file |" in TABLE


def test_a_value_that_cannot_be_used_is_shown_without_its_secret() -> None:
    secret = "s" * 43
    assert str(SettingsError(f"http://h:1/maintenance/{secret} is bad")) == "http://h:1/maintenance/*** is bad"

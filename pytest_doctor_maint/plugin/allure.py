"""What Allure reports about a maintenance test in addition to its run: labels, parameters, environment, categories."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Generator, Mapping, Sequence
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from pytest_doctor_maint.plugin.parametrize import ARGUMENTS, is_maintenance_test
from pytest_doctor_maint.plugin.settings import SESSION_SETTINGS, SETTINGS, is_remote
from pytest_doctor_maint.printable import shortened
from pytest_doctor_maint.secret_keys import without_url_secrets

EPIC = "Zero-downtime maintenance"
SEVERITY = "critical"
#: The name of the parameter that tells runs with other actors apart, also for tests that pin theirs.
ASKED_FOR = "asked for"
#: The name of the parameter that tells tests apart whose parameters are functions or objects.
ROW = "row"
#: The longest value of a parameter in a report, in characters.
LONGEST_VALUE = 500
#: The distributions whose versions a report shows.
DISTRIBUTIONS = ("pytest-doctor-maint", "pytest", "allure-pytest", "openstacksdk")
#: The variables in which CI systems name the commit that is tested, the more particular first.
COMMIT_VARIABLES = ("CI_COMMIT_SHA", "GITHUB_SHA", "ZUUL_COMMIT", "GERRIT_PATCHSET_REVISION", "GIT_COMMIT")
#: The begins of the lines of a failure that name a claim.
HEADINGS = tuple(f"{outcome.upper()}: " for outcome in ("violated", "unknown", "not applicable"))
#: What stands between the values of several runs of pytest.
SEPARATOR = " | "
#: The types whose values read differently in a report if they differ.
PLAIN = (str, bool, int, float, Enum)
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")


class AllureReport:
    """Labels and parameters of maintenance tests in an Allure report; registered as a plugin of pytest.

    Args:
        config: The configuration of pytest, which has the options of Allure's plugin.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Label the maintenance tests, before Allure selects tests by labels."""
        for item in items:
            if isinstance(item, pytest.Function) and is_maintenance_test(item):
                _label(item)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, object, object]:
        """Make the parameters of a test readable, and the same in each run, after Allure has set them."""
        result = yield
        from pytest_doctor_maint.report.allure import current_test

        test = current_test()
        if test is not None and isinstance(item, pytest.Function) and is_maintenance_test(item):
            self._set_parameters(test, item)
            if test.statusDetails is not None and test.statusDetails.message is not None:
                test.statusDetails.message = in_short(test.statusDetails.message)
        return result

    # Within Allure's own wrapper, which then writes the result.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let a test that is interrupted be broken: Allure has no outcome for it but that of its fixtures."""
        try:
            return (yield)
        except BaseException as error:
            self._break(item, error)
            raise

    def _break(self, item: pytest.Item, error: BaseException) -> None:
        from allure_commons.model2 import StatusDetails

        from pytest_doctor_maint.report.allure import Status, current_test

        test = current_test()
        if test is not None and isinstance(item, pytest.Function) and is_maintenance_test(item):
            self._set_parameters(test, item)
            test.status = Status.BROKEN.value
            test.statusDetails = StatusDetails(message=f"interrupted: {type(error).__name__} {error}".rstrip())

    # Any: a TestResult of allure_commons, which has no types.
    def _set_parameters(self, test: Any, item: pytest.Function) -> None:
        from allure_commons.model2 import Parameter

        given: Mapping[str, object] = item.callspec.params if hasattr(item, "callspec") else {}
        for parameter in test.parameters:
            text = readable(given[parameter.name]) if parameter.name in given else str(parameter.value)
            parameter.value = shortened(_ADDRESS.sub("", text), LONGEST_VALUE)
        has_objects = any(value is not None and not isinstance(value, PLAIN) for value in given.values())
        added = {ASKED_FOR: self._asked_for()} | ({ROW: item.callspec.id} if has_objects else {})
        # A plugin that repeats a failed test may leave those of the attempt before.
        test.parameters = [each for each in test.parameters if each.name not in added]
        test.parameters += [Parameter(name=name, value=value) for name, value in added.items()]
        counted = sorted((each.name, each.value) for each in test.parameters if not each.excluded)
        test.historyId = hashlib.md5(repr((test.fullName, counted)).encode(), usedforsecurity=False).hexdigest()

    def _asked_for(self) -> str:
        """Return the actors and the cloud that are asked for where a test does not pin its own."""
        values = self._config.stash[SESSION_SETTINGS].unpinned
        shown = ("remote" if is_remote(str(values[field])) else values[field] for field, _ in ARGUMENTS.values())
        return ", ".join(str(value) for value in shown if isinstance(value, str))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write what the report of all tests needs, once, in the controller of xdist."""
        from pytest_doctor_maint.claims import CLAIMS
        from pytest_doctor_maint.plugin.summary import SUMMARY
        from pytest_doctor_maint.report.allure.categories import categories, configuration

        if hasattr(self._config, "workerinput") or not self._config.stash[SUMMARY].found:
            return
        folder = Path(self._config.getoption("allure_report_dir")).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "categories.json").write_text(categories(CLAIMS), encoding="utf-8")
        (folder / "allurerc.json").write_text(configuration(CLAIMS), encoding="utf-8")
        path = folder / "environment.properties"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(joined(before, self._environment()), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        values = self._config.stash[SESSION_SETTINGS].unpinned
        shown = {
            setting.title: without_url_secrets(setting.show(values[setting.field]))
            for setting in SETTINGS
            if values[setting.field] not in (None, ())
        }
        versions = {name: _version(name) for name in DISTRIBUTIONS}
        machine = {"Python": platform.python_version(), "commit": commit(self._config.rootpath)}
        found = {**shown, **versions, **machine}
        return {name.replace(" ", "_"): shortened(value, LONGEST_VALUE) for name, value in found.items() if value}


def register(config: pytest.Config) -> None:
    """Register the plugin if Allure's own is there and writes a report."""
    if config.getoption("allure_report_dir", None):
        config.pluginmanager.register(AllureReport(config), "doctor_maint_allure")


def readable(value: object) -> str:
    """Return the value of a parameter for a reader: the same in each run.

    So it has no address of an object, and the items of a set are sorted. Two values may read alike.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{readable(key)}: {readable(item)}' for key, item in value.items())}}}"
    if isinstance(value, list | tuple | set | frozenset):
        items = [readable(item) for item in value]
        return f"[{', '.join(sorted(items) if isinstance(value, set | frozenset) else items)}]"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (f"{field.name}={readable(getattr(value, field.name))}" for field in dataclasses.fields(value))
        return f"{type(value).__name__}({', '.join(fields)})"
    name = getattr(value, "__qualname__", "")
    own_repr = type(value).__repr__ is not object.__repr__
    return str(name) or (repr(value) if own_repr else type(value).__qualname__)


def in_short(message: str) -> str:
    """Return the message of a failure without its details, so that the steps are near; they are in the trace as well.

    In the text of a failure, what belongs to a claim is indented. Of that, the first line says what was seen. Any other
    message stays as it is.
    """
    lines = message.splitlines()
    if not any(line.startswith(HEADINGS) for line in lines):
        return message
    pairs = zip(lines, ["", *lines], strict=False)
    kept = [line for line, before in pairs if not line.startswith(" ") or before.startswith(HEADINGS)]
    return "\n".join(kept)


def commit(folder: Path) -> str:
    """Return the commit that is tested: as the CI system names it, else that of the checkout; empty if not known."""
    for variable in COMMIT_VARIABLES:
        if value := os.environ.get(variable):
            return value
    try:
        command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def _label(item: pytest.Function) -> None:
    """Add the labels of a maintenance test that it does not have from Allure's own decorators."""
    title = (item.module.__doc__ or item.module.__name__).strip().partition("\n")[0].rstrip(".")
    story = (getattr(item, "originalname", None) or item.name).removeprefix("test_").replace("_", " ")
    labels = {"epic": EPIC, "feature": title, "story": story, "severity": SEVERITY}
    known = {mark.kwargs.get("label_type") for mark in item.iter_markers("allure_label")}
    for name, value in labels.items():
        if name not in known:
            item.add_marker(pytest.mark.allure_label(value, label_type=name))


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def joined(before: str, now: Mapping[str, str]) -> str:
    """Return a Java properties file with the values of several runs of pytest into one report: each that differs.

    Args:
        before: The file of the earlier runs; empty if there was none.
        now: The values of this run.
    """
    joined = dict(line.split("=", 1) for line in before.splitlines() if "=" in line)
    for name, value in now.items():
        known = joined[name].split(SEPARATOR) if name in joined else []
        joined[name] = SEPARATOR.join(dict.fromkeys([*known, _escaped(value)]))
    return "".join(f"{name}={value}\n" for name, value in joined.items())


def _escaped(value: str) -> str:
    """Return a value as a Java properties file has it: in ASCII."""
    units = value.replace("\\", "\\\\").encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[place : place + 2], "big") for place in range(0, len(units), 2))
    return "".join(chr(code) if code < 128 else f"\\u{code:04x}" for code in codes)

"""The driver for xtesting: a test case that takes its verdict from the result of a run of pytest.

xtesting's own driver for pytest counts the calls of tests alone, so that a fixture that is broken passes.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_doctor_maint.plugin.gate.collector import TEST_DB_URL

_LOG = logging.getLogger(__name__)
#: What runs unless the test case names something else.
SCENARIOS = ("--pyargs", "pytest_doctor_maint.scenarios")
#: The files in the folder of the test case.
RESULT, JUNIT, OUTPUT = "result.json", "results.xml", "stdout.log"


class MaintenanceRun:
    """Runs pytest in a process of its own, for a test case of xtesting.

    The other attributes and methods are those of xtesting's ``TestCase``, which :func:`maintenance` adds.

    Attributes:
        res_dir: The folder of the test case, in which the result, JUnit and the output are left.
        result: 100 if the verdict is ``pass``, else 0.
        details: The result document.
        start_time: When the run began, in seconds since the epoch.
        stop_time: When it ended.
    """

    EX_OK = os.EX_OK
    EX_RUN_ERROR = os.EX_SOFTWARE
    res_dir: str
    result: int
    details: dict[str, Any]
    start_time: float
    stop_time: float

    def run(self, **arguments: Any) -> int:
        """Run pytest, and return xtesting's code: that of an error if pytest did not come to its end.

        Args:
            arguments: ``dir``: the tests, a path or a list of paths and node ids; unless given, the scenarios of this
                package. ``options``: options of pytest by their names without dashes (``admin-tool: fenix``,
                ``k: any_application``); one whose value is a list is given several times, one whose value is null has
                no value.

        Raises:
            TypeError: There is another argument.
        """
        if unknown := sorted(arguments.keys() - {"dir", "options"}):
            raise TypeError(f"unknown arguments: {', '.join(unknown)}; allowed: dir, options")
        folder = Path(self.res_dir)
        folder.mkdir(parents=True, exist_ok=True)
        # The result of an earlier run must not stand for this one.
        (folder / RESULT).unlink(missing_ok=True)
        self.result, self.start_time = 0, time.time()
        with (folder / OUTPUT).open("w", encoding="utf-8") as output:
            subprocess.run(  # noqa: S603 - our own command
                _command(folder, arguments.get("dir"), arguments.get("options") or {}),
                stdout=output,
                stderr=subprocess.STDOUT,
                # xtesting pushes the result itself, if it is asked to.
                env={name: value for name, value in os.environ.items() if name != TEST_DB_URL},
                check=False,
            )
        self.stop_time = time.time()
        try:
            self.details = json.loads((folder / RESULT).read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            _LOG.error("pytest left no result (%s); its output is in %s", error, folder / OUTPUT)
            return self.EX_RUN_ERROR
        verdict = self.details["verdict"]
        self.result = 100 if verdict == "pass" else 0
        _LOG.info("%s: %s; the output of pytest is in %s", verdict, self.details["reason"], folder / OUTPUT)
        return self.EX_RUN_ERROR if verdict in ("error", "interrupted") else self.EX_OK


def maintenance(**arguments: Any) -> Any:
    """Return the test case of this package: its entry point in ``xtesting.testcase``.

    Args:
        arguments: The arguments of xtesting's ``TestCase``: ``case_name``, ``project_name``, ``criteria``, ...
    """
    # Any: xtesting has no types, and is installed only where it is used (the extra `xtesting`).
    test_case: Any = importlib.import_module("xtesting.core.testcase").TestCase
    return type("Maintenance", (MaintenanceRun, test_case), {})(**arguments)


def _command(folder: Path, tests: str | Sequence[str] | None, options: Mapping[str, object]) -> list[str]:
    """Return the command that runs pytest."""
    named = [tests] if isinstance(tests, str) else list(tests or SCENARIOS)
    given = [text for name, value in options.items() for text in _texts(str(name), value)]
    reports = [f"--maint-result={folder / RESULT}", f"--junitxml={folder / JUNIT}"]
    return [sys.executable, "-m", "pytest", "-p", "doctor_maint", "-p", "no:cacheprovider", *given, *reports, *named]


def _texts(name: str, value: object) -> list[str]:
    """Return an option as pytest takes it."""
    values = value if isinstance(value, list | tuple) else [value]
    if len(name) == 1:
        return [text for each in values for text in ([f"-{name}"] if each is None else [f"-{name}", str(each)])]
    return [f"--{name}" if each is None else f"--{name}={each}" for each in values]

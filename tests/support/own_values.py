"""A test file of a user that parametrizes arguments of the plugin, and a run of it."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import QUICK, REPORTING


def run(pytester: pytest.Pytester, test: str, *options: str, conftest: str = "") -> pytest.RunResult:
    """Write a test file, and run it in this process."""
    write(pytester, test, conftest)
    return pytester.runpytest_inprocess(*QUICK, "-rP", *options)


def write(pytester: pytest.Pytester, test: str, conftest: str = "") -> None:
    pytester.makepyfile(reporting=REPORTING)
    pytester.makepyfile(test_own=f"    import pytest\n{test}")
    if conftest:
        pytester.makeconftest(f"    import pytest\n{conftest}")
    pytester.syspathinsert()

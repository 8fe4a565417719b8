"""A test file that parametrizes values of the plugin itself, and a run of it."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import QUICK, REPORTING


def run(pytester: pytest.Pytester, test: str, *options: str, conftest: str = "") -> pytest.RunResult:
    """Run a test file in this process."""
    write(pytester, test, conftest)
    return pytester.runpytest_inprocess(*QUICK, "-rP", *options)


def write(pytester: pytest.Pytester, test: str, conftest: str = "") -> None:
    pytester.makepyfile(reporting=REPORTING)
    pytester.makepyfile(test_own=f"    import pytest\n{test}")
    if conftest:
        pytester.makeconftest(f"    import pytest\n{conftest}")
    pytester.syspathinsert()

"""A test whose run breaks off says what broke first, which claims fail, and where the history is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_doctor_maint.history import History, kinds
from tests.support.plugin_runs import QUICK, refused

BREAKING = """
import os
import signal

import pytest
from pytest_doctor_maint import AppManager

class Clumsy(AppManager):
    def deploy(self, **arguments):
        super().deploy(**arguments)
        {breaks}

def test_first(maintenance):
    maintenance.when(maintenance.given(3).full().where(make_app_manager=Clumsy)).holds()

def test_second():
    pass
"""


def run(pytester: pytest.Pytester, breaks: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(test_broken=BREAKING.format(breaks=breaks))
    return pytester.runpytest_subprocess(*QUICK, "--maint-history=histories", *options)


def history_of(pytester: pytest.Pytester) -> History:
    (path,) = (pytester.path / "histories").glob("*.jsonl")
    return History.load(path)


def test_the_first_lines_say_what_broke_and_the_last_where_the_history_is(pytester: pytest.Pytester) -> None:
    result = run(pytester, "raise ZeroDivisionError('a bug')")
    result.assert_outcomes(failed=1, passed=1)
    lines = [line for line in result.outlines if line.strip()]
    at = next(index for index, line in enumerate(lines) if "test_first" in line and line.startswith("___"))
    assert lines[at + 1] == "the run broke off: the app manager Clumsy: ZeroDivisionError: a bug"
    result.stdout.fnmatch_lines(
        [
            "*in deploy*",
            "the claims on what happened until then:",
            "none of * claims that can be decided is violated",
            "UNDECIDED, the history breaks off: it has no run.ended: *downtime_is_zero*",
            "history: *test_broken-test_first.jsonl",
        ]
    )
    history = history_of(pytester)
    assert history.of(kinds.SERVER)
    assert not history.of(kinds.RUN_ENDED)


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        ("raise KeyboardInterrupt", "the run broke off: it was interrupted"),
        # A shell starts its background jobs with SIGINT ignored, and their children inherit that.
        (
            "signal.signal(signal.SIGINT, signal.default_int_handler); os.kill(os.getpid(), signal.SIGINT)",
            "the run broke off: it was interrupted",
        ),
        ("os.kill(os.getpid(), signal.SIGTERM)", "the run broke off: it was interrupted (SIGTERM)"),
    ],
    ids=["raised", "SIGINT", "SIGTERM"],
)
def test_an_interrupt_ends_the_session_with_a_verdict(pytester: pytest.Pytester, breaks: str, words: str) -> None:
    result = run(pytester, breaks)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*doctor-maint: interrupted*", words, "UNDECIDED, *", "history: *test_first.jsonl"])
    assert "test_second" not in result.stdout.str()
    assert history_of(pytester).of(kinds.SERVER)


def test_a_time_out_is_a_verdict_too(pytester: pytest.Pytester) -> None:
    result = run(pytester, "pytest.fail('Timeout (>1.0s) from pytest-timeout.')")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["the run broke off: *Failed: Timeout (>1.0s) from pytest-timeout.", "history: *test_first.jsonl"]
    )


def test_a_process_that_is_killed_leaves_the_history(pytester: pytest.Pytester) -> None:
    result = run(pytester, "os.kill(os.getpid(), signal.SIGKILL)")
    assert result.ret == -9
    assert len(history_of(pytester).of(kinds.SERVER, status="ACTIVE")) >= 6


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="only Linux has a folder in which root can write nothing")
@pytest.mark.parametrize(
    ("option", "path", "what"),
    [
        ("--maint-history", "/proc/nothing", "folder"),
        ("--junitxml", "/proc/nothing/report.xml", "file"),
        ("--alluredir", "/proc/nothing", "folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused_before_any_test(
    one_test: pytest.Pytester, option: str, path: str, what: str
) -> None:
    assert refused(one_test, "--maint-seed=1", f"{option}={path}") == (
        f"ERROR: {option}: {path!r} cannot be written: No such file or directory; allowed: the path of a {what} that "
        "can be"
    )


def test_a_path_that_can_be_written_is_not_made_before_it_is_needed(one_test: pytest.Pytester) -> None:
    one_test.runpytest_inprocess("--maint-history=new/folder", "--junitxml=other/report.xml").assert_outcomes(passed=1)
    assert not (one_test.path / "new").exists()
    assert (one_test.path / "other" / "report.xml").exists()
    words = "'report/x/y' cannot be written: Not a directory"
    (one_test.path / "report").write_text("a file")
    assert words in refused(one_test, "--maint-history=report/x/y")

"""The command ``doctor-maint`` in processes of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pytest

COMMAND = (sys.executable, "-m", "pytest_doctor_maint.commands")
#: Real seconds for a process to answer or to end.
PATIENCE = 60.0
#: Prefixes of the environment variables that change what a command or a run of pytest does.
_HIDDEN = ("OS_", "PYTEST_", "ADMIN_TOOL", "APP_MANAGER", "INSPECTOR", "TEST_CASE", "TEST_DB", "MAINT_")


def plain_environment(**variables: str) -> dict[str, str]:
    """Return the environment of this process without the variables about clouds and actors, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    return {**kept, **variables}


def run(
    *arguments: str, environment: Mapping[str, str] | None = None, patience: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(  # noqa: S603 - our own command
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        timeout=patience,
        env=plain_environment() if environment is None else environment,
        check=False,
    )


def refused(*arguments: str, environment: Mapping[str, str] | None = None, code: int = 2) -> str:
    """Run a command that must refuse its arguments, and return what it writes to stderr."""
    result = run(*arguments, environment=environment)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    assert_no_secret(result.stderr, arguments)
    return result.stderr


def assert_no_secret(text: str, arguments: tuple[str, ...]) -> None:
    """Check that the passwords in URLs among the arguments are not in a text."""
    secrets = {password for argument in arguments if (password := _password(argument))}
    assert not [secret for secret in secrets if secret in text]


def _password(argument: str) -> str | None:
    try:
        return urlsplit(argument).password
    except ValueError:
        return None


class Process:
    """A command that runs until :meth:`end`. As a context manager, it kills the command if it still runs at the end.

    Args:
        arguments: The arguments of ``doctor-maint``.
        environment: The environment; by default that of this process, without the variables about clouds.

    Attributes:
        lines: The lines of stdout so far, without their ends.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._arguments = arguments
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=plain_environment() if environment is None else environment,
        )
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def line(self) -> str:
        """The last line of stdout so far."""
        return self.lines[-1]

    @property
    def is_running(self) -> bool:
        """True if the process has not ended."""
        return self._process.poll() is None

    def read_until(self, pattern: str) -> Self:
        """Wait until the command writes a line to stdout in which `pattern` is found."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return self
        pytest.fail(f"{self._arguments[0]} ended without a line {pattern!r}: {self._process.communicate()[1]}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> str:
        """Send a signal to the command, which must then exit without an error; return what it wrote to stderr."""
        self._process.send_signal(how)
        rest, words = self._process.communicate(timeout=PATIENCE)
        assert rest == "", "stdout has more lines than it should"
        assert self._process.returncode == 0, words
        assert "Traceback" not in words, words
        assert_no_secret(words, self._arguments)
        return words

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

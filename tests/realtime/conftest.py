"""A cloud and an admin tool as processes of their own, in real time, and pytest attached to them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

COMMAND = [sys.executable, "-m", "pytest_doctor_maint.commands"]
#: Real seconds: for a process to answer or to end, and for a session. A compute takes some ten seconds.
PATIENCE, LONG_PATIENCE = 60.0, 300.0
CLOUD = "lab"
SESSION = """
from dataclasses import replace

def test_session(maintenance):
    given = maintenance.given(3).full()
    then = maintenance.when(replace(given, plan=replace(given.plan, notice=12.0)))
    then.holds()
"""


@contextmanager
def running(environment: dict[str, str], *arguments: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A command of ours, and the first line of its output that ``until`` matches; it must end well when told to."""
    process = subprocess.Popen(  # noqa: S603 # our own command
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if re.search(until, line)), None)
        if line is None:
            pytest.fail(f"it ended before it answered: {process.communicate()[1]}")
        yield process, line.strip()
        process.send_signal(signal.SIGTERM)
        words = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 0, words
        assert "Traceback" not in words
        assert not [secret for argument in arguments if (secret := urlsplit(argument).password) and secret in words]
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


@dataclass
class Place:
    """A running cloud, known to clouds.yaml as ``lab``."""

    folder: Path
    environment: dict[str, str]
    stack: ExitStack

    def admin_tool(self, kind: str, *arguments: str) -> str:
        """Start an admin tool by itself; gives its URL."""
        return self.actor("admin-tool", "--type", kind, "--work", "1", *arguments)

    def actor(self, command: str, *arguments: str) -> str:
        """Start an actor by itself; gives its URL."""
        options = (command, "--os-cloud", CLOUD, "--port", "0", *arguments)
        return self.stack.enter_context(running(self.environment, *options, until="^http"))[1]

    def pytest(self, test: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Run a test file with these options."""
        path = self.folder / "test_attached.py"
        path.write_text(test)
        command = [sys.executable, "-m", "pytest", "-p", "doctor_maint", "-p", "no:cacheprovider", "-rA"]
        return subprocess.run(  # noqa: S603 # ourselves
            [*command, f"--os-cloud={CLOUD}", "--rootdir", str(self.folder), *options, str(path)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LONG_PATIENCE,
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and begin with those that take longest: the others then fill the gaps."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("realtime") is None:
            item.add_marker(pytest.mark.realtime)
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("realtime")
    return 0.0 if mark is None else float(mark.kwargs.get("seconds", 1.0))


@pytest.fixture
def make_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Starts a cloud of 3 computes whose operations take a twentieth of their time; it takes further options."""
    path = tmp_path / "clouds.yaml"
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OS_", "PYTEST_", "ADMIN_TOOL", "APP_MANAGER", "INSPECTOR"))
    }
    environment["OS_CLIENT_CONFIG_FILE"] = str(path)
    size = ("--computes", "3", "--vcpus", "2", "--speed", "20")
    with ExitStack() as stack:

        def start(*options: str) -> Place:
            arguments = ("cloud", *size, "--clouds-yaml", str(path), "--cloud-name", CLOUD, *options)
            stack.enter_context(running(environment, *arguments, until="OS_INTERFACE"))
            return Place(tmp_path, environment, stack)

        yield start


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    """A cloud that listens to no message bus."""
    return make_place()


@pytest.fixture
def short_session() -> str:
    """A test file with one session, announced a little ahead only, since the time is real."""
    return SESSION

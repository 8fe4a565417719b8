"""The cloud or the admin tool of an attached run is killed in the middle: the run says who, and what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from pytest_doctor_maint.attach.remote_actors import Attached
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.testbed.result import RunBroken
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from tests.support.labs import CLOUD, Lab, running_lab
from tests.support.processes import PATIENCE, Process


@pytest.fixture(scope="module")
def one_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A cloud whose operations take almost no time; the last test kills it."""
    with running_lab(tmp_path_factory.mktemp("lab"), "--computes", "3", "--vcpus", "2", "--speed", "100") as lab:
        yield lab


@pytest.fixture
def lab(one_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The cloud, known to this process."""
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", one_lab.environment["OS_CLIENT_CONFIG_FILE"])
    return one_lab


def kill_when_a_session_begins(victim: Process, history: Path) -> None:
    """Wait for the first session in a history that is being written, and kill a process."""
    end = monotonic() + PATIENCE
    while not (history.exists() and '"session.created"' in history.read_text(encoding="utf-8")):
        assert monotonic() < end, "no session began"
        sleep(0.05)
    victim.kill()


def broken_by_a_kill(victim: Process, admin_tool: str, folder: Path) -> tuple[RunBroken, History]:
    """Carry out an attached run in which a process is killed in the middle, and return how it broke, and its file."""
    path = folder / "history.jsonl"
    settings = TestbedSettings(cloud=CLOUD, attached=Attached(admin_tool=admin_tool), patience=1, history_file=path)
    given = Scenario(settings).played_by(admin_tool="fenix").on(3).with_empty_computes(2)
    given = replace(given, plan=replace(given.plan, notice=30.0))
    killer = Thread(target=kill_when_a_session_begins, args=(victim, path))
    killer.start()
    with pytest.raises(RunBroken) as raised:
        given.carry_out()
    killer.join()
    return raised.value, History.load(path)


@pytest.mark.realtime(seconds=6)
def test_an_admin_tool_that_is_killed_is_named_and_its_session_is_listed(lab: Lab, tmp_path: Path) -> None:
    before = lab.inventory()
    with lab.running("admin-tool", "--type", "fenix") as tool:
        url = tool.line
        run, history = broken_by_a_kill(tool, url, tmp_path)
    (session,) = [event.data["session_id"] for event in history.of(kinds.SESSION_CREATED)]
    path = f"/maintenance/{session}"
    assert run.lines[0] == (
        f"the run broke off: the admin tool at {url} does not answer: GET {path}: Connection refused"
    )
    (left,) = run.lines[1:]
    assert left == (
        f"left behind: the session {session} of the admin tool at {url} could not be removed from lab: Connection "
        'refused; remove it with: curl -X DELETE -H "X-Auth-Token: $(openstack token issue -f value -c id)" '
        f"{url}{path}"
    )
    after = lab.inventory()
    # A Fenix that is killed stays in the catalog.
    assert {**after, "services": ()} == {**before, "services": ()}


@pytest.mark.realtime(seconds=6)
def test_a_cloud_that_is_killed_is_named_and_all_that_may_be_left_is_listed(lab: Lab, tmp_path: Path) -> None:
    auth_url = lab.admin.config.config["auth"]["auth_url"]
    with lab.running("admin-tool", "--type", "sample") as tool:
        run, history = broken_by_a_kill(lab.cloud, tool.line, tmp_path)
    assert run.lines[0] == f"the run broke off: the cloud 'lab' at {auth_url} does not answer: Connection refused"
    assert history.of(kinds.SERVER, status="ACTIVE")
    left = "\n".join(run.left)
    for what, command in [
        ("the alarm of doctor", "openstack alarm delete"),
        ("the application of doctor", "openstack server delete"),
        ("the project doctor", "openstack project delete"),
        ("the flavor", "openstack flavor delete"),
        ("the maintenance of compute-1", "openstack compute service set --enable compute-1 nova-compute"),
    ]:
        assert f"{what} could not be removed from lab: Connection refused; remove it with: " in left
        assert command in left
